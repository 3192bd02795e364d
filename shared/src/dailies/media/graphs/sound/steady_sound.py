"""Sound that changes its rate, channels or layout midway, brought into one form before anything is made of it. Pure.

FFmpeg sets a graph up anew when that happens, and what its filters had counted is lost: a clock begins again at 0, a
trim cuts once more. No graph of ours may go through it: the run is ended (ffmpeg.py says so with SoundChanged),
the track is decoded into a file of one form, with its gaps, and the run is repeated with that in the track's place.
"""

from __future__ import annotations

import re
from collections.abc import Mapping, Sequence

from dailies.media.run.ffmpeg_flags import SOURCE, Policy, input_flags

#: Times in samples and any form of PCM. Only files of our own are read with it.
_MUXER = "nut"
_GRAPH = "-filter_complex"
_INPUT = re.compile(r"\[(\d+):(\d+)\]")
#: What an audio filter graph says of its input when it is set up, the same in FFmpeg 5 and 9.
_SET_UP = re.compile(r"\[(graph_-?\d+_in_\S+) @ [^\]]*\] (?:\[\w+\] )?tb:\S+ samplefmt:\S+ samplerate:\d+ chlayout:")


class SetUps:
    """Watches FFmpeg's log for an audio graph that is set up a second time."""

    def __init__(self) -> None:
        self._seen: set[str] = set()

    def again(self, line: str) -> bool:
        """Whether ``line`` says so."""
        found = _SET_UP.search(line)
        if found is None:
            return False
        if found[1] in self._seen:
            return True
        self._seen.add(found[1])
        return False


def read_streams(arguments: Sequence[str]) -> tuple[int, ...]:
    """The source's audio streams that the arguments' graph decodes."""
    inputs = _sound_inputs(arguments)
    graph = _graph(arguments)
    return tuple(sorted({int(stream) for number, stream in _INPUT.findall(graph) if int(number) in inputs}))


def steady_arguments(stream: int, name: str) -> list[str]:
    """Decode ``stream`` into ``file:name``, in the form that it begins in and with the times that it has."""
    return [
        *("-vn", "-i", SOURCE, "-map", f"0:{stream}"),
        *("-af", "aresample=rematrix_maxval=1"),  # more channels than at the beginning are mixed without clipping
        *("-c:a", "pcm_f32le", "-f", _MUXER, "-fflags", "+bitexact", "-map_metadata", "-1", f"file:{name}"),
    ]


def steadied(arguments: Sequence[str], files: Mapping[int, str], policy: Policy) -> tuple[list[str], dict[int, int]]:
    """The arguments, their graph reading ``files`` in the place of those streams of the source; and which stream each
    further input stands for.

    The inputs stay, as a stream may be copied from them; behind them come as many as are read from files.
    """
    inputs, last = _sound_inputs(arguments), _last_input(arguments)
    count = sum(word == "-i" for word in arguments)
    added: list[str] = []
    numbers: dict[tuple[int, int], int] = {}
    for place in sorted({(int(number), int(stream)) for number, stream in _INPUT.findall(_graph(arguments))}):
        number, stream = place
        if number in inputs and stream in files:
            numbers[place] = count + len(numbers)
            added += [*inputs[number], *input_flags(policy, demuxers=(_MUXER,)), "-i", f"file:{files[stream]}"]

    def replaced(found: re.Match[str]) -> str:
        number = numbers.get((int(found[1]), int(found[2])))
        return found[0] if number is None else f"[{number}:0]"

    words = list(arguments)
    place_of_graph = words.index(_GRAPH) + 1
    words[place_of_graph] = _INPUT.sub(replaced, words[place_of_graph])
    return [*words[: last + 1], *added, *words[last + 1 :]], {new: stream for (_, stream), new in numbers.items()}


def _graph(arguments: Sequence[str]) -> str:
    return arguments[arguments.index(_GRAPH) + 1] if _GRAPH in arguments else ""


def _sound_inputs(arguments: Sequence[str]) -> dict[int, list[str]]:
    """The options of each input that is the source without its pictures, by the input's number."""
    found: dict[int, list[str]] = {}
    begin = number = 0
    for position, word in enumerate(arguments):
        if word != "-i":
            continue
        options = list(arguments[begin:position])
        if arguments[position + 1] == SOURCE and "-vn" in options:
            found[number] = options
        begin, number = position + 2, number + 1
    return found


def _last_input(arguments: Sequence[str]) -> int:
    """The place of the last input's name."""
    return max(position for position, word in enumerate(arguments) if word == "-i") + 1
