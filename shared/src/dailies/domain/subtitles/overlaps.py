"""Puts subtitles that are shown at once into one, for formats and players that show one at a time. Pure."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace
from itertools import pairwise

from dailies.domain.subtitles.cues import Cue


def one_at_a_time(cues: Sequence[Cue]) -> tuple[Cue, ...]:
    """The cues in the order of their times; while several are shown, one with the lines of all, the highest first."""
    ordered = sorted(cues, key=lambda cue: (cue.start_ms, cue.end_ms))
    if all(before.end_ms <= after.start_ms for before, after in pairwise(ordered)):
        return tuple(ordered)
    found: list[Cue] = []
    shown: list[Cue] = []
    waiting = ordered[::-1]
    moments = sorted({moment for cue in ordered for moment in (cue.start_ms, cue.end_ms)})
    for begin, end in pairwise(moments):
        shown = [cue for cue in shown if cue.end_ms > begin]
        while waiting and waiting[-1].start_ms <= begin:
            shown.append(waiting.pop())
        if shown:
            _add(found, _together(shown).moved(begin, end))
    return tuple(found)


def _together(shown: Sequence[Cue]) -> Cue:
    if len(shown) == 1:
        return shown[0]
    highest = sorted(shown, key=lambda cue: -((cue.align - 1) // 3))
    return replace(highest[-1], lines=tuple(line for cue in highest for line in cue.lines), speaker=None)


def _add(found: list[Cue], cue: Cue) -> None:
    """Longer, where it is the same as before."""
    before = found[-1] if found else None
    if before is not None and before.end_ms == cue.start_ms and (before.lines, before.align) == (cue.lines, cue.align):
        found[-1] = before.moved(before.start_ms, cue.end_ms)
    else:
        found.append(cue)
