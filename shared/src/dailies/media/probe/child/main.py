"""Runs in its own process, inside the sandbox: opens the untrusted file with PyAV and prints one JSON document.

With the file as ``source`` in the working folder, or where the options say. It imports nothing of Dailies but this
folder (its start is most of the time) and judges nothing: that is for ``media_facts.py``. libav's own error lines go to
stderr.
"""

from __future__ import annotations

import gc
import json
import os
import sys
import time
from collections.abc import Iterator
from itertools import islice
from typing import Any

from .facts import codec, stream_facts
from .forms import LOOKS
from .labels import labels
from .ogg import chained
from .track import FIRST_FRAME_PACKETS, Clock, Track

#: How near its end a file is read whose header has a duration.
TAIL_SECONDS = 5.0
#: Packets and bytes, not seconds, end the reading: the answer must not depend on how busy the machine is. A packet
#: takes about 8 µs. First for tracks that start late, then until the header is asked, then until it is enough.
LATE, PATIENCE, ENOUGH = (20_000, 256 << 20), (20_000, 64 << 20), (600_000, 2 << 30)
#: Formats that find a place near their end without reading up to it.
SEEKABLE = {"matroska", "avi", "wav", "w64", "aiff", "caf", "flac", "ogg", "asf"}
#: Of a file that we encoded: an MP3 has then a Xing header, and what a beginning shows goes on.
OUR_PATIENCE, OUR_SEEKABLE = (1_000, 64 << 20), SEEKABLE | {"mp3"}

#: Formats that FFmpeg expects to begin anew midway: transport and program streams, Ogg.
TS_DISCONT = 0x200
ATTACHED_PICTURE, TIMED_THUMBNAIL = 1 << 10, 1 << 11


def probe(av: Any, options: dict[str, Any]) -> dict[str, Any]:
    """Everything about ``source``, as JSON-compatible facts."""
    # PyAV 19 dropped the option, and keeps bytes that aren't UTF-8 as surrogates: _text() takes them out.
    strictness = {"metadata_errors": "replace"} if int(av.__version__.split(".")[0]) < 19 else {}
    container = av.open(options.get("file", "file:source"), options=options["libav"], **strictness)
    seconds = None if container.duration is None else container.duration / 1e6
    tracks = {
        stream.index: Track(stream, options["max_pixels"], seconds)
        for stream in container.streams
        if stream.type in ("audio", "video") and not int(stream.disposition) & (ATTACHED_PICTURE | TIMED_THUMBNAIL)
    }
    facts: dict[str, Any] = {
        "format": container.format.name,
        "duration": seconds,
        "start": None if container.start_time is None else container.start_time / 1e6,
        "stream_count": len(container.streams),
    }
    if len(container.streams) > options["max_streams"]:
        return facts
    facts |= labels(av, container, options["labels"])
    # Before anything is decoded: a decoder that refuses to start leaves its context without a codec.
    codecs = {stream.index: codec(stream.codec_context) for stream in container.streams}
    indexed = options["indexed"] and all(track.stream.frames for track in tracks.values())
    read = _first_frames if indexed or not tracks else _scanned
    clock = Clock(splices=bool(container.format.flags & TS_DISCONT))
    facts["duration_from"] = read(av, container, tracks, clock, options)
    if facts["duration_from"] == "header" and not options["ours"]:
        for track in tracks.values():
            _look_around(av, container, track, seconds)
    facts["clock_jumped"], facts["ended_by"] = clock.jumped, clock.ended_by
    facts["streams"] = [
        codecs[stream.index] | stream_facts(stream, tracks.get(stream.index), options, indexed=indexed)
        for stream in container.streams
    ]
    return facts


class Spent:
    """What was read, held against one of the limits above; ``seconds`` is only for disks that crawl."""

    def __init__(self, limit: tuple[int, int], seconds: float) -> None:
        self._deadline = time.monotonic() + seconds
        self._packets, self._bytes = limit

    def over(self, packet: Any) -> bool:
        """Whether this packet is past the limit."""
        self._packets -= 1
        self._bytes -= packet.size
        return self._packets < 0 or self._bytes < 0 or time.monotonic() > self._deadline


