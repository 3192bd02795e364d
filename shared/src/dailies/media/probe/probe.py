"""Learns what a source is, in a child process that may crash, and refuses what can't be used. Decodes one frame."""

from __future__ import annotations

import importlib.util
import json
import stat
import sys
from functools import cache
from pathlib import Path
from typing import Any

from dailies.domain.errors import Misconfigured, PermanentError, SourceChanged, SourceRefused
from dailies.domain.source import sniff
from dailies.domain.source.media_info import AudioStream, MediaInfo, VideoStream
from dailies.domain.source.tags import LOOKED_FOR, MOST_CHAPTERS, MOST_VALUE
from dailies.domain.stop import StopToken
from dailies.media.probe.answer import Answer
from dailies.media.probe.boxes import Boxes, read_boxes
from dailies.media.probe.matroska import pixel_crops
from dailies.media.probe.media_facts import media_info
from dailies.media.probe.probe_host import ProbeHost
from dailies.media.probe.programmes import HEAD_BYTES, with_programmes
from dailies.media.run import ffmpeg_errors, process
from dailies.media.run.audible import NOT_NUMBERS, inaudible, is_audible
from dailies.media.run.ffmpeg_flags import DEFAULT_POLICY, DEMUXERS, SOURCE_NAME, Policy
from dailies.media.run.process import Limits
from dailies.media.run.sandbox import Sandbox

#: The child needs 0.2 s, with a big file without an index 5 s; a slow disk or a busy machine the rest.
DEFAULT_LIMITS = Limits(wall_seconds=30, cpu_seconds=30, memory_bytes=4 * 2**30, file_bytes=2**20)
#: Ends the reading of packets on a disk so slow that the child would run into its limits.
READING_SECONDS = 10.0
#: A last frame cut short is no loss; an index whose samples aren't there is a transfer that broke off.
MISSING_SECONDS = 0.15
_CHILD = Path(__file__).with_name("child")  # started without site-packages' own, which is 0.1 s
_START = "import sys; sys.path += sys.argv[1:3]; from dailies.media.probe.child.main import alone; alone(sys.argv[3])"


def probe(
    source: Path,
    *,
    policy: Policy = DEFAULT_POLICY,
    scratch: Path,
    sandbox: Sandbox | None = None,
    stop: StopToken | None = None,
    limits: Limits = DEFAULT_LIMITS,
    ours: bool = False,
    host: ProbeHost | None = None,
) -> MediaInfo:
    """What ``source`` is. ``scratch`` is a folder that nobody else uses meanwhile; ``ours``: we encoded it, so that its
    header is believed where the file's beginning and end bear it out; ``host`` is asked first, where there is one.

    Raises SourceRefused with code ``empty``, ``not_media``, ``playlist``, ``archive``, ``still_image``,
    ``encrypted``, ``source_truncated``, ``unsupported_codec``, ``unsupported_audio``, ``decode_failed``,
    ``too_many_streams``, ``too_many_pixels`` or ``too_long``; SourceChanged when it is gone; what ``process.run`` does.
    """
    size, boxes = _look(source)
    answer, complaints = _ask(
        source,
        size,
        boxes,
        policy=policy,
        scratch=scratch,
        sandbox=sandbox,
        stop=stop,
        limits=limits,
        ours=ours,
        host=host,
    )
    if answer.get("stream_count", 0) > policy.max_streams or any("exceeds max_streams" in line for line in complaints):
        raise SourceRefused(
            f"The file has more than the allowed {policy.max_streams} streams; export only the tracks that are needed.",
            code="too_many_streams",
            max_streams=policy.max_streams,
        )
    if "streams" not in answer:
        raise ffmpeg_errors.cause(complaints) or SourceRefused(
            "The file isn't audio or video that can be read; it is damaged or of another kind.",
            code="not_media",
            complaints=complaints,
        )
    _refuse_cut_off(answer, complaints)
    info = media_info(answer, boxes, size, pixel_crops(source) if answer["format"].startswith("matroska") else ())
    _refuse(info, answer, policy, complaints)
    if info.container == "mpegts":
        with source.open("rb") as file:
            info = with_programmes(info, answer["streams"], file.read(HEAD_BYTES))
    return info


