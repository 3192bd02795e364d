"""From a transcript's words to subtitles: segmented, timed, with their speakers. Pure."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from itertools import pairwise
from typing import Literal

from dailies.domain.subtitles.cues import Cue, Line, Span
from dailies.domain.subtitles.languages import language_of
from dailies.domain.subtitles.rules import SubtitleRules
from dailies.domain.subtitles.segmentation import DASH, Piece, Segmenter
from dailies.domain.subtitles.timing import Clock, Spoken, display_times
from dailies.domain.subtitles.units import Unit, units_of
from dailies.domain.subtitles.widths import columns
from dailies.domain.transcript.transcript import Word

#: How speakers are told apart: a dash before each of two in one subtitle, their names, or not at all.
Speakers = Literal["dashes", "labels", "none"]
_AT_25 = Clock()


def subtitle(
    words: Iterable[Word],
    language: str | None,
    rules: SubtitleRules,
    clock: Clock = _AT_25,
    *,
    speakers: Speakers = "dashes",
) -> tuple[Cue, ...]:
    """The words as subtitles, each word in one of them. ``language`` is a code such as ``en`` or ``pt-BR``."""
    units = units_of(words, rules.max_line_length)
    if speakers == "none":
        units = [_anonymous(unit) for unit in units]
    gap = clock.frames(rules.gap_frames)
    labels = speakers == "labels"
    pieces = Segmenter(units, language_of(language), rules, gap, labels=labels).pieces()
    before: str | None = None
    cues: list[tuple[tuple[Line, ...], Piece]] = []
    for piece in pieces:
        cues.append((_lines(units, piece, before, labels=labels), piece))
        before = units[piece.end - 1].speaker
    spoken = [
        Spoken(
            units[piece.begin].start_ms,
            units[piece.end - 1].end_ms,
            sum(columns("".join(span.text for span in line)) for line in lines),
        )
        for lines, piece in cues
    ]
    times = display_times(spoken, rules, clock)
    return tuple(
        Cue(start, end, lines, units[piece.begin].speaker if _one_speaker(units, piece) else None)
        for (lines, piece), (start, end) in zip(cues, times, strict=True)
    )


def _anonymous(unit: Unit) -> Unit:
    return Unit(unit.text, unit.start_ms, unit.end_ms, None, unit.spaced, unit.inside, unit.word)


def _one_speaker(units: Sequence[Unit], piece: Piece) -> bool:
    return len({unit.speaker for unit in units[piece.begin : piece.end]}) == 1


def _lines(units: Sequence[Unit], piece: Piece, before: str | None, *, labels: bool) -> tuple[Line, ...]:
    edges = [piece.begin, *piece.breaks, piece.end]
    dialogue = not _one_speaker(units, piece)
    lines: list[Line] = []
    for begin, end in pairwise(edges):
        speaker = units[begin].speaker
        lead = ""
        if labels and speaker is not None and speaker != before:
            lead = f"{speaker}: "
        elif dialogue and not labels:
            lead = DASH
        spans = [Span(lead)] if lead else []
        for number in range(begin, end):
            unit = units[number]
            space = " " if unit.spaced and number > begin else ""
            spans.append(Span(f"{space}{unit.text}", start_ms=unit.start_ms, end_ms=unit.end_ms))
        lines.append(tuple(spans))
        before = units[end - 1].speaker
    return tuple(lines)
