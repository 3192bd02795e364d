"""``dailies batch …``: many jobs of one user's, which `dailies up` or a deployment makes some at a time."""

from __future__ import annotations

from pathlib import Path
from typing import Annotated

import typer

from dailies.cli.arguments import DEV, Debug, Json, User
from dailies.cli.console import Console, run_command

batch_app = typer.Typer(
    help="Make many jobs, some at a time, of what is in the store.", rich_markup_mode=None, no_args_is_help=True
)
BatchId = Annotated[str, typer.Argument(metavar="ID", help="as `dailies batch list` shows it")]


@batch_app.command("create")
def batch_create(
    items: Annotated[
        Path | None, typer.Argument(metavar="FILE", help='JSON: a list of {"source": {"kind": …}, "recipe": …}')
    ] = None,
    jobs: Annotated[bool, typer.Option("--jobs", help="the sources of the user's completed jobs")] = False,
    objects: Annotated[str | None, typer.Option(metavar="PREFIX", help="the user's objects below it")] = None,
    recipe: Annotated[Path | None, typer.Option(metavar="FILE", help="of items that have none of their own")] = None,
    user: User = DEV,
    json: Json = False,
    debug: Debug = False,
) -> None:
    """A batch that begins at once."""

    def command(console: Console) -> None:
        from dailies.cli.batches import create

        create(console, user, items, recipe, jobs=jobs, objects=objects)

    run_command(command, json=json, debug=debug)


@batch_app.command("list")
def batch_list(user: User = DEV, json: Json = False, debug: Debug = False) -> None:
    """The batches, newest first."""

    def command(console: Console) -> None:
        from dailies.cli.batches import show_all

        show_all(console, user)

    run_command(command, json=json, debug=debug)


@batch_app.command("show")
def batch_show(batch: BatchId, user: User = DEV, json: Json = False, debug: Debug = False) -> None:
    """How far a batch is, and what came of each item."""

    def command(console: Console) -> None:
        from dailies.cli.batches import show

        show(console, user, batch)

    run_command(command, json=json, debug=debug)


@batch_app.command("cancel")
def batch_cancel(batch: BatchId, user: User = DEV, json: Json = False, debug: Debug = False) -> None:
    """Begin no further item, and cancel those under way."""

    def command(console: Console) -> None:
        from dailies.cli.batches import cancel

        cancel(console, user, batch)

    run_command(command, json=json, debug=debug)
