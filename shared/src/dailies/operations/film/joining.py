"""Joins chunks that were encoded apart by copying, and looks where each frame of the joined film is."""

from __future__ import annotations

from collections.abc import Sequence
from fractions import Fraction
from pathlib import Path
from typing import TYPE_CHECKING

from dailies.domain.errors import PermanentError, QualityNotReached, SourceRefused
from dailies.media.graphs.film.chunking import MUXER, ChunkReader, concat_list, film_list_arguments, join_arguments
from dailies.operations.checks.inspection import read_own
from dailies.operations.steps.chunk import ChunkFacts
from dailies.operations.tagging import NOTHING, Tagging
from dailies.planning.operation import MAIN_FILE, Artifact, StepRun

if TYPE_CHECKING:
    from dailies.media.toolbox import Toolbox

_LIST = "chunks.ffconcat"
_SOUND = "sound.m4a"


def chunk_role(number: int) -> str:
    """The role of a film's chunk among the inputs of the step that joins it."""
    return f"chunk-{number:04d}"


def shared_rate(chunks: Sequence[ChunkFacts]) -> Fraction:
    """The frame rate of all. Raises SourceRefused ``decode_failed`` when all are empty, QualityNotReached."""
    filled = [chunk for chunk in chunks if chunk.frames]
    if not filled:
        raise SourceRefused("The source holds no pictures that can be decoded.", code="decode_failed")
    if len({(chunk.rate, chunk.setup) for chunk in filled}) > 1:
        raise QualityNotReached("The chunks of the film differ in format and can't be joined.")
    return Fraction(filled[0].rate or 0)


def join(
    toolbox: Toolbox,
    run: StepRun,
    chunks: Sequence[tuple[Artifact, ChunkFacts]],
    name: str,
    sound: Path | None,
    media_seconds: float | None,
    *,
    tagging: Tagging = NOTHING,
) -> Path:
    """The chunks in order, and the ``sound``, as an MP4 called ``name`` in the step's scratch, tagged.

    Raises PermanentError ``ffmpeg_failed``.
    """
    pieces: list[tuple[str, int]] = []
    sources: dict[str, Path] = dict(tagging.sources)
    for number, (artifact, chunk) in enumerate(chunks):
        if chunk.frames:
            place = f"{chunk_role(number)}.{MUXER}"
            sources[place] = run.read(artifact, MAIN_FILE)
            pieces.append((place, chunk.frames))
    if sound is not None:
        sources[_SOUND] = sound
    listed = run.scratch / _LIST
    listed.write_text(concat_list(pieces, shared_rate([chunk for _, chunk in chunks])), encoding="ascii")
    arguments = join_arguments(toolbox.policy, name, _SOUND if sound is not None else None)
    try:
        toolbox.run(
            tagging.arguments(arguments, run.scratch, name),
            scratch=run.scratch,
            source=listed,
            stop=run.stop,
            media_seconds=media_seconds,
            extra_sources=sources,
        )
    except SourceRefused as error:
        # FFmpeg read our own files here, not the user's.
        raise PermanentError(f"The chunks can't be joined: {error.message}", code="ffmpeg_failed") from error
    return run.scratch / name


def film_ticks(toolbox: Toolbox, run: StepRun, film: Path, stream: int, rate: Fraction) -> list[int]:
    """The tick of each frame of a joined film, in order of display."""
    reader = ChunkReader()
    arguments = film_list_arguments(stream)
    read_own(toolbox, film, arguments, run.stop, reader.line, scratch=film.parent, media_seconds=0.0)
    return reader.ticks(rate)
