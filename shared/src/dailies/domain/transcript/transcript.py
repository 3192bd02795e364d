"""What was said in a source, when and how surely: the transcript, as steps pass it on and files publish it. Pure."""

from __future__ import annotations

from typing import Literal, Self

from pydantic import Field, model_validator

from dailies.domain.model import Model

Timing = Literal["measured", "aligned", "estimated"]
"""How the times of words came about: the engine gave them; known text was aligned with the sound (about 0.1 s off); the
text was spread over the speech that was detected (0.1 to 0.7 s off, less after a pause)."""

PrivateKind = Literal["email", "phone", "card", "iban"]


class _Timed(Model):
    """A text and when it was said."""

    text: str
    start: float = Field(ge=0, description="Seconds on the source's clock.")
    end: float = Field(ge=0, description="Seconds on the source's clock; never before the start.")

    @model_validator(mode="after")
    def _ends_after_it_starts(self) -> Self:
        if self.end < self.start:
            raise ValueError("ends before it starts")
        return self


class Word(_Timed):
    """One word as it was written down, punctuation included, without the space before it."""

    confidence: float | None = Field(None, ge=0, le=1, description="The engine's own; null where it gives none.")
    speaker: str | None = None


class Segment(_Timed):
    """A sentence or a breath: what the engine gave in one piece."""

    words: tuple[Word, ...] = ()
    confidence: float | None = Field(None, ge=0, le=1, description="The engine's own; null where it gives none.")
    speaker: str | None = None


class Remark(Model):
    """What a reader of the transcript has to know of one stretch, or of all of it."""

    kind: str = Field(description="What a program switches on: `no_words`, `loop_removed`, `weak_engine` …")
    message: str
    start: float | None = Field(None, ge=0, description="Seconds; null where it is about the whole.")
    end: float | None = Field(None, ge=0, description="Seconds; null where it is about the whole.")


class Masked(Model):
    """What was left out, and when it is said: the sound still has it."""

    kind: PrivateKind
    start: float = Field(ge=0, description="Seconds on the source's clock.")
    end: float = Field(ge=0, description="Seconds on the source's clock.")


class Transcript(Model):
    """Segments in the order of their starts. One without segments says that nobody speaks."""

    language: str | None = Field(description="Of the text: ISO 639-1, lower case; null where there is no speech.")
    language_confidence: float | None = Field(None, ge=0, le=1, description="Null where it was given or not measured.")
    translated: bool = Field(False, description="true: the text is a translation of what is said.")
    spoken_language: str | None = Field(
        None, description="What is said in, where the text is a translation; null where nobody told, or it is none."
    )
    segments: tuple[Segment, ...] = ()
    timing: Timing = Field("measured", description="The weakest of its parts.")
    speech_seconds: float = Field(0.0, ge=0, description="How much speech was detected in the source.")
    coverage: float | None = Field(
        None, ge=0, le=1, description="Share of the detected speech that has words; null where there is none."
    )
    engine: str = Field(description="What recognised it: `faster-whisper`, `openai`, `pocketsphinx` …")
    model: str = Field(description="The engine's model, as the engine names it.")
    cost_usd: float = Field(0.0, ge=0, description="What the engine's owner charges for it, dollars.")
    remarks: tuple[Remark, ...] = ()
    masked: tuple[Masked, ...] = Field((), description="What `mask` left out: `[phone]` stands in its place.")

    @model_validator(mode="after")
    def _is_in_order(self) -> Self:
        starts = [segment.start for segment in self.segments]
        if starts != sorted(starts):
            raise ValueError("the segments are not in the order of their starts")
        return self

    @property
    def text(self) -> str:
        """All that was said, a line for each segment."""
        return "\n".join(segment.text for segment in self.segments)

    @property
    def dialogue(self) -> str:
        """The text, each line by who says it, as far as that is known."""
        return "\n".join(
            segment.text if segment.speaker is None else f"{segment.speaker}: {segment.text}"
            for segment in self.segments
        )

    @property
    def speakers(self) -> tuple[str, ...]:
        """Who is heard, in the order of their first words."""
        return tuple(dict.fromkeys(one.speaker for one in self.segments if one.speaker is not None))

    @property
    def words(self) -> tuple[Word, ...]:
        """The words of all segments."""
        return tuple(word for segment in self.segments for word in segment.words)


def weakest(timings: tuple[Timing, ...]) -> Timing:
    """The one that promises least; ``measured`` of none."""
    order: tuple[Timing, ...] = ("measured", "aligned", "estimated")
    return max(timings, key=order.index, default="measured")
