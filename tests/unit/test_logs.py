"""What a log line looks like, and that one which isn't written costs nothing."""

from __future__ import annotations

import io
import json
import sys
from collections.abc import Iterator
from contextvars import Context
from typing import Any

import pytest

from dailies import logs
from dailies.logs import Logger, bind, bound


@pytest.fixture(autouse=True)
def _forgotten() -> Iterator[None]:
    logs._processors.cache_clear()
    yield
    logs._processors.cache_clear()


def written(capsys: pytest.CaptureFixture[str]) -> list[dict[str, Any]]:
    return [json.loads(line) for line in capsys.readouterr().err.splitlines()]


def test_a_line_is_json_with_what_is_bound(capsys: pytest.CaptureFixture[str]) -> None:
    """A job's lines are found by its id, which nobody has to repeat."""

    def speak() -> None:
        bind(job_id="j1")
        bind(task=3)
        Logger("here").warning("slow", seconds=2)

    Context().run(speak)
    Context().run(Logger("here").error, "elsewhere")
    first, second = written(capsys)
    assert first.pop("timestamp") < second.pop("timestamp")
    assert first == {"level": "warning", "event": "slow", "logger": "here", "job_id": "j1", "task": 3, "seconds": 2}
    assert second == {"level": "error", "event": "elsewhere", "logger": "here"}


def test_a_step_is_bound_while_it_runs(capsys: pytest.CaptureFixture[str]) -> None:
    """A line that knows better than its surroundings has the last word."""

    def speak() -> None:
        bind(job_id="j1")
        with bound(step="podcast, web"):
            Logger("here").warning("slow")
            Logger("here").warning("slow", step="web")
        Logger("here").warning("slow")

    Context().run(speak)
    assert [(line["job_id"], line.get("step")) for line in written(capsys)] == [
        ("j1", "podcast, web"),
        ("j1", "web"),
        ("j1", None),
    ]


def test_cloud_logging_gets_its_own_names(capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch) -> None:
    """It filters by severity, shows the message, and reports what has a traceback."""
    monkeypatch.setenv("K_SERVICE", "createupload")
    try:
        int("why")
    except ValueError:
        Logger("here").exception("internal error")
    [line] = written(capsys)
    assert (line["severity"], line["message"]) == ("ERROR", "internal error")
    assert "ValueError: invalid" in line["exception"]


@pytest.mark.parametrize(("level", "seen"), [("", 2), ("info", 3), ("error", 1), ("critical", 0), ("loud", 2)])
def test_the_level_is_a_setting(
    level: str, seen: int, capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    """Warnings and worse by default, and where the setting is no level."""
    monkeypatch.setenv("DAILIES_LOG", level)
    for say in (Logger("here").info, Logger("here").warning, Logger("here").error):
        say("something")
    assert len(written(capsys)) == seen


def test_what_a_line_quotes_can_t_steer_a_terminal(monkeypatch: pytest.MonkeyPatch) -> None:
    """Names and messages of sources, and tracebacks with them."""

    class Terminal(io.StringIO):
        def isatty(self) -> bool:
            return True

    terminal = Terminal()
    monkeypatch.setattr(sys, "stderr", terminal)

    def fail() -> None:
        raise FileNotFoundError("\x1b]0;PWNED\x07.mp4")

    try:
        fail()
    except FileNotFoundError:
        Logger("here").exception("failed", error="\x1b]0;PWNED\x07.mp4")
    assert terminal.getvalue().count("PWNED") >= 2
    assert "\x1b]" not in terminal.getvalue()
    assert "\x07" not in terminal.getvalue()


def test_a_line_is_written_at_once(monkeypatch: pytest.MonkeyPatch) -> None:
    """Several workers have one stderr: a line whose end came later would have another's in between."""

    class Unbuffered(io.StringIO):
        """As stderr is under PYTHONUNBUFFERED."""

        def write(self, text: str) -> int:
            writes.append(text)
            return len(text)

    writes: list[str] = []
    monkeypatch.setattr(sys, "stderr", Unbuffered())
    Logger("here").warning("slow")
    assert [text.count("\n") for text in writes] == [1]
    assert writes[0].endswith("}\n")
