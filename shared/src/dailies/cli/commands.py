"""The commands and their options. Parsing only: each hands over to ``running`` or ``looking``."""

from __future__ import annotations

from pathlib import Path
from typing import Annotated

import typer

from dailies.cli.arguments import (
    HELP,
    SHELLS,
    Debug,
    Json,
    MediaOrUrl,
    Overwrite,
    Quiet,
    RecipeFile,
    Workers,
    one_of,
)  # fmt: skip
from dailies.cli.batch_commands import batch_app
from dailies.cli.console import Console, run_command
from dailies.cli.convert_command import convert
from dailies.cli.employing import employ
from dailies.cli.job_commands import collect_garbage, jobs_app
from dailies.cli.key_commands import keys_app
from dailies.cli.notification_commands import notifications_app
from dailies.cli.transcribe_command import transcribe, vats
from dailies.cli.webhook_commands import webhooks_app
from dailies.domain.errors import InvalidRequest

app = typer.Typer(
    name="dailies",
    help="Turns a media file into the audio and video you ask for, at the loudness you ask for, and certifies each.",
    no_args_is_help=True,
    add_completion=False,
    rich_markup_mode=None,
    pretty_exceptions_enable=False,
    context_settings=HELP,
)
app.add_typer(jobs_app, name="jobs")
app.add_typer(batch_app, name="batch")
app.add_typer(keys_app, name="keys")
app.add_typer(notifications_app, name="notifications")
app.add_typer(webhooks_app, name="webhooks")


def _show_version(wanted: bool) -> None:
    if wanted:
        # Reads the installed metadata: 20 ms that nobody else should pay.
        from importlib.metadata import PackageNotFoundError, version

        from dailies.services.diagnosis.extras import DISTRIBUTION

        try:
            known = version(DISTRIBUTION)
        except PackageNotFoundError:
            known = "(run from its sources, not installed)"
        typer.echo(f"dailies {known}")
        raise typer.Exit


@app.callback()
def options(
    _version: Annotated[
        bool, typer.Option("--version", callback=_show_version, is_eager=True, help="print the version and exit")
    ] = False,
) -> None:
    return None


app.command()(convert)
app.command()(transcribe)
app.command()(vats)


@app.command()
def run(
    context: typer.Context,
    file: MediaOrUrl,
    recipe: RecipeFile,
    out: Annotated[
        Path | None, typer.Option("--out", metavar="FOLDER", help="for the outputs; default: beside the source")
    ] = None,
    workers: Workers = None,
    overwrite: Overwrite = False,
    json: Json = False,
    quiet: Quiet = False,
    debug: Debug = False,
) -> None:
    """Make every output of a recipe from one source."""

    def command(console: Console) -> None:
        _one_reads_stdin(file, recipe)
        with employ(context, workers) as standby:
            from dailies.cli.running import run_recipe
            from dailies.cli.web_files import named

            run_recipe(console, named(file), recipe, out, overwrite=overwrite, standby=standby)

    run_command(command, json=json, quiet=quiet, debug=debug)


@app.command()
def fetch(
    url: Annotated[str, typer.Argument(metavar="URL", help="https URL of a media file")],
    output: Annotated[
        str | None,
        typer.Option("--output", "-o", metavar="PATH", help="file, FOLDER/, or - for stdout; default: its name, here"),
    ] = None,
    overwrite: Overwrite = False,
    json: Json = False,
    quiet: Quiet = False,
    debug: Debug = False,
) -> None:
    """Fetch the media file at a URL; make nothing of it."""

    def command(console: Console) -> None:
        from dailies.cli.fetching import deliver_url
        from dailies.cli.places import refuse_contradictions, target_of

        target = target_of(output, several=False)
        refuse_contradictions(target, one=True, json=json)
        deliver_url(console, url, target, overwrite=overwrite)

    run_command(command, json=json, quiet=quiet, debug=debug)


@app.command()
def plan(file: MediaOrUrl, recipe: RecipeFile, json: Json = False, quiet: Quiet = False, debug: Debug = False) -> None:
    """Show a recipe's steps, time and cost; run nothing."""

    def command(console: Console) -> None:
        from dailies.cli.looking import show_plan
        from dailies.cli.web_files import named

        _one_reads_stdin(file, recipe)
        show_plan(console, named(file), recipe)

    run_command(command, json=json, quiet=quiet, debug=debug)


@app.command()
def probe(file: MediaOrUrl, json: Json = False, quiet: Quiet = False, debug: Debug = False) -> None:
    """Show what a file is: container, duration, tracks."""

    def command(console: Console) -> None:
        from dailies.cli.looking import show_probe
        from dailies.cli.web_files import named

        show_probe(console, named(file))

    run_command(command, json=json, quiet=quiet, debug=debug)


@app.command()
def doctor(
    project: Annotated[
        str | None, typer.Option(metavar="ID", help="check the deployment in this Google Cloud project instead")
    ] = None,
    json: Json = False,
    quiet: Quiet = False,
    debug: Debug = False,
) -> None:
    """Check this machine for what Dailies needs, or a deployment."""

    def command(console: Console) -> None:
        from dailies.cli.looking import show_deployment, show_doctor

        if project is None:
            show_doctor(console)
        else:
            show_deployment(console, project)

    run_command(command, json=json, quiet=quiet, debug=debug)


@app.command()
def up(
    port: Annotated[int, typer.Option(min=0, max=65535, metavar="N", help="0: any free one")] = 8400,
    host: Annotated[str, typer.Option(metavar="ADDRESS", help="of this machine's loopback; others are refused")] = (
        "127.0.0.1"
    ),
    emulators: Annotated[
        bool, typer.Option("--emulators", help="Firebase's auth and Firestore emulators in place of ours")
    ] = False,
    json: Json = False,
    debug: Debug = False,
) -> None:
    """Serve functions, uploads and a page on this machine."""

    def command(console: Console) -> None:
        from dailies.cli.serving import serve_up

        serve_up(console, host, port, emulators=emulators)

    run_command(command, json=json, debug=debug)


@app.command()
def grpc(
    port: Annotated[int, typer.Option(min=0, max=65535, metavar="N", help="0: any free one")] = 50051,
    host: Annotated[
        str, typer.Option(metavar="ADDRESS", help="of this machine's loopback; in the cloud all are listened on")
    ] = "127.0.0.1",
    json: Json = False,
    debug: Debug = False,
) -> None:
    """Serve gRPC: beside all that `dailies up` does, or in the cloud alone."""

    def command(console: Console) -> None:
        from dailies.cli.serving import serve_grpc

        serve_grpc(console, host, port)

    run_command(command, json=json, debug=debug)


@app.command()
def completion(
    shell: Annotated[str, typer.Argument(metavar="SHELL", help="bash, zsh or fish", autocompletion=one_of(*SHELLS))],
    json: Json = False,
    debug: Debug = False,
) -> None:
    """Print what makes a shell complete commands."""

    def command(console: Console) -> None:
        from dailies.cli.completion import show_script

        show_script(console, shell)

    run_command(command, json=json, debug=debug)


app.command("gc")(collect_garbage)


def _one_reads_stdin(file: str, recipe: Path) -> None:
    if file == str(recipe) == "-":
        raise InvalidRequest("Source and recipe can't both be standard input: name one of them.", code="usage")
