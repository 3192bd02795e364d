"""Which frames of a source a timelapse or a storyboard takes, and how few have to be decoded for them. Pure."""

from __future__ import annotations

import math
from collections.abc import Collection, Sequence
from dataclasses import dataclass, replace
from fractions import Fraction
from itertools import pairwise

from dailies.domain.job.result import Decode
from dailies.domain.model import Model

#: Containers round timestamps, Matroska to 1 ms: a frame this much before its time is still in time.
SLACK_SECONDS = 0.002
#: Pictures of a storyboard that asks for no number: a step of 1 % is what a mouse finds on a seek bar.
_TILES = 100
#: A frame that lasts longer is a still: a slide, a screen where nothing moves.
STILL_SECONDS = 0.2
# Less than this at the end, or than a tenth of an interval, is no picture's time.
_SLIVER_SECONDS = 0.05


@dataclass(frozen=True, slots=True)
class Packet:
    """A coded frame: when it is shown, in seconds on the source's clock, and what other frames need of it."""

    seconds: float
    keyframe: bool
    disposable: bool


def disposed(packets: Sequence[Packet], referred: Collection[float]) -> list[Packet]:
    """The packets, those disposable whose seconds are not among ``referred``, which no other frame needs."""
    return [replace(packet, disposable=packet.seconds not in referred) for packet in packets]


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
    packets: Sequence[Packet],
    duration: float | None,
    speed: float | None,
    fps: int,
    *,
    end: float | None = None,
    picking: bool = False,
) -> Lapse:
    """Sample for ``duration`` seconds, or at ``speed`` times the source's, at ``fps``: what is on screen then.

    ``packets`` are in the file's order; the last one is shown until ``end``. Decodes the fewest frames that leave no
    interval without one: keyframes, then those that others refer to, then all. With ``picking`` the decoder can be
    handed single keyframes, and gets only those that are taken where that is at most every second one. A source with
    fewer frames than asked gives all it has, at a lower rate; a still is shown for its share of the time. Raises
    ValueError without packets.
    """
    film = _Film(packets, 1 / fps, end)
    seconds = duration if duration is not None else (film.end - film.start) / (speed or 1.0)
    wanted = max(1, round(seconds * fps))
    frames = min(wanted, len(film.times) if film.even else film.most)
    interval = (film.end - film.start) / frames
    decode, subset = film.fewest(interval)
    taken = pick(subset, film.start, interval)[:frames]
    # Packets are timed from the first one: where that is no keyframe, or not the first shown, the clocks differ.
    begins = packets[0].keyframe and packets[0].seconds == film.start
    if picking and decode == "keyframes" and begins and len(taken) == frames and 2 * frames <= len(subset):
        decode, subset = "picked", taken
    rate = Fraction(fps) if frames == wanted else Fraction(frames / seconds).limit_denominator(1001)
    sampling = film.sampling(decode, subset, interval, frames)
    return Lapse(**sampling.model_dump(), rate=f"{rate.numerator}/{rate.denominator}")


def plan_tiles(
    packets: Sequence[Packet], interval: float | None, count: int | None, *, end: float | None = None
) -> Sampling:
    """Sample one picture every ``interval`` seconds, or ``count`` of them; without either, 100, and no more than
    one a second. Decodes as few frames as :func:`plan_sampling`; no more pictures than could differ.
    Raises ValueError without packets.
    """
    film = _Film(packets, 1.0, end)
    # On the seek bar's clock, whenever the first picture comes.
    start = min(0.0, film.start)
    length = film.end - start
    if interval is not None:
        count = _tiles(length, interval)
    frames = max(1, min(count or min(_TILES, _tiles(length, 1.0)), film.most))
    if interval is None or frames < (count or 1):
        interval = length / frames
    decode, subset = film.fewest(interval)
    return film.sampling(decode, subset, interval, frames).model_copy(update={"start": start})


def _tiles(length: float, interval: float) -> int:
    """How many begin in ``length`` seconds; none for the sliver by which sound and pictures end apart."""
    return math.ceil((length - min(_SLIVER_SECONDS, interval / 10)) / interval)


class _Film:
    """The frames in the order they are shown, the last one until ``end``; None: as long as most are.

    ``alone`` is how long a single frame lasts, in seconds.
    """

    def __init__(self, packets: Sequence[Packet], alone: float, end: float | None) -> None:
        if not packets:
            raise ValueError("a film has at least one frame")
        self._shown = sorted(packets, key=lambda packet: packet.seconds)
        self.times = [packet.seconds for packet in self._shown]
        self.start = self.times[0]
        steps = sorted(b - a for a, b in pairwise(self.times) if b > a) or [alone]
        # A tenth may be shorter, as clocks jitter; a still among them is no frame's usual length.
        step = steps[len(steps) // 10]
        self._until = self.times[-1] + step
        self.end = end if end is not None and end > self.times[-1] else self._until
        self.even = max(steps[-1], self.end - self.times[-1]) <= 2 * max(step, STILL_SECONDS)
        #: Pictures that could differ: at the pace of its moving parts, of stills some a second.
        pace = min(step, STILL_SECONDS)
        many = round((self.end - self.start) / pace) if len(self.times) > 1 else 1
        self.most = max(len(self.times), many)

    def fewest(self, interval: float) -> tuple[Decode, list[float]]:
        """The cheapest way to decode that leaves no ``interval`` without a frame, and its frames' times."""
        ways: list[tuple[Decode, list[float]]] = [
            ("keyframes", [packet.seconds for packet in self._shown if packet.keyframe]),
            ("reference", [packet.seconds for packet in self._shown if not packet.disposable]),
        ]
        for decode, times in ways:
            # A gap may be an interval long, and a rounded timestamp more.
            if len(times) < len(self.times) and self._gap(times) <= interval + SLACK_SECONDS / 2:
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
        return max(b - a for a, b in pairwise([self.start, *times, self._until]))


def pick(times: Sequence[float], start: float, interval: float) -> list[float]:
    """The keyframes that are picked: each the first at or after its time. What frame_sampling.py asks of FFmpeg."""
    picked: list[float] = []
    for time in times:
        if time - start + SLACK_SECONDS >= len(picked) * interval:
            picked.append(time)
    return picked
