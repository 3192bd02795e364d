"""``dailies jobs …`` and ``dailies gc``. Parsing only: each hands over to ``looking``."""

from __future__ import annotations

from typing import Annotated

import typer

from dailies.cli.arguments import Debug, Json, Limit, Quiet
from dailies.cli.console import Console, run_command

jobs_app = typer.Typer(help="List, show and cancel jobs; collect garbage.", rich_markup_mode=None)


def _known_jobs(incomplete: str) -> list[str]:
    """The newest jobs' ids, for a shell."""
    from dailies.cli.looking import job_ids

    return [found for found in job_ids() if found.startswith(incomplete)]


JobId = Annotated[str, typer.Argument(metavar="ID", help="as `dailies jobs` lists it", autocompletion=_known_jobs)]
After = Annotated[int, typer.Option(min=0, metavar="N", help="only those behind the event with this number")]


def _list(limit: int, *, json: bool, quiet: bool, debug: bool) -> None:
    def command(console: Console) -> None:
        from dailies.cli.looking import show_jobs

        show_jobs(console, limit)

    run_command(command, json=json, quiet=quiet, debug=debug)


@jobs_app.callback(invoke_without_command=True)
def jobs(
    context: typer.Context, limit: Limit = 20, json: Json = False, quiet: Quiet = False, debug: Debug = False
) -> None:
    if context.invoked_subcommand is None:
        _list(limit, json=json, quiet=quiet, debug=debug)
    if json or quiet or debug:
        # It would be ignored: the command reads its own options.
        raise typer.BadParameter(f"Put options behind {context.invoked_subcommand!r}")


@jobs_app.command("list")
def jobs_list(limit: Limit = 20, json: Json = False, quiet: Quiet = False, debug: Debug = False) -> None:
    """The newest jobs; `dailies jobs` alone does the same."""
    _list(limit, json=json, quiet=quiet, debug=debug)


@jobs_app.command("show")
def jobs_show(job: JobId, json: Json = False, quiet: Quiet = False, debug: Debug = False) -> None:
    """One job: its progress, and its certificate or error."""

    def command(console: Console) -> None:
        from dailies.cli.looking import show_job

        show_job(console, job)

    run_command(command, json=json, quiet=quiet, debug=debug)


@jobs_app.command("events")
def jobs_events(job: JobId, after: After = 0, json: Json = False, quiet: Quiet = False, debug: Debug = False) -> None:
    """What has happened to a job, each event with its number."""

    def command(console: Console) -> None:
        from dailies.cli.looking import show_events

        show_events(console, job, after)

    run_command(command, json=json, quiet=quiet, debug=debug)


@jobs_app.command("cancel")
def jobs_cancel(job: JobId, json: Json = False, quiet: Quiet = False, debug: Debug = False) -> None:
    """Stop a job; nothing of it is left behind."""

    def command(console: Console) -> None:
        from dailies.cli.looking import cancel

        cancel(console, job)

    run_command(command, json=json, quiet=quiet, debug=debug)


@jobs_app.command("gc")
def collect_garbage(json: Json = False, quiet: Quiet = False, debug: Debug = False) -> None:
    """Remove old outputs, unused artifacts and leftovers."""

    def command(console: Console) -> None:
        from dailies.cli.looking import collect

        collect(console)

    run_command(command, json=json, quiet=quiet, debug=debug)
