"""Aligns known English text by PocketSphinx: a weak recogniser that is very good at finding what it is told."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence
from importlib.metadata import PackageNotFoundError, version
from itertools import chain
from typing import TYPE_CHECKING, Any

from dailies.adapters.pocketsphinx.spelling import phones_of, spoken_words
from dailies.adapters.speech_audio import samples_of
from dailies.domain.errors import Misconfigured
from dailies.domain.stop import StopToken
from dailies.domain.transcript.spans import Span
from dailies.ports.aligner import AlignAsk, AlignerCapabilities
from dailies.ports.transcriber import RATE_HZ

if TYPE_CHECKING:
    from pocketsphinx import Decoder

_FRAMES = 100
_PIECE_BYTES = RATE_HZ  # half a second


class PocketsphinxAligner:
    """A decoder for each request: what one has heard changes what it hears next."""

    def capabilities(self) -> AlignerCapabilities:
        try:
            release = version("pocketsphinx")
        except PackageNotFoundError as error:
            raise Misconfigured(
                "pocketsphinx is not installed (Python 3.12 has none): pip install 'dailies-media[pocketsphinx]'.",
                code="no_engine",
            ) from error
        return AlignerCapabilities("pocketsphinx", "en-us", release, frozenset({"en"}))

    def align(self, ask: AlignAsk, stop: StopToken, progress: Callable[[float], None]) -> Sequence[Span] | None:
        samples = samples_of(ask.audio)
        spoken = [spoken_words(word) for word in ask.words]
        tokens = list(chain.from_iterable(spoken))
        if not tokens:
            return None
        decoder: Any = _decoder(tokens)
        decoder.start_utt()
        try:
            for place in range(0, len(samples), _PIECE_BYTES):
                stop.check()
                decoder.process_raw(samples[place : place + _PIECE_BYTES], False, False)
                progress(min(place + _PIECE_BYTES, len(samples)) / len(samples))
        finally:
            decoder.end_utt()
        found = list(_found(decoder))
        progress(1.0)
        return list(_of_words(spoken, found)) if len(found) == len(tokens) else None


def _decoder(tokens: Sequence[str]) -> Decoder:
    from pocketsphinx import Decoder

    decoder: Any = Decoder(samprate=RATE_HZ, loglevel="FATAL", lm=None)
    for token in sorted(set(tokens)):
        if decoder.lookup_word(token) is None:
            decoder.add_word(token, " ".join(phones_of(token)), True)
    decoder.set_align_text(" ".join(tokens))
    return decoder


def _found(decoder: Any) -> Iterator[Span]:
    for one in decoder.seg() or () if decoder.hyp() is not None else ():
        # <s>, <sil> and [NOISE] are no words.
        if one.word[0] not in "<[":
            yield one.start_frame / _FRAMES, (one.end_frame + 1) / _FRAMES


def _of_words(spoken: Sequence[Sequence[str]], found: Sequence[Span]) -> Iterator[Span]:
    """A word that is spoken as several takes their time; a dash, which nobody speaks, none."""
    place, last = 0, found[0][0]
    for parts in spoken:
        own = found[place : place + len(parts)]
        place += len(parts)
        start, last = (own[0][0], own[-1][1]) if own else (last, last)
        yield start, last
