"""The ``dailies`` command. Parsing and printing only: every command is one service call."""

from __future__ import annotations

import sys
from collections.abc import Sequence
from pathlib import Path
from typing import Annotated, Any

import typer

from dailies.cli.console import Console, run_command

app = typer.Typer(
    name="dailies",
    help="Self-hosted media processing: audio, loudness and video from one source, with a certificate.",
    no_args_is_help=True,
    add_completion=False,
    rich_markup_mode=None,
    pretty_exceptions_enable=False,
    context_settings={"help_option_names": ["-h", "--help"]},
)
jobs_app = typer.Typer(help="List, show, cancel and clean up jobs.", rich_markup_mode=None)
app.add_typer(jobs_app, name="jobs")

Source = Annotated[Path, typer.Argument(metavar="FILE", help="the media file")]
Json = Annotated[bool, typer.Option("--json", help="one JSON document on stdout, nothing else there")]
Quiet = Annotated[bool, typer.Option("--quiet", "-q", help="no progress")]
Debug = Annotated[bool, typer.Option("--debug", help="tracebacks and debug logs")]
Overwrite = Annotated[bool, typer.Option("--overwrite", help="replace existing output files")]
RecipeFile = Annotated[Path, typer.Option("--recipe", metavar="JSON", help="the recipe; - reads stdin")]


@app.command()
def convert(
    file: Source,
    to: Annotated[str, typer.Option("--to", metavar="FORMAT", help="mp3, wav, ogg, opus, m4a, flac or mp4")],
    output: Annotated[Path | None, typer.Option("--output", "-o", help="default: beside the source")] = None,
    quality: Annotated[str | None, typer.Option(help="low, medium, high or lossless")] = None,
    start: Annotated[float | None, typer.Option(help="seconds")] = None,
    end: Annotated[float | None, typer.Option(help="seconds")] = None,
    loudness: Annotated[float, typer.Option(metavar="LUFS", help="integrated loudness")] = -16.0,
    true_peak: Annotated[float, typer.Option("--true-peak", metavar="DBTP", help="ceiling")] = -1.0,
    normalize: Annotated[bool, typer.Option("--normalize/--no-normalize")] = True,
    channels: Annotated[int | None, typer.Option(help="1 or 2; default: the source's")] = None,
    height: Annotated[int | None, typer.Option(help="pixels (mp4)")] = None,
    hdr: Annotated[str | None, typer.Option(help="refuse or tonemap (mp4)")] = None,
    track: Annotated[int | None, typer.Option(help="audio track, from 0")] = None,
    overwrite: Overwrite = False,
    json: Json = False,
    quiet: Quiet = False,
    debug: Debug = False,
) -> None:
    """Convert one file; normalised to −16 LUFS and −1 dBTP unless --no-normalize."""
    asked: dict[str, Any] = {
        "kind": "video" if to == "mp4" else "audio",
        "format": to,
        "quality": quality,
        "start": start,
        "end": end,
        "channels": channels,
        "height": height,
        "hdr": hdr,
        "audio_track": track,
        "normalize": {"integrated_lufs": loudness, "true_peak_dbtp": true_peak} if normalize else None,
    }
    wish = {name: value for name, value in asked.items() if value is not None}

    def command(console: Console) -> None:
        from dailies.cli.running import convert_file

        convert_file(console, file, wish, output, overwrite=overwrite)

    run_command(command, json=json, quiet=quiet, debug=debug)


@app.command()
def run(
    file: Source,
    recipe: RecipeFile,
    out: Annotated[Path, typer.Option("--out", metavar="FOLDER", help="where the outputs go")],
    overwrite: Overwrite = False,
    json: Json = False,
    quiet: Quiet = False,
    debug: Debug = False,
) -> None:
    """Make all outputs of a recipe from one source."""

    def command(console: Console) -> None:
        from dailies.cli.running import run_recipe

        run_recipe(console, file, recipe, out, overwrite=overwrite)

    run_command(command, json=json, quiet=quiet, debug=debug)


@app.command()
def plan(file: Source, recipe: RecipeFile, json: Json = False, debug: Debug = False) -> None:
    """Show steps, what is cached, estimated time and cost. Runs nothing but the probe."""

    def command(console: Console) -> None:
        from dailies.cli.looking import show_plan

        show_plan(console, file, recipe)

    run_command(command, json=json, quiet=True, debug=debug)


@app.command()
def probe(file: Source, json: Json = False, debug: Debug = False) -> None:
    """Show what a file is."""

    def command(console: Console) -> None:
        from dailies.cli.looking import show_probe

        show_probe(console, file)

    run_command(command, json=json, quiet=True, debug=debug)


@app.command()
def doctor(json: Json = False, debug: Debug = False) -> None:
    """Check what Dailies needs on this machine."""

    def command(console: Console) -> None:
        from dailies.cli.looking import show_doctor

        show_doctor(console)

    run_command(command, json=json, quiet=True, debug=debug)


@jobs_app.command("list")
def jobs_list(
    limit: Annotated[int, typer.Option(min=1, max=1000)] = 20, json: Json = False, debug: Debug = False
) -> None:
    """The newest jobs."""

    def command(console: Console) -> None:
        from dailies.cli.looking import show_jobs

        show_jobs(console, limit)

    run_command(command, json=json, quiet=True, debug=debug)


JobId = Annotated[str, typer.Argument(metavar="ID")]


@jobs_app.command("show")
def jobs_show(job: JobId, json: Json = False, debug: Debug = False) -> None:
    """One job with its progress, result or error."""

    def command(console: Console) -> None:
        from dailies.cli.looking import show_job

        show_job(console, job)

    run_command(command, json=json, quiet=True, debug=debug)


@jobs_app.command("cancel")
def jobs_cancel(job: JobId, json: Json = False, debug: Debug = False) -> None:
    """Stop a job; nothing of it is left behind."""

    def command(console: Console) -> None:
        from dailies.cli.looking import cancel

        cancel(console, job)

    run_command(command, json=json, quiet=True, debug=debug)


def _collect(json: Json = False, debug: Debug = False) -> None:
    """Remove what retention allows: old outputs, least recently used artifacts, leftovers."""

    def command(console: Console) -> None:
        from dailies.cli.looking import collect

        collect(console)

    run_command(command, json=json, quiet=True, debug=debug)


app.command("gc")(_collect)
jobs_app.command("gc")(_collect)


def main(argv: Sequence[str] | None = None) -> None:
    """Run the command line; exits the process."""
    from dailies.cli.console import usage_as_json

    arguments = list(sys.argv[1:] if argv is None else argv)
    usage_as_json(app, arguments)


if __name__ == "__main__":
    main()
