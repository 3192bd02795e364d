"""``dailies notifications …``: what a user was told of the ends of jobs, and wants to be told."""

from __future__ import annotations

from typing import Annotated

import typer

from dailies.cli.arguments import DEV, Debug, Json, User, one_of
from dailies.cli.console import Console, run_command

notifications_app = typer.Typer(
    help="See what a user was told, and choose what to be told of.", rich_markup_mode=None, no_args_is_help=True
)
ChannelName = Annotated[
    str, typer.Argument(metavar="CHANNEL", help="in_app or email", autocompletion=one_of("in_app", "email"))
]


@notifications_app.command("list")
def notifications_list(
    channel: Annotated[
        str, typer.Option(metavar="CHANNEL", help="in_app or email", autocompletion=one_of("in_app", "email"))
    ] = "in_app",
    unread: Annotated[bool, typer.Option("--unread", help="those that were not read")] = False,
    limit: Annotated[int, typer.Option(min=1, max=200, metavar="N", help="the newest so many")] = 20,
    user: User = DEV,
    json: Json = False,
    debug: Debug = False,
) -> None:
    """What the user was told; of e-mail, what came of it."""

    def command(console: Console) -> None:
        from dailies.cli.notifications import show

        show(console, user, limit, unread=unread, channel=channel)

    run_command(command, json=json, debug=debug)


@notifications_app.command("read")
def notifications_read(
    notification: Annotated[
        list[str] | None, typer.Argument(metavar="[ID]…", help="as `dailies notifications list` shows it; all if none")
    ] = None,
    user: User = DEV,
    json: Json = False,
    debug: Debug = False,
) -> None:
    """Mark as read."""

    def command(console: Console) -> None:
        from dailies.cli.notifications import read

        read(console, user, notification)

    run_command(command, json=json, debug=debug)


@notifications_app.command("preferences")
def notifications_preferences(user: User = DEV, json: Json = False, debug: Debug = False) -> None:
    """What the user is told of, by which channel."""

    def command(console: Console) -> None:
        from dailies.cli.notifications import preferences

        preferences(console, user)

    run_command(command, json=json, debug=debug)


@notifications_app.command("on")
def notifications_on(
    channel: ChannelName,
    event: Annotated[
        list[str] | None,
        typer.Option("--event", metavar="TYPE", help="such as job.failed; all ends of a job if none"),
    ] = None,
    language: Annotated[
        str | None, typer.Option(metavar="LANGUAGE", help="en or nl", autocompletion=one_of("en", "nl"))
    ] = None,
    user: User = DEV,
    json: Json = False,
    debug: Debug = False,
) -> None:
    """Tell the user of events by a channel, from now on."""

    def command(console: Console) -> None:
        from dailies.cli.notifications import turn_on

        turn_on(console, user, channel, event, language)

    run_command(command, json=json, debug=debug)


@notifications_app.command("hold")
def notifications_hold(
    digest: Annotated[
        str | None,
        typer.Option(metavar="HOW", help="hourly, daily or none", autocompletion=one_of("hourly", "daily", "none")),
    ] = None,
    quiet: Annotated[
        str | None, typer.Option(metavar="HH:MM-HH:MM", help="no e-mail then; 00:00-00:00 is none")
    ] = None,
    time_zone: Annotated[str | None, typer.Option(metavar="ZONE", help="such as Europe/Amsterdam")] = None,
    user: User = DEV,
    json: Json = False,
    debug: Debug = False,
) -> None:
    """Have e-mail come together, or not at night."""

    def command(console: Console) -> None:
        from dailies.cli.notifications import hold

        hold(console, user, digest, quiet, time_zone)

    run_command(command, json=json, debug=debug)


@notifications_app.command("off")
def notifications_off(channel: ChannelName, user: User = DEV, json: Json = False, debug: Debug = False) -> None:
    """Tell the user nothing by a channel any more."""

    def command(console: Console) -> None:
        from dailies.cli.notifications import turn_off

        turn_off(console, user, channel)

    run_command(command, json=json, debug=debug)
