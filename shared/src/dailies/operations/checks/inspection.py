"""Opens what was encoded: every figure of its certificate is measured on the output file itself."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence
from concurrent.futures import Future, ThreadPoolExecutor, wait
from contextlib import contextmanager
from dataclasses import dataclass
from fractions import Fraction
from itertools import pairwise
from pathlib import Path
from typing import TYPE_CHECKING, Any, Protocol

from dailies.domain.checks.sound_sync import NO_LEVELS, Levels, Point
from dailies.domain.errors import QualityNotReached, SourceRefused
from dailies.domain.loudness.level import Heard
from dailies.domain.loudness.loudness import integrated
from dailies.domain.source.media_info import MediaInfo
from dailies.domain.stop import StopToken
from dailies.media.graphs.film.chunking import ChunkReader
from dailies.media.graphs.pictures.own_pictures import picture_arguments, picture_outputs
from dailies.media.graphs.sound.loudness import MeterReader, verify_arguments
from dailies.media.graphs.sound.sound_levels import Track, read_levels, with_levels
from dailies.media.run.ffmpeg_flags import SOURCE_NAME
from dailies.planning.file_hash import file_sha256

if TYPE_CHECKING:
    from dailies.media.ffmpeg import RunReport
    from dailies.media.toolbox import Toolbox


@dataclass(frozen=True, slots=True)
class Verification:
    """What an output turned out to be. ``heard`` is None where its sound was copied, or there is none."""

    info: MediaInfo
    heard: Heard | None
    sha256: str
    """Of the file, 64 hexadecimal digits."""
    levels: Levels = NO_LEVELS
    """Of its sound, around the points that were asked for."""
    ticks: tuple[int, ...] = ()
    """Of each of its pictures in order of display, at the rate that was asked for."""

    @property
    def integrated_lufs(self) -> float | None:
        return None if self.heard is None else integrated(self.heard.blocks)


class Beside(Protocol):
    """What else listens in the run that measures an output. It is told of each end, good or bad."""

    source: Path
    """May be read in that run, as ``file:source``."""

    def outputs(self) -> Sequence[Any]:
        """Further outputs for ``verify_arguments``."""

    def heard(self, folder: Path) -> None:
        """The run has ended, in ``folder``; called also when it failed."""


@dataclass(frozen=True, slots=True)
class Wanted:
    """What is to be found out of an output beside what its headers say.

    ``heard_at``: the sample rate of its sound, Hz, which is decoded and measured in the time that ``media_seconds`` may
    take, its own length or its source's, with its ``true_peak`` where a ceiling was asked for; ``beside`` listens with
    it, and its levels around ``points`` are noted.
    ``pictures_at``: the frames per second of pictures of ours: of those the first seconds and all keyframes are
    decoded, and all are listed.
    """

    heard_at: int | None = None
    media_seconds: float | None = None
    beside: Beside | None = None
    points: Sequence[Point] = ()
    pictures_at: Fraction | None = None
    true_peak: bool = False


_NOTHING = Wanted()
_Decoded = tuple[Heard | None, Levels, tuple[int, ...]]


def inspect(toolbox: Toolbox, output: Path, stop: StopToken, wanted: Wanted = _NOTHING) -> Verification:
    """Open the file as anybody would.

    Raises QualityNotReached when part of the sound or pictures that were decoded can't be.
    """
    folder = output.parent / "probe"
    folder.mkdir(exist_ok=True)
    with _own_file(), ThreadPoolExecutor(2) as pool:
        hashing = pool.submit(file_sha256, output)

        def begun(wanted: Wanted) -> Future[_Decoded] | None:
            decodes = wanted.heard_at is not None or wanted.pictures_at is not None
            return pool.submit(_decode, toolbox, output, stop, wanted) if decodes else None

        decoding = begun(wanted)
        info = toolbox.probe(output, folder, stop, ours=True)
        if decoding is not None and wanted.heard_at is not None and not info.audio:
            # A film may begin behind the end of its sound: there is then nothing to hear, which FFmpeg calls an error.
            wait([decoding])
            decoding = begun(Wanted(pictures_at=wanted.pictures_at))
        if decoding is None:
            return Verification(info, None, hashing.result())
        heard, levels, ticks = decoding.result()
        return Verification(info, heard, hashing.result(), levels, ticks)


def heard_in(toolbox: Toolbox, sound: Path, stop: StopToken, wanted: Wanted) -> Heard | None:
    """What a sound of ours measures, which is in a folder of the step's. Raises QualityNotReached as ``inspect``."""
    with _own_file():
        return _decode(toolbox, sound, stop, wanted)[0]


