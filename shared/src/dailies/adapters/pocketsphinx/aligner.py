"""Aligns known English text by PocketSphinx: a weak recogniser that is very good at finding what it is told."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence
from itertools import chain
from typing import TYPE_CHECKING, Any

from dailies.adapters.pocketsphinx.decoding import ENGINE, LANGUAGES, MODEL, decoded, pocketsphinx_release
from dailies.adapters.pocketsphinx.spelling import phones_of, spoken_words
from dailies.adapters.speech_audio import samples_of
from dailies.domain.stop import StopToken
from dailies.domain.transcript.spans import Span
from dailies.ports.aligner import AlignAsk, AlignerCapabilities
from dailies.ports.transcriber import RATE_HZ

if TYPE_CHECKING:
    from pocketsphinx import Decoder


class PocketsphinxAligner:
    """A decoder for each request: what one has heard changes what it hears next."""

    def capabilities(self) -> AlignerCapabilities:
        return AlignerCapabilities(ENGINE, MODEL, pocketsphinx_release(), LANGUAGES)

    def align(self, ask: AlignAsk, stop: StopToken, progress: Callable[[float], None]) -> Sequence[Span] | None:
        samples = samples_of(ask.audio)
        spoken = [spoken_words(word) for word in ask.words]
        tokens = list(chain.from_iterable(spoken))
        if not tokens:
            return None
        found = [(start, end) for _, start, end in decoded(_decoder(tokens), samples, stop, progress)]
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


def _of_words(spoken: Sequence[Sequence[str]], found: Sequence[Span]) -> Iterator[Span]:
    """A word that is spoken as several takes their time; a dash, which nobody speaks, none."""
    place, last = 0, found[0][0]
    for parts in spoken:
        own = found[place : place + len(parts)]
        place += len(parts)
        start, last = (own[0][0], own[-1][1]) if own else (last, last)
        yield start, last
