"""What the operations share that need only the source's pictures."""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path
from typing import TYPE_CHECKING

from dailies.domain.errors import PermanentError, SourceRefused
from dailies.domain.pictures.sampling import STILL_SECONDS, Packet, disposed
from dailies.domain.recipe.picture_outputs import Pictured
from dailies.domain.source.media_info import MediaInfo, VideoStream
from dailies.media.graphs.pictures.frame_list import FrameReader, image_arguments, packet_arguments, reference_arguments
from dailies.media.graphs.pictures.frame_sampling import MARKS_REFERENCES, PICKING_SINCE
from dailies.media.graphs.pictures.picture import PictureParams, resolve_picture
from dailies.operations.checks.decode_errors import refuse_short
from dailies.operations.checks.inspection import read_own
from dailies.planning.operation import StepRun

if TYPE_CHECKING:
    from dailies.media.toolbox import Toolbox


def choose_stream(info: MediaInfo, field: str) -> VideoStream:
    """The track a player would show. Raises SourceRefused."""
    stream = info.main_video()
    if stream is None:
        raise SourceRefused("The source has no video track: ask for kind audio.", code="no_video", field=field)
    if not stream.decodable:
        raise SourceRefused(
            f"The video track can't be decoded ({stream.codec}): it is damaged or of an unsupported kind.",
            code="unsupported_codec",
            field=field,
        )
    return stream


def choose_picture(output: Pictured, info: MediaInfo, field: str) -> PictureParams:
    """The track a player would show, and its conversion. Raises SourceRefused."""
    return resolve_picture(choose_stream(info, field), output.height, output.hdr, field)


def list_packets(toolbox: Toolbox, run: StepRun, stream: int, info: MediaInfo) -> tuple[list[Packet], float]:
    """The packets of the stream that are shown, and until when the last one is, in seconds.

    Raises SourceRefused when there are none, or the source is cut off.
    """
    reader = FrameReader()
    toolbox.run(
        packet_arguments(stream),
        scratch=run.scratch,
        source=run.source,
        stop=run.stop,
        media_seconds=info.duration_seconds,
        on_line=reader.line,
    )
    packets = reader.packets()
    if not packets:
        raise SourceRefused("The video track holds no pictures: it is empty or damaged.", code="decode_failed")
    video = next(video for video in info.video if video.index == stream)
    if video.duration_seconds is not None:
        refuse_short(video.start_seconds + video.duration_seconds, reader.end, info.duration_from)
    return packets, shown_until(reader.end, info)


def mark_references(
    toolbox: Toolbox, run: StepRun, picture: PictureParams, info: MediaInfo, packets: Sequence[Packet]
) -> list[Packet]:
    """The packets, disposable where no other frame needs them; as they are where nobody can tell.

    MP4 and Matroska don't say which those are: the frames' own headers do, which are read without a decode.
    """
    codec = next(video.codec for video in info.video if video.index == picture.stream)
    # Of two fields one may be needed, and the other not.
    if codec not in MARKS_REFERENCES or picture.deinterlace or toolbox.ffmpeg().libavcodec < PICKING_SINCE:
        return list(packets)
    reader = FrameReader()
    try:
        toolbox.run(
            reference_arguments(picture.stream),
            scratch=run.scratch,
            source=run.source,
            stop=run.stop,
            media_seconds=info.duration_seconds,
            on_line=reader.line,
        )
    except PermanentError:
        # Damage that a decoder may well get over: then every frame is decoded.
        return list(packets)
    return disposed(packets, {packet.seconds for packet in reader.packets()})


def shown_until(end: float, info: MediaInfo) -> float:
    """When the last picture goes, which by itself lasts until ``end``: it stays while there is sound."""
    certain = info.duration_seconds if info.duration_from != "estimate" else None
    # Streams of one film end a little apart: nobody calls that a still.
    return certain if certain is not None and certain > end + STILL_SECONDS else end


def list_image(toolbox: Toolbox, run: StepRun, path: Path, form: str) -> FrameReader:
    """An image of ours, decoded as anybody would: its size and its frames.

    Raises QualityNotReached when it can't be.
    """
    reader, arguments = FrameReader(), image_arguments(form, toolbox.policy)
    read_own(toolbox, path, arguments, run.stop, reader.line, scratch=run.scratch, media_seconds=0.0)
    return reader
