"""A speech engine that hears bursts of tone as words, and errs as a test tells it to."""

from __future__ import annotations

import array
import wave
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass, field

from dailies.domain.stop import StopToken
from dailies.domain.transcript.spans import Span
from dailies.domain.transcript.transcript import Segment, Word
from dailies.ports.aligner import AlignAsk, AlignerCapabilities
from dailies.ports.transcriber import Ask, Capabilities, Heard
from tests.fakes.sounds import RATE_HZ, bursts_in


@dataclass
class ScriptedEngine:
    """``language``: what it makes of each request that names none. ``deaf``: which requests it answers without words.

    ``spoken``: the words in turn; without any they are numbered. ``cut``: after how many words it breaks off.
    ``voices``: it tells them apart: A and B, a turn each, with a pause of a second and a half between them.
    ``first``: whose turn it is when a request begins.
    ``asked``: the requests, with the length of their files.
    """

    window_seconds: float = 30.0
    max_seconds: float = 3600.0
    timed: bool = True
    language: Callable[[int], tuple[str, float]] = lambda _: ("en", 0.99)
    deaf: Callable[[int], bool] = lambda _: False
    cut: Callable[[int], int | None] = lambda _: None
    voices: bool = False
    first: Callable[[int], int] = lambda _: 0
    spoken: Sequence[str] = ()
    asked: list[tuple[Ask, float]] = field(default_factory=list)

    def capabilities(self) -> Capabilities:
        return Capabilities(
            engine="scripted", model="m", version="1", languages=None, word_times=self.timed, diarisation=self.voices,
            translation=False, hints=True, remote=False, window_seconds=self.window_seconds,
            max_seconds=self.max_seconds, max_bytes=1 << 30,
        )  # fmt: skip

    def transcribe(self, ask: Ask, stop: StopToken, progress: Callable[[float], None]) -> Heard:
        opened: wave.Wave_read
        with wave.open(str(ask.audio), "rb") as opened:
            samples = array.array("h", opened.readframes(opened.getnframes()))
        number = len(self.asked)
        self.asked.append((ask, len(samples) / RATE_HZ))
        language, sure = (ask.language, None) if ask.language is not None else self.language(number)
        if self.deaf(number):
            return Heard((), "measured", language, sure)
        words = tuple(
            Word(text=self.spoken[place % len(self.spoken)] if self.spoken else f"w{place}", start=a, end=b)
            for place, (a, b) in enumerate(bursts_in(samples))
        )
        words = words[: self.cut(number)]
        if not words:
            return Heard((), "measured", language, sure)
        text = " ".join(word.text for word in words)
        if not self.timed:
            return Heard((Segment(text=text, start=0.0, end=len(samples) / RATE_HZ),), None, language, sure)
        if ask.speakers:
            # It calls who is first A, whoever that is, but for those whom it was told of.
            names = [name for name, _ in ask.voices] or ["A", "B"]
            return Heard(tuple(_turns(words, names, self.first(number))), "measured", language, sure)
        said = Segment(text=text, start=words[0].start, end=words[-1].end, words=words)
        return Heard((said,), "measured", language, sure)


def _turns(words: Sequence[Word], names: Sequence[str], first: int) -> Iterator[Segment]:
    begun: list[Word] = []
    turn = first
    for word, following in zip(words, [*words[1:], None], strict=True):
        begun.append(word)
        if following is None or following.start - word.end >= 1.5:
            text = " ".join(one.text for one in begun)
            yield Segment(
                text=text, start=begun[0].start, end=word.end, words=tuple(begun), speaker=names[turn % len(names)]
            )
            begun, turn = [], turn + 1


@dataclass
class ScriptedAligner:
    """Finds word after word in the bursts of tone; None where there are too few, or where it ``refuses``."""

    engine: str = "scripted-aligner"
    languages: frozenset[str] | None = None
    refuses: bool = False
    asked: list[AlignAsk] = field(default_factory=list)

    def capabilities(self) -> AlignerCapabilities:
        return AlignerCapabilities(self.engine, "m", "1", self.languages)

    def align(self, ask: AlignAsk, stop: StopToken, progress: Callable[[float], None]) -> Sequence[Span] | None:
        self.asked.append(ask)
        opened: wave.Wave_read
        with wave.open(str(ask.audio), "rb") as opened:
            found = bursts_in(array.array("h", opened.readframes(opened.getnframes())))
        return None if self.refuses or len(found) < len(ask.words) else found[: len(ask.words)]
