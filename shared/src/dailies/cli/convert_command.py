"""``dailies convert``: its options. Parsing only."""

from __future__ import annotations

from typing import Annotated

import typer

from dailies.cli.arguments import Debug, Json, Overwrite, Quiet, Workers, one_of
from dailies.cli.console import Console, run_command
from dailies.cli.employing import employ
from dailies.cli.timecodes import seconds_of

Sources = Annotated[
    list[str],
    typer.Argument(
        metavar="FILE",
        help="media files, folders of them, https URLs, or - for stdin; put -- before a name that begins with -",
    ),
]
To = Annotated[
    str | None,
    typer.Option(
        "--to",
        metavar="FORMAT",
        help="mp3, wav, ogg, opus, m4a, flac; mp4 for video; default: by the ending of -o",
        autocompletion=one_of("mp3", "wav", "ogg", "opus", "m4a", "flac", "mp4"),
    ),
]
Output = Annotated[
    str | None,
    typer.Option("--output", "-o", metavar="PATH", help="file, FOLDER/, or - for stdout; default: beside the source"),
]


def convert(
    context: typer.Context,
    files: Sources,
    to: To = None,
    output: Output = None,
    quality: Annotated[
        str | None,
        typer.Option(
            metavar="Q",
            help="low, medium, high or lossless",
            autocompletion=one_of("low", "medium", "high", "lossless"),
        ),
    ] = None,
    start: Annotated[
        float | None, typer.Option(parser=seconds_of, metavar="TIME", help="cut from here, 62.5 or 1:02.5 …")
    ] = None,
    end: Annotated[float | None, typer.Option(parser=seconds_of, metavar="TIME", help="… to here")] = None,
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
    hdr: Annotated[
        str | None,
        typer.Option(
            metavar="HOW", help="of an mp4: refuse (default) or tonemap", autocompletion=one_of("refuse", "tonemap")
        ),
    ] = None,
    track: Annotated[int | None, typer.Option(metavar="N", help="audio track, counted from 0")] = None,
    metadata: Annotated[
        str | None,
        typer.Option(
            metavar="HOW",
            help="tags, chapters, cover: keep (default), strip, or all, places too",
            autocompletion=one_of("keep", "strip", "all"),
        ),
    ] = None,
    at_once: Annotated[
        int | None,
        typer.Option("--at-once", min=1, max=64, metavar="N", help="files under way; default: as processors allow"),
    ] = None,
    workers: Workers = None,
    overwrite: Overwrite = False,
    json: Json = False,
    quiet: Quiet = False,
    debug: Debug = False,
) -> None:
    """Convert files, normalised to −16 LUFS under −1 dBTP.

    Each beside its source, or to -o. Of several, as many at once as the processors allow.
    """

    def command(console: Console) -> None:
        from dailies.cli.options import in_option_names, recipe_document
        from dailies.cli.places import format_of, refuse_contradictions, target_of
        from dailies.cli.source_files import is_one
        from dailies.cli.web_files import named

        with in_option_names():
            sources = [named(file) for file in files]
            one = is_one(sources)
            target = target_of(output, several=not one)
            refuse_contradictions(target, one=one, json=json)
            fields = {
                "format": format_of(to, target),
                "quality": quality,
                "start": start,
                "end": end,
                "channels": channels,
                "height": height,
                "hdr": hdr,
                "audio_track": track,
                "metadata": metadata,
            }
            document = recipe_document(
                fields, loudness=loudness, true_peak=true_peak, normalize=normalize, dual_mono=dual_mono
            )
            with employ(context, workers, alone=one) as standby:
                if one:
                    from dailies.cli.running import convert_file

                    convert_file(console, sources[0], document, target, overwrite=overwrite, standby=standby)
                else:
                    from dailies.cli.many_files import convert_files

                    convert_files(console, sources, document, target, overwrite=overwrite, at_once=at_once)

    run_command(command, json=json, quiet=quiet, debug=debug)
