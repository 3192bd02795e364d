"""One audio or video stream while its packets go by."""

from __future__ import annotations

import math
import sys
from array import array
from typing import Any

from .forms import forms_of

#: A decoder with B-frames gives its first picture after a few packets; 64 let a damaged start pass.
FIRST_FRAME_PACKETS = 64
#: Pictures before the first that stands by itself: broadcasts have one every few seconds.
LONGEST_WAIT = 1500
#: Frame distances looked at to tell variable from constant frame rate.
FRAME_STEPS = 20_000
#: FFmpeg's dts_delta_threshold, and how far back a packet may come: a larger jump is a splice, not a pause.
SPLICE_SECONDS, BACK_SECONDS = 10.0, 0.1


#: AV_CODEC_FLAG_UNALIGNED: a picture without its leftmost columns is cropped to the pixel, as every run of ours does.
UNALIGNED = 1 << 0
#: PCM of floating point: array's letter, and whether its order isn't this machine's.
FLOATS = {
    f"pcm_f{bits}{order}": (code, (order == "be") == (sys.byteorder == "little"))
    for bits, code in ((32, "f"), (64, "d"))
    for order in ("le", "be")
}


class Clock:
    """The clock of a file whose parts may each have begun anew, put in one line as FFmpeg does it (``ffmpeg_demux.c``).

    One shift for all tracks, so that they keep their distances.
    """

    def __init__(self, *, splices: bool) -> None:
        self.jumped = False
        #: What libav said where it could read no further.
        self.ended_by: str | None = None
        self.splices = splices
        self._shift = 0.0
        self._last: float | None = None

    def place(self, seconds: float, previous: float | None, expected: float | None) -> float:
        """Where a track's packet is whose last one was at ``previous`` and ended at ``expected``."""
        place = seconds + self._shift
        if not self.splices:
            return place
        back = previous is not None and place + BACK_SECONDS < previous
        meant = self._last if expected is None else expected
        if meant is not None and (back or abs(place - meant) > SPLICE_SECONDS):
            self._shift += meant - place
            self.jumped, place = True, meant
        self._last = place
        return place


class Track:
    """One audio or video stream while its packets go by."""

    def __init__(self, stream: Any, max_pixels: int, seconds: float | None = None) -> None:
        self.stream = stream
        self.tick = float(stream.time_base) if stream.time_base else 0.0
        self.skipped = 0
        self.packets = self.bytes = self.tried = 0
        self.first: float | None = None
        self.end: float | None = None
        self.read_to: float | None = None
        self.frame: Any = None
        self.encrypted = self.timeless = self.not_numbers = False
        self._played = 0.0
        self.steps: list[float] = []
        self._previous: float | None = None
        self._expected: float | None = None
        self._context = context = stream.codec_context
        self._floats = None if context is None else FLOATS.get(context.name)
        self.forms = forms_of(context, seconds) if stream.type == "video" else None
        self.settled = context is None
        if context is not None:
            context.options = {"max_pixels": str(max_pixels)}  # the container's don't reach the decoder we open
            context.thread_count = 1  # frame threads hold the first frames back
            context.flags |= UNALIGNED

    def read(self, packet: Any, av: Any, clock: Clock) -> None:
        """Note a packet's place in time, and decode until there is a frame."""
        if packet.size and self._begun(packet, clock):
            self._check_numbers(packet)
            self.packets += 1
            self.bytes += packet.size
            if not packet.is_discard:
                self.mark(packet, clock)
                self.read_to = self.end
                self.look(packet, av, self._previous)
            if self.packets == 1:
                self.encrypted = packet.has_sidedata("encryption_info")
                self.timeless = self.stream.type == "audio" and not packet.duration
        if not self.settled:
            self.tried += bool(self.packets)
            self._decode(packet, av)
            enough = self.frame is not None and not self.timeless
            self.settled = enough or self.tried >= FIRST_FRAME_PACKETS

    def _begun(self, packet: Any, clock: Clock) -> bool:
        """Whether there was a picture that stands by itself: a recording of a broadcast may begin anywhere."""
        if self.packets or packet.is_keyframe or self.stream.type != "video" or not clock.splices:
            return True
        self.skipped += 1
        if self.frame is None and self.skipped < LONGEST_WAIT:
            return False
        self.skipped = 0  # pictures that are refreshed bit by bit have no keyframes
        return True

    def _check_numbers(self, packet: Any) -> None:
        """Whether samples of floating point are numbers: encoders fail on others, or worse, don't."""
        if self._floats is not None and not self.not_numbers:
            code, swapped = self._floats
            samples = array(code, bytes(packet)[: packet.size // array(code).itemsize * array(code).itemsize])
            if swapped:
                samples.byteswap()
            self.not_numbers = not math.isfinite(sum(samples))

    def _decode(self, packet: Any, av: Any) -> None:
        try:
            # An edit list cuts off what comes before its first picture, which may be minutes from the last keyframe:
            # decoded all the same, for what a frame tells; a copy doesn't carry the flag.
            frames = self._context.decode(_copied(packet, av)) if packet.is_discard else packet.decode()
        except (av.FFmpegError, ValueError, RuntimeError):
            return
        if self.frame is None and frames:
            self.frame = frames[0]
            if self.forms is not None:
                self.forms.decoded(self.frame)
        if self.timeless and self.first is not None:  # ASF: a packet may be a second long and not say so
            self._played += sum(frame.samples / (frame.sample_rate or 1) for frame in frames)
            self.end = max(self.end or 0.0, self.first + self._played)

    def look(self, packet: Any, av: Any, seconds: float | None) -> None:
        """Decode a keyframe that may show another size or scan than those before it."""
        if self.forms is None or not self.forms.due(packet, seconds):
            return
        try:
            self._context.flush_buffers()
            frames = [*self._context.decode(packet), *self._context.decode(None)]
            self._context.flush_buffers()
        except (av.FFmpegError, ValueError, RuntimeError):
            return
        if frames:
            self.forms.decoded(frames[0])

    def mark(self, packet: Any, clock: Clock) -> None:
        stamp = packet.dts if packet.dts is not None else packet.pts
        if stamp is None:
            return
        decoded = clock.place(stamp * self.tick, self._previous, self._expected)
        # A last frame whose length the file doesn't tell lasts as long as the one before it.
        length = (packet.duration or 0) * self.tick or (self.steps[-1] if self.steps else 0.0)
        if self._previous is not None and len(self.steps) < FRAME_STEPS:
            self.steps.append(decoded - self._previous)
        self._previous, self._expected = decoded, decoded + length
        if self.forms is not None:
            self.forms.lasts(length)
        shown = decoded if packet.pts is None else decoded + (packet.pts - stamp) * self.tick
        self.first = shown if self.first is None else min(self.first, shown)
        self.end = shown + length if self.end is None else max(self.end, shown + length)


def _copied(packet: Any, av: Any) -> Any:
    copy = av.Packet(bytes(packet))
    copy.pts, copy.dts, copy.time_base = packet.pts, packet.dts, packet.time_base
    return copy
