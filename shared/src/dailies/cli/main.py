"""The ``dailies`` command's outermost shell: whatever happens, the documented exit code and one JSON document."""

from __future__ import annotations

import gc
import os
import sys
from collections.abc import Callable, Sequence
from contextlib import AbstractContextManager
from functools import partial
from typing import NoReturn

from dailies.adapters.local.workers.workers import Standby
from dailies.cli.ascii import SPELLED_OUT
from dailies.cli.console import CANCELLED, CANCELLED_ERROR, USAGE, Console


def main(argv: Sequence[str] | None = None) -> NoReturn:
    """Run the command line; exits the process."""
    arguments = list(sys.argv[1:] if argv is None else argv)
    for stream in (sys.stdout, sys.stderr):
        # A name that the terminal's encoding lacks must not end the command.
        if hasattr(stream, "reconfigure"):
            stream.reconfigure(errors=SPELLED_OUT)
    # pydantic would look for plug-ins in every installed distribution: 20 ms, and code that nobody asked for.
    os.environ.setdefault("PYDANTIC_DISABLE_PLUGINS", "1")
    try:
        _run(arguments)
    except KeyboardInterrupt:
        # During the imports: what is under way handles its own.
        _console(arguments).fail(CANCELLED_ERROR)
        sys.exit(CANCELLED)
    finally:
        # The last collection would look at every class of every module on the way out: 0.08 s for nothing.
        gc.freeze()


def _run(arguments: list[str]) -> NoReturn:
    _set_log_level(arguments)
    # Started by the command, when its options are read: who mistypes one pays for no worker.
    _run_command(arguments, partial(Standby, work=_worker))


def _set_log_level(arguments: Sequence[str]) -> None:
    """Of this process and of its workers, whose first has the environment of now.

    A user learns of what they meet from errors and results. A server's log is all that its keeper has.
    """
    if "--debug" in arguments:
        os.environ["DAILIES_LOG"] = "debug"
    elif arguments[:1] != ["up"]:
        os.environ.setdefault("DAILIES_LOG", "critical")


def _worker() -> Callable[[], int]:
    """What a worker does; first is imported and built what the command needs as well: a fork has it for nothing."""
    from dailies.bootstrap import import_local
    from dailies.domain.job.job import Job
    from dailies.worker import main as work

    import_local()
    Job.model_rebuild()
    return lambda: work(())


def _run_command(arguments: list[str], standby: Callable[[], AbstractContextManager[Standby]]) -> NoReturn:
    from typer.exceptions import Abort, TyperException

    from dailies.cli.commands import app
    from dailies.cli.completion import VARIABLE, know_shells

    if VARIABLE in os.environ:
        know_shells()
    try:
        ended = app(arguments, standalone_mode=False, prog_name="dailies", obj=standby)
    except Abort:
        raise KeyboardInterrupt from None
    except TyperException as error:
        if not arguments:
            # What it says is the help: no error to who asked nothing.
            Console(json=False).say(error.format_message())
        else:
            from dailies.cli.usage import usage_sentence

            _console(arguments).fail({"code": "usage", "message": usage_sentence(error), "details": {}})
        sys.exit(USAGE)
    sys.exit(ended if isinstance(ended, int) else 0)


def _console(arguments: Sequence[str]) -> Console:
    """For what goes wrong before the options are parsed; behind ``--`` there are only names."""
    options = arguments[: arguments.index("--")] if "--" in arguments else arguments
    return Console(json="--json" in options)


if __name__ == "__main__":
    main()
