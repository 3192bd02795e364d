"""The progress bar: for people on a terminal, and for nobody else."""

from __future__ import annotations

import io
from pathlib import Path

import pytest

from dailies.cli.console import Console
from dailies.cli.progress_bar import ProgressBar


class Terminal(io.StringIO):
    def isatty(self) -> bool:
        return True


def on_terminal(monkeypatch: pytest.MonkeyPatch) -> Terminal:
    """No fixture: pytest's own capture takes stderr back between set-up and test."""
    stream = Terminal()
    monkeypatch.setattr("sys.stderr", stream)
    monkeypatch.setenv("TERM", "xterm")
    monkeypatch.setenv("COLUMNS", "120")
    return stream


def test_a_pipe_gets_no_bar(monkeypatch: pytest.MonkeyPatch) -> None:
    """Logs of a CI job hold results, not spinners."""
    stream = io.StringIO()
    monkeypatch.setattr("sys.stderr", stream)
    with ProgressBar(Console(json=False), Path("talk.mp4")) as bar:
        bar.processing({"progress": 50, "stage": "measure"})
    assert stream.getvalue() == ""


def test_a_terminal_sees_name_progress_and_stage(monkeypatch: pytest.MonkeyPatch) -> None:
    """One line that is gone at the end; letters that would steer the terminal are not shown."""
    terminal = on_terminal(monkeypatch)
    with ProgressBar(Console(json=False), Path("ta\x1b[31mlk.mp4")) as bar:
        bar._begin()
        bar.processing({"progress": 50, "stage": "output"})
    said = terminal.getvalue()
    assert "ta?[31mlk.mp4" in said
    assert " 50%" in said
    assert "encoding" in said
    assert "\x1b[31mlk" not in said


def test_what_is_over_at_once_has_no_bar(monkeypatch: pytest.MonkeyPatch) -> None:
    """A cached run ends before anybody needs to be told to wait; a late start finds it over."""
    terminal = on_terminal(monkeypatch)
    with ProgressBar(Console(json=False), Path("talk.mp4")) as bar:
        bar.reading(10, 100)
    bar._begin()
    assert terminal.getvalue() == ""
