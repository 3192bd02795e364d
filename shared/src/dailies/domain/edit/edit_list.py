"""The edit list: which frames of the source stand where in the film. Pure.

Everything is counted in frames of the film, whose rate is constant, so that nothing adds up to a drift: sound is cut
at the same frames (:meth:`EditList.samples`). Times of the source are seconds on its own clock.
"""

from __future__ import annotations

import math
from bisect import bisect_left
from collections.abc import Sequence
from fractions import Fraction
from itertools import pairwise
from typing import Any

from dailies.domain.errors import InvalidRecipe, SourceRefused
from dailies.domain.model import Model
from dailies.domain.recipe.edit_recipe import Segment, Transition

#: Containers round timestamps, Matroska to 1 ms: a frame this much before a segment's start belongs to it.
SLACK_SECONDS = 0.002
_FASTEST = 60
#: Frame rates that cameras and screens have.
_RATES = tuple(Fraction(n, d) for n, d in ((10, 1), (12, 1), (15, 1), (20, 1), (24000, 1001), (24, 1), (25, 1),
               (30000, 1001), (30, 1), (48, 1), (50, 1), (60000, 1001), (60, 1)))  # fmt: skip
#: A frame that lasts longer is a still: a segment may begin and end while it is shown.
_STILL_SECONDS = 0.2
#: A declared rate is believed when the frames' usual distance is this near to it.
_NEAR = 0.01


class Cut(Model):
    """A segment in the film: ``frames`` from film frame ``at`` on, the first of them the source's at ``start``.

    The first ``overlap`` frames are shared with the cut before (a crossfade); ``fade_in`` and ``fade_out`` frames
    come from black and go to it. ``end`` is when the source's first frame after the segment is shown. Each frame of
    the source lasts ``longest`` seconds at most, rounded up to tenths.

    Where it begins in the middle of a still, or is a part of a segment (:meth:`EditList.part`), the first ``skipped``
    frames are left out, counted from ``start``.
    """

    start: float
    end: float
    at: int
    frames: int
    overlap: int = 0
    fade_in: int = 0
    fade_out: int = 0
    transition: Transition = "cut"
    longest: float
    skipped: int = 0


class Joint(Model):
    """Where a film may be divided: ``seconds`` after the start of segment number ``segment``; 0: before it."""

    segment: int
    seconds: float = 0.0


class EditList(Model):
    """``rate`` in frames per second. A part of a film may be empty."""

    rate: Fraction
    cuts: tuple[Cut, ...]

    @property
    def frames(self) -> int:
        return self.cuts[-1].at + self.cuts[-1].frames if self.cuts else 0

    @property
    def seconds(self) -> float:
        return float(self.frames / self.rate)

    def samples(self, frame: int, sample_rate_hz: int) -> int:
        """The sample that film frame ``frame`` begins with."""
        return round(frame * sample_rate_hz / self.rate)

    def alone(self, number: int) -> tuple[float, float]:
        """When, in seconds of the film, cut ``number`` is seen and heard by itself, transitions left out."""
        begin, end = self._alone(number)
        return float(begin / self.rate), float(end / self.rate)

    def window(self, number: int) -> tuple[float, float]:
        """Of the source, in seconds: what of it is seen and heard in cut ``number``."""
        cut = self.cuts[number]
        return cut.start + float(cut.skipped / self.rate), cut.end

    def frame_at(self, joint: Joint | None) -> int:
        """The film frame that ``joint`` comes before, never inside of a transition; None: after the last."""
        if joint is None or joint.segment >= len(self.cuts):
            return self.frames
        cut = self.cuts[joint.segment]
        if not joint.seconds:
            return cut.at + cut.overlap
        begin, end = self._alone(joint.segment)
        return min(max(begin, cut.at + round(joint.seconds * self.rate)), end)

    def part(self, first: int, stop: int) -> EditList:
        """The film from its frame ``first`` to before ``stop``, by itself; neither may be inside of a transition.

        Parts are equal when they show the same: what lies behind a part's end leaves no trace in it.
        """
        cuts: list[Cut] = []
        for cut in self.cuts:
            begin, end = max(first, cut.at), min(stop, cut.at + cut.frames)
            if begin >= end:
                continue
            here: dict[str, Any] = {"at": begin - first, "frames": end - begin}
            here["skipped"] = cut.skipped + begin - cut.at
            if begin > cut.at:
                here |= {"fade_in": 0}
            if begin > cut.at or not cuts:
                here |= {"overlap": 0}
            if end < cut.at + cut.frames:
                shown = float((cut.skipped + end - cut.at) / self.rate)
                here |= {"fade_out": 0, "transition": "cut", "end": round(cut.start + shown, 6)}
            cuts.append(cut.model_copy(update=here))
        return EditList(rate=self.rate, cuts=tuple(cuts))

    def _alone(self, number: int) -> tuple[int, int]:
        cut = self.cuts[number]
        after = self.cuts[number + 1].overlap if number + 1 < len(self.cuts) else 0
        begin = cut.at + max(cut.overlap, cut.fade_in)
        return begin, max(cut.at + cut.frames - max(after, cut.fade_out), begin)


