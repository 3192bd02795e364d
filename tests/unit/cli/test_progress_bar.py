"""Progress: bars for people on a terminal, lines for logs, and nothing for who asked for quiet."""

from __future__ import annotations

import io
import re
import threading

import pytest

from dailies.cli import progress_bar
from dailies.cli.console import Console
from dailies.cli.progress_bar import Bars, Lines, Tracked, display_for, shortened


class Terminal(io.StringIO):
    def isatty(self) -> bool:
        return True


class Log(io.StringIO):
    """Tells when something is written."""

    def __init__(self) -> None:
        super().__init__()
        self.told = threading.Event()

    def flush(self) -> None:
        self.told.set()


def on_terminal(monkeypatch: pytest.MonkeyPatch, columns: int = 120) -> Terminal:
    """No fixture: pytest's own capture takes stderr back between set-up and test."""
    stream = Terminal()
    monkeypatch.setattr("sys.stderr", stream)
    monkeypatch.setenv("TERM", "xterm")
    monkeypatch.setenv("COLUMNS", str(columns))
    return stream


def shown(terminal: Terminal) -> list[str]:
    """The lines of what was drawn, without what steers a terminal."""
    return re.sub(r"\x1b\[[0-9;?]*[A-Za-z]", "", terminal.getvalue()).replace("\r", "\n").splitlines()


def test_a_pipe_gets_a_line_every_few_seconds(monkeypatch: pytest.MonkeyPatch) -> None:
    """The log of a build shows that something goes on, and no spinners."""
    monkeypatch.setattr(progress_bar, "LINE_SECONDS", 0.01)
    stream = Log()
    monkeypatch.setattr("sys.stderr", stream)
    with display_for(Console(json=False)) as display:
        assert isinstance(display, Lines)
        display.begin("ta\x1b[31mlk.mp4").processing({"progress": 50, "stage": "output"})
        stream.told.clear()
        assert stream.told.wait(30)
    assert stream.getvalue().splitlines()[-1] == "ta?[31mlk.mp4: 52%, encoding"


def test_who_asked_for_quiet_has_it(monkeypatch: pytest.MonkeyPatch) -> None:
    """Also on a terminal."""
    monkeypatch.setattr(progress_bar, "LINE_SECONDS", 0.01)
    terminal = on_terminal(monkeypatch)
    with display_for(Console(json=False, quiet=True)) as display:
        display.begin("talk.mp4").processing({"progress": 50, "stage": "output"})
    assert terminal.getvalue() == ""


@pytest.mark.parametrize("columns", [80, 120])
def test_a_terminal_sees_name_progress_and_stage(monkeypatch: pytest.MonkeyPatch, columns: int) -> None:
    """One line that fits and is gone at the end; letters that would steer the terminal are not shown."""
    terminal = on_terminal(monkeypatch, columns)
    display = Bars(1)
    tracked = display.begin("ta\x1b[31mlk about a thing whose name is longer than any line of a terminal is wide.mp4")
    tracked.lasts(60)
    tracked.processing({"progress": 50, "stage": "output"})
    with display.lock:
        display.show()
        display.close()
    [line] = {line for line in shown(terminal) if "52%" in line}
    assert "ta?[31mlk" in line
    assert "encoding" in line
    assert len(line) <= columns
    assert "\x1b[31mlk" not in terminal.getvalue()


HEARD = {"progress": 50, "stage": "transcribe", "text": "[red]The family\x1b[31m of Dashwood \u202eevil"}
#: What a terminal gets of it.
PLAIN = "[red]The family of Dashwood evil"


def test_what_is_heard_appears_above_the_bar_and_stays(monkeypatch: pytest.MonkeyPatch) -> None:
    """Each piece once, as it is: no markup, and no letter that would steer the terminal."""
    terminal = on_terminal(monkeypatch)
    display = Bars(1)
    tracked = display.begin("talk.mp4")
    with display.lock:
        for text in ("", PLAIN, "had long been settled"):
            tracked.processing({**HEARD, "text": text})
            tracked.processing({**HEARD, "text": text})
            display.show()
        display.close()
    drawn = [line.strip() for line in shown(terminal)]
    assert [drawn.count(text) for text in (PLAIN, "had long been settled")] == [1, 1]
    tracked.processing(HEARD)
    assert tracked.take_text() == PLAIN


def test_a_log_gets_what_is_heard_as_lines(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(progress_bar, "LINE_SECONDS", 0.01)
    stream = Log()
    monkeypatch.setattr("sys.stderr", stream)
    with display_for(Console(json=True)) as display:
        display.begin("talk.mp4").processing(HEARD)
        stream.told.clear()
        assert stream.told.wait(30)
    assert f"talk.mp4: {PLAIN}" in stream.getvalue().splitlines()


def test_several_files_have_a_bar_each_and_one_for_all(monkeypatch: pytest.MonkeyPatch) -> None:
    """Those that have ended have none any more, and those that wait not yet."""
    terminal = on_terminal(monkeypatch)
    display = Bars(4)
    first, second = display.begin("a.mp3"), display.begin("b.mp3")
    second.processing({"progress": 100, "stage": "output"})
    with display.lock:
        display.show()
        display.end(first)
        display.begin("c.mp3")
        display.show()
        display.close()
    drawn = shown(terminal)
    assert any(re.match(r"4 files\s.* 25%", line) for line in drawn)
    last = max(number for number, line in enumerate(drawn) if line.startswith("4 files"))
    assert "1 done" in drawn[last]
    assert [line[:5] for line in drawn[last + 1 : last + 3]] == ["b.mp3", "c.mp3"]


def test_what_is_over_at_once_has_no_bar(monkeypatch: pytest.MonkeyPatch) -> None:
    """A cached run ends before anybody needs to be told to wait."""
    terminal = on_terminal(monkeypatch)
    with display_for(Console(json=False)) as display:
        assert isinstance(display, Bars)
        display.begin("talk.mp4").reading(10, 100)
    assert terminal.getvalue() == ""


def test_a_line_says_how_fast_and_how_long() -> None:
    """Where that is known."""
    tracked = Tracked("talk.mp4")
    tracked.reading(50, 100)
    assert tracked.line() == "talk.mp4: 2%, reading"
    tracked.meter.speed = lambda: 3.14  # type: ignore[method-assign]
    tracked.meter.seconds_left = lambda: 12.0  # type: ignore[method-assign]
    tracked.processing({"progress": 50, "stage": "measure"})
    assert tracked.line() == "talk.mp4: 52%, 3.1×, 0:12 left, measuring"


def test_a_long_name_keeps_its_ends() -> None:
    """Episodes differ there."""
    assert shortened("short.mp3", 12) == "short.mp3"
    assert shortened("a long name of an episode 12.mp3", 12) == "a long…2.mp3"
    assert len(shortened("x" * 99, 15)) == 15
