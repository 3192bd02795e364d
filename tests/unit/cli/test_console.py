"""Exit codes, and the discipline of the two streams."""

from __future__ import annotations

import errno
import io
import json
import os
from collections.abc import Callable, Iterator
from typing import Any

import pytest

from dailies.cli.console import Console, exit_code, run_command, worst
from dailies.domain import errors
from dailies.domain.errors import DailiesError

EXIT_OF_CLASS = {
    "PermanentError": 1,
    "InvalidRequest": 1,
    "Unauthenticated": 1,
    "InvalidRecipe": 3,
    "SourceRefused": 3,
    "UrlRefused": 3,
    "NotFound": 2,
    "Conflict": 1,
    "Forbidden": 3,
    "QuotaExceeded": 3,
    "OverBudget": 3,
    "Misconfigured": 4,
    "QualityNotReached": 1,
    "PlatformNotReady": 4,
    "PoisonStep": 1,
    "Cancelled": 130,
    "TransientError": 4,
    "StorageFull": 4,
    "Killed": 4,
    "SourceChanged": 4,
    "LeaseLost": 4,
    "RateLimited": 4,
    "Interrupted": 130,
}


def classes(root: type[DailiesError] = DailiesError) -> Iterator[type[DailiesError]]:
    for kind in root.__subclasses__():
        yield kind
        yield from classes(kind)


def ended(command: Callable[[Console], None], **flags: bool) -> int:
    with pytest.raises(SystemExit) as ending:
        run_command(command, **{"json": True, **flags})
    assert isinstance(ending.value.code, int)
    return ending.value.code


def raising(error: BaseException) -> Callable[[Console], None]:
    def command(console: Console) -> None:
        raise error

    return command


def test_every_error_has_a_documented_exit_code() -> None:
    """A new error class must be given its exit code here, on purpose."""
    assert {kind.__name__: exit_code(kind("x")) for kind in classes() if kind.__module__ == errors.__name__} == (
        EXIT_OF_CLASS
    )


@pytest.mark.parametrize(
    ("error", "code"),
    [
        (errors.Conflict("x", code="output_exists"), 2),
        (errors.Conflict("x", code="output_is_source"), 2),
        (errors.Conflict("x", code="job_state"), 2),
        (errors.NotFound("x", code="output_folder_missing"), 2),
        (errors.NotFound("x", code="source_not_found"), 2),
        (errors.NotFound("x", code="output_expired"), 4),
        (errors.NotFound("x", code="object_not_found"), 1),
        (errors.Misconfigured("x", code="output_not_writable"), 4),
        (errors.QualityNotReached("x", code="loudness_unreachable"), 3),
        (errors.SourceRefused("x", code="no_audio"), 3),
        (errors.PermanentError("x", code="time_limit"), 1),
    ],
)
def test_codes_narrow_the_exit_code_of_their_class(error: DailiesError, code: int) -> None:
    """What the user can mend on the command line is usage; what the media or recipe lacks is a refusal."""
    assert exit_code(error) == code


@pytest.mark.parametrize(
    ("error", "exit_with", "code"),
    [
        (errors.SourceRefused("It is no media.", code="not_media", hint=1), 3, "not_media"),
        (KeyboardInterrupt(), 130, "cancelled"),
        (ZeroDivisionError("bug"), 1, "internal"),
    ],
)
def test_json_has_one_document_whatever_happens(
    error: BaseException, exit_with: int, code: str, capsys: pytest.CaptureFixture[str]
) -> None:
    """Refusals, Ctrl-C and bugs alike: one error document on stdout, nothing on stderr."""
    assert ended(raising(error)) == exit_with
    said = capsys.readouterr()
    assert json.loads(said.out)["error"]["code"] == code
    assert set(json.loads(said.out)["error"]) == {"code", "message", "details"}
    assert said.err == ""


def test_an_error_is_one_sentence_for_people(capsys: pytest.CaptureFixture[str]) -> None:
    """Without --json stdout stays empty and stderr has the sentence, no traceback."""
    assert ended(raising(errors.SourceRefused("It is no media.")), json=False) == 3
    said = capsys.readouterr()
    assert (said.out, said.err) == ("", "dailies: It is no media.\n")


def test_a_traceback_only_with_debug(capsys: pytest.CaptureFixture[str]) -> None:
    """--debug shows where it came from, and still keeps stdout to one document."""
    ended(raising(ZeroDivisionError("bug")), debug=True)
    said = capsys.readouterr()
    assert "Traceback" in said.err
    assert json.loads(said.out)["error"]["code"] == "internal"


