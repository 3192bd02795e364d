"""Who says what: the names that speakers go by in a transcript. Pure."""

from __future__ import annotations

from collections.abc import Sequence

from dailies.domain.transcript.clean_text import clean_text
from dailies.domain.transcript.joining import Answer
from dailies.domain.transcript.transcript import Remark, Segment


def speaker_name(number: int, names: Sequence[str]) -> str:
    """What the caller calls the speaker of that number, from 0; else their number."""
    given = clean_text(names[number]) if number < len(names) else ""
    return given or f"Speaker {number + 1}"


def by_speaker(segment: Segment, speaker: str | None) -> Segment:
    """The segment and its words as said by ``speaker``."""
    words = tuple(word.model_copy(update={"speaker": speaker}) for word in segment.words)
    return segment.model_copy(update={"speaker": speaker, "words": words})


def with_voices(answers: Sequence[Answer], names: Sequence[str] = ()) -> tuple[tuple[Answer, ...], tuple[Remark, ...]]:
    """The answers with their voices numbered in the order in which they are first heard, by ``names`` where given.

    An engine tells voices apart within a request: those of two answers are never taken for one another.
    """
    known: dict[tuple[int, str], str] = {}
    found = []
    for number, answer in enumerate(answers):
        segments = []
        for segment in answer.segments:
            voice = None
            if segment.speaker is not None:
                voice = known.setdefault((number, segment.speaker), speaker_name(len(known), names))
            segments.append(by_speaker(segment, voice))
        found.append(answer.model_copy(update={"segments": tuple(segments)}))
    if len({number for number, _ in known}) < 2:
        return tuple(found), ()
    message = "The engine told voices apart in parts: a person who speaks in several has a name in each."
    return tuple(found), (Remark(kind="voices_by_part", message=message),)


def nameless(answer: Answer) -> Answer:
    """The answer of nobody: one to a stretch alone, whose voices are no others' of the recording."""
    return answer.model_copy(update={"segments": tuple(by_speaker(segment, None) for segment in answer.segments)})
