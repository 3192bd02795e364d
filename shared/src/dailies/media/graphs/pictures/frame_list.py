"""Builds the FFmpeg runs that list packets or decoded frames, and reads what they print. Pure.

The list is FFmpeg's ``framecrc``: one line a frame with its timestamp, checksum and flags, the same in 5.1 and 9.
"""

from __future__ import annotations

from dataclasses import dataclass
from fractions import Fraction

import ffmpeg

from dailies.domain.pictures.sampling import Packet
from dailies.media.run.ffmpeg_flags import SOURCE, Policy, input_flags

# libavcodec/packet.h: AV_PKT_FLAG_*. Only flags other than KEY alone are printed.
_KEY, _DISCARD, _DISPOSABLE = 0x1, 0x4, 0x10
_FLAGS = "F=0x"
_IMAGE_DEMUXERS = {"jpeg": "jpeg_pipe", "png": "png_pipe", "webp": "webp_pipe", "gif": "gif"}


def packet_arguments(stream: int) -> list[str]:
    """List the packets of a stream: reads the file, decodes nothing."""
    arguments: list[str] = ffmpeg.output(
        ffmpeg.input(SOURCE, an=None)[str(stream)], "-", c="copy", f="framecrc"
    ).get_args()
    return arguments


def reference_arguments(stream: int) -> list[str]:
    """List the packets that others refer to, by their slices' own headers: decodes nothing. FFmpeg 6.1 and later."""
    arguments: list[str] = ffmpeg.output(
        ffmpeg.input(SOURCE, an=None)[str(stream)],
        "-",
        c="copy",
        f="framecrc",
        **{"bsf:v": "filter_units=discard=nonref"},
    ).get_args()
    return arguments


def frame_arguments() -> list[str]:
    """Decode the pictures of a film of ours and list the frames.

    By one thread: where several decode, FFmpeg loses its note of one frame in ten that was patched up, others each
    time. Their blocks' edges are left as they are: that is a tenth of a decode, and neither finds what can't be decoded
    nor makes frames alike that aren't, or the other way round.
    """
    # Without passthrough frames of a variable rate are doubled and dropped, and the list is not the file's.
    film = ffmpeg.input(SOURCE, an=None, threads=1, skip_loop_filter="all")
    arguments: list[str] = ffmpeg.output(film["v:0"], "-", f="framecrc", fps_mode="passthrough").get_args()
    return arguments


def image_arguments(form: str, policy: Policy) -> list[str]:
    """Decode a picture of ours. Sources may not be images, so the demuxer is allowed here alone."""
    demuxer = _IMAGE_DEMUXERS[form]
    return [*input_flags(policy, demuxers=(demuxer,)), "-f", demuxer, "-i", SOURCE, "-f", "framecrc", "-"]


@dataclass(frozen=True, slots=True)
class Frame:
    seconds: float
    checksum: str
    flags: int


class FrameReader:
    """Collects what ``framecrc`` prints: hand its :meth:`line` every line of stdout."""

    def __init__(self) -> None:
        self.frames: list[Frame] = []
        self._shown: list[float] = []
        self._decoded: list[tuple[float, float]] = []
        self.size: tuple[int, int] | None = None
        self._base = Fraction(1)

    def line(self, line: str) -> None:
        if line.startswith("#tb 0:"):
            self._base = Fraction(line.split(":")[1].strip())
        elif line.startswith("#dimensions 0:"):
            width, _, height = line.split(":")[1].strip().partition("x")
            self.size = (int(width), int(height))
        elif line[:1].isdigit():
            self._frame([part.strip() for part in line.split(",")])

    @property
    def end(self) -> float:
        """When the last of those that are shown has been, in seconds; 0 without any.

        A packet's duration is its distance to the next one that is decoded. Where that order isn't that of display,
        only all of them together last as long as the film.
        """
        if not self._shown:
            return 0.0
        whole = max(until for _, until in self._decoded) - min(begin for begin, _ in self._decoded)
        return max(min(self._shown) + whole, *self._shown)

    def packets(self) -> list[Packet]:
        """The packets that are shown: an edit list or a decoder's run-up leaves some out."""
        return [
            Packet(frame.seconds, bool(frame.flags & _KEY), bool(frame.flags & _DISPOSABLE))
            for frame in self.frames
            if not frame.flags & _DISCARD
        ]

    def _frame(self, parts: list[str]) -> None:
        _, decoded, shown, lasts, _, checksum, *rest = parts
        # AVI has no times of display, only of decoding.
        moment = int(shown if shown.lstrip("-").isdecimal() and int(shown) > -(2**62) else decoded)
        flags = next((int(part.removeprefix(_FLAGS), 16) for part in rest if part.startswith(_FLAGS)), _KEY)
        self.frames.append(Frame(float(moment * self._base), checksum, flags))
        if not flags & _DISCARD:
            self._shown.append(float(moment * self._base))
            self._decoded.append((float(int(decoded) * self._base), float((int(decoded) + int(lasts)) * self._base)))
