"""``dailies transcribe`` and ``vats``: their options. Parsing only."""

from __future__ import annotations

from pathlib import Path
from typing import Annotated, Any

import typer

from dailies.cli.arguments import AtOnce, Debug, Json, MediaOrUrl, Overwrite, Quiet, Workers, one_of
from dailies.cli.console import Console, run_command
from dailies.cli.convert_command import Output, Sources
from dailies.cli.employing import employ

#: By format: the kind of output that has it.
KIND_OF = {"txt": "transcript", "json": "transcript", "srt": "subtitles", "vtt": "subtitles", "ass": "subtitles"}

Mask = Annotated[
    list[str] | None,
    typer.Option(
        "--mask",
        metavar="KIND",
        help="email, phone, card or iban: what is masked in the words; again for each",
        autocompletion=one_of("email", "phone", "card", "iban"),
    ),
]

Prompt = Annotated[str | None, typer.Option(metavar="TEXT", help="what it is about, as a hint to the engine")]
Vocabulary = Annotated[
    list[str] | None, typer.Option("--word", metavar="WORD", help="a name or term that is said; again for each")
]
Translate = Annotated[bool, typer.Option("--translate", help="into English, where the engine can")]
SpeakersBy = Annotated[
    str | None,
    typer.Option(
        "--speakers",
        metavar="BY",
        help="who says what: channels, where there is one speaker on each of two; voices, where the engine can",
        autocompletion=one_of("channels", "voices"),
    ),
]
Names = Annotated[
    list[str] | None,
    typer.Option("--speaker", metavar="NAME", help="what a speaker is called; again for each, in their order"),
]


def transcribe(
    context: typer.Context,
    files: Sources,
    to: Annotated[
        str | None,
        typer.Option(
            "--to",
            metavar="FORMAT",
            help="txt; json, with the times of words; srt, vtt, ass: subtitles; default: by the ending of -o, or txt",
            autocompletion=one_of(*KIND_OF),
        ),
    ] = None,
    output: Output = None,
    language: Annotated[
        str | None, typer.Option(metavar="CODE", help="what is spoken, such as nl; default: what most of it is")
    ] = None,
    prompt: Prompt = None,
    vocabulary: Vocabulary = None,
    translate: Translate = False,
    speakers: SpeakersBy = None,
    names: Names = None,
    mask: Mask = None,
    remove_fillers: Annotated[
        bool, typer.Option("--remove-fillers", help='leave out "um", "uh" and their like; of txt and json')
    ] = False,
    track: Annotated[int | None, typer.Option(metavar="N", help="audio track, counted from 0")] = None,
    at_once: AtOnce = None,
    workers: Workers = None,
    overwrite: Overwrite = False,
    json: Json = False,
    quiet: Quiet = False,
    debug: Debug = False,
) -> None:
    """Write down what is said in files, as text or subtitles.

    By the best speech engine that is there: dailies doctor names it.
    """

    def command(console: Console) -> None:
        from dailies.cli.each_file import make_of_each
        from dailies.cli.options import OUTPUT
        from dailies.cli.places import Target, text_format_of

        def document(target: Target) -> dict[str, Any]:
            form = text_format_of(to, target, tuple(KIND_OF))
            subtitled = KIND_OF[form] == "subtitles"
            wish: dict[str, Any] = {
                "kind": KIND_OF[form],
                "format": form,
                "language": language,
                "prompt": prompt,
                "vocabulary": vocabulary or None,
                "translate": translate or None,
                "speaker_names": names or None,
                **(
                    {"speakers_from": speakers, "speakers": speakers and "labels"}
                    if subtitled
                    else {"speakers": speakers}
                ),
                "mask": mask or None,
                "remove_fillers": remove_fillers or None,
                "audio_track": track,
                "text_from": "speech" if subtitled else None,
            }
            return {"outputs": {OUTPUT: {name: value for name, value in wish.items() if value is not None}}}

        make_of_each(
            console, context, files, output, document, workers=workers, overwrite=overwrite, at_once=at_once, json=json
        )

    run_command(command, json=json, quiet=quiet, debug=debug)


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
    prompt: Prompt = None,
    vocabulary: Vocabulary = None,
    translate: Translate = False,
    speakers: SpeakersBy = None,
    names: Names = None,
    mask: Mask = None,
    archive: Annotated[bool, typer.Option("--zip", help="the package is a ZIP file of all")] = False,
    workers: Workers = None,
    overwrite: Overwrite = False,
    json: Json = False,
    quiet: Quiet = False,
    debug: Debug = False,
) -> None:
    """Make the audio, the transcript and the subtitles of a video, and their package.

    By the best speech engine that is there: dailies doctor names it. The package has each file's digest, how good each
    output is, and what each step took. What is masked in the words is bleeped in the audio.
    """

    def command(console: Console) -> None:
        from dailies.domain.recipe.presets import vats as preset
        from dailies.domain.recipe.recipe import parse_recipe
        from dailies.operations import KINDS

        hearing = {
            "prompt": prompt,
            "vocabulary": vocabulary,
            "translate": translate,
            "speakers": speakers,
            "speaker_names": names,
        }
        package = "zip" if archive else "json"
        wish = preset(
            audio=audio,
            subtitles=subtitles,
            language=language,
            package=package,
            mask=mask or (),
            hearing={name: value for name, value in hearing.items() if value},
        )
        recipe = parse_recipe(wish, KINDS)
        with employ(context, workers) as standby:
            from dailies.cli.running import make_outputs
            from dailies.cli.web_files import named

            source = named(file)
            path = source if isinstance(source, Path) else source.path
            folder = out if out is not None else path.parent / (path.stem.strip("-") or "vats")
            make_outputs(console, source, recipe, folder, overwrite=overwrite, standby=standby)

    run_command(command, json=json, quiet=quiet, debug=debug)
