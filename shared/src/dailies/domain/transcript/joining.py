"""Brings the answers to the requests of one source back onto its clock, and makes one transcript of them. Pure."""

from __future__ import annotations

from collections.abc import Mapping, Sequence

from dailies.domain.model import Model
from dailies.domain.transcript.activity import Activity
from dailies.domain.transcript.chunks import Chunk
from dailies.domain.transcript.guards import covered, missed, without_loops, without_pauses, without_phantoms
from dailies.domain.transcript.sentences import by_sentence, divided
from dailies.domain.transcript.spans import Span, length, merged, within, without
from dailies.domain.transcript.spreading import spread_words
from dailies.domain.transcript.transcript import Remark, Segment, Timing, Transcript, Word, weakest

#: A language that was heard with less confidence than this is asked for again once the others have agreed on one.
_SURE = 0.8
#: Words that lie no further apart are said in one breath. Seconds.
_BREATH_SECONDS = 0.5


class Guess(Model):
    """The language that was heard in one answer, how surely, and in how many words."""

    language: str | None
    confidence: float | None
    words: int


class Answer(Model):
    """What an engine said to one request, on the source's clock and held against what is heard there."""

    segments: tuple[Segment, ...]
    timing: Timing
    language: str | None
    language_confidence: float | None
    usd: float = 0.0
    remarks: tuple[Remark, ...] = ()

    @property
    def words(self) -> tuple[Word, ...]:
        """Of all segments."""
        return tuple(word for segment in self.segments for word in segment.words)

    @property
    def guess(self) -> Guess:
        """Its language."""
        return Guess(language=self.language, confidence=self.language_confidence, words=len(self.words))


class Recogniser(Model):
    """Who answered: for the transcript's own account. ``word_error``: of a weak engine, the share it gets wrong."""

    engine: str
    model: str
    word_error: float | None = None


def placed(
    chunk: Chunk,
    activity: Activity,
    segments: Sequence[Segment],
    *,
    timed: bool,
    language: str | None,
    language_confidence: float | None = None,
    usd: float = 0.0,
) -> Answer:
    """The answer to ``chunk``, whose segments have the file's times. ``timed``: the engine gave its words theirs."""
    there = [_on_the_source(segment, chunk, activity) for segment in segments]
    found = sorted((part for one in there for part in by_sentence(one)), key=lambda segment: segment.start)
    kept, loops = without_loops(found)
    kept, phantoms = without_phantoms(kept, activity)
    return Answer(
        segments=kept,
        timing="measured" if timed or not kept else "estimated",
        # Nobody spoke a language where there are no words.
        language=language if kept else None,
        language_confidence=language_confidence if kept else None,
        usd=usd,
        remarks=(*loops, *phantoms),
    )


def _on_the_source(segment: Segment, chunk: Chunk, activity: Activity) -> Segment:
    start, end = chunk.source_span(segment.start, segment.end)
    if not segment.words:
        spans = chunk.source_spans(segment.start, segment.end)
        # Over what is loud; where all is quiet, over all.
        words = spread_words(segment.text, without(spans, activity.quiet) or spans or [(start, max(end, start + 0.02))])
    else:
        words = tuple(
            without_pauses(word.model_copy(update={"start": a, "end": b}), within(activity.quiet, a, b))
            for word in segment.words
            for a, b in [chunk.source_span(word.start, word.end)]
        )
    if words:
        start, end = min(word.start for word in words), max(word.end for word in words)
    return segment.model_copy(update={"words": words, "start": start, "end": end})


def majority(guesses: Sequence[Guess]) -> str | None:
    """The language of most of the words that were answered, each by its confidence; of equals the first heard."""
    votes: dict[str, float] = {}
    for guess in guesses:
        if guess.language is not None:
            sure = 1.0 if guess.confidence is None else guess.confidence
            votes[guess.language] = votes.get(guess.language, 0.0) + guess.words * sure
    return max(votes, key=lambda language: votes[language], default=None)


