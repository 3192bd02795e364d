"""``dailies convert``: its options. Parsing only."""

from __future__ import annotations

from typing import Annotated, Any

import typer

from dailies.cli.arguments import AtOnce, Debug, Json, Overwrite, Quiet, Workers, one_of
from dailies.cli.console import Console, run_command
from dailies.cli.timecodes import seconds_of

Sources = Annotated[
    list[str],
    typer.Argument(
        metavar="FILE",
        help="media files, folders of them, https URLs, job:ID/OUTPUT for what a job has made, or - for stdin; put --"
        " before a name that begins with -",
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
    at_once: AtOnce = None,
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
        from dailies.cli.each_file import make_of_each
        from dailies.cli.options import recipe_document
        from dailies.cli.places import Target, format_of

        def document(target: Target) -> dict[str, Any]:
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
            return recipe_document(
                fields, loudness=loudness, true_peak=true_peak, normalize=normalize, dual_mono=dual_mono
            )

        make_of_each(
            console, context, files, output, document, workers=workers, overwrite=overwrite, at_once=at_once, json=json
        )

    run_command(command, json=json, quiet=quiet, debug=debug)
