"""Whisper on this machine, through faster-whisper: every window by itself, greedily, so that it answers alike."""

from __future__ import annotations

import threading
from collections.abc import Callable, Iterable
from functools import cached_property
from importlib.metadata import PackageNotFoundError
from pathlib import Path
from typing import TYPE_CHECKING, Any

from dailies.adapters.installed import release_of
from dailies.adapters.speech_audio import checked_seconds, samples_of, windows_of
from dailies.adapters.whisper.weights import Weights, base_weights, joined, own_weights
from dailies.domain.errors import Misconfigured
from dailies.domain.stop import StopToken
from dailies.domain.transcript.clean_text import clean_text
from dailies.domain.transcript.spreading import spread_words
from dailies.domain.transcript.transcript import Segment, Word
from dailies.ports.transcriber import Ask, Capabilities, Heard

if TYPE_CHECKING:
    from faster_whisper import WhisperModel

ENGINE = "faster-whisper"
_WINDOW_SECONDS = 30.0
#: A prompt has room for so much in Whisper's context: 224 tokens (openai/whisper, decoding.py).
_HINT_CHARACTERS = 600
#: 99 of Whisper's 100; ``yue`` came with large-v3 only.
LANGUAGES = frozenset(
    "af am ar as az ba be bg bn bo br bs ca cs cy da de el en es et eu fa fi fo fr gl gu ha haw he hi hr ht hu hy id "
    "is it ja jw ka kk km kn ko la lb ln lo lt lv mg mi mk ml mn mr ms mt my ne nl nn no oc pa pl ps pt ro ru sa sd si "
    "sk sl sn so sq sr su sv sw ta te tg th tk tl tr tt uk ur uz vi yi yo zh".split()
)
_ENGLISH = frozenset({"en"})


class WhisperTranscriber:
    """Loads its model when it is first asked, and keeps it: half a gigabyte for base."""

    def __init__(self, cache: Path, *, folder: Path | None = None, threads: int | None = None) -> None:
        """``cache``: where base's weights are joined; ``folder``: a model of the user's instead of base."""
        self._cache = cache
        self._folder = folder
        self._threads = threads
        self._one_at_a_time = threading.Lock()

    def capabilities(self) -> Capabilities:
        try:
            engine = f"{release_of('faster-whisper')}/{release_of('ctranslate2')}"
        except PackageNotFoundError as error:
            raise Misconfigured(
                "faster-whisper is not installed: pip install 'dailies-media[speech]'.", code="no_engine"
            ) from error
        weights = self._weights
        return Capabilities(
            engine=ENGINE,
            model=weights.name,
            version=f"{engine} {weights.version}",
            languages=LANGUAGES if weights.multilingual else _ENGLISH,
            word_times=True,
            diarisation=False,
            translation=weights.translates,
            hints=True,
            remote=False,
            window_seconds=_WINDOW_SECONDS,
            max_seconds=3600.0,
            max_bytes=200_000_000,
        )

    def transcribe(self, ask: Ask, stop: StopToken, progress: Callable[[float], None]) -> Heard:
        can = self.capabilities()
        seconds = checked_seconds(ask, can)
        windows = windows_of(ask, seconds, _WINDOW_SECONDS)
        language, confidence = ask.language, None
        segments: list[Segment] = []
        for number, (start, end) in enumerate(windows):
            with self._one_at_a_time:
                stop.check()
                sound = _array(samples_of(ask.audio, start, end))
                if language is None:
                    # Of the longest, as a greeting or a title may be in another.
                    longest = max(windows, key=lambda window: window[1] - window[0])
                    language, confidence = self._language(_array(samples_of(ask.audio, *longest)))
                segments += _segments(self._hear(sound, language, ask), start, end)
            progress((number + 1) / len(windows))
        # Alignment may find a segment's first word before the one before it.
        segments.sort(key=lambda segment: segment.start)
        return Heard(tuple(segments), "measured", language, confidence)

    @cached_property
    def _weights(self) -> Weights:
        return base_weights(self._cache) if self._folder is None else own_weights(self._folder)

    @cached_property
    def _model(self) -> WhisperModel:
        import ctranslate2
        from faster_whisper import WhisperModel

        gpu = ctranslate2.get_cuda_device_count() > 0
        return WhisperModel(
            str(joined(self._weights)),
            device="cuda" if gpu else "cpu",
            compute_type="int8_float16" if gpu else "int8",
            cpu_threads=self._threads or 0,
            local_files_only=True,
        )

    def _language(self, sound: Any) -> tuple[str, float]:
        if not self._model.model.is_multilingual:
            return "en", 1.0
        language, probability, _ = self._model.detect_language(audio=sound)
        return language, min(max(float(probability), 0.0), 1.0)

    def _hear(self, sound: Any, language: str, ask: Ask) -> Any:
        """One beam: five with word times drop half a minute now and then. One temperature: others throw dice."""
        found, _ = self._model.transcribe(
            sound,
            language=language,
            task="translate" if ask.translate else "transcribe",
            beam_size=1,
            temperature=0.0,
            condition_on_previous_text=False,
            word_timestamps=True,
            initial_prompt=clean_text(ask.prompt)[-_HINT_CHARACTERS:] or None,
            hotwords=", ".join(clean_text(term) for term in ask.vocabulary)[:_HINT_CHARACTERS] or None,
        )
        return found


def _array(samples: bytes) -> Any:
    import numpy as np

    return np.frombuffer(samples, dtype="<i2").astype(np.float32) / 32768.0


def _segments(found: Iterable[Any], start: float, end: float) -> Iterable[Segment]:
    """With times of the file, none beyond the window."""

    def at(seconds: float) -> float:
        return round(min(max(start + float(seconds), start), end), 3)

    for one in found:
        words = _whole(
            (
                word.word,
                Word(
                    text=text,
                    start=at(word.start),
                    end=max(at(word.start), at(word.end)),
                    confidence=round(min(max(float(word.probability), 0.0), 1.0), 3),
                ),
            )
            for word in one.words or ()
            if (text := clean_text(word.word))
        )
        text = clean_text(one.text)
        if not text:
            continue
        if not words:
            # It could not align them: they lie somewhere in the segment.
            span = (min(at(one.start), end - 0.02), max(at(one.end), at(one.start)))
            words = spread_words(text, [span if span[1] > span[0] else (span[0], end)])
        first, last = min(word.start for word in words), max(word.end for word in words)
        sure = [word.confidence for word in words if word.confidence is not None]
        yield Segment(
            text=text, start=first, end=last, words=words, confidence=round(sum(sure) / len(sure), 3) if sure else None
        )


def _whole(pieces: Iterable[tuple[str, Word]]) -> tuple[Word, ...]:
    """What it splits off without a space, "-disposed" of "ill-disposed", is of the word before."""
    words: list[Word] = []
    for raw, word in pieces:
        if words and not raw[0].isspace() and not word.text[0].isalnum():
            before = words[-1]
            sure = [one.confidence for one in (before, word) if one.confidence is not None]
            joined_up = {"text": before.text + word.text, "end": max(before.end, word.end), "confidence": min(sure)}
            words[-1] = before.model_copy(update=joined_up)
        else:
            words.append(word)
    return tuple(words)
