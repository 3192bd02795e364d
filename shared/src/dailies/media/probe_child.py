"""Runs in its own process, inside the sandbox: opens the untrusted file with PyAV and prints one JSON document.

``python -I -S probe_child.py AV_FOLDER OPTIONS`` with the file as ``source`` in the working folder. It imports
nothing of Dailies (its start is most of the time) and judges nothing: that is for ``media_facts.py``. libav's own
error lines go to stderr.
"""

from __future__ import annotations

import json
import sys
import time
from bisect import bisect_left
from contextlib import suppress
from itertools import pairwise
from typing import Any

#: A decoder with B-frames gives its first picture after a few packets; 64 let a damaged start pass.
FIRST_FRAME_PACKETS = 64
#: Frame distances looked at to tell variable from constant frame rate.
FRAME_STEPS = 600
#: How near its end a file is read whose header has a duration.
TAIL_SECONDS = 5.0
#: Packets and bytes, not seconds, end the reading: the answer must not depend on how busy the machine is. A packet
#: takes about 8 µs. First for tracks that start late, then until the header is asked, then until it is enough.
LATE, PATIENCE, ENOUGH = (20_000, 256 << 20), (20_000, 64 << 20), (600_000, 2 << 30)
#: Formats that find a place near their end without reading up to it.
SEEKABLE = {"matroska", "avi", "wav", "w64", "aiff", "caf", "flac", "ogg", "asf"}
#: Of a file that we encoded: an MP3 has then a Xing header, and what a beginning shows goes on.
OUR_PATIENCE, OUR_SEEKABLE = (1_000, 64 << 20), SEEKABLE | {"mp3"}
#: FFmpeg's dts_delta_threshold: a jump of more in a transport stream is a splice, not a pause.
SPLICE_SECONDS = 10.0

ATTACHED_PICTURE, TIMED_THUMBNAIL = 1 << 10, 1 << 11


class Track:
    """One audio or video stream while its packets go by."""

    def __init__(self, stream: Any, max_pixels: int) -> None:
        self.stream = stream
        self.tick = float(stream.time_base) if stream.time_base else 0.0
        self.packets = self.bytes = self.tried = 0
        self.first: float | None = None
        self.end: float | None = None
        self.read_to: float | None = None
        self.frame: Any = None
        self.encrypted = self.timeless = False
        self._played = 0.0
        self.steps: list[float] = []
        self._previous: float | None = None
        self._shift = 0.0
        context = stream.codec_context
        self.settled = context is None
        if context is not None:
            context.options = {"max_pixels": str(max_pixels)}  # the container's don't reach the decoder we open
            context.thread_count = 1  # frame threads hold the first frames back

    def read(self, packet: Any, av: Any, *, splices: bool) -> None:
        """Note a packet's place in time, and decode until there is a frame."""
        if packet.size:
            self.packets += 1
            self.bytes += packet.size
            self.mark(packet, splices=splices)
            self.read_to = self.end
            if self.packets == 1:
                self.encrypted = packet.has_sidedata("encryption_info")
                self.timeless = self.stream.type == "audio" and not packet.duration
        if not self.settled:
            self.tried += 1
            self._decode(packet, av)
            enough = self.frame is not None and not self.timeless
            self.settled = enough or self.tried >= FIRST_FRAME_PACKETS

    def _decode(self, packet: Any, av: Any) -> None:
        try:
            frames = packet.decode()
        except (av.FFmpegError, ValueError, RuntimeError):
            return
        if self.frame is None and frames:
            self.frame = frames[0]
        if self.timeless and self.first is not None:  # ASF: a packet may be a second long and not say so
            self._played += sum(frame.samples / (frame.sample_rate or 1) for frame in frames)
            self.end = max(self.end or 0.0, self.first + self._played)

    def mark(self, packet: Any, *, splices: bool) -> None:
        stamp = packet.dts if packet.dts is not None else packet.pts
        if stamp is None:
            return
        decoded = stamp * self.tick + self._shift
        # A last frame whose length the file doesn't tell lasts as long as the one before it.
        length = (packet.duration or 0) * self.tick or (self.steps[-1] if self.steps else 0.0)
        if splices and self._previous is not None and abs(decoded - self._previous) > SPLICE_SECONDS:
            self._shift += self._previous + length - decoded
            decoded = self._previous + length
        if self._previous is not None and len(self.steps) < FRAME_STEPS:
            self.steps.append(decoded - self._previous)
        self._previous = decoded
        shown = decoded if packet.pts is None else packet.pts * self.tick + self._shift
        self.first = shown if self.first is None else min(self.first, shown)
        self.end = shown + length if self.end is None else max(self.end, shown + length)


