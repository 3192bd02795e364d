"""What libav says of a stream, as JSON-compatible facts."""

from __future__ import annotations

from bisect import bisect_left
from collections import Counter
from contextlib import suppress
from itertools import pairwise
from typing import Any

from .track import FRAME_STEPS, Track

#: Different distances of frames that are told: a clock has a few, a file that jitters on purpose has thousands.
MOST_STEPS = 1000


def codec(context: Any) -> dict[str, Any]:
    if context is None:
        return {"codec": None, "profile": None}
    return {"codec": context.codec.canonical_name, "profile": context.profile}


def stream_facts(stream: Any, track: Track | None, options: dict[str, Any], *, indexed: bool) -> dict[str, Any]:
    context = stream.codec_context
    facts: dict[str, Any] = {
        "index": stream.index,
        "id": stream.id,
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
        "not_numbers": track.not_numbers,
        "bit_rate": getattr(context, "bit_rate", None) or None,
        "packets": track.packets,
        "counted_seconds": None if indexed or track.read_to is None else track.read_to - (track.first or 0.0),
        "bytes": track.bytes,
        "skipped": track.skipped,
        "header_start": None if stream.start_time is None or track.skipped else stream.start_time * tick,
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
    facts |= _video(stream, context, track.frame) | {"steps": _counted(steps[:FRAME_STEPS]), "tick": tick}
    if track.forms is None:
        return facts
    return facts | track.forms.facts(square=not stream.sample_aspect_ratio or stream.sample_aspect_ratio == 1)


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


def _counted(steps: list[float]) -> list[tuple[float, int]]:
    """Each distance and how often it comes, the commonest first: clocks make few of them."""
    return Counter(round(step, 9) for step in steps).most_common(MOST_STEPS)


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