def _look(source: Path) -> tuple[int, Boxes | None]:
    """What the first bytes and the boxes say, before anything is decoded."""
    try:
        found = source.stat()
        if not stat.S_ISREG(found.st_mode):
            raise SourceRefused("The source is no regular file.", code="not_media")
        with source.open("rb") as file:
            head = file.read(sniff.HEAD_BYTES)
        refusal = sniff.recognise(head, found.st_size)
        if refusal is not None:
            raise refusal
        boxes = read_boxes(source)
    except FileNotFoundError as error:
        raise SourceChanged("The source file is gone.") from error
    except PermissionError as error:
        raise SourceRefused("The source file may not be read; check its permissions.", code="unreadable") from error
    if boxes is not None:
        if boxes.encrypted:
            raise encrypted()
        if boxes.brand in sniff.STILL_BRANDS and not boxes.has_moov:
            raise sniff.still_image()
        if boxes.fragmented and boxes.overrun:
            raise sniff.truncated()
    return found.st_size, boxes


def encrypted() -> SourceRefused:
    """The refusal for copy-protected media."""
    return SourceRefused(
        "The media is encrypted (DRM); only files without copy protection can be processed.", code="encrypted"
    )


def _ask(
    source: Path,
    size: int,
    boxes: Boxes | None,
    *,
    policy: Policy,
    scratch: Path,
    sandbox: Sandbox | None,
    stop: StopToken | None,
    limits: Limits,
    ours: bool,
    host: ProbeHost | None,
) -> tuple[dict[str, Any], list[str]]:
    """Run the child; returns its document and libav's complaints."""
    options = {
        "libav": {
            "protocol_whitelist": "file",
            "format_whitelist": ",".join(DEMUXERS),
            "probesize": str(policy.probesize_bytes),
            "analyzeduration": str(round(policy.analyzeduration_seconds * 1e6)),
            "max_pixels": str(policy.max_pixels),
            "max_streams": str(policy.max_streams + 1),  # one too many, so that it is counted and refused
        },
        "max_pixels": policy.max_pixels,
        "max_streams": policy.max_streams,
        "labels": {"names": LOOKED_FOR, "value": MOST_VALUE, "chapters": MOST_CHAPTERS},
        "seconds": READING_SECONDS,
        "size": size,
        "ours": ours,
        # An MP4 that isn't fragmented lists every sample in front; all else is read through.
        "indexed": boxes is not None and boxes.has_moov and not boxes.fragmented,
    }
    folder = _av_folder()
    answer = Answer()
    folders = [_CHILD.parents[3], folder]
    words = json.dumps(options)
    tools: dict[str, Any] = {
        "limits": limits,
        "on_stdout": answer.add,
        "stop": stop,
        "sandbox": sandbox,
        "visible": [Path(sys.prefix), Path(sys.base_prefix), folder, _CHILD],
    }
    said = None if host is None else host.ask(source, words, folders=folders, **tools)
    found = answer.parsed()
    if said is not None and found is not None:
        return found, _complaints(said)
    answer.clear()
    ended = process.run(
        [sys.executable, "-I", "-S", "-c", _START, *map(str, folders), words],
        cwd=scratch,
        readable=[(source, SOURCE_NAME)],
        **tools,
    )
    found, complaints = answer.parsed(), _complaints(ended.stderr)
    if ended.returncode == 0 and found is not None:
        return found, complaints
    if ended.returncode < 0 or ended.returncode > 128:
        raise SourceRefused("The file crashed the program that reads it.", code="not_media", complaints=complaints)
    raise PermanentError("The probe failed; this is a bug.", code="probe_failed", stderr=ended.stderr[-4000:])


def _complaints(stderr: str) -> list[str]:
    return [line for line in stderr.splitlines() if line.strip()][:20]


