"""Which short stretches of a programme stand for the whole of it: deterministic, from its loudness blocks. Pure."""

from __future__ import annotations

import math
from dataclasses import dataclass
from itertools import accumulate

from dailies.domain.loudness.loudness import ABSOLUTE_GATE_LUFS, Blocks, powers
from dailies.domain.source.audio_selection import Window

#: One in so many seconds, but no fewer and no more than these: 12 for five minutes, 24 from ten on.
LEVEL_EVERY_SECONDS, LEVEL_COUNTS = 25.0, (12, 24)
#: Their length: 4 s, growing to 8 for an hour and more. Opening a file 24 times takes longer than reading on in it.
LEVEL_SECONDS, LEVEL_PART = (4.0, 8.0), 1 / 450
_GRID_SLACK = 1e-6
#: How many of them a pilot encodes: under two CPU seconds in the slowest codec (AAC) for 4 s each.
PILOT_COUNT = 8
#: A window up to this long is heard whole: excerpts would hardly be shorter.
WHOLE_SECONDS = 60.0
#: For the quality score: cheap enough for every output (domain/checks/quality.py).
QUALITY_COUNT, QUALITY_SECONDS = 3, 2.0


@dataclass(frozen=True, slots=True)
class Excerpts:
    """``covered``: the one excerpt is the whole window."""

    windows: tuple[Window, ...]
    covered: bool


def for_level(blocks: Blocks, window: Window) -> Excerpts:
    """Excerpts that a limiter's and a codec's effect on integrated loudness can be estimated on.

    Systematic sampling with probability proportional to power (Madow, Ann. Math. Stat. 20, 1949), as integrated
    loudness is a mean of power: a loud minute is drawn more often than a quiet one, silence never.
    """
    end = end_of(blocks, window)
    if end - window.start <= WHOLE_SECONDS:
        return Excerpts((Window(start=window.start, end=end),), covered=True)
    found = powers(blocks, window.start, end)
    floor = 10.0 ** (ABSOLUTE_GATE_LUFS / 10.0)
    running = list(accumulate(x if x > floor else 0.0 for x in found))
    seconds = end - window.start
    count = round(min(max(seconds / LEVEL_EVERY_SECONDS, LEVEL_COUNTS[0]), LEVEL_COUNTS[1]))
    step = blocks.step_seconds
    length = round(min(max(seconds * LEVEL_PART, LEVEL_SECONDS[0]), LEVEL_SECONDS[1]) / step) * step
    wanted = [(n + 0.5) / count * running[-1] for n in range(count)]
    picked: list[int] = []
    for place, total in enumerate(running):
        while len(picked) < count and total >= wanted[len(picked)]:
            picked.append(place)
    # On the blocks' grid: what is heard can then be held against what was measured without interpolation.
    first, last = math.ceil(window.start / step - _GRID_SLACK), math.floor((end - length) / step + _GRID_SLACK)
    begin = round((window.start - length / 2) / step)
    starts = [min(max(begin + place, first), last) * step for place in picked]
    return Excerpts(tuple(Window(start=round(s, 6), end=round(s + length, 6)) for s in starts), covered=False)


def for_pilot(excerpts: tuple[Window, ...]) -> tuple[Window, ...]:
    """Those of a level's excerpts that are encoded: evenly spread, as they stand in order of time."""
    return excerpts[:: max(len(excerpts) // PILOT_COUNT, 1)][:PILOT_COUNT]


def for_quality(window: Window, duration_seconds: float, blocks: Blocks | None = None) -> tuple[Window, ...]:
    """Excerpts for the quality score: the loudest and the quietest audible stretch and the middle.

    Without blocks (nothing is normalised) at a sixth, a half and five sixths of the window.
    """
    end = min(window.end or duration_seconds, duration_seconds)
    length = end - window.start
    if length <= QUALITY_COUNT * QUALITY_SECONDS:
        return (Window(start=window.start, end=end),)
    centres = [window.start + length * (2 * n + 1) / (2 * QUALITY_COUNT) for n in range(QUALITY_COUNT)]
    if blocks is not None:
        centres = _telling(blocks, window.start, end) or centres
    # The middle may be the loudest as well: once is enough.
    return tuple(dict.fromkeys(_around(c, QUALITY_SECONDS, window.start, end) for c in sorted(centres)))


def _telling(blocks: Blocks, start: float, end: float) -> list[float]:
    width = round(QUALITY_SECONDS / blocks.step_seconds)
    sums = [0.0, *accumulate(powers(blocks, start, end))]
    floor = 10.0 ** (ABSOLUTE_GATE_LUFS / 10.0) * width
    means = [(b - a, n) for n, (a, b) in enumerate(zip(sums, sums[width:], strict=False)) if b - a > floor]
    if not means:
        return []
    middle = (start + end) / 2
    return [middle, *(start + n * blocks.step_seconds + QUALITY_SECONDS / 2 for _, n in (max(means), min(means)))]


def _around(centre: float, length: float, start: float, end: float) -> Window:
    first = round(min(max(centre - length / 2, start), end - length), 3)
    return Window(start=first, end=round(first + length, 3))


def end_of(blocks: Blocks, window: Window) -> float:
    """Where the window ends on the measured track, s."""
    end = blocks.seconds + blocks.step_seconds  # the last, incomplete step belongs to the programme, too
    return end if window.end is None else min(window.end, end)
