"""PocketSphinx on this machine: English where nothing better is there. It gets one word in three wrong, and says so."""

from __future__ import annotations

import threading
from collections.abc import Callable, Iterable
from functools import cached_property
from importlib.metadata import PackageNotFoundError, version
from typing import TYPE_CHECKING, Any

from dailies.adapters.speech_audio import checked_seconds, samples_of, windows_of
from dailies.domain.errors import Misconfigured
from dailies.domain.stop import StopToken
from dailies.domain.transcript.clean_text import clean_text
from dailies.domain.transcript.transcript import Segment, Word
from dailies.ports.transcriber import RATE_HZ, Ask, Capabilities, Heard

if TYPE_CHECKING:
    from pocketsphinx import Decoder

ENGINE = "pocketsphinx"
#: Frames a second of its acoustic model.
_FRAMES = 100
#: Between 12 and 38 % of clips from LibriVox and LibriSpeech, with the model it brings (benchmarks/speech.py).
_WORD_ERROR = 0.3
#: It searches an utterance as a whole: of longer ones it takes more than a core has.
_WINDOW_SECONDS = 15.0
_PIECE_BYTES = RATE_HZ  # half a second


class PocketsphinxTranscriber:
    def __init__(self) -> None:
        self._one_at_a_time = threading.Lock()

    def capabilities(self) -> Capabilities:
        try:
            release = version("pocketsphinx")
        except PackageNotFoundError as error:
            raise Misconfigured(
                "pocketsphinx is not installed (Python 3.12 has none): pip install 'dailies-media[pocketsphinx]'.",
                code="no_engine",
            ) from error
        return Capabilities(
            engine=ENGINE,
            model="en-us",
            version=release,
            languages=frozenset({"en"}),
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
        decoder: Any = self._decoder
        decoder.start_utt()
        try:
            for place in range(0, len(samples), _PIECE_BYTES):
                stop.check()
                decoder.process_raw(samples[place : place + _PIECE_BYTES], False, False)
        finally:
            decoder.end_utt()
        for one in decoder.seg() or () if decoder.hyp() is not None else ():
            # "read(2)" is its second pronunciation; <s>, <sil> and [NOISE] are no words.
            text = clean_text(one.word.partition("(")[0])
            if text and text[0] not in "<[":
                at = min(start + one.start_frame / _FRAMES, end)
                last = min(start + (one.end_frame + 1) / _FRAMES, end)
                yield Word(text=text, start=round(at, 3), end=round(max(at, last), 3))