def doubtful(guess: Guess, language: str | None) -> bool:
    """Whether the engine guessed another language than most of the source has, without being sure of it."""
    differs = guess.language is not None and language is not None and guess.language != language
    return differs and (guess.confidence or 0.0) < _SURE


def unheard(chunk: Chunk, activity: Activity, answer: Answer) -> tuple[Span, ...]:
    """The stretches of the chunk's speech that came back without words, seconds of the source: to be heard alone."""
    spans = merged(chunk.spans())
    voiced = [part for start, end in spans for part in within(activity.voiced, start, end)]
    own = activity.model_copy(update={"voiced": tuple(voiced)})
    return missed(own, answer.words)


def joined(activity: Activity, answers: Sequence[Answer], again: Sequence[Answer], by: Recogniser) -> Transcript:
    """One transcript of the ``answers`` to all chunks, and of those to stretches that were heard ``again``, alone.

    What is heard again adds words where there are none, and changes no others. What still has none is said.
    """
    segments = [segment for answer in answers for segment in answer.segments]
    # A segment may have a hole: of a loop its first and its last words are left.
    taken = merged(((word.start, word.end) for segment in segments for word in segment.words), _BREATH_SECONDS)
    added = [
        segment
        for answer in again
        for segment in answer.segments
        if length(within(taken, segment.start, segment.end)) * 2 <= segment.end - segment.start
    ]
    holes = [segment.start for segment in added]
    parts = [part for segment in segments for part in divided(segment, holes, _BREATH_SECONDS)]
    segments = sorted([*parts, *added], key=lambda segment: segment.start)
    words = [word for segment in segments for word in segment.words]
    everybody = [*answers, *again]
    language = majority([answer.guess for answer in everybody])
    agreeing = [
        answer for answer in everybody if answer.language == language and answer.language_confidence is not None
    ]
    return Transcript(
        language=language,
        language_confidence=_mean([answer.language_confidence or 0.0 for answer in agreeing]),
        segments=tuple(segments),
        timing=weakest(tuple(answer.timing for answer in everybody if answer.segments)),
        speech_seconds=round(length(activity.voiced), 3),
        coverage=covered(activity, words),
        engine=by.engine,
        model=by.model,
        cost_usd=round(sum(answer.usd for answer in everybody), 6),
        remarks=(
            *_of_the_engine(by),
            *(remark for answer in everybody for remark in answer.remarks),
            *_of_other_languages(answers, language),
            *_of_missing_words(missed(activity, words)),
        ),
    )


def translated(transcript: Transcript) -> Transcript:
    """The transcript, its text being English, whatever is spoken."""
    if not transcript.segments:
        return transcript
    own = {"language": "en", "translated": True, "spoken_language": transcript.language}
    return transcript.model_copy(update=own)


def _of_the_engine(by: Recogniser) -> list[Remark]:
    if by.word_error is None:
        return []
    message = (
        f"{by.engine} gets about {by.word_error:.0%} of the words wrong on clear English: a better engine would do."
    )
    return [Remark(kind="weak_engine", message=message)]


def _of_other_languages(answers: Sequence[Answer], language: str | None) -> list[Remark]:
    languages: Mapping[str, float] = {
        answer.language: answer.segments[0].start
        for answer in reversed(answers)
        if answer.language is not None and answer.language != language and answer.segments
    }
    return [
        Remark(kind="other_language", message=f"A part was heard as {other!r}.", start=start)
        for other, start in sorted(languages.items(), key=lambda item: item[1])
    ]


def _of_missing_words(spans: Sequence[Span]) -> list[Remark]:
    return [
        Remark(kind="no_words", message="Somebody speaks and no words were found, twice.", start=start, end=end)
        for start, end in spans
    ]


def _mean(values: Sequence[float]) -> float | None:
    return round(sum(values) / len(values), 4) if values else None
