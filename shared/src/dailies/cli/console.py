"""What every command shares: one JSON document or text on stdout, everything else on stderr, exit codes.

Exit codes: 0 done · 1 a fault of Dailies or its tools · 2 usage, or an output that is in the way · 3 the
input or the recipe is refused · 4 a failure that may pass (a full disk, a missing tool, a read-only
folder) · 130 cancelled.
"""

from __future__ import annotations

import json as jsonlib
import os
import shutil
import sys
import traceback
from collections.abc import Callable, Iterable, Mapping
from pathlib import Path
from typing import Any, NoReturn, TextIO

from dailies.domain.errors import (
    DailiesError,
    Forbidden,
    InvalidRecipe,
    Misconfigured,
    OverBudget,
    QuotaExceeded,
    SourceRefused,
    TransientError,
    UrlRefused,
)
from dailies.logs import printable

USAGE, REFUSED, MAY_PASS, FAULT, CANCELLED = 2, 3, 4, 1, 130
CANCELLED_ERROR: Mapping[str, Any] = {"code": "cancelled", "message": "Cancelled.", "details": {}}

_EXIT_BY_CODE = {
    "cancelled": CANCELLED,
    "interrupted": CANCELLED,
    "output_exists": USAGE,
    "output_is_source": USAGE,
    "output_folder_missing": USAGE,
    "recipe_not_found": USAGE,
    "source_not_found": USAGE,
    "output_not_found": USAGE,
    "usage": USAGE,
    "job_state": USAGE,
    "not_found": USAGE,
    "loudness_unreachable": REFUSED,
    "nothing_possible": REFUSED,
    "output_expired": MAY_PASS,
}
_EXIT_BY_CLASS: list[tuple[type[DailiesError], int]] = [
    (InvalidRecipe, REFUSED),
    (SourceRefused, REFUSED),
    (UrlRefused, REFUSED),
    (QuotaExceeded, REFUSED),
    (OverBudget, REFUSED),
    (Forbidden, REFUSED),
    (Misconfigured, MAY_PASS),
    (TransientError, MAY_PASS),
]


class Console:
    """Where a command prints. ``emit`` exactly once for a result; the rest is for people, on stderr."""

    def __init__(self, *, json: bool, quiet: bool = False, debug: bool = False) -> None:
        self.json = json
        self.debug = debug
        self.quiet = quiet

    @property
    def interactive(self) -> bool:
        return not self.quiet and sys.stderr is not None and sys.stderr.isatty()

    def emit(self, document: Any, text: str) -> None:
        """The result: the document under --json, else the text."""
        _write(sys.stdout, _encoded(document) if self.json else printable(text))

    def emit_file(self, path: Path) -> None:
        """The result is the file's bytes, for whoever reads stdout."""
        if sys.stdout is None:
            return
        try:
            with path.open("rb") as made:
                shutil.copyfileobj(made, sys.stdout.buffer, 1 << 20)
            sys.stdout.buffer.flush()
        except OSError as error:
            _end_writing(sys.stdout, error)

    def say(self, text: str) -> None:
        """A line for a person on stderr."""
        _write(sys.stderr, printable(text))

    def fail(self, error: Mapping[str, Any]) -> None:
        if self.json:
            _write(sys.stdout, _encoded({"error": error}))
        else:
            self.say(f"dailies: {error['message']}")


def run_command(
    command: Callable[[Console], None], *, json: bool, quiet: bool = False, debug: bool = False
) -> NoReturn:
    """Run ``command`` and end the process with the documented exit code."""
    console = Console(json=json, quiet=quiet, debug=debug)
    try:
        command(console)
    except DailiesError as error:
        if debug:
            console.say(traceback.format_exc())
        console.fail(error.as_dict())
        sys.exit(exit_code(error))
    except KeyboardInterrupt:
        console.fail(CANCELLED_ERROR)
        sys.exit(CANCELLED)
    except Exception as error:  # noqa: BLE001 - the last resort: --json owes one document whatever happens
        if debug:
            console.say(traceback.format_exc())
        console.fail(internal_error(error))
        sys.exit(FAULT)
    sys.exit(0)


def internal_error(error: Exception) -> dict[str, Any]:
    """What a bug is told as."""
    message = f"Internal error ({type(error).__name__}: {error}): run again with --debug and report it."
    return {"code": "internal", "message": message, "details": {}}


def worst(codes: Iterable[int]) -> int:
    """Of several files' exit codes the one to act on first: a fault, a failure that may pass, a refusal, usage."""
    return min(codes, key=[CANCELLED, FAULT, MAY_PASS, REFUSED, USAGE].index)


def exit_code(error: DailiesError) -> int:
    """The documented exit code for an error."""
    if error.error_code in _EXIT_BY_CODE:
        return _EXIT_BY_CODE[error.error_code]
    return next((code for kind, code in _EXIT_BY_CLASS if isinstance(error, kind)), FAULT)


def _encoded(document: Any) -> str:
    """One line for programs; on a terminal somebody reads it."""
    utf8 = sys.stdout is not None and (sys.stdout.encoding or "").lower().replace("-", "") == "utf8"
    indent = 2 if sys.stdout is not None and sys.stdout.isatty() else None
    text = jsonlib.dumps(document, ensure_ascii=not utf8, indent=indent, allow_nan=False, default=str)
    # JSON lets U+009B stand, which begins a control sequence as ESC [ does.
    return "".join(letter if letter.isprintable() or letter == "\n" else jsonlib.dumps(letter)[1:-1] for letter in text)


def _write(stream: TextIO | None, text: str) -> None:
    """Write and flush, so that whatever goes wrong with a stream goes wrong here."""
    if stream is None:  # closed by whoever started us
        return
    try:
        stream.write(text + "\n")
        stream.flush()
    except OSError as error:
        _end_writing(stream, error)


def _end_writing(stream: TextIO, error: OSError) -> NoReturn:
    # Python must not try again at exit.
    os.dup2(os.open(os.devnull, os.O_WRONLY), stream.fileno())
    if isinstance(error, BrokenPipeError):
        # The reader is gone (| head): nobody is there to be told.
        sys.exit(FAULT)
    if stream is not sys.stderr:
        _write(sys.stderr, f"dailies: The output can't be written: {error.strerror}.")
    sys.exit(MAY_PASS)
