"""Who says what: the names that speakers go by in a transcript. Pure."""

from __future__ import annotations

from collections.abc import Mapping, Sequence

from dailies.domain.model import Model
from dailies.domain.transcript.clean_text import clean_text
from dailies.domain.transcript.joining import Answer
from dailies.domain.transcript.spans import Span, length, within
from dailies.domain.transcript.transcript import Remark, Segment

#: How much of a voice is handed over, and the least by which it is known again: OpenAI takes 2 to 10 s. Seconds.
_SAMPLE_SECONDS, _LEAST_SAMPLE_SECONDS = 5.0, 2.0


def speaker_name(number: int, names: Sequence[str]) -> str:
    """What the caller calls the speaker of that number, from 0; else their number."""
    given = clean_text(names[number]) if number < len(names) else ""
    return given or f"Speaker {number + 1}"


def by_speaker(segment: Segment, speaker: str | None) -> Segment:
    """The segment and its words as said by ``speaker``."""
    words = tuple(word.model_copy(update={"speaker": speaker}) for word in segment.words)
    return segment.model_copy(update={"speaker": speaker, "words": words})


class KnownVoice(Model):
    """A stretch in which one voice speaks, seconds of the source: by it the voice is known again in another request."""

    label: str
    start: float
    end: float


def known_voices(segments: Sequence[Segment], spans: Sequence[Span], most: int) -> tuple[KnownVoice, ...]:
    """Of those who speak most, at most so many, a stretch each. ``spans``: what of the source the request held."""
    longest: dict[str, Span] = {}
    spoken: dict[str, float] = {}
    for segment in segments:
        own = within(spans, segment.start, min(segment.end, segment.start + _SAMPLE_SECONDS))
        if segment.speaker is None or not own:
            continue
        spoken[segment.speaker] = spoken.get(segment.speaker, 0.0) + segment.end - segment.start
        if length(own) > length([longest.get(segment.speaker, (0.0, 0.0))]):
            longest[segment.speaker] = (own[0][0], own[-1][1])
    chosen = sorted(longest, key=lambda label: -spoken[label])
    return tuple(
        KnownVoice(label=label, start=longest[label][0], end=longest[label][1])
        for label in chosen
        if length(within(spans, *longest[label])) >= _LEAST_SAMPLE_SECONDS
    )[:most]


def by_label(segments: Sequence[Segment], labels: Mapping[str, str], others: str | None) -> tuple[Segment, ...]:
    """The segments with the speakers' ``labels`` of another request.

    ``others``: what stands before a label that it has not, None: those are nobody.
    """

    def known(label: str | None) -> str | None:
        if label is None or (label not in labels and others is None):
            return None
        return labels.get(label, f"{others}{label}")

    return tuple(by_speaker(segment, known(segment.speaker)) for segment in segments)


def with_voices(answers: Sequence[Answer], names: Sequence[str] = ()) -> tuple[tuple[Answer, ...], tuple[Remark, ...]]:
    """The answers with their voices numbered in the order in which they are first heard, by ``names`` where given.

    A voice that was not known again in several of them may be one, and has a name in each: that is remarked.
    """
    called: dict[str, str] = {}
    parts: set[int] = set()
    found = []
    for number, answer in enumerate(answers):
        segments = []
        for segment in answer.segments:
            label = segment.speaker
            if label is not None and label not in called:
                parts.add(number)
                called[label] = speaker_name(len(called), names)
            segments.append(by_speaker(segment, None if label is None else called[label]))
        found.append(answer.model_copy(update={"segments": tuple(segments)}))
    if len(parts) < 2:
        return tuple(found), ()
    message = "Voices that came later were told apart in parts: a person may have a name in each."
    return tuple(found), (Remark(kind="voices_by_part", message=message),)
