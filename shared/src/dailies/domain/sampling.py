"""Which frames of a source a timelapse takes, and how few of them have to be decoded for it. Pure."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from fractions import Fraction
from itertools import pairwise

from dailies.domain.model import Model
from dailies.domain.result import Decode

#: Containers round timestamps, Matroska to 1 ms: a frame this much before its time is still in time.
SLACK_SECONDS = 0.002


@dataclass(frozen=True, slots=True)
class Packet:
    """A coded frame: when it is shown, in seconds on the source's clock, and what other frames need of it."""

    seconds: float
    keyframe: bool
    disposable: bool


class Sampling(Model):
    """``frames`` of the source, the first at ``start`` and one every ``interval_seconds``, shown at ``rate``."""

    decode: Decode
    reason: str
    start: float
    interval_seconds: float
    frames: int
    decoded_frames: int
    source_frames: int
    rate: str

    @property
    def seconds(self) -> float:
        """How long the timelapse is."""
        return float(self.frames / Fraction(self.rate))


def plan_sampling(packets: Sequence[Packet], duration: float | None, speed: float | None, fps: int) -> Sampling:
    """Sample for ``duration`` seconds, or at ``speed`` times the source's, at ``fps``.

    Decodes the fewest frames that leave no interval without one: keyframes, then those that others refer to,
    then all. A source with fewer frames than asked gives all it has, at a lower rate. Raises ValueError without
    packets.
    """
    shown = sorted(packets, key=lambda packet: packet.seconds)
    times = [packet.seconds for packet in shown]
    start = times[0]
    step = (times[-1] - start) / (len(times) - 1) if len(times) > 1 else 1 / fps
    end = times[-1] + step
    seconds = duration if duration is not None else (end - start) / (speed or 1.0)
    frames = min(max(1, round(seconds * fps)), len(times))
    interval = (end - start) / frames
    ways: list[tuple[Decode, list[float]]] = [
        ("keyframes", [packet.seconds for packet in shown if packet.keyframe]),
        ("reference", [packet.seconds for packet in shown if not packet.disposable]),
        ("full", times),
    ]
    gaps = {decode: _largest_gap(subset, start, end) for decode, subset in ways}
    decode, subset = next(
        (
            (decode, subset)
            for decode, subset in ways
            # A gap may be an interval long, and a rounded timestamp more.
            if len(subset) < len(times)
            and gaps[decode] <= interval + SLACK_SECONDS / 2
            and len(pick(subset, start, interval)) >= frames
        ),
        ways[-1],
    )
    found = min(frames, len(pick(subset, start, interval)))
    whole = found == max(1, round(seconds * fps))
    rate = Fraction(fps) if whole else Fraction(found / seconds).limit_denominator(1001)
    return Sampling(
        decode=decode,
        reason=f"largest gap between keyframes {gaps['keyframes']:.3f} s, one frame wanted every {interval:.3f} s",
        start=round(start, 6),
        interval_seconds=round(interval, 9),
        frames=found,
        decoded_frames=len(subset),
        source_frames=len(times),
        rate=f"{rate.numerator}/{rate.denominator}",
    )


def pick(times: Sequence[float], start: float, interval: float) -> list[float]:
    """The frames that are taken: each the first at or after its time. What media/timelapse.py asks of FFmpeg."""
    picked: list[float] = []
    for time in times:
        if time - start + SLACK_SECONDS >= len(picked) * interval:
            picked.append(time)
    return picked


def _largest_gap(times: Sequence[float], start: float, end: float) -> float:
    return max(b - a for a, b in pairwise([start, *times, end]))