def probe(av: Any, options: dict[str, Any]) -> dict[str, Any]:
    """Everything about ``source``, as JSON-compatible facts."""
    # PyAV 19 dropped the option, and keeps bytes that aren't UTF-8 as surrogates: _text() takes them out.
    strictness = {"metadata_errors": "replace"} if int(av.__version__.split(".")[0]) < 19 else {}
    container = av.open("file:source", options=options["libav"], **strictness)
    tracks = {
        stream.index: Track(stream, options["max_pixels"])
        for stream in container.streams
        if stream.type in ("audio", "video") and not int(stream.disposition) & (ATTACHED_PICTURE | TIMED_THUMBNAIL)
    }
    facts: dict[str, Any] = {
        "format": container.format.name,
        "duration": None if container.duration is None else container.duration / 1e6,
        "start": None if container.start_time is None else container.start_time / 1e6,
        "stream_count": len(container.streams),
    }
    if len(container.streams) > options["max_streams"]:
        return facts
    # Before anything is decoded: a decoder that refuses to start leaves its context without a codec.
    codecs = {stream.index: _codec(stream.codec_context) for stream in container.streams}
    indexed = options["indexed"] and all(track.stream.frames for track in tracks.values())
    read = _first_frames if indexed or not tracks else _scanned
    facts["duration_from"] = read(av, container, tracks, options)
    facts["streams"] = [
        codecs[stream.index] | _stream(stream, tracks.get(stream.index), options, indexed=indexed)
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


def _first_frames(av: Any, container: Any, tracks: dict[int, Track], options: dict[str, Any]) -> str:
    spent = Spent(LATE, options["seconds"])
    for packet in _packets(av, container, tracks):
        tracks[packet.stream_index].read(packet, av, splices=False)
        if spent.over(packet) or all(track.settled for track in tracks.values()):
            return "header"
    for track in tracks.values():
        track.settled = True  # the file is at its end: no frame will come any more
    return "header"


def _scanned(av: Any, container: Any, tracks: dict[int, Track], options: dict[str, Any]) -> str:
    """Read all packets; when there are too many, believe the header if the file's end bears it out."""
    name = container.format.name.split(",")[0]
    ours, seconds = options["ours"], options["seconds"]
    may_ask = container.duration is not None and name in (OUR_SEEKABLE if ours else SEEKABLE)
    spent = Spent((OUR_PATIENCE if ours else PATIENCE) if may_ask else ENOUGH, seconds)
    for packet in _packets(av, container, tracks):
        tracks[packet.stream_index].read(packet, av, splices=name in ("mpegts", "mpeg"))
        if spent.over(packet):
            return "header" if may_ask and _tail_agrees(av, container, tracks, seconds) else "estimate"
    for track in tracks.values():
        track.settled = True
    return "packets"


def _tail_agrees(av: Any, container: Any, tracks: dict[int, Track], seconds: float) -> bool:
    declared, start = container.duration / 1e6, (container.start_time or 0) / 1e6
    spent = Spent(LATE, seconds)
    try:
        container.seek(int((start + max(0.0, declared - TAIL_SECONDS)) * 1e6))
    except av.FFmpegError:
        return False
    for packet in _packets(av, container, tracks):
        if packet.size:
            tracks[packet.stream_index].mark(packet, splices=False)
        if spent.over(packet):
            return False
    end = max((track.end for track in tracks.values() if track.end is not None), default=-1.0)
    return bool(abs(end - start - declared) <= max(0.5, declared / 100))


def _packets(av: Any, container: Any, tracks: dict[int, Track]) -> Any:
    """Packets of the tracks until the end or the first that can't be read."""
    try:
        yield from container.demux([track.stream for track in tracks.values()]) if tracks else ()
    except (av.FFmpegError, ValueError) as error:
        sys.stderr.write(f"demuxing ended: {error}\n")


def _codec(context: Any) -> dict[str, Any]:
    if context is None:
        return {"codec": None, "profile": None}
    return {"codec": context.codec.canonical_name, "profile": context.profile}


def _stream(stream: Any, track: Track | None, options: dict[str, Any], *, indexed: bool) -> dict[str, Any]:
    context = stream.codec_context
    facts: dict[str, Any] = {
        "index": stream.index,
        "type": stream.type,
        "language": _text(stream.metadata.get("language")),
        "disposition": int(stream.disposition),
    }
    if track is None:
        return facts
    tick = track.tick
    facts |= {
        "decodable": track.frame is not None or not track.settled,  # a track that starts late is given the credit
        "tried": track.tried,
        "encrypted": track.encrypted,
        "bit_rate": getattr(context, "bit_rate", None) or None,
        "packets": track.packets,
        "counted_seconds": None if indexed or track.read_to is None else track.read_to - (track.first or 0.0),
        "bytes": track.bytes,
        "header_start": None if stream.start_time is None else stream.start_time * tick,
        "header_duration": None if stream.duration is None else stream.duration * tick,
        "first": track.first,
        "end": track.end,
        "missing_from": _missing_from(stream, options["size"], tick) if indexed else None,
    }
    if stream.type == "audio":
        return facts | _audio(context, track.frame)
    steps = track.steps
    if indexed:
        stamps = [entry.timestamp * tick for entry in stream.index_entries[: FRAME_STEPS + 1]]
        steps = [after - before for before, after in pairwise(stamps)]
    return facts | _video(stream, context, track.frame) | {"steps": steps[:FRAME_STEPS], "tick": tick}


def _audio(context: Any, frame: Any) -> dict[str, Any]:
    if context is None:
        return {}
    return {
        "sample_rate": frame.sample_rate if frame is not None else context.sample_rate,
        "channels": frame.layout.nb_channels if frame is not None else context.channels,
        "layout": frame.layout.name if frame is not None else context.layout.name,
        "sample_format": None if context.format is None else context.format.name,
        "extradata": (context.extradata or b"")[:64].hex(),
    }


def _video(stream: Any, context: Any, frame: Any) -> dict[str, Any]:
    if context is None:
        return {}
    seen = context if frame is None else frame
    picture = frame.format if frame is not None else context.format
    facts = {
        "width": seen.width,
        "height": seen.height,
        "sample_aspect_ratio": _ratio(stream.sample_aspect_ratio),
        "average_rate": _ratio(stream.average_rate),
        "guessed_rate": _ratio(stream.guessed_rate),
        "interlaced": frame.interlaced_frame if frame is not None else False,
        "pixel_format": None if picture is None else picture.name,
        "bit_depth": max((part.bits for part in picture.components), default=8) if picture is not None else 8,
        "primaries": int(seen.color_primaries),
        "transfer": int(seen.color_trc),
        "matrix": int(seen.colorspace),
        "range": int(seen.color_range),
        "rotation": 0,
        "display_matrix": None,
        "side_data": [],
    }
    if frame is not None:
        with suppress(ValueError):  # PyAV does not know all types of side data
            facts["rotation"] = frame.rotation
            entries = _side_data(frame)
            facts["side_data"] = [data.type.name for data in entries]
            for data in entries:
                if data.type.name == "DISPLAYMATRIX":
                    facts["display_matrix"] = bytes(data).hex()
    return facts


def _side_data(frame: Any) -> list[Any]:
    """A frame's side data by position: PyAV 18 iterates over the entries, PyAV 19 over their types."""
    entries: list[Any] = []
    with suppress(IndexError):
        while True:
            entries.append(frame.side_data[len(entries)])
    return entries


def _text(value: str | None) -> str | None:
    """A file's text without what isn't UTF-8, which JSON would carry and nothing after it could write."""
    return None if value is None else value.encode("utf-8", "surrogateescape").decode("utf-8", "replace")


def _ratio(value: Any) -> str | None:
    return f"{value.numerator}/{value.denominator}" if value else None


def _missing_from(stream: Any, size: int, tick: float) -> float | None:
    """When the first sample that lies behind the file's end would have been shown; samples lie in file order."""
    entries = stream.index_entries
    if len(entries) == 0 or entries[-1].pos + entries[-1].size <= size:
        return None
    first = bisect_left(entries, 1, key=lambda entry: int(entry.pos + entry.size > size))
    return float(entries[first].timestamp * tick)


def main(folder: str, options: str) -> int:
    sys.path.insert(0, folder)
    import av
    import av.logging

    av.logging.restore_default_callback()
    av.logging.set_libav_level(av.logging.ERROR)
    try:
        answer = probe(av, json.loads(options))
    except av.FFmpegError as error:
        answer = {"error": str(error)}
    sys.stdout.write(json.dumps(answer) + "\n")
    return 0


if __name__ == "__main__":
    sys.exit(main(sys.argv[1], sys.argv[2]))
