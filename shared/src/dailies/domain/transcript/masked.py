"""Masks what a transcript tells of somebody: the words go, their kind and their time stay. Pure."""

from __future__ import annotations

from bisect import bisect_left, bisect_right
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from itertools import accumulate

from dailies.domain.transcript.spans import Span, merged
from dailies.domain.transcript.transcript import Masked, PrivateKind, Segment, Timing, Transcript, Word

__all__ = ["Finding", "PrivateKind", "masked", "unheard_spans"]

_NO_SPACES = frozenset({"zh", "ja", "th"})
#: Around a masked word, seconds: its times are off by so much (docs/transcripts.md), and half a number tells much.
_AROUND: dict[Timing, float] = {"measured": 0.2, "aligned": 0.2, "estimated": 1.0}


@dataclass(frozen=True, slots=True)
class Finding:
    """``start`` and ``end``: characters of the text that was looked through."""

    kind: PrivateKind
    start: int
    end: int


def masked(transcript: Transcript, find: Callable[[str], Sequence[Finding]]) -> Transcript:
    """The transcript without the words that ``find`` names: one word ``[phone]`` in place of all of a number's.

    A number may go on from one segment to the next; it is then masked where it begins.
    """
    words = [(number, word) for number, segment in enumerate(transcript.segments) for word in segment.words]
    gap = "" if transcript.language in _NO_SPACES else " "
    text = gap.join(word.text for _, word in words)
    starts = list(accumulate((len(word.text) + len(gap) for _, word in words), initial=0))[:-1]
    findings = find(text)
    if not findings:
        return transcript
    kept: list[list[Word]] = [[] for _ in transcript.segments]
    spans: list[Masked] = []
    touched: set[int] = set()
    place = 0
    for together in _sharing_words(findings, starts):
        for finding, there in together:
            own = [word for _, word in words[there.start : there.stop]]
            spans.append(Masked(kind=finding.kind, start=own[0].start, end=max(word.end for word in own)))
        first, stop = together[0][1].start, together[-1][1].stop
        own = [word for _, word in words[first:stop]]
        shown = _shown(text, starts[first], starts[stop - 1] + len(own[-1].text), [finding for finding, _ in together])
        end = max(word.end for word in own)
        for number, word in words[place:first]:
            kept[number].append(word)
        kept[words[first][0]].append(Word(text=shown, start=own[0].start, end=end, speaker=own[0].speaker))
        touched.update(number for number, _ in words[first:stop])
        place = stop
    for number, word in words[place:]:
        kept[number].append(word)
    segments = [
        _with(segment, own, gap) if number in touched else segment
        for number, (segment, own) in enumerate(zip(transcript.segments, kept, strict=True))
    ]
    return transcript.model_copy(
        update={"segments": tuple(one for one in segments if one.words), "masked": tuple(spans)}
    )


def _sharing_words(findings: Sequence[Finding], starts: Sequence[int]) -> list[list[tuple[Finding, range]]]:
    """Findings with the numbers of their words; those together of which one ends in a word that another begins in."""
    groups: list[list[tuple[Finding, range]]] = []
    for finding in findings:
        there = range(bisect_right(starts, finding.start) - 1, bisect_left(starts, finding.end))
        if groups and there.start < groups[-1][-1][1].stop:
            groups[-1].append((finding, there))
        else:
            groups.append([(finding, there)])
    return groups


def _shown(text: str, begin: int, end: int, findings: Sequence[Finding]) -> str:
    """What is left of ``text`` between two characters, with a finding's kind in its place."""
    pieces = []
    for finding in findings:
        pieces += [text[begin : finding.start], f"[{finding.kind}]"]
        begin = finding.end
    return "".join([*pieces, text[begin:end]])


def unheard_spans(transcript: Transcript) -> list[Span]:
    """When nobody may hear what is masked, seconds of the source: a little more than its words."""
    around = _AROUND[transcript.timing]
    return merged((max(round(one.start - around, 3), 0.0), round(one.end + around, 3)) for one in transcript.masked)


def _with(segment: Segment, words: Sequence[Word], gap: str) -> Segment:
    if not words:
        return segment.model_copy(update={"words": (), "text": ""})
    ends = {"start": words[0].start, "end": max(word.end for word in words)}
    return segment.model_copy(update={**ends, "words": tuple(words), "text": gap.join(word.text for word in words)})
