"""Divides speech into subtitles and lines: the cheapest of all ways, found by dynamic programming. Pure.

The penalties are in one currency, that of :func:`~dailies.domain.subtitles.joints.joint`.
"""

from __future__ import annotations

import math
from collections.abc import Sequence
from dataclasses import dataclass
from itertools import accumulate

from dailies.domain.subtitles.joints import NEVER, SENTENCE, joint
from dailies.domain.subtitles.languages import Language
from dailies.domain.subtitles.rules import SubtitleRules
from dailies.domain.subtitles.units import Unit
from dailies.domain.subtitles.widths import columns

#: A silence that no subtitle lasts through, and one that is felt, in milliseconds.
SILENCE_MS, _PAUSE_MS = 2000, 350
# Each subtitle takes a look of its own; so does a second line.
_CUE, _LINE = 26.0, 5.0
# A break between subtitles is worse than one between lines: the first half is gone when the second comes.
_BETWEEN_CUES = 1.35
# A sentence that begins in the middle of a line.
_MID_LINE = 20.0
_UNEVEN, _TOP_HEAVY = 24.0, 4.0
_BROKEN_RULE, _SLOW_READER, _FLASH, _ENDLESS = 10.0, 60.0, 60.0, 400.0
_TWO_SPEAKERS = 12.0
# A few words by themselves, while the next are about to be said; a sentence's end before the rest of another.
_CRUMB, _CRUMB_COLUMNS, _HALF_SENTENCE = 16.0, 22, 11.0
#: What a dash takes in front of each of two speakers' lines.
DASH = "- "
_IMPOSSIBLE = math.inf
#: Within a word too long for a line.
_CHOPPED = 90.0


@dataclass(frozen=True, slots=True)
class Piece:
    """A subtitle: units ``begin`` to before ``end``, a line ending before each of ``breaks``."""

    begin: int
    end: int
    breaks: tuple[int, ...] = ()


