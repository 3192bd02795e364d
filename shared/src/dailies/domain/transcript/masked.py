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
    starts = list(accumulate((len(word.text) + len(gap) for _, word in words), initial=0))[:-1]
    findings = find(gap.join(word.text for _, word in words))
    if not findings:
        return transcript
    kept: list[list[Word]] = [[] for _ in transcript.segments]
    spans: list[Masked] = []
    touched: set[int] = set()
    place = 0
    for finding in findings:
        first = bisect_right(starts, finding.start) - 1
        last = bisect_left(starts, finding.end) - 1
        if first < place:
            # The word before holds the end of another: it is gone already.
            continue
        for number, word in words[place:first]:
            kept[number].append(word)
        own = [word for _, word in words[first : last + 1]]
        before = own[0].text[: finding.start - starts[first]]
        after = own[-1].text[finding.end - starts[last] :]
        end = max(word.end for word in own)
        hidden = Word(text=f"{before}[{finding.kind}]{after}", start=own[0].start, end=end, speaker=own[0].speaker)
        kept[words[first][0]].append(hidden)
        touched.update(number for number, _ in words[first : last + 1])
        spans.append(Masked(kind=finding.kind, start=hidden.start, end=hidden.end))
        place = last + 1
    for number, word in words[place:]:
        kept[number].append(word)
    segments = [
        _with(segment, own, gap) if number in touched else segment
        for number, (segment, own) in enumerate(zip(transcript.segments, kept, strict=True))
    ]
    return transcript.model_copy(
        update={"segments": tuple(one for one in segments if one.words), "masked": tuple(spans)}
    )


def unheard_spans(transcript: Transcript) -> list[Span]:
    """When nobody may hear what is masked, seconds of the source: a little more than its words."""
    around = _AROUND[transcript.timing]
    return merged((max(round(one.start - around, 3), 0.0), round(one.end + around, 3)) for one in transcript.masked)


def _with(segment: Segment, words: Sequence[Word], gap: str) -> Segment:
    if not words:
        return segment.model_copy(update={"words": (), "text": ""})
    ends = {"start": words[0].start, "end": max(word.end for word in words)}
    return segment.model_copy(update={**ends, "words": tuple(words), "text": gap.join(word.text for word in words)})
