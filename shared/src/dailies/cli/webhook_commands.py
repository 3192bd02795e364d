"""``dailies webhooks …``: who is told of events, and what they were sent."""

from __future__ import annotations

from collections.abc import Callable
from typing import Annotated

import typer

from dailies.cli.arguments import DEV, Debug, Json, User
from dailies.cli.console import Console, run_command

webhooks_app = typer.Typer(
    help="Have programs told of events, and see what they were sent.", rich_markup_mode=None, no_args_is_help=True
)
WebhookId = Annotated[str, typer.Argument(metavar="ID", help="as `dailies webhooks list` shows it")]
Hours = Annotated[float, typer.Option(min=0, max=720, metavar="HOURS", help="how long the old secret signs, too")]


@webhooks_app.command("add")
def webhooks_add(
    url: Annotated[str, typer.Argument(metavar="URL", help="https, of a public server")],
    event: Annotated[
        list[str] | None,
        typer.Option("--event", metavar="TYPE", help="such as job.completed; all but step.done if none"),
    ] = None,
    user: User = DEV,
    json: Json = False,
    debug: Debug = False,
) -> None:
    """An endpoint, with its signing secret, shown this once."""

    def command(console: Console) -> None:
        from dailies.cli.webhooks import add

        add(console, user, url, event)

    run_command(command, json=json, debug=debug)


@webhooks_app.command("list")
def webhooks_list(user: User = DEV, json: Json = False, debug: Debug = False) -> None:
    """The endpoints, without their secrets."""

    def command(console: Console) -> None:
        from dailies.cli.webhooks import show

        show(console, user)

    run_command(command, json=json, debug=debug)


@webhooks_app.command("rotate")
def webhooks_rotate(
    webhook: WebhookId, overlap: Hours = 24.0, user: User = DEV, json: Json = False, debug: Debug = False
) -> None:
    """A new secret, shown this once; of `jobs`, for jobs' own URLs."""

    def command(console: Console) -> None:
        from dailies.cli.webhooks import rotate

        rotate(console, user, webhook, overlap)

    run_command(command, json=json, debug=debug)


@webhooks_app.command("enable")
def webhooks_enable(webhook: WebhookId, user: User = DEV, json: Json = False, debug: Debug = False) -> None:
    """Send to an endpoint again that answered 410."""
    run_command(_of_one("enable", user, webhook), json=json, debug=debug)


@webhooks_app.command("remove")
def webhooks_remove(webhook: WebhookId, user: User = DEV, json: Json = False, debug: Debug = False) -> None:
    """Send nothing to an endpoint any more."""
    run_command(_of_one("remove", user, webhook), json=json, debug=debug)


@webhooks_app.command("deliveries")
def webhooks_deliveries(
    limit: Annotated[int, typer.Option(min=1, max=200, metavar="N", help="the newest so many")] = 20,
    user: User = DEV,
    json: Json = False,
    debug: Debug = False,
) -> None:
    """What was sent, and what came of it."""

    def command(console: Console) -> None:
        from dailies.cli.webhooks import deliveries

        deliveries(console, user, limit)

    run_command(command, json=json, debug=debug)


@webhooks_app.command("replay")
def webhooks_replay(
    delivery: Annotated[str, typer.Argument(metavar="ID", help="as `dailies webhooks deliveries` shows it")],
    user: User = DEV,
    json: Json = False,
    debug: Debug = False,
) -> None:
    """Send a message anew, of the same id."""
    run_command(_of_one("replay", user, delivery), json=json, debug=debug)


def _of_one(name: str, user: str, which: str) -> Callable[[Console], None]:
    def command(console: Console) -> None:
        from dailies.cli import webhooks

        getattr(webhooks, name)(console, user, which)

    return command
