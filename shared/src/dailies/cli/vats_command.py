"""``dailies vats``: from a video to its audio, transcript, subtitles and their package. Parsing only."""

from __future__ import annotations

from pathlib import Path
from typing import Annotated

import typer

from dailies.cli.arguments import Debug, Json, MediaOrUrl, Overwrite, Quiet, Workers, one_of
from dailies.cli.console import Console, run_command
from dailies.cli.employing import employ


def vats(
    context: typer.Context,
    file: MediaOrUrl,
    out: Annotated[
        Path | None,
        typer.Option("--out", "-o", metavar="FOLDER", help="for the files; default: one beside the source"),
    ] = None,
    audio: Annotated[
        str, typer.Option(metavar="FORMAT", help="of the audio", autocompletion=one_of("m4a", "mp3", "ogg", "wav"))
    ] = "m4a",
    subtitles: Annotated[
        str, typer.Option(metavar="FORMAT", help="srt, vtt or ass", autocompletion=one_of("srt", "vtt", "ass"))
    ] = "srt",
    language: Annotated[
        str | None, typer.Option(metavar="CODE", help="what is spoken, such as nl; default: what most of it is")
    ] = None,
    archive: Annotated[bool, typer.Option("--zip", help="the package is a ZIP file of all")] = False,
    workers: Workers = None,
    overwrite: Overwrite = False,
    json: Json = False,
    quiet: Quiet = False,
    debug: Debug = False,
) -> None:
    """Make the audio, the transcript and the subtitles of a video, and their package.

    By the best speech engine that is there: dailies doctor names it. The package has each file's digest, how good each
    output is, and what each step took.
    """

    def command(console: Console) -> None:
        from dailies.domain.recipe.presets import vats as preset
        from dailies.domain.recipe.recipe import parse_recipe
        from dailies.operations import KINDS

        wish = preset(audio=audio, subtitles=subtitles, language=language, package="zip" if archive else "json")
        recipe = parse_recipe(wish, KINDS)
        with employ(context, workers) as standby:
            from dailies.cli.running import make_outputs
            from dailies.cli.web_files import named

            source = named(file)
            path = source if isinstance(source, Path) else source.path
            folder = out if out is not None else path.parent / (path.stem.strip("-") or "vats")
            make_outputs(console, source, recipe, folder, overwrite=overwrite, standby=standby)

    run_command(command, json=json, quiet=quiet, debug=debug)
