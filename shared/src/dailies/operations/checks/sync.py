"""Whether a film's sound is where its source has it, all along the film: never by what encoded it.

The source's levels are those of its frames as they are decoded, by their own times; the film's are what it plays.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace
from fractions import Fraction
from pathlib import Path
from typing import TYPE_CHECKING

from dailies.domain.checks.sound_sync import NO_LEVELS, Levels, Point, offset_at, points_along
from dailies.domain.edit.edit_list import EditList
from dailies.domain.job.result import Check
from dailies.domain.source.media_info import AudioStream, MediaInfo
from dailies.media.graphs.film.editing import INDEXED, RUN_UP_SECONDS
from dailies.media.graphs.sound.sound_levels import Track, excerpt_arguments, read_levels, with_levels
from dailies.media.run.ffmpeg_flags import SOURCE_NAME
from dailies.operations.checks.verification import SYNC_SECONDS
from dailies.planning.operation import StepRun

if TYPE_CHECKING:
    from dailies.media.toolbox import Toolbox

#: What a level of a fiftieth of a second can be off by, s.
_RESOLUTION_SECONDS = 0.01
#: Points of a film whose source is read anew for them.
_MOST_EXCERPTS = 16


def along_check(points: Sequence[Point], source: Levels, film: Levels, rate: Fraction | str) -> list[Check]:
    """The sound within a frame of the source's clock at each of ``points``; none where no point tells.

    ``rate`` is the film's, frames a second: of less than 25 no more than one of those is allowed.
    """
    allowed = min(float(1 / Fraction(rate)), SYNC_SECONDS) + _RESOLUTION_SECONDS
    found = [offset_at(point, source, film, allowed) for point in points]
    told = [offset for offset in found if offset is not None]
    if not told:
        return []
    least, most = min(told) * 1000, max(told) * 1000
    said = f"{most:+.0f} ms" if round(least) == round(most) else f"{least:+.0f} to {most:+.0f} ms"
    return [
        Check(
            name="A/V offset along the film",
            expected=f"≤ {allowed * 1000:.0f} ms",
            measured=f"{said} at {len(told)} of {len(points)} points",
            passed=all(abs(offset) <= allowed for offset in told),
        )
    ]


def noting_levels(
    arguments: Sequence[str], info: MediaInfo, points: Sequence[tuple[int, Sequence[Point]]]
) -> list[str]:
    """``arguments`` of a run on the source, with the levels around ``points`` of each track noted: its stream's index,
    and what one of its outputs wants."""
    words = list(arguments)
    for track in info.audio:
        windows = [point.of_source for stream, wanted in points for point in wanted if stream == track.index]
        file = _levels_file(track.index)
        words = with_levels(words, SOURCE_NAME, _track(track), windows, file)
    return words


def noted_levels(scratch: Path, points: Sequence[tuple[int, Sequence[Point]]]) -> dict[int, Levels]:
    """What that run has noted of each track."""
    return {stream: read_levels(scratch / _levels_file(stream)) for stream in {stream for stream, _ in points}}


def _track(stream: AudioStream) -> Track:
    return Track(str(stream.index), stream.codec, stream.sample_rate_hz)


def _levels_file(stream: int) -> str:
    return f"source-levels-{stream}.txt"


def edit_points(edit: EditList) -> list[Point]:
    """Points in the parts of an edit that are heard by themselves, some in each of up to sixteen."""
    places = range(0, len(edit.cuts), max(1, -(-len(edit.cuts) // _MOST_EXCERPTS)))
    each = max(1, _MOST_EXCERPTS // max(1, len(places)))
    points: list[Point] = []
    for number in places:
        begin, end = edit.alone(number)
        source = edit.window(number)[0] + begin - float(edit.cuts[number].at / edit.rate)
        points += points_along(end - begin, source=source, film=begin, most=each)
    return points


def film_points(seconds: float, start: float) -> list[Point]:
    """Of a film of ``seconds`` from ``start`` of the source, which is read anew for them."""
    return points_along(seconds, source=start, most=_MOST_EXCERPTS)


def source_levels(toolbox: Toolbox, run: StepRun, info: MediaInfo, stream: int, points: Sequence[Point]) -> Levels:
    """Read the source around ``points`` only. Works in a folder of its own."""
    if not points:
        return NO_LEVELS
    folder = run.scratch / "source-levels"
    folder.mkdir(exist_ok=True)
    track = next(audio for audio in info.audio if audio.index == stream)
    run_up = RUN_UP_SECONDS[info.container in INDEXED]
    starts = [max(0.0, point.source - run_up) for point in points]
    files = [f"levels-{number}.txt" for number in range(len(points))]
    # On the clock that a seek leaves.
    windows = [
        replace(point, source=point.source - start).of_source for point, start in zip(points, starts, strict=True)
    ]
    toolbox.run(
        excerpt_arguments(_track(track), starts, windows, files),
        scratch=folder,
        source=run.source,
        stop=run.stop,
        media_seconds=sum(run_up + point.seconds for point in points),
    )
    return _joined(folder, files, starts)


def _joined(folder: Path, files: Sequence[str], starts: Sequence[float]) -> Levels:
    found: list[tuple[float, float]] = []
    for file, start in zip(files, starts, strict=True):
        levels = read_levels(folder / file)
        found += [(moment + start, level) for moment, level in zip(levels.times, levels.decibels, strict=True)]
    return Levels.of(found)
