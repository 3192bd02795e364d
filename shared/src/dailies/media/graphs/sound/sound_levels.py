"""Has a run that decodes a track write down its levels in some windows, by the track's own times. Pure.

It is done to the arguments of a run, not to its graph: what is written is of the frames as they are decoded, whatever
the graph does to them.
"""

from __future__ import annotations

import re
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path

from dailies.domain.checks.sound_sync import NO_LEVELS, Levels
from dailies.domain.source.audio_selection import Window
from dailies.media.run.ffmpeg_flags import SOURCE
from dailies.media.run.lines import number

_GRAPH = "-filter_complex"
_KEY = "lavfi.astats.Overall.Peak_level"
#: Codecs whose frames are about as short as a level has to be.
_SHORT_FRAMES = frozenset({"aac", "mp2", "mp3", "opus"})
_LEVELS_A_SECOND = 50
_TIME = re.compile(r"\bpts_time:(\S+)")
_NO_WORD = re.compile(r"\W")
#: Of digital silence, which is -inf.
_SILENT_DB = -200.0


@dataclass(frozen=True, slots=True)
class Track:
    """``stream`` as FFmpeg names it within its file: ``1``, or ``a:0``."""

    stream: str
    codec: str
    rate_hz: int


def with_levels(arguments: Sequence[str], name: str, track: Track, windows: Sequence[Window], file: str) -> list[str]:
    """``arguments``, in which the ``track`` of ``file:name`` is read from its start to be filtered, with its levels in
    ``windows`` written to ``file``; as they are where it isn't."""
    label, words = f"[{_read_whole(arguments, name)}:{track.stream}]", list(arguments)
    place = next((n for n, word in enumerate(words) if label in word and words[n - 1] == _GRAPH), None)
    if place is None or not windows:
        return words
    # A run may have this done for several tracks.
    own = _NO_WORD.sub("", track.stream)
    heard, noted = f"[heard{own}]", f"[noted{own}]"
    noting = f"{label}asplit=2{heard}{noted};{noted}{_noting(track, windows, file)},anullsink"
    words[place] = f"{noting};{words[place].replace(label, heard, 1)}"
    return words


def excerpt_arguments(
    track: Track, starts: Sequence[float], windows: Sequence[Window], files: Sequence[str]
) -> list[str]:
    """Seek to each of ``starts`` in the source and write the levels of ``track`` to its file, in its window: seconds
    from there."""
    words: list[str] = []
    graphs: list[str] = []
    maps: list[str] = []
    for place, (start, window, file) in enumerate(zip(starts, windows, files, strict=True)):
        words += ["-vn", "-ss", f"{start:.6f}", "-t", f"{window.end or 0.0:.6f}", "-i", SOURCE]
        graphs.append(f"[{place}:{track.stream}]{_noting(track, [window], file)}[noted{place}]")
        maps += ["-map", f"[noted{place}]"]
    return [*words, _GRAPH, ";".join(graphs), *maps, "-f", "null", "-"]


def read_levels(file: Path) -> Levels:
    """What was written, none where nothing was; removes ``file``."""
    if not file.exists():
        return NO_LEVELS
    found: list[tuple[float, float]] = []
    moment: float | None = None
    for line in file.read_text().splitlines():
        key, separator, value = line.partition("=")
        if not separator:
            time = _TIME.search(line)
            moment = None if time is None else number(time[1])
        elif key == _KEY and moment is not None:
            found.append((moment, max(number(value), _SILENT_DB)))
    file.unlink()
    return Levels.of(found)


def _noting(track: Track, windows: Sequence[Window], file: str) -> str:
    # Commas end a filter's description, but not between quotes.
    chosen = "+".join(f"between(t,{window.start:.3f},{window.end or 0.0:.3f})" for window in windows)
    filters = [f"aselect='{chosen}'"]
    if track.codec not in _SHORT_FRAMES:
        filters.append(f"asetnsamples={max(track.rate_hz // _LEVELS_A_SECOND, 1)}:p=0")
    # The peak alone: all of astats' other figures would cost as much again.
    filters.append("astats=metadata=1:reset=1:measure_perchannel=none:measure_overall=Peak_level")
    filters.append(f"ametadata=mode=print:key={_KEY}:file={file}")
    return ",".join(filters)


def _read_whole(arguments: Sequence[str], name: str) -> int:
    """The number of the input that is the sound of ``file:name`` from its start, and no excerpt; -1: there is none."""
    found: list[tuple[int, int]] = []
    begin = count = 0
    for position, word in enumerate(arguments):
        if word != "-i":
            continue
        options = arguments[begin:position]
        if arguments[position + 1] == f"file:{name}" and "-vn" in options and "-ss" not in options:
            found.append((len(options), count))
        begin, count = position + 2, count + 1
    return min(found, default=(0, -1))[1]
