"""Which frames of a source a timelapse or a storyboard takes, and how few have to be decoded for them. Pure."""

from __future__ import annotations

import math
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from fractions import Fraction
from itertools import pairwise

from dailies.domain.model import Model
from dailies.domain.result import Decode

#: Containers round timestamps, Matroska to 1 ms: a frame this much before its time is still in time.
SLACK_SECONDS = 0.002
#: Pictures of a storyboard that asks for no number: a step of 1 % is what a mouse finds on a seek bar.
_TILES = 100
# Of a length that is a whole number of intervals, in intervals.
_ROUNDING = 1e-6


@dataclass(frozen=True, slots=True)
class Packet:
    """A coded frame: when it is shown, in seconds on the source's clock, and what other frames need of it."""

    seconds: float
    keyframe: bool
    disposable: bool


class Sampling(Model):
    """``frames`` of the source, the first at ``start`` and one every ``interval_seconds``."""

    decode: Decode
    reason: str
    start: float
    interval_seconds: float
    frames: int
    decoded_frames: int
    source_frames: int


class Lapse(Sampling):
    """The sampled frames, shown at ``rate`` per second."""

    rate: str

    @property
    def seconds(self) -> float:
        """How long the timelapse is."""
        return float(self.frames / Fraction(self.rate))


def plan_sampling(
    packets: Sequence[Packet], duration: float | None, speed: float | None, fps: int, *, picking: bool = False
) -> Lapse:
    """Sample for ``duration`` seconds, or at ``speed`` times the source's, at ``fps``.

    ``packets`` are in the file's order. Decodes the fewest frames that leave no interval without one: keyframes, then
    those that others refer to, then all. With ``picking`` the decoder can be handed single keyframes, and gets only
    those that are taken where that is at most every second one. A source with fewer frames than asked gives all it
    has, at a lower rate. Raises ValueError without packets.
    """
    film = _Film(packets, 1 / fps)
    seconds = duration if duration is not None else (film.end - film.start) / (speed or 1.0)
    wanted = max(1, round(seconds * fps))
    frames = min(wanted, len(film.times))
    interval = (film.end - film.start) / frames
    # Each frame is shown once at most, so that gaps may leave too few.
    decode, subset = film.fewest(interval, lambda times: len(pick(times, film.start, interval)) >= frames)
    taken = pick(subset, film.start, interval)[:frames]
    found = len(taken)
    # Packets are timed from the first one: where that is no keyframe, or not the first shown, the clocks differ.
    begins = packets[0].keyframe and packets[0].seconds == film.start
    if picking and decode == "keyframes" and begins and 2 * found <= len(subset):
        decode, subset = "picked", taken
    rate = Fraction(fps) if found == wanted else Fraction(found / seconds).limit_denominator(1001)
    sampling = film.sampling(decode, subset, interval, found)
    return Lapse(**sampling.model_dump(), rate=f"{rate.numerator}/{rate.denominator}")


def plan_tiles(packets: Sequence[Packet], interval: float | None, count: int | None) -> Sampling:
    """Sample one picture every ``interval`` seconds, or ``count`` of them; without either, 100, and no more than
    one a second. Decodes as few frames as :func:`plan_sampling`; no more pictures than the source has frames.
    Raises ValueError without packets.
    """
    film = _Film(packets, 1.0)
    length = film.end - film.start
    if interval is not None:
        count = math.ceil(length / interval - _ROUNDING)
    frames = max(1, min(count or min(_TILES, math.ceil(length - _ROUNDING)), len(film.times)))
    if interval is None or frames < (count or 1):
        interval = length / frames
    decode, subset = film.fewest(interval, lambda _: True)
    return film.sampling(decode, subset, interval, frames)


class _Film:
    """The frames in the order they are shown. ``alone`` is how long a single frame lasts, in seconds."""

    def __init__(self, packets: Sequence[Packet], alone: float) -> None:
        if not packets:
            raise ValueError("a film has at least one frame")
        self._shown = sorted(packets, key=lambda packet: packet.seconds)
        self.times = [packet.seconds for packet in self._shown]
        self.start = self.times[0]
        step = (self.times[-1] - self.start) / (len(self.times) - 1) if len(self.times) > 1 else alone
        self.end = self.times[-1] + step

    def fewest(self, interval: float, enough: Callable[[list[float]], bool]) -> tuple[Decode, list[float]]:
        """The cheapest way to decode that leaves no ``interval`` without a frame, and its frames' times."""
        ways: list[tuple[Decode, list[float]]] = [
            ("keyframes", [packet.seconds for packet in self._shown if packet.keyframe]),
            ("reference", [packet.seconds for packet in self._shown if not packet.disposable]),
        ]
        for decode, times in ways:
            # A gap may be an interval long, and a rounded timestamp more.
            if len(times) < len(self.times) and self._gap(times) <= interval + SLACK_SECONDS / 2 and enough(times):
                return decode, times
        return "full", self.times

    def sampling(self, decode: Decode, subset: Sequence[float], interval: float, frames: int) -> Sampling:
        gap = self._gap([packet.seconds for packet in self._shown if packet.keyframe])
        return Sampling(
            decode=decode,
            reason=f"largest gap between keyframes {gap:.3f} s, one frame wanted every {interval:.3f} s",
            start=round(self.start, 6),
            interval_seconds=round(interval, 9),
            frames=frames,
            decoded_frames=len(subset),
            source_frames=len(self.times),
        )

    def _gap(self, times: Sequence[float]) -> float:
        return max(b - a for a, b in pairwise([self.start, *times, self.end]))


def pick(times: Sequence[float], start: float, interval: float) -> list[float]:
    """The frames that are taken: each the first at or after its time. What media/timelapse.py asks of FFmpeg."""
    picked: list[float] = []
    for time in times:
        if time - start + SLACK_SECONDS >= len(picked) * interval:
            picked.append(time)
    return picked