def check_segments(segments: Sequence[Segment], duration: float | None, tolerance: float, field: str) -> None:
    """Raise InvalidRecipe for a segment outside of the source, or too short for its transitions.

    ``duration`` None: not known before the frames are counted. An end up to ``tolerance`` past it means the end.
    """
    for number, segment in enumerate(segments):
        place = f"{field}.segments.{number}"
        if duration is not None and segment.start >= duration:
            raise InvalidRecipe(
                f"{place}.start: {segment.start:g} s is past the source's end ({duration:.2f} s).",
                field=f"{place}.start",
            )
        if duration is not None and segment.end > duration + tolerance:
            raise InvalidRecipe(
                f"{place}.end: {segment.end:g} s is past the source's end ({duration:.2f} s).", field=f"{place}.end"
            )
        taken = _lead(segments, number) + _tail(segments, number)
        length = (segment.end if duration is None else min(segment.end, duration)) - segment.start
        if taken > length:
            raise InvalidRecipe(
                f"{place}.transition_seconds: the segment lasts {length:g} s and its transitions take {taken:g} s:"
                " make it longer or them shorter.",
                field=f"{place}.transition_seconds",
            )


def nominal_rate(times: Sequence[float], declared: str | None, *, variable: bool) -> Fraction:
    """The film's frame rate: the source's, or for frames that last differently long the one none is lost at.

    Over 60 it is halved until it isn't. ``times`` are those of the source's frames, in order.
    """
    steps = sorted(b - a for a, b in pairwise(times) if b > a)
    rate = Fraction(declared) if declared is not None else Fraction(30)
    if steps and (variable or declared is None or abs(steps[len(steps) // 2] * float(rate) - 1) > _NEAR):
        # A tenth may be shorter, as clocks jitter; the usual shortest distance is what a camera counts in.
        counted = 1 / steps[len(steps) // 10]
        nearest = min(_RATES, key=lambda known: abs(float(known) - counted))
        rate = nearest if counted <= _FASTEST * 1.1 else Fraction(counted).limit_denominator(1001)
    while rate > _FASTEST:
        rate /= 2
    return rate


def edit_list(segments: Sequence[Segment], times: Sequence[float], until: float, rate: Fraction) -> EditList:
    """Place ``segments`` on the film's clock. ``times``: of all frames of the source, in order, at least one; the last
    one is shown ``until``.

    A segment begins with the first frame shown at or after its start and ends before the first at or after its end;
    within a still it begins and ends at once. Raises SourceRefused ``empty_window`` for one without a frame.
    """
    cuts: list[Cut] = []
    at = 0
    for number, segment in enumerate(segments):
        first = bisect_left(times, segment.start - SLACK_SECONDS)
        stop = bisect_left(times, segment.end - SLACK_SECONDS)
        opened, closed = (times[place] if place < len(times) else until for place in (first, stop))
        skipped = 0
        if first and opened - segment.start > _STILL_SECONDS:
            first -= 1
            skipped = round((segment.start - times[first]) * rate)
        if stop <= first:
            raise SourceRefused(
                f"The source shows no frame between {segment.start:g} and {segment.end:g} s: its last is at"
                f" {times[-1]:.2f} s.",
                code="empty_window",
            )
        start = times[first]
        end = segment.end if closed - segment.end > _STILL_SECONDS else closed
        frames = max(1, round((end - start) * rate) - skipped)
        before = segments[number - 1] if number else None
        overlap = _frames(before.transition_seconds, rate) if before and before.transition == "crossfade" else 0
        overlap = min(overlap, frames, cuts[-1].frames if cuts else 0)
        fade_in = _frames(before.transition_seconds / 2, rate) if before and before.transition == "fade" else 0
        fade_out = _frames(segment.transition_seconds / 2, rate) if segment.transition == "fade" else 0
        shown = [*times[first:stop], closed]
        cuts.append(
            Cut(
                start=start,
                end=end,
                at=at - overlap,
                frames=frames,
                overlap=overlap,
                fade_in=min(fade_in, frames),
                fade_out=min(fade_out, frames),
                transition=segment.transition,
                skipped=skipped,
                longest=math.ceil(10 * max(b - a for a, b in pairwise(shown))) / 10,
            )
        )
        at += frames - overlap
    return EditList(rate=rate, cuts=tuple(cuts))


def _frames(seconds: float, rate: Fraction) -> int:
    return max(1, math.floor(seconds * rate + Fraction(1, 2)))


def _lead(segments: Sequence[Segment], number: int) -> float:
    """Seconds at a segment's start that the transition before it takes."""
    return _tail(segments, number - 1) if number else 0.0


def _tail(segments: Sequence[Segment], number: int) -> float:
    """Seconds at a segment's end that its own transition takes; the last has nothing to cross into."""
    segment = segments[number]
    if segment.transition == "fade":
        return segment.transition_seconds / 2
    return segment.transition_seconds if segment.transition == "crossfade" and number + 1 < len(segments) else 0.0
