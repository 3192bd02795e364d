"""Measures subtitles against their rules: what their certificate says. Pure."""

from __future__ import annotations

from collections.abc import Sequence
from itertools import pairwise

from pydantic import Field

from dailies.domain.model import Model
from dailies.domain.subtitles.cues import Cue
from dailies.domain.subtitles.plain_text import plain_line
from dailies.domain.subtitles.rules import SubtitleRules
from dailies.domain.subtitles.timing import Clock, off_shot
from dailies.domain.subtitles.widths import columns

#: How far behind the last word the next one may be: a speaker's name and a dash are between.
_REACH = 100


class RuleShare(Model):
    """One rule, and the share of subtitles that keep it, 0-1."""

    rule: str
    limit: float
    worst: float
    share: float


class SubtitleFacts(Model):
    """Subtitles as they were read back from their file."""

    subtitles: int
    words: int = Field(description="words in them, by white space; characters of scripts without it")
    coverage: float = Field(description="share of the source's words that they have, 0-1")
    overlaps: int
    worst_characters_per_second: float
    rules: tuple[RuleShare, ...]


def coverage(words: Sequence[str], cues: Sequence[Cue]) -> float:
    """The share of ``words`` that the cues have, in their order, 0-1; of scripts without spaces too."""
    text = "".join("".join(cue.text.split()) for cue in cues)
    place = found = count = 0
    for word in words:
        bare = "".join(plain_line(word).split())
        if not bare:
            continue
        count += 1
        at = text.find(bare, place, place + _REACH + len(bare))
        if at >= 0:
            found += 1
            place = at + len(bare)
    return found / count if count else 1.0


def measure(cues: Sequence[Cue], rules: SubtitleRules, clock: Clock, *, coverage: float = 1.0) -> SubtitleFacts:
    """Hold each cue against each rule. Rounding may take a millisecond."""
    widths = [[columns(text) for text in cue.texts] for cue in cues]
    seconds = [(cue.end_ms - cue.start_ms) / 1000 for cue in cues]
    speeds = [sum(lines) / time for lines, time in zip(widths, seconds, strict=True)]
    gaps = [after.start_ms - before.end_ms for before, after in pairwise(cues)]
    least = clock.frames(rules.gap_frames)
    longest = [float(max(lines, default=0)) for lines in widths]
    counts = [float(len(lines)) for lines in widths]
    found: tuple[RuleShare, ...] = (
        _at_most("max_line_length", longest, rules.max_line_length),
        _at_most("max_lines_per_subtitle", counts, rules.max_lines_per_subtitle),
        _at_least("minimum_display_time", seconds, rules.minimum_display_time),
        _at_most("maximum_display_time", seconds, rules.maximum_display_time, 0.001),
        _at_most("characters_per_second", speeds, rules.characters_per_second, 0.05),
        _at_least("gap_frames", [gap / 1000 for gap in gaps], least / 1000),
    )
    if clock.shots:
        found += (_at_most("frames_beside_shot", _strays(cues, clock), 0),)
    return SubtitleFacts(
        subtitles=len(cues),
        words=sum(len(text.split()) for cue in cues for text in cue.texts),
        coverage=round(coverage, 4),
        overlaps=sum(gap < 0 for gap in gaps),
        worst_characters_per_second=round(max(speeds, default=0.0), 1),
        rules=found,
    )


def _strays(cues: Sequence[Cue], clock: Clock) -> list[float]:
    """By how many frames each begins shortly beside a cut, or ends there, neither at it nor well away from it."""
    return [max(off_shot(cue.start_ms, clock), off_shot(cue.end_ms + clock.frames(2), clock)) for cue in cues]


def _at_most(rule: str, values: Sequence[float], limit: float, slack: float = 0.0) -> RuleShare:
    return _share(rule, limit, max(values, default=0.0), [value <= limit + slack for value in values])


def _at_least(rule: str, values: Sequence[float], limit: float) -> RuleShare:
    return _share(rule, limit, min(values, default=limit), [value >= limit - 0.001 for value in values])


def _share(rule: str, limit: float, worst: float, kept: Sequence[bool]) -> RuleShare:
    share = sum(kept) / len(kept) if kept else 1.0
    return RuleShare(rule=rule, limit=round(limit, 3), worst=round(worst, 3), share=round(share, 4))
