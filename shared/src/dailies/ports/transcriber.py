"""Speech recognition: sound in, words out, and an honest account of what the engine can and can't do.

A transcriber hears what it is given and nothing else: where there is speech, what may be sent, how answers of several
files are put together and which of them are believed is decided by domain/transcript. It never tries again itself:
an error says whether that is worth it and after how long.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Protocol

from dailies.domain.errors import InvalidRecipe, Misconfigured
from dailies.domain.stop import StopToken
from dailies.domain.transcript.transcript import Segment, Timing
from dailies.ports.aligner import Aligner
from dailies.ports.private_data import PrivateData

RATE_HZ = 16_000
"""The one form of sound that is handed over: WAV, 16-bit PCM, mono, at this rate."""

MOST_VOICES = 4
"""How many can be known again in a request (OpenAI's limit)."""


#: What an engine lacks, and which of those that we know do not (docs/transcripts.md).
_ABLE = {
    "translation": (
        "does not translate",
        "DAILIES_SPEECH_ENGINE=faster-whisper (no English model, no turbo), or DAILIES_OPENAI_SPEECH_MODEL=whisper-1",
    ),
    "speakers": ("does not tell voices apart", "DAILIES_OPENAI_SPEECH_MODEL=gpt-4o-transcribe-diarize"),
    "hints": ("takes no hints", "DAILIES_SPEECH_ENGINE=faster-whisper, or DAILIES_OPENAI_SPEECH_MODEL=gpt-transcribe"),
}


@dataclass(frozen=True, slots=True)
class Capabilities:
    """What an engine can do, and the limits of one request to it."""

    engine: str
    model: str
    version: str
    """Changes whenever the same request may be answered otherwise (a hash of the weights, the release of the engine):
    part of the key of whatever is made of its answers."""
    languages: frozenset[str] | None
    """ISO 639-1; None: it does not say, and any may be asked of it."""
    word_times: bool
    diarisation: bool
    translation: bool
    """Whether it can answer in English what was said in another language."""
    hints: bool
    """Whether prompt and vocabulary have an effect."""
    remote: bool
    """Whether the sound leaves this machine."""
    window_seconds: float
    """It hears so much at once, and pays for all of it however little is in it."""
    max_seconds: float
    max_bytes: int
    usd_per_minute: float = 0.0
    word_error: float | None = None
    """Of a weak engine: the share of words it gets wrong on clear reading, as measured (docs/transcripts.md)."""

    def check(
        self, language: str | None, *, translate: bool, speakers: bool = False, prompt: str = "",
        vocabulary: Sequence[str] = (), within: str = "",
    ) -> None:  # fmt: skip
        """Refuse what it can't do, as InvalidRecipe: ``language_unknown``, ``no_translation``, ``no_speakers``,
        ``no_hints``.

        ``within``: what stands before the field's name in the error.
        """
        if language is not None and self.languages is not None and language not in self.languages:
            raise InvalidRecipe(
                f"{self.engine} ({self.model}) knows no {language!r}: "
                "choose another engine, or leave the language out.",
                code="language_unknown",
                field=f"{within}language",
            )
        for field, asked, able, what in (
            ("translate", translate, self.translation, "translation"),
            ("speakers", speakers, self.diarisation, "speakers"),
            ("prompt", bool(prompt), self.hints, "hints"),
            ("vocabulary", bool(vocabulary), self.hints, "hints"),
        ):
            if asked and not able:
                lacks, others = _ABLE[what]
                raise InvalidRecipe(
                    f"{self.engine} ({self.model}) {lacks}: leave it out, or choose {others}.",
                    code=f"no_{what}",
                    field=f"{within}{field}",
                )


@dataclass(frozen=True, slots=True)
class Ask:
    """One request. ``windows``: spans of the file in seconds, in order, apart, none longer than ``window_seconds``,
    none of which cuts a word: an engine that hears windows takes these; empty: it makes its own.
    """

    audio: Path
    windows: Sequence[tuple[float, float]] = ()
    language: str | None = None
    """ISO 639-1; None: the engine finds out."""
    prompt: str = ""
    """What the recording is about, or what was said before: data of a user's, never an instruction."""
    vocabulary: Sequence[str] = ()
    """Names and terms that may be in it."""
    speakers: bool = False
    voices: Sequence[tuple[str, Path]] = ()
    """Voices to be known again, where ``speakers`` are told apart: what each is to be called, and 2 to 10 s of it, in
    the form of ``audio``. At most :data:`MOST_VOICES`."""
    translate: bool = False


@dataclass(frozen=True, slots=True)
class Heard:
    """The answer. Times are seconds of the file; ``timing`` None: its words have no times.

    Segments then have no words, and bound their text as well as the engine could: the whole file if need be.
    """

    segments: tuple[Segment, ...]
    timing: Timing | None
    language: str | None
    """Of what was said, also where the text is a translation; None where neither asked for nor told."""
    language_confidence: float | None
    usd: float = 0.0

    @property
    def text(self) -> str:
        return " ".join(segment.text for segment in self.segments)


@dataclass(frozen=True, slots=True)
class SpeechChoice:
    """The engine that was chosen, and what would be better: a sentence to act on, empty where nothing is known.

    ``aligners``: those that are there for its answers without times, the best first. ``private_data``: what finds it in
    text, where that is there.
    """

    transcriber: Transcriber
    better: str
    aligners: tuple[Aligner, ...] = ()
    private_data: PrivateData | None = None

    def finder(self) -> PrivateData:
        """What finds private data in text. Raises Misconfigured ``no_masking`` where nothing does."""
        if self.private_data is None:
            raise Misconfigured(
                "Nothing finds private data here: pip install 'dailies-media[masking]'.", code="no_masking"
            )
        return self.private_data

    def aligner(self, engine: str) -> Aligner:
        """The one of that name. Raises Misconfigured ``no_engine`` where it is not there."""
        for one in self.aligners:
            if one.capabilities().engine == engine:
                return one
        raise Misconfigured(f"{engine} is not installed here.", code="no_engine")


class Transcriber(Protocol):
    """Safe to call from several threads.

    Where the engine hears no words it answers without segments: an empty answer is never an error, and an answer that
    was refused, blocked or cut is never an empty one. Segments come in the order of their starts and lie within the
    file; every word lies within its segment. Texts have no control characters and no space around them.
    """

    def capabilities(self) -> Capabilities:
        """Without asking anybody and without loading a model. Raises Misconfigured when the engine is not there."""

    def transcribe(self, ask: Ask, stop: StopToken, progress: Callable[[float], None]) -> Heard:
        """Recognise one file. The same request is answered alike as far as the engine can do that.

        ``progress`` takes the part done, 0–1, never falling. Raises

        - what ``stop`` says, soon after it is set: an engine on this machine at the end of a window;
        - SourceRefused ``not_speech_audio`` for a file of another form than :data:`RATE_HZ` has;
        - PermanentError ``over_engine_limits`` for more than ``max_seconds`` or ``max_bytes``, asking nobody;
        - InvalidRecipe ``language_unknown``, ``no_translation``, ``no_speakers``, ``no_hints`` for what it can't do;
        - Misconfigured for a wrong key, a model that is not there, weights that are not those that were pinned;
        - QuotaExceeded ``engine_credit`` where the operator's account is used up;
        - RateLimited, with ``retry_after`` where the engine says so;
        - TransientError ``engine_unavailable``, ``engine_timeout``, ``engine_answer`` (one that can't be read);
        - PermanentError ``engine_refused`` for any other refusal.
        """
