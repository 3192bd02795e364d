"""Gives the words of a text the times at which they were heard, and doubts times that can't be. Pure."""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Iterator, Sequence
from difflib import SequenceMatcher

from dailies.domain.transcript.activity import Activity
from dailies.domain.transcript.chunks import Chunk
from dailies.domain.transcript.guards import without_pauses, without_phantoms
from dailies.domain.transcript.joining import Answer
from dailies.domain.transcript.spans import Span, length, within, without
from dailies.domain.transcript.transcript import Segment, Word

#: Two texts of which less agrees are not of the same sound.
_LEAST_AGREEING = 0.3
#: So many words must lie where something is heard, each with so much of its time.
_LEAST_HEARD, _LEAST_SOUND = 0.7, 0.3
#: A word takes no longer than this and so much more for each letter, seconds: what does has swallowed others.
_LONGEST_WORD, _LONGEST_LETTER = 1.0, 0.15


def carried_times(words: Sequence[str], heard: Sequence[Word]) -> list[Span] | None:
    """Times for ``words`` of those that another recogniser ``heard`` in the same sound; None where the two differ.

    Words that both have take their times, those between them share the time that was heard there, by their letters.
    """
    if not words or not heard:
        return None
    known = list(_characters(heard)) if _is_by_character(words) else [(_letters(one.text), one) for one in heard]
    wanted = [_letters(word) for word in words]
    spans: list[Span | None] = [None] * len(words)
    agreeing = 0
    matcher = SequenceMatcher(None, wanted, [text for text, _ in known], autojunk=False)
    for kind, first, last, begin, end in matcher.get_opcodes():
        if kind in ("equal", "replace") and last - first == end - begin:
            spans[first:last] = [(one.start, max(one.start, one.end)) for _, one in known[begin:end]]
            agreeing += last - first if kind == "equal" else 0
        elif kind == "replace":
            there = (known[begin][1].start, max(one.end for _, one in known[begin:end]))
            spans[first:last] = _shared(words[first:last], there)
    if agreeing < _LEAST_AGREEING * len(words):
        return None
    return _in_order(_filled(words, spans, (heard[0].start, max(one.end for one in heard))))


def with_times(chunk: Chunk, activity: Activity, answer: Answer, spans: Sequence[Span]) -> Answer | None:
    """The answer with the times that its words were found at, seconds of the chunk's file, on the source's clock.

    None where they can't be: too many words lie where nothing is heard.
    """
    found: list[Word] = []
    for word, span in zip(answer.words, spans, strict=True):
        start, end = chunk.source_span(*span)
        end = min(end, start + _LONGEST_WORD + _LONGEST_LETTER * len(word.text))
        placed = word.model_copy(update={"start": start, "end": round(end, 6)})
        found.append(without_pauses(placed, within(activity.quiet, start, end)))
    if sum(_sounds(word, activity) for word in found) < _LEAST_HEARD * len(found):
        return None
    kept, remarks = without_phantoms(list(_refilled(answer.segments, found)), activity)
    return answer.model_copy(
        update={"segments": kept, "timing": "aligned", "remarks": (*answer.remarks, *remarks)},
    )


def _refilled(segments: Sequence[Segment], words: Sequence[Word]) -> Iterator[Segment]:
    place = 0
    for segment in segments:
        own = words[place : place + len(segment.words)]
        place += len(own)
        if own:
            start, end = min(word.start for word in own), max(word.end for word in own)
            yield segment.model_copy(update={"words": tuple(own), "start": start, "end": end})


def _sounds(word: Word, activity: Activity) -> bool:
    seconds = word.end - word.start
    return length(without([(word.start, word.end)], activity.quiet)) >= _LEAST_SOUND * seconds if seconds else True


def _filled(words: Sequence[str], spans: Sequence[Span | None], bounds: Span) -> list[Span]:
    """Those without times share what is free between their neighbours."""
    found: list[Span] = []
    place = 0
    while place < len(words):
        own = spans[place]
        if own is not None:
            found.append(own)
            place += 1
            continue
        last = place
        while last < len(words) and spans[last] is None:
            last += 1
        before = found[-1][1] if found else bounds[0]
        following = spans[last] if last < len(words) else None
        after = bounds[1] if following is None else following[0]
        found += _shared(words[place:last], (before, max(before, after)))
        place = last
    return found


def _shared(words: Sequence[str], span: Span) -> list[Span]:
    weights = [len(word) + 1 for word in words]
    rate = (span[1] - span[0]) / sum(weights)
    found, before = [], 0
    for weight in weights:
        found.append((round(span[0] + before * rate, 3), round(span[0] + (before + weight - 1) * rate, 3)))
        before += weight
    return found


def _in_order(spans: Sequence[Span]) -> list[Span]:
    found: list[Span] = []
    for start, end in spans:
        begin = max(start, found[-1][0]) if found else start
        found.append((begin, max(begin, end)))
    return found


def _is_by_character(words: Sequence[str]) -> bool:
    """As :func:`~dailies.domain.transcript.spreading.split_words` leaves a language without spaces."""
    return sum(len(_letters(word)) <= 1 for word in words) * 2 > len(words)


def _characters(heard: Sequence[Word]) -> Iterator[tuple[str, Word]]:
    for word in heard:
        letters = list(_letters(word.text))
        for letter, (start, end) in zip(
            letters, _shared(letters, (word.start, word.end)) if letters else (), strict=True
        ):
            yield letter, Word(text=letter, start=start, end=max(start, end))


def _letters(text: str) -> str:
    plain = unicodedata.normalize("NFKD", text.casefold())
    return re.sub(r"[\W_]", "", "".join(c for c in plain if not unicodedata.combining(c)))
