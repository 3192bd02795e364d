"""Divides a long stretch of text into sentences: what a reader, a subtitle and an edit take as one piece. Pure."""

from __future__ import annotations

import re
from collections.abc import Iterator, Sequence

from dailies.domain.transcript.transcript import Segment, Word

#: Shorter segments stay as the engine made them. Seconds.
_LONG_SECONDS = 15.0
#: A pause after which a sentence may be over, when the text has no full stop for so long. Seconds.
_PAUSE_SECONDS, _BREATH_SECONDS = 0.6, 15.0
_END = re.compile(r"[.!?…\u3002\uff01\uff1f]['\"\u00bb\u201d\u2019)\]]*$")
#: A full stop behind these ends no sentence.
_ABBREVIATION = re.compile(r"(?i)(?:mr|mrs|ms|dr|prof|st|vs|etc|e\.g|i\.e|z\.b|bzw|ca|nr|no|\d+|[a-z])\.")


def by_sentence(segment: Segment) -> Iterator[Segment]:
    """The segment, or its sentences if it is long; the words decide, as only they have times."""
    if segment.end - segment.start <= _LONG_SECONDS or len(segment.words) < 2:
        yield segment
        return
    begun: list[Word] = []
    for number, word in enumerate(segment.words):
        begun.append(word)
        following = segment.words[number + 1] if number + 1 < len(segment.words) else None
        if following is None or _ends(begun, following):
            yield segment_of(begun, segment)
            begun = []


def _ends(begun: Sequence[Word], following: Word) -> bool:
    text = begun[-1].text
    if _END.search(text) and not _ABBREVIATION.fullmatch(text):
        return True
    late = begun[-1].end - begun[0].start >= _BREATH_SECONDS
    return late and following.start - begun[-1].end >= _PAUSE_SECONDS


def segment_of(words: Sequence[Word], segment: Segment) -> Segment:
    """Those words of the segment as one of their own."""
    sure = [word.confidence for word in words if word.confidence is not None]
    return Segment(
        text=(" " if " " in segment.text else "").join(word.text for word in words),
        start=words[0].start,
        end=max(word.end for word in words),
        words=tuple(words),
        confidence=round(sum(sure) / len(sure), 3) if sure else None,
        speaker=segment.speaker,
    )


def divided(segment: Segment, moments: Sequence[float], pause: float) -> Iterator[Segment]:
    """The segment, or its parts where one of ``moments`` lies in a pause between its words of so many seconds."""
    begun = 0
    words = segment.words
    for number in range(1, len(words)):
        before, word = words[number - 1], words[number]
        if word.start - before.end >= pause and any(before.start <= moment < word.start for moment in moments):
            yield segment_of(words[begun:number], segment)
            begun = number
    yield segment_of(words[begun:], segment) if begun else segment
