"""From what the probe's child printed to ``MediaInfo``. Pure; trusts no value to be sane."""

from __future__ import annotations

import math
import re
from collections.abc import Mapping, Sequence
from fractions import Fraction
from itertools import chain, islice, repeat
from typing import Any, Literal, cast

from dailies.domain.source.media_info import AudioStream, Cropping, Hdr, MediaInfo, OtherStream, VideoStream
from dailies.media.probe.boxes import Boxes
from dailies.media.probe.frame_rates import finite, fraction, frame_rate, steady_rate, uneven
from dailies.media.probe.label_facts import chapters_of, private_tags_of, tags_of
from dailies.media.run.audible import is_audible

#: libavutil/pixfmt.h; the names are those of av_color_*_name, which FFmpeg's options and zscale's take.
PRIMARIES = {
    1: "bt709", 4: "bt470m", 5: "bt470bg", 6: "smpte170m", 7: "smpte240m", 8: "film", 9: "bt2020", 10: "smpte428",
    11: "smpte431", 12: "smpte432", 22: "ebu3213",
}  # fmt: skip
TRANSFERS = {
    1: "bt709", 4: "bt470m", 5: "bt470bg", 6: "smpte170m", 7: "smpte240m", 8: "linear", 9: "log100", 10: "log316",
    11: "iec61966-2-4", 12: "bt1361e", 13: "iec61966-2-1", 14: "bt2020-10", 15: "bt2020-12", 16: "smpte2084",
    17: "smpte428", 18: "arib-std-b67",
}  # fmt: skip
MATRICES = {
    0: "gbr", 1: "bt709", 4: "fcc", 5: "bt470bg", 6: "smpte170m", 7: "smpte240m", 8: "ycgco", 9: "bt2020nc",
    10: "bt2020c", 11: "smpte2085", 12: "chroma-derived-nc", 13: "chroma-derived-c", 14: "ictcp", 15: "ipt-c2",
}  # fmt: skip
RANGES = {1: "tv", 2: "pc"}

DEFAULT, ATTACHED_PICTURE, TIMED_THUMBNAIL = 1, 1 << 10, 1 << 11
#: libavformat/avformat.h: commentary, for the visually impaired, clean effects (without voices), description,
#: dependent (to be mixed with another track).
_SECONDARY = 1 << 3 | 1 << 8 | 1 << 9 | 1 << 17 | 1 << 19
_CONTAINERS = {"mov": "mp4"}
_LANGUAGE = re.compile(r"[A-Za-z]{2,3}(-[A-Za-z0-9]{1,8}){0,3}")
_NAMELESS_LAYOUT = re.compile(r"\d+ channels?|unknown|")
_PCM_BITS = re.compile(r"(?:pcm_)[suf](\d+)")
#: Codecs that keep every bit, when their headers don't say how many: by what the decoder gives out.
_LOSSLESS = frozenset({"wavpack", "tta", "ape", "wmalossless", "mlp", "truehd", "alac", "flac", "dts"})
_SAMPLE_BITS = {"u8": 8, "s16": 16, "s32": 32, "flt": 32, "dbl": 64}
#: Sample aspect ratios beyond this are nonsense in the file, not anamorphic video (the widest known is 2:1).
_WIDEST_SAMPLE = 8
#: Shorter than a microsecond is no length.
_SHORTEST_SECONDS = 1e-6
# As many as the child looks at.
_MOST_STEPS = 20_000


def media_info(
    facts: Mapping[str, Any], boxes: Boxes | None, size: int, crops: Sequence[Cropping | None] = ()
) -> MediaInfo:
    """The facts in the domain's words. ``boxes`` add Dolby Vision and the clean aperture, which PyAV hides, and
    ``crops`` what Matroska crops of each track of pictures."""
    origin = cast("Literal['header', 'packets', 'estimate']", facts["duration_from"])
    start = finite(facts["start"]) or 0.0
    audio: list[AudioStream] = []
    video: list[VideoStream] = []
    other: list[OtherStream] = []
    for stream in facts["streams"]:
        if "decodable" not in stream:
            other.append(_other(stream))
            continue
        timing = _timing(stream, facts, start, size, origin)
        if stream["type"] == "audio":
            audio.append(_audio(stream, len(audio), timing))
        else:
            crop = crops[len(video)] if len(video) < len(crops) else _aperture(stream, boxes)
            video.append(_video(stream, len(video), timing, _dolby_vision(stream, boxes), crop))
    tracks: list[AudioStream | VideoStream] = [*audio, *video]
    spans = [(s.start_seconds, s.start_seconds + s.duration_seconds) for s in tracks if s.duration_seconds is not None]
    duration = round(max(end for _, end in spans) - min(begin for begin, _ in spans), 6) if spans else None
    return MediaInfo(
        container=_CONTAINERS.get(name := facts["format"].split(",")[0], name),
        duration_seconds=duration,
        duration_from=origin,
        start_seconds=start,
        clock_jumps=bool(facts.get("clock_jumped")),
        begins_midway=any(stream.get("skipped") for stream in facts["streams"]),
        size_bytes=size,
        bitrate_bps=round(8 * size / duration) if duration else None,
        audio=tuple(audio),
        video=tuple(video),
        other=tuple(other),
        tags=tags_of(facts),
        private_tags=private_tags_of(facts),
        chapters=chapters_of(facts, start, duration),
    )


