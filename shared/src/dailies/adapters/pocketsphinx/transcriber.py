"""PocketSphinx on this machine: English where nothing better is there. It gets one word in three wrong, and says so."""

from __future__ import annotations

import threading
from collections.abc import Callable, Iterable
from functools import cached_property
from typing import TYPE_CHECKING

from dailies.adapters.pocketsphinx.decoding import ENGINE, LANGUAGES, MODEL, decoded, pocketsphinx_release
from dailies.adapters.speech_audio import checked_seconds, samples_of, windows_of
from dailies.domain.stop import StopToken
from dailies.domain.transcript.clean_text import clean_text
from dailies.domain.transcript.transcript import Segment, Word
from dailies.ports.transcriber import RATE_HZ, Ask, Capabilities, Heard

if TYPE_CHECKING:
    from pocketsphinx import Decoder

#: Between 12 and 38 % of clips from LibriVox and LibriSpeech, with the model it brings (benchmarks/speech.py).
_WORD_ERROR = 0.3
#: It searches an utterance as a whole: of longer ones it takes more than a core has.
_WINDOW_SECONDS = 15.0


class PocketsphinxTranscriber:
    def __init__(self) -> None:
        self._one_at_a_time = threading.Lock()

    def capabilities(self) -> Capabilities:
        return Capabilities(
            engine=ENGINE,
            model=MODEL,
            version=pocketsphinx_release(),
            languages=LANGUAGES,
            word_times=True,
            diarisation=False,
            translation=False,
            hints=False,
            remote=False,
            window_seconds=_WINDOW_SECONDS,
            max_seconds=3600.0,
            max_bytes=200_000_000,
            word_error=_WORD_ERROR,
        )

    def transcribe(self, ask: Ask, stop: StopToken, progress: Callable[[float], None]) -> Heard:
        seconds = checked_seconds(ask, self.capabilities())
        windows = windows_of(ask, seconds, _WINDOW_SECONDS)
        segments: list[Segment] = []
        for number, (start, end) in enumerate(windows):
            with self._one_at_a_time:
                words = list(self._words(samples_of(ask.audio, start, end), start, end, stop))
            if words:
                text = " ".join(word.text for word in words)
                segments.append(Segment(text=text, start=words[0].start, end=words[-1].end, words=tuple(words)))
            progress((number + 1) / len(windows))
        # It knows one language, whatever was spoken: that is no finding.
        return Heard(tuple(segments), "measured", "en", None)

    @cached_property
    def _decoder(self) -> Decoder:
        from pocketsphinx import Decoder

        return Decoder(samprate=RATE_HZ, loglevel="FATAL")

    def _words(self, samples: bytes, start: float, end: float, stop: StopToken) -> Iterable[Word]:
        for word, begin, stopped in decoded(self._decoder, samples, stop):
            # "read(2)" is its second pronunciation.
            text = clean_text(word.partition("(")[0])
            if text:
                at = min(start + begin, end)
                last = min(start + stopped, end)
                yield Word(text=text, start=round(at, 3), end=round(max(at, last), 3))