@cache
def _av_folder() -> Path:
    """Where PyAV is installed; found without importing it, which is 0.1 s and maps libav into this process."""
    spec = importlib.util.find_spec("av")
    if spec is None or spec.origin is None:
        raise Misconfigured("PyAV is not installed; run `pip install av`.")
    return Path(spec.origin).parent.parent


def _refuse_cut_off(answer: dict[str, Any], complaints: list[str]) -> None:
    """Raise for a file whose end is missing, where its own index or sample count says so."""
    for stream in answer["streams"]:
        missing_from, declared = stream.get("missing_from"), stream.get("header_duration")
        if missing_from is None or declared is None:
            continue
        if declared - missing_from > MISSING_SECONDS:
            raise sniff.truncated(declared_seconds=declared, present_seconds=missing_from)
    declared, container = answer["duration"], answer["format"].split(",")[0]
    ends = [stream["end"] for stream in answer["streams"] if stream.get("end") is not None]
    if answer["duration_from"] != "packets" or not ends:
        return
    if container == "ogg" and answer.get("ended_by") is not None:
        raise SourceRefused(
            f"After {max(ends):.1f} s the recording goes on in another format, which can't be read: split it there.",
            code="format_changes",
            seconds=max(ends),
        )
    if declared is None:
        return
    missing = declared + (answer["start"] or 0.0) - max(ends)
    if container == "flac" and missing > MISSING_SECONDS:  # STREAMINFO counts the samples
        raise sniff.truncated(declared_seconds=declared, present_seconds=max(ends))
    if container == "matroska" and any("File ended prematurely" in line for line in complaints):
        raise sniff.truncated(declared_seconds=declared, present_seconds=max(ends))


def _refuse(info: MediaInfo, answer: dict[str, Any], policy: Policy, complaints: list[str]) -> None:
    """Raise when the source can't be used, or not under this policy."""
    tracks: list[AudioStream | VideoStream] = [*info.audio, *info.video]
    if not tracks:
        raise SourceRefused("The file holds no audio and no video.", code="not_media")
    if any(stream.get("encrypted") for stream in answer["streams"]):
        raise encrypted()
    too_large = any(v.coded_width * v.coded_height > policy.max_pixels for v in info.video)
    refused_by_libav = any(not v.decodable for v in info.video) and any("max pixel count" in c for c in complaints)
    if too_large or refused_by_libav:
        raise SourceRefused(
            f"The picture is larger than the allowed {policy.max_pixels / 1e6:g} megapixels; export the video at a "
            "smaller size and try again.",
            code="too_many_pixels",
            max_pixels=policy.max_pixels,
        )
    if any(stream.get("not_numbers") for stream in answer["streams"]):
        raise SourceRefused(NOT_NUMBERS, code="decode_failed")
    if not any(track.decodable for track in tracks):
        raise _undecodable(answer, complaints)
    if info.container == "gif" and all(stream.get("packets") == 1 for stream in answer["streams"]):
        raise sniff.still_image()
    if info.duration_seconds is not None and info.duration_seconds > policy.max_duration_seconds:
        raise SourceRefused(
            f"The file says it lasts {info.duration_seconds / 3600:.1f} h; at most "
            f"{policy.max_duration_seconds / 3600:g} h are allowed.",
            code="too_long",
            duration_seconds=info.duration_seconds,
        )


def _undecodable(answer: dict[str, Any], complaints: list[str]) -> SourceRefused:
    for stream in answer["streams"]:
        if stream["type"] == "audio" and stream.get("decodable") and not is_audible(stream):
            return inaudible(stream)
    missing = [stream for stream in answer["streams"] if "decodable" in stream and stream["tried"] == 0]
    if missing and all(stream["codec"] is None for stream in missing):
        return SourceRefused(
            "The media uses a codec that can't be decoded here; convert it to H.264 and AAC first.",
            code="unsupported_codec",
            complaints=complaints,
        )
    return ffmpeg_errors.cause(complaints) or SourceRefused(
        "The media is damaged: nothing of it can be decoded; export or upload it again.",
        code="decode_failed",
        complaints=complaints,
    )