def read_own(
    toolbox: Toolbox,
    path: Path,
    arguments: Sequence[str],
    stop: StopToken,
    on_line: Callable[[str], None],
    *,
    scratch: Path,
    media_seconds: float | None,
) -> None:
    """Have FFmpeg read a file of ours as its source. Raises QualityNotReached when part of it can't be decoded."""
    with _own_file():
        report = toolbox.run(
            arguments, scratch=scratch, source=path, stop=stop, media_seconds=media_seconds, on_line=on_line
        )
    _require_decodable(report, arguments)


@contextmanager
def _own_file() -> Iterator[None]:
    """Raise QualityNotReached for what would be a refusal of a user's file."""
    try:
        yield
    except SourceRefused as error:
        raise QualityNotReached(
            f"The output was made but failed its verification: it can't be decoded ({error.error_code}); run it again."
        ) from error


def _decode(toolbox: Toolbox, output: Path, stop: StopToken, wanted: Wanted) -> _Decoded:
    rate, beside, name = wanted.heard_at, wanted.beside, output.name
    listing, noted = output.with_name(f"{name}-frames.txt"), output.with_name(f"{name}-levels.txt")
    pictures = [] if wanted.pictures_at is None else picture_outputs(name, listing.name)
    reader = MeterReader(rate)
    if rate is None:
        arguments = picture_arguments(name, listing.name)
    else:
        others = [*(() if beside is None else beside.outputs()), *pictures]
        arguments = verify_arguments(name, others, true_peak=wanted.true_peak)
        # The sound of all films is AAC.
        windows = [point.of_film for point in wanted.points]
        arguments = with_levels(arguments, name, Track("a:0", "aac", rate), windows, noted.name)
    try:
        report = toolbox.run(
            arguments,
            scratch=output.parent,
            source=output if beside is None else beside.source,
            stop=stop,
            media_seconds=wanted.media_seconds,
            on_line=reader.line,
        )
    finally:
        if beside is not None:
            beside.heard(output.parent)
    _require_decodable(report, arguments, name)
    heard = None if rate is None else reader.heard(report.stderr)
    return heard, read_levels(noted), _ticks(listing, wanted.pictures_at)


def _require_decodable(report: RunReport, arguments: Sequence[str], name: str = SOURCE_NAME) -> None:
    """Raise QualityNotReached when anything that the run read of our ``file:name`` can't be decoded.

    Of our own nothing is tolerated, nor a frame that a decoder patched up.
    """
    inputs = [value for flag, value in pairwise(arguments) if flag == "-i"]
    ours = {number for number, value in enumerate(inputs) if value == f"file:{name}"}
    broken = sum(read.errors for read in report.reads if read.file in ours)
    broken += sum(read in {f"file:{name}", *map(str, ours)} for read in report.corrupt_inputs)
    if broken:
        raise QualityNotReached(
            f"The output was made but failed its verification: {broken} of its frames can't be decoded; run it again.",
            broken_frames=broken,
        )


def _ticks(listing: Path, rate: Fraction | None) -> tuple[int, ...]:
    if rate is None or not listing.exists():
        return ()
    reader = ChunkReader()
    for line in listing.read_text().splitlines():
        reader.line(line)
    listing.unlink()
    return tuple(reader.ticks(rate))