class Segmenter:
    """Holds what is known of the units, so that each way of dividing them is a few additions."""

    def __init__(
        self, units: Sequence[Unit], language: Language, rules: SubtitleRules, gap_ms: int, *, labels: bool = False
    ) -> None:
        self._units = units
        self._rules = rules
        self._gap = gap_ms
        self._most = rules.max_line_length
        self._shortest = rules.minimum_display_time * 1000
        self._longest = rules.maximum_display_time * 1000
        count = len(units)
        widths = [columns(unit.text) for unit in units]
        self._starts = [*(unit.start_ms for unit in units), math.inf]
        self._stops_ms = [unit.end_ms for unit in units]
        self._spaces = [int(unit.spaced) for unit in units]
        self._ends = list(accumulate((w + s for w, s in zip(widths, self._spaces, strict=True)), initial=0))
        joints = [NEVER, *(self._joint(number, language) for number in range(1, count)), SENTENCE]
        self._joints = joints
        pauses = [0, *(max(0, units[n].start_ms - units[n - 1].end_ms) for n in range(1, count)), SILENCE_MS]
        # A pause makes a break good; one in the middle of a subtitle is a wait.
        self._cue_joints = [_BETWEEN_CUES * j / (1 + pause / 300) for j, pause in zip(joints, pauses, strict=True)]
        waits = [min(60.0, 0.04 * max(0, pause - _PAUSE_MS)) for pause in pauses]
        self._waits = list(accumulate(waits))
        self._silent = [pause >= SILENCE_MS for pause in pauses]
        stops = [n > 0 and n < count and joints[n] == SENTENCE for n in range(count + 1)]
        self._stops = list(accumulate(map(int, stops)))
        turns = [n > 0 and n < count and units[n].speaker != units[n - 1].speaker for n in range(count + 1)]
        self._turns = list(accumulate(map(int, turns)))
        self._turn_at = turns
        self._leads = [
            len(f"{unit.speaker}: ") if labels and unit.speaker and (n == 0 or turns[n]) else 0
            for n, unit in enumerate(units)
        ]
        self._labels = labels

    def pieces(self) -> list[Piece]:
        """The subtitles, in order: all units, each once."""
        count = len(self._units)
        best = [0.0] + [_IMPOSSIBLE] * count
        made: list[Piece | None] = [None] * (count + 1)
        for begin in range(count):
            so_far = best[begin]
            for end in range(begin + 1, count + 1):
                if end > begin + 1 and (self._silent[end - 1] or self._too_wide(begin, end)):
                    break
                cost = so_far + _CUE + self._cue_joints[end] + self._timing(begin, end)
                if cost >= best[end]:
                    continue
                inner, breaks = self._inner(begin, end)
                cost += inner
                if cost < best[end]:
                    best[end] = cost
                    made[end] = Piece(begin, end, breaks)
        found: list[Piece] = []
        place = count
        while place > 0:
            piece = made[place]
            if piece is None:  # a single unit always fits
                raise AssertionError("no way to divide the units")
            found.append(piece)
            place = piece.begin
        return found[::-1]

    def _joint(self, number: int, language: Language) -> float:
        left, right = self._units[number - 1], self._units[number]
        if left.speaker != right.speaker:
            return SENTENCE
        found = joint(left.text, right.text, language)
        return max(found, _CHOPPED) if right.inside and left.text.isascii() and right.text.isascii() else found

    def _width(self, begin: int, end: int) -> int:
        return self._ends[end] - self._ends[begin] - self._spaces[begin]

    def _too_wide(self, begin: int, end: int) -> bool:
        return (
            self._width(begin, end)
            > self._most * self._rules.max_lines_per_subtitle + self._rules.max_lines_per_subtitle
        )

    def _inner(self, begin: int, end: int) -> tuple[float, tuple[int, ...]]:
        """The cheapest lines, and what the subtitle costs for what is in it."""
        turns = self._turns[end - 1] - self._turns[begin]
        waits = self._waits[end - 1] - self._waits[begin]
        if turns:
            return self._dialogue(begin, end, turns, waits)
        cost, breaks = self._lines(begin, end, self._rules.max_lines_per_subtitle)
        stops = self._stops[end - 1] - self._stops[begin]
        if stops:
            cost += _MID_LINE * (stops - sum(self._joints[b] == SENTENCE for b in breaks))
            cost += self._halves(begin, end)
        return cost + waits, breaks

    def _dialogue(self, begin: int, end: int, turns: int, waits: float) -> tuple[float, tuple[int, ...]]:
        """Two speakers, a line each."""
        if turns > 1 or self._rules.max_lines_per_subtitle < 2:
            return _IMPOSSIBLE, ()
        turn = next(place for place in range(begin + 1, end) if self._turn_at[place])
        dash = 0 if self._labels else len(DASH)
        lines = ((begin, turn), (turn, end))
        if any(self._width(a, b) + dash + self._leads[a] > self._most for a, b in lines):
            return _IMPOSSIBLE, ()
        stops = sum(self._stops[b - 1] - self._stops[a] for a, b in lines)
        return _TWO_SPEAKERS + self._halves(begin, end) + _MID_LINE * stops + waits, (turn,)

    def _halves(self, begin: int, end: int) -> float:
        """What it costs to have the rest of a sentence beside the end or the beginning of another."""
        return _HALF_SENTENCE * ((self._joints[end] != SENTENCE) + (begin > 0 and self._joints[begin] != SENTENCE))

    def _lines(self, begin: int, end: int, left: int) -> tuple[float, tuple[int, ...]]:
        """The cheapest of at most ``left`` lines, and where they end."""
        most, ends, spaces, joints = self._most, self._ends, self._spaces, self._joints
        first = most - self._leads[begin]
        start, stop = ends[begin] + spaces[begin], ends[end]
        if stop - start <= first or end == begin + 1:
            return 0.0, ()
        best = _IMPOSSIBLE
        best_breaks: tuple[int, ...] = ()
        if left < 2:
            return best, best_breaks
        room = most if left == 2 else (most + 1) * (left - 1)
        for place in range(end - 1, begin, -1):
            below = stop - ends[place] - spaces[place]
            if below > room:
                break
            above = ends[place] - start
            if above > first:
                continue
            uneven = (above - below) / most
            cost = _LINE + joints[place] + _UNEVEN * uneven * uneven
            if uneven > 0:
                cost += _TOP_HEAVY
            breaks: tuple[int, ...] = ()
            if below > most:
                rest, breaks = self._lines(place, end, left - 1)
                cost += rest
            if cost < best:
                best, best_breaks = cost, (place, *breaks)
        return best, best_breaks

    def _timing(self, begin: int, end: int) -> float:
        """What it costs to be read in the time there is, until the next one is said."""
        start, spoken = self._starts[begin], self._stops_ms[end - 1]
        following = self._starts[end] - self._gap
        there = max(1.0, min(self._longest, following - start))
        width = self._ends[end] - self._ends[begin] + self._leads[begin]
        cost = 0.0
        if width < _CRUMB_COLUMNS:
            cost += _CRUMB * (1 - width / _CRUMB_COLUMNS) * max(0.0, 1 - (following - spoken) / 1000)
        if there < self._shortest:
            cost += _BROKEN_RULE + _FLASH * (1 - there / self._shortest)
        speed = 1000 * width / there / self._rules.characters_per_second
        if speed > 1:
            cost += _BROKEN_RULE + min(_SLOW_READER * (speed - 1), 4 * _SLOW_READER)
        over = (spoken - start) / self._longest
        return cost + (_ENDLESS * over if over > 1 else 0.0)