def _timing(
    stream: Mapping[str, Any], facts: Mapping[str, Any], start: float, size: int, origin: str
) -> dict[str, float | int | None]:
    """Start, duration and bit rate of a track."""
    first, end = finite(stream["first"]), finite(stream["end"])
    begin, duration = finite(stream["header_start"]), finite(stream["header_duration"])
    rate = stream["bit_rate"]
    if begin is None:
        begin = first
    if origin != "header" and first is not None and end is not None and end - first > _SHORTEST_SECONDS:
        duration = end - first if origin == "packets" else _extrapolated(end - first, facts, size)
        if origin == "packets":
            rate = round(8 * stream["bytes"] / duration)
    elif duration is None:
        duration = finite(facts["duration"])
    return {
        "start_seconds": max(0.0, round((begin or start) - start, 6)),  # before the start there is only priming
        "duration_seconds": None if duration is None or duration < 0 else round(duration, 6),
        "bitrate_bps": rate,
    }


def _extrapolated(seen: float, facts: Mapping[str, Any], size: int) -> float:
    """The header's word if there is one, else what was read, stretched to the file's size."""
    declared = finite(facts["duration"])
    if declared is not None:
        return declared
    read = sum(other.get("bytes", 0) for other in facts["streams"])
    return seen * size / read if read else seen


def _audio(stream: Mapping[str, Any], track: int, timing: Mapping[str, Any]) -> AudioStream:
    layout = stream.get("layout") or ""
    channels = stream.get("channels") or 0
    if _NAMELESS_LAYOUT.fullmatch(layout):
        layout = {1: "mono", 2: "stereo"}.get(channels, "")
    return AudioStream(
        index=stream["index"],
        track=track,
        codec=stream["codec"] or "unknown",
        sample_rate_hz=stream.get("sample_rate") or 0,
        channels=channels,
        layout=layout or None,
        sample_format=stream.get("sample_format"),
        bits_per_sample=coded_bits(stream["codec"] or "", stream.get("sample_format"), stream.get("extradata") or ""),
        language=_language(stream["language"]),
        default=bool(stream["disposition"] & DEFAULT),
        secondary=bool(stream["disposition"] & _SECONDARY),
        decodable=stream["decodable"] and is_audible(stream),
        **timing,
    )


def _video(
    stream: Mapping[str, Any],
    track: int,
    timing: Mapping[str, Any],
    dolby_vision_profile: int | None,
    cropping: Cropping | None,
) -> VideoStream:
    width, height = stream.get("width") or 0, stream.get("height") or 0
    matrix = stream.get("display_matrix")
    rotation, flipped = (
        orientation(bytes.fromhex(matrix)) if matrix else (_quarter(-(stream.get("rotation") or 0)), False)
    )
    aspect = fraction(stream.get("sample_aspect_ratio"))
    if aspect is None or not Fraction(1, _WIDEST_SAMPLE) <= aspect <= _WIDEST_SAMPLE:
        aspect = Fraction(1)
    across, down = (width - cropping[0] - cropping[2], height - cropping[1] - cropping[3]) if cropping else (0, 0)
    if min(across, down) < 1 or cropping == (0, 0, 0, 0):
        cropping, across, down = None, width, height
    shown = (max(1, round(across * aspect)) if across else 0, down)
    counted = [(step, times) for step, times in stream.get("steps") or () if finite(step) is not None]
    steps = list(islice(chain.from_iterable(repeat(*each) for each in counted), _MOST_STEPS))
    rate, variable = frame_rate(stream), uneven(steps, stream.get("tick") or 0.0)
    transfer = TRANSFERS.get(stream.get("transfer", 2))
    return VideoStream(
        index=stream["index"],
        track=track,
        codec=stream["codec"] or "unknown",
        profile=stream["profile"] or None,
        coded_width=width,
        coded_height=height,
        width=shown[1] if rotation in (90, 270) else shown[0],
        height=shown[0] if rotation in (90, 270) else shown[1],
        rotation=rotation,
        flipped=flipped,
        sample_aspect_ratio=f"{aspect.numerator}:{aspect.denominator}",
        cropping=cropping,
        frame_rate=rate,
        variable_frame_rate=variable,
        steady_rate=steady_rate(steps, rate, variable=variable, interlaced=bool(stream.get("interlaced"))),
        longest_frame_seconds=round(max(steps, default=0.0), 3),
        interlaced=bool(stream.get("interlaced")),
        changes_size=bool(stream.get("changes_size")),
        pixel_format=stream.get("pixel_format"),
        bit_depth=stream.get("bit_depth") or 8,
        color_primaries=PRIMARIES.get(stream.get("primaries", 2)),
        color_transfer=transfer,
        color_matrix=MATRICES.get(stream.get("matrix", 2)),
        color_range=RANGES.get(stream.get("range", 0)),
        hdr=_hdr(transfer, dolby_vision_profile, stream.get("side_data") or ()),
        dolby_vision_profile=dolby_vision_profile,
        default=bool(stream["disposition"] & DEFAULT),
        decodable=stream["decodable"],
        **timing,
    )