def _first_frames(av: Any, container: Any, tracks: dict[int, Track], clock: Clock, options: dict[str, Any]) -> str:
    spent = Spent(LATE, options["seconds"])
    for track, packet in _packets(av, container, tracks, clock):
        track.read(packet, av, clock)
        if spent.over(packet) or all(track.settled for track in tracks.values()):
            return "header"
    for track in tracks.values():
        track.settled = True  # the file is at its end: no frame will come any more
    return "header"


def _scanned(av: Any, container: Any, tracks: dict[int, Track], clock: Clock, options: dict[str, Any]) -> str:
    """Read all packets; when there are too many, believe the header if the file's end bears it out.

    The end of a chain of recordings says nothing of those before.
    """
    name = container.format.name.split(",")[0]
    ours, seconds = options["ours"], options["seconds"]
    may_ask = container.duration is not None and name in (OUR_SEEKABLE if ours else SEEKABLE)
    if may_ask and name == "ogg":
        may_ask = not chained(container.name.removeprefix("file:"))
    spent = Spent((OUR_PATIENCE if ours else PATIENCE) if may_ask else ENOUGH, seconds)
    for track, packet in _packets(av, container, tracks, clock):
        track.read(packet, av, clock)
        if spent.over(packet):
            return "header" if may_ask and _tail_agrees(av, container, tracks, seconds) else "estimate"
    for track in tracks.values():
        track.settled = True
    return "packets"


def _tail_agrees(av: Any, container: Any, tracks: dict[int, Track], seconds: float) -> bool:
    declared, start = container.duration / 1e6, (container.start_time or 0) / 1e6
    spent, clock = Spent(LATE, seconds), Clock(splices=False)
    try:
        container.seek(int((start + max(0.0, declared - TAIL_SECONDS)) * 1e6))
    except av.FFmpegError:
        return False
    for track, packet in _packets(av, container, tracks, clock):
        if packet.size:
            track.mark(packet, clock)
        if spent.over(packet):
            return False
    end = max((track.end for track in tracks.values() if track.end is not None), default=-1.0)
    return bool(abs(end - start - declared) <= max(0.5, declared / 100))


def _look_around(av: Any, container: Any, track: Track, seconds: float | None) -> None:
    """Seek to keyframes all over a track that was not read through, and that may be interlaced somewhere."""
    begin = (track.stream.start_time or 0) * track.tick
    for number in range(1, LOOKS):
        if track.forms is None or not track.forms.unsure or track.frame is None or not seconds or not track.tick:
            return
        try:
            container.seek(int((begin + number * seconds / LOOKS) / track.tick), stream=track.stream)
            packets = islice(container.demux(track.stream), FIRST_FRAME_PACKETS)
            found = next((packet for packet in packets if packet.size and packet.is_keyframe), None)
        except (av.FFmpegError, ValueError):
            return
        if found is not None:
            track.look(found, av, None if found.pts is None else found.pts * track.tick)


def _packets(av: Any, container: Any, tracks: dict[int, Track], clock: Clock) -> Iterator[tuple[Track, Any]]:
    """Packets of the tracks until the end or the first that can't be read; the last of each is empty."""
    try:
        for packet in container.demux([track.stream for track in tracks.values()]) if tracks else ():
            yield tracks[packet.stream.index], packet  # the last ones, which are empty, have no stream_index
    except (av.FFmpegError, ValueError) as error:
        clock.ended_by = str(error)


def main(options: str) -> None:
    import av
    import av.logging

    av.logging.restore_default_callback()
    av.logging.set_libav_level(av.logging.ERROR)
    try:
        answer = probe(av, json.loads(options))
    except av.FFmpegError as error:
        answer = {"error": str(error)}
    sys.stdout.write(json.dumps(answer) + "\n")


def alone(options: str) -> None:
    """The whole life of a process that probes one file. Never returns where it does."""
    # PyAV's import makes much and drops nothing: to look for what it dropped, and to take all of it down in the end, is
    # a quarter of a probe.
    gc.disable()
    import av  # noqa: F401

    gc.freeze()
    gc.enable()
    main(options)
    sys.stdout.flush()
    sys.stderr.flush()
    os._exit(0)
