"""What every command shares: one JSON document or text on stdout, everything else on stderr, exit codes.

Exit codes: 0 done · 1 a fault of Dailies or its tools · 2 usage, or an output that is in the way · 3 the
input or the recipe is refused · 4 a failure that may pass (a full disk, a missing tool, a read-only
folder) · 130 cancelled.
"""

from __future__ import annotations

import json as jsonlib
import os
import sys
import traceback
from collections.abc import Callable, Mapping
from typing import Any, NoReturn

from dailies.domain.errors import (
    DailiesError,
    Forbidden,
    InvalidRecipe,
    Misconfigured,
    QuotaExceeded,
    SourceRefused,
    TransientError,
)

USAGE, REFUSED, MAY_PASS, FAULT, CANCELLED = 2, 3, 4, 1, 130

_EXIT_BY_CODE = {
    "cancelled": CANCELLED,
    "interrupted": CANCELLED,
    "output_exists": USAGE,
    "output_is_source": USAGE,
    "output_folder_missing": USAGE,
    "source_not_found": USAGE,
    "job_state": USAGE,
    "not_found": USAGE,
}
_EXIT_BY_CLASS: list[tuple[type[DailiesError], int]] = [
    (InvalidRecipe, REFUSED),
    (SourceRefused, REFUSED),
    (QuotaExceeded, REFUSED),
    (Forbidden, REFUSED),
    (Misconfigured, MAY_PASS),
    (TransientError, MAY_PASS),
]


class Console:
    """Where a command prints. ``emit`` exactly once for a result; the rest is for people, on stderr."""

    def __init__(self, *, json: bool, quiet: bool) -> None:
        self.json = json
        self.quiet = quiet

    @property
    def interactive(self) -> bool:
        return not self.quiet and sys.stderr.isatty()

    def emit(self, document: Any, text: str) -> None:
        """The result: the document under --json, else the text."""
        body = jsonlib.dumps(document, ensure_ascii=False, indent=None) if self.json else text
        sys.stdout.write(body + "\n")

    def say(self, text: str) -> None:
        """A line for a person on stderr."""
        if not self.quiet:
            sys.stderr.write(text + "\n")

    def fail(self, error: Mapping[str, Any]) -> None:
        if self.json:
            sys.stdout.write(jsonlib.dumps({"error": error}, ensure_ascii=False) + "\n")
        else:
            sys.stderr.write(f"dailies: {error['message']}\n")


def run_command(command: Callable[[Console], None], *, json: bool, quiet: bool, debug: bool) -> NoReturn:
    """Run ``command`` and end the process with the documented exit code."""
    from dailies.logs import configure_logs

    configure_logs("debug" if debug else None)
    console = Console(json=json, quiet=quiet)
    try:
        command(console)
        sys.stdout.flush()
    except DailiesError as error:
        if debug:
            traceback.print_exc()
        console.fail(error.as_dict())
        sys.exit(exit_code(error))
    except KeyboardInterrupt:
        console.fail({"code": "cancelled", "message": "Cancelled.", "details": {}})
        sys.exit(CANCELLED)
    except BrokenPipeError:
        # The reader of stdout is gone (| head): nothing more can be told, and Python must not try at exit.
        os.dup2(os.open(os.devnull, os.O_WRONLY), sys.stdout.fileno())
        sys.exit(FAULT)
    except Exception as error:  # noqa: BLE001 - the last resort: --json owes one document whatever happens
        if debug:
            traceback.print_exc()
        message = f"Internal error ({type(error).__name__}: {error}): run again with --debug and report it."
        console.fail({"code": "internal", "message": message, "details": {}})
        sys.exit(FAULT)
    sys.exit(0)


def exit_code(error: DailiesError) -> int:
    """The documented exit code for an error."""
    if error.error_code in _EXIT_BY_CODE:
        return _EXIT_BY_CODE[error.error_code]
    return next((code for kind, code in _EXIT_BY_CLASS if isinstance(error, kind)), FAULT)


def usage_as_json(app: Any, arguments: list[str]) -> NoReturn:
    """Run the typer app; a usage error keeps to the rule that --json has one document on stdout."""
    from typer.exceptions import Abort, TyperException

    try:
        ended = app(arguments, standalone_mode=False)
    except Abort:
        sys.exit(CANCELLED)
    except TyperException as error:
        message = error.format_message()
        if "--json" in arguments:
            Console(json=True, quiet=True).fail({"code": "usage", "message": message, "details": {}})
        else:
            sys.stderr.write(f"dailies: {message} (dailies --help lists commands and options)\n")
        sys.exit(USAGE)
    sys.exit(ended if isinstance(ended, int) else 0)
