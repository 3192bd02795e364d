"""The commands and their options. Parsing only: each hands over to ``running`` or ``looking``."""

from __future__ import annotations

import os
from pathlib import Path
from typing import Annotated

import typer

from dailies.cli.console import Console, run_command

_HELP = {"help_option_names": ["-h", "--help"]}

app = typer.Typer(
    name="dailies",
    help="Turns a media file into the audio and video you ask for, at the loudness you ask for, and certifies each.",
    no_args_is_help=True,
    add_completion=False,
    rich_markup_mode=None,
    pretty_exceptions_enable=False,
    context_settings=_HELP,
)
jobs_app = typer.Typer(help="List, show and cancel jobs; collect garbage.", rich_markup_mode=None)
app.add_typer(jobs_app, name="jobs")

# Readable or not is for the commands to say: typer's own check makes it a usage error.
Source = Annotated[
    Path, typer.Argument(metavar="FILE", readable=False, help="the media file; put -- before a name that begins with -")
]
Json = Annotated[bool, typer.Option("--json", help="exactly one JSON document on stdout")]
Quiet = Annotated[bool, typer.Option("--quiet", "-q", help="no progress on stderr")]
Debug = Annotated[bool, typer.Option("--debug", help="tracebacks and debug logs on stderr")]
Overwrite = Annotated[bool, typer.Option("--overwrite", help="replace existing output files")]
RecipeFile = Annotated[
    Path, typer.Option("--recipe", metavar="JSON", readable=False, help="file of the recipe; - reads stdin")
]
Workers = Annotated[
    int | None, typer.Option(min=1, max=500, metavar="N", help="processes that share a long film; default: 1")
]
JobId = Annotated[str, typer.Argument(metavar="ID", help="as `dailies jobs` lists it")]
After = Annotated[int, typer.Option(min=0, metavar="N", help="only those behind the event with this number")]
Limit = Annotated[int, typer.Option(min=1, max=1000, metavar="N", help="how many at most")]


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


def _employ(workers: int | None) -> None:
    """A setting like any other: the worker processes inherit it."""
    if workers is not None:
        os.environ["DAILIES_WORKERS"] = str(workers)


@app.callback()
def options(
    _version: Annotated[
        bool, typer.Option("--version", callback=_show_version, is_eager=True, help="print the version and exit")
    ] = False,
) -> None:
    return None


@app.command()
def convert(
    context: typer.Context,
    file: Source,
    to: Annotated[str, typer.Option("--to", metavar="FORMAT", help="mp3, wav, ogg, opus, m4a, flac; mp4 for video")],
    output: Annotated[
        Path | None, typer.Option("--output", "-o", metavar="PATH", help="file or folder; default: beside the source")
    ] = None,
    quality: Annotated[str | None, typer.Option(metavar="Q", help="low, medium, high or lossless")] = None,
    start: Annotated[float | None, typer.Option(metavar="S", help="cut from this second of the source …")] = None,
    end: Annotated[float | None, typer.Option(metavar="S", help="… to this one")] = None,
    loudness: Annotated[
        float | None, typer.Option(metavar="LUFS", help="target integrated loudness; default: -16")
    ] = None,
    true_peak: Annotated[
        float | None, typer.Option("--true-peak", metavar="DBTP", help="ceiling of the true peak; default: -1")
    ] = None,
    dual_mono: Annotated[
        bool, typer.Option("--dual-mono", help="a mono file's loudness is that of two loudspeakers: 3 LU more")
    ] = False,
    normalize: Annotated[bool, typer.Option("--normalize/--no-normalize", help="bring it to that loudness")] = True,
    channels: Annotated[int | None, typer.Option(metavar="N", help="1 or 2; default: the source's")] = None,
    height: Annotated[int | None, typer.Option(metavar="PIXELS", help="of an mp4; never scaled up")] = None,
    hdr: Annotated[str | None, typer.Option(metavar="HOW", help="of an mp4: refuse (default) or tonemap")] = None,
    track: Annotated[int | None, typer.Option(metavar="N", help="audio track, counted from 0")] = None,
    metadata: Annotated[
        str | None, typer.Option(metavar="HOW", help="tags, chapters, cover: keep (default), strip, or all, places too")
    ] = None,
    workers: Workers = None,
    overwrite: Overwrite = False,
    json: Json = False,
    quiet: Quiet = False,
    debug: Debug = False,
) -> None:
    """Convert one file, normalised to −16 LUFS under −1 dBTP."""
    fields = {
        "format": to,
        "quality": quality,
        "start": start,
        "end": end,
        "channels": channels,
        "height": height,
        "hdr": hdr,
        "audio_track": track,
        "metadata": metadata,
    }

    def command(console: Console) -> None:
        _employ(workers)
        from dailies.cli.options import in_option_names, recipe_document
        from dailies.cli.running import convert_file

        with in_option_names():
            document = recipe_document(
                fields, loudness=loudness, true_peak=true_peak, normalize=normalize, dual_mono=dual_mono
            )
            convert_file(console, file, document, output, overwrite=overwrite, standby=context.obj)

    run_command(command, json=json, quiet=quiet, debug=debug)


@app.command()
def run(
    context: typer.Context,
    file: Source,
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
        _employ(workers)
        from dailies.cli.running import run_recipe

        run_recipe(console, file, recipe, out, overwrite=overwrite, standby=context.obj)

    run_command(command, json=json, quiet=quiet, debug=debug)


@app.command()
def plan(file: Source, recipe: RecipeFile, json: Json = False, quiet: Quiet = False, debug: Debug = False) -> None:
    """Show the steps of a recipe, what is cached, time and cost; run nothing."""

    def command(console: Console) -> None:
        from dailies.cli.looking import show_plan

        show_plan(console, file, recipe)

    run_command(command, json=json, quiet=quiet, debug=debug)


@app.command()
def probe(file: Source, json: Json = False, quiet: Quiet = False, debug: Debug = False) -> None:
    """Show what a file is: container, duration, tracks."""

    def command(console: Console) -> None:
        from dailies.cli.looking import show_probe

        show_probe(console, file)

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
    debug: Debug = False,
) -> None:
    """Serve the functions, uploads and a page on this machine, as the cloud would."""

    def command(console: Console) -> None:
        from dailies.cli.serving import serve_up

        serve_up(console, host, port, emulators=emulators)

    run_command(command, json=False, debug=debug)


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
    from dailies.cli.looking import show_events

    run_command(lambda console: show_events(console, job, after), json=json, quiet=quiet, debug=debug)


@jobs_app.command("cancel")
def jobs_cancel(job: JobId, json: Json = False, quiet: Quiet = False, debug: Debug = False) -> None:
    """Stop a job; nothing of it is left behind."""

    def command(console: Console) -> None:
        from dailies.cli.looking import cancel

        cancel(console, job)

    run_command(command, json=json, quiet=quiet, debug=debug)


def _collect(json: Json = False, quiet: Quiet = False, debug: Debug = False) -> None:
    """Remove old outputs, the least recently used artifacts and leftovers."""

    def command(console: Console) -> None:
        from dailies.cli.looking import collect

        collect(console)

    run_command(command, json=json, quiet=quiet, debug=debug)


app.command("gc")(_collect)
jobs_app.command("gc")(_collect)