def _other(stream: Mapping[str, Any]) -> OtherStream:
    kind = stream["type"]
    if stream["disposition"] & (ATTACHED_PICTURE | TIMED_THUMBNAIL):
        kind = "picture"
    elif kind not in ("subtitle", "data", "attachment"):
        kind = "unknown"
    return OtherStream(index=stream["index"], kind=kind, codec=stream["codec"], language=_language(stream["language"]))


def orientation(matrix: bytes) -> tuple[Literal[0, 90, 180, 270], bool]:
    """Clockwise rotation and mirroring of a display matrix: 3 × 3 integers, native byte order (libavutil/display.h).

    As FFmpeg's own autorotation reads it. Nonsense (zeros, INT_MIN, other angles) is no rotation.
    """
    if len(matrix) != 36:
        return 0, False
    cells = memoryview(matrix).cast("i")
    a, b, c, d = (cells[i] / 65536 for i in (0, 1, 3, 4))
    across, down = math.hypot(a, c), math.hypot(b, d)
    if across == 0 or down == 0:
        return 0, False
    angle = math.degrees(math.atan2(b / down, a / across))
    return _quarter(angle), a * d - b * c < 0


def _quarter(clockwise: float) -> Literal[0, 90, 180, 270]:
    if not abs(clockwise) <= 360:
        return 0
    turned = clockwise % 360
    nearest = round(turned / 90) * 90
    if abs(turned - nearest) > 1:
        return 0
    return cast("Literal[0, 90, 180, 270]", nearest % 360)


def coded_bits(codec: str, sample_format: str | None, extradata: str) -> int | None:
    """Bits of a coded sample, None for lossy codecs. FLAC and ALAC say it in their headers."""
    if (pcm := _PCM_BITS.match(codec)) is not None:
        return int(pcm[1])
    raw = bytes.fromhex(extradata)
    if codec == "flac" and len(raw) >= 14:  # STREAMINFO: 20 bits rate, 3 channels, 5 bits per sample − 1
        return (int.from_bytes(raw[12:14], "big") >> 4) % 32 + 1
    if codec == "alac" and len(raw) >= 18:  # size, 'alac', version, frame length, compatible version, sample size
        return raw[17]
    if codec in _LOSSLESS and codec != "dts" and sample_format:
        return _SAMPLE_BITS.get(sample_format.removesuffix("p"))
    return None


def _dolby_vision(stream: Mapping[str, Any], boxes: Boxes | None) -> int | None:
    index: int = stream["index"]  # FFmpeg makes one stream of each track, in their order
    if boxes is not None and index < len(boxes.tracks):
        return boxes.tracks[index].dolby_vision_profile
    return None


def _aperture(stream: Mapping[str, Any], boxes: Boxes | None) -> Cropping | None:
    index: int = stream["index"]
    found = boxes.tracks[index].aperture if boxes is not None and index < len(boxes.tracks) else None
    return None if found is None else found.cropping(stream.get("width") or 0, stream.get("height") or 0)


def _hdr(transfer: str | None, dolby_vision_profile: int | None, side_data: Sequence[str]) -> Hdr | None:
    if dolby_vision_profile is not None or any(name.startswith("DOVI") for name in side_data):
        return "dolby_vision"
    if transfer == "smpte2084":
        return "pq"
    return "hlg" if transfer == "arib-std-b67" else None


def _language(text: str | None) -> str | None:
    if text is None or text == "und" or _LANGUAGE.fullmatch(text) is None:
        return None
    return text