@pytest.mark.parametrize("error", [errors.NotFound("\x1b]0;PWNED\x07.mp4"), ValueError("\x1b]0;PWNED\x07.mp4")])
def test_a_traceback_can_t_steer_a_terminal(error: Exception, capsys: pytest.CaptureFixture[str]) -> None:
    """What it quotes may be a stranger's."""
    ended(raising(error), json=False, debug=True)
    said = capsys.readouterr().err
    assert "Traceback" in said
    assert "PWNED" in said
    assert not set(said) & {"\x1b", "\x07"}


@pytest.mark.parametrize(("json_asked", "expected"), [(True, "[]\n"), (False, "no jobs\n")])
def test_an_empty_result_is_a_document_too(json_asked: bool, expected: str, capsys: pytest.CaptureFixture[str]) -> None:
    """An empty list is [] and not nothing."""
    assert ended(lambda console: console.emit([], "no jobs"), json=json_asked) == 0
    assert capsys.readouterr().out == expected


def test_names_can_t_steer_a_terminal(capsys: pytest.CaptureFixture[str]) -> None:
    """Escape sequences in a file's name are shown, not obeyed."""
    Console(json=False).emit({}, "a\x1b[31mred\x9b\x07.mp4\nnext")
    assert capsys.readouterr().out == "a�[31mred��.mp4\nnext\n"


def test_names_in_json_can_t_steer_a_terminal_either(capsys: pytest.CaptureFixture[str]) -> None:
    """They are escaped, and come back as they were."""
    name = "a\x1b[31mred\x9b\x7f\u202e.mp4"
    Console(json=True).emit({"name": name}, "")
    printed = capsys.readouterr().out
    assert printed.rstrip("\n").isprintable()
    assert json.loads(printed) == {"name": name}


def test_a_terminal_that_lacks_the_letters_gets_valid_json(monkeypatch: pytest.MonkeyPatch) -> None:
    """Where stdout is not UTF-8 the document is written in ASCII."""
    raw = io.BytesIO()
    monkeypatch.setattr("sys.stdout", io.TextIOWrapper(raw, encoding="ascii"))
    Console(json=True).emit({"name": "Späti"}, "")
    assert json.loads(raw.getvalue()) == {"name": "Späti"}
    assert raw.getvalue().isascii()


class Refusing(io.StringIO):
    """A stream whose reader is gone, or whose volume is full."""

    def __init__(self, number: int, descriptor: int) -> None:
        super().__init__()
        self._number = number
        self._descriptor = descriptor

    def flush(self) -> None:
        if not self.closed:
            raise OSError(self._number, os.strerror(self._number))

    def fileno(self) -> int:
        return self._descriptor

    def close(self) -> None:
        return None


@pytest.mark.parametrize(("number", "code", "told"), [(errno.EPIPE, 1, False), (errno.ENOSPC, 4, True)])
def test_a_stdout_that_fails_ends_the_command_without_a_traceback(
    number: int, code: int, told: bool, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    """A closed pipe is silent, a full disk is told; neither is an internal error."""
    with open(os.devnull, "wb") as spare:  # noqa: PTH123 - a descriptor that may be pointed elsewhere
        monkeypatch.setattr("sys.stdout", Refusing(number, spare.fileno()))
        assert ended(lambda console: console.emit({}, "")) == code
    assert ("can't be written" in capsys.readouterr().err) is told


def test_closed_streams_are_no_error(monkeypatch: pytest.MonkeyPatch) -> None:
    """A daemon may start the command with neither stream: the work is done all the same."""
    monkeypatch.setattr("sys.stdout", None)
    monkeypatch.setattr("sys.stderr", None)

    def command(console: Console) -> None:
        assert not console.interactive
        console.emit({}, "done")

    assert ended(command, json=False) == 0


def test_bars_are_for_terminals(monkeypatch: pytest.MonkeyPatch) -> None:
    """A pipe or --quiet has none."""
    stream: Any = io.StringIO()
    monkeypatch.setattr("sys.stderr", stream)
    assert not Console(json=True).interactive
    stream.isatty = lambda: True
    assert Console(json=True).interactive
    assert not Console(json=True, quiet=True).interactive


def test_of_several_exit_codes_the_worst_is_kept() -> None:
    """What to act on first: a fault, then what may pass, then a refusal, then a typing mistake."""
    assert [worst(codes) for codes in ([2, 3, 1, 4], [2, 3, 4], [3, 2], [2])] == [1, 4, 3, 2]
