"""Gives each subtitle its time: long enough to read, never over the next one, at the cuts of the film. Pure."""

from __future__ import annotations

from bisect import bisect_left
from collections.abc import Sequence
from dataclasses import dataclass
from fractions import Fraction

from dailies.domain.subtitles.rules import SubtitleRules

#: Gaps shorter than this are closed to the least one (Netflix: under half a second they flicker).
_FLICKER_MS = 500
#: How long a subtitle stays after its last word where there is room (Netflix: up to half a second).
_LINGER_MS = 400
# Frames: what lies this near to a cut moves to it; a little further off it keeps its distance.
_SNAP_FRAMES, _SHOT_FRAMES = 7, 12
#: What no subtitle is shorter than, also where words have no time.
_LEAST_MS = 10


@dataclass(frozen=True, slots=True)
class Spoken:
    """When a subtitle's words are said, in milliseconds, and how wide they are, in columns."""

    start_ms: int
    end_ms: int
    width: int


@dataclass(frozen=True, slots=True)
class Clock:
    """The film's frames, and when its shots begin, in milliseconds."""

    rate: Fraction = Fraction(25)
    shots: Sequence[int] = ()

    def frames(self, count: int) -> int:
        """So many frames in milliseconds, rounded up: no less is promised."""
        return -int(-count * 1000 // self.rate)


def display_times(spoken: Sequence[Spoken], rules: SubtitleRules, clock: Clock) -> list[tuple[int, int]]:
    """When each is shown, in order and never two at once."""
    gap = clock.frames(rules.gap_frames)
    shortest, longest = round(rules.minimum_display_time * 1000), round(rules.maximum_display_time * 1000)
    starts = _starts([each.start_ms for each in spoken], clock)
    times: list[tuple[int, int]] = []
    for number, each in enumerate(spoken):
        start = starts[number]
        following = starts[number + 1] if number + 1 < len(spoken) else None
        last = None if following is None else max(start + 1, following - gap if following - gap > start else following)
        reading = round(1000 * each.width / rules.characters_per_second)
        end = max(each.end_ms + _LINGER_MS, start + max(reading, shortest))
        # Wanted for reading it may stay; what was said must not be gone.
        end = min(end, start + longest)
        if last is not None:
            end = min(end, last)
            if following is not None and following - end < _FLICKER_MS:
                end = min(last, start + longest)
        end = _out(end, each.end_ms, start + shortest, last, clock)
        times.append((start, max(end, start + 1)))
    return times


def _starts(starts: Sequence[int], clock: Clock) -> list[int]:
    """At the shots where they are near to one, and at least a few milliseconds apart."""
    found: list[int] = []
    for start in starts:
        moved = _in(start, clock)
        if found:
            moved = max(moved, found[-1] + _LEAST_MS)
        found.append(max(moved, 0))
    return found


def _nearest(moment: int, shots: Sequence[int]) -> int | None:
    place = bisect_left(shots, moment)
    near = shots[max(0, place - 1) : place + 1]
    return min(near, key=lambda shot: abs(shot - moment)) if near else None


def _in(start: int, clock: Clock) -> int:
    shot = _nearest(start, clock.shots)
    if shot is None:
        return start
    off = shot - start
    if abs(off) <= clock.frames(_SNAP_FRAMES):
        return shot
    if 0 < off < clock.frames(_SHOT_FRAMES):
        return shot - clock.frames(_SHOT_FRAMES)
    # Nobody sees why it should come a moment after the picture has changed.
    return shot if -clock.frames(_SHOT_FRAMES) < off < 0 else start


def _out(end: int, spoken: int, least: int, last: int | None, clock: Clock) -> int:
    """Before a shot that it would end at or shortly after, or well behind it where its words need that."""
    shot = _nearest(end, clock.shots)
    if shot is None or abs(end - shot) >= clock.frames(_SHOT_FRAMES):
        return end
    before = shot - clock.frames(2)
    if before >= least and spoken <= shot + clock.frames(_SNAP_FRAMES):
        return before if last is None else min(before, last)
    after = shot + clock.frames(_SHOT_FRAMES)
    return after if last is None or after <= last else end


def off_shot(moment: int, clock: Clock) -> float:
    """How many frames a moment lies beside a shot's beginning; 0 at it, and where it is no more beside it."""
    shot = _nearest(moment, clock.shots)
    if shot is None:
        return 0.0
    frames = round(float(abs(moment - shot) * clock.rate / 1000), 2)
    return frames if 1 <= frames < _SHOT_FRAMES - 2 else 0.0
