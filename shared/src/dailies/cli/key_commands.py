"""``dailies keys …``: keys for programs that ask `dailies up`, or a deployment, over REST."""

from __future__ import annotations

from typing import Annotated

import typer

from dailies.cli.arguments import DEV, Debug, Json
from dailies.cli.console import Console, run_command

keys_app = typer.Typer(help="Make, list, renew and revoke API keys.", rich_markup_mode=None, no_args_is_help=True)
KeyId = Annotated[str, typer.Argument(metavar="ID", help="as `dailies keys list` shows it")]
User = Annotated[str, typer.Option(metavar="UID", help="whose keys; `dev` is the page of `dailies up`")]
Scopes = Annotated[
    list[str] | None,
    typer.Option("--scope", metavar="SCOPE", help="of docs/api.md, such as webhooks; both of jobs if none"),
]
Days = Annotated[float | None, typer.Option(min=0.001, max=3650, metavar="DAYS", help="until it ends; else never")]
Hours = Annotated[float, typer.Option(min=0, max=720, metavar="HOURS", help="how long the old secret is taken, too")]


@keys_app.command("create")
def keys_create(
    name: Annotated[str, typer.Argument(metavar="NAME", help="what it is for")],
    scope: Scopes = None,
    days: Days = None,
    user: User = DEV,
    json: Json = False,
    debug: Debug = False,
) -> None:
    """A new key, shown this once."""

    def command(console: Console) -> None:
        from dailies.cli.keys import create

        create(console, user, name, scope, days)

    run_command(command, json=json, debug=debug)


@keys_app.command("list")
def keys_list(user: User = DEV, json: Json = False, debug: Debug = False) -> None:
    """The keys, without their secrets."""

    def command(console: Console) -> None:
        from dailies.cli.keys import show

        show(console, user)

    run_command(command, json=json, debug=debug)


@keys_app.command("rotate")
def keys_rotate(key: KeyId, overlap: Hours = 24.0, user: User = DEV, json: Json = False, debug: Debug = False) -> None:
    """A new secret for a key, shown this once."""

    def command(console: Console) -> None:
        from dailies.cli.keys import rotate

        rotate(console, user, key, overlap)

    run_command(command, json=json, debug=debug)


@keys_app.command("revoke")
def keys_revoke(key: KeyId, user: User = DEV, json: Json = False, debug: Debug = False) -> None:
    """End a key at once."""

    def command(console: Console) -> None:
        from dailies.cli.keys import revoke

        revoke(console, user, key)

    run_command(command, json=json, debug=debug)
