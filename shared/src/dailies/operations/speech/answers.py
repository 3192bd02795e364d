"""Which answers a transcript is made of: the plan that unfolds as speech is found and engines answer."""

from __future__ import annotations

import math
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Literal

from dailies.domain.model import Model
from dailies.domain.source.media_info import MediaInfo
from dailies.domain.transcript.joining import doubtful, majority
from dailies.domain.transcript.speakers import KnownVoice
from dailies.domain.transcript.transcript import PrivateKind
from dailies.operations.speech.asking import AskParams, EngineParams, Said, again, asking_cost
from dailies.operations.steps.align import ALIGN, AlignerParams, AlignParams, align_cost
from dailies.operations.steps.voice import VOICE, Voice, VoiceParams
from dailies.planning.operation import Estimate, Known, MayCome, Needs, Request, Unfolding

#: So many chunks are asked for their language; the others are told what most of them say.
_SAMPLES = 3


class MaskParams(Model):
    """What is masked, and the version of what finds it."""

    kinds: tuple[PrivateKind, ...]
    finder: str


class TranscriptParams(Model):
    """``sides``: the sound that is heard, one, or each channel of a recording that has a speaker on either."""

    sides: tuple[VoiceParams, ...]
    engine: EngineParams
    format: Literal["json", "txt"]
    language: str | None
    prompt: str
    vocabulary: tuple[str, ...]
    translate: bool
    aligners: tuple[AlignerParams, ...] = ()
    remove_fillers: bool = False
    mask: MaskParams | None = None
    voices: bool = False
    speaker_names: tuple[str, ...] = ()

    def ask(
        self, side: int, chunk: int, seconds: float, language: str | None, known: tuple[KnownVoice, ...] = ()
    ) -> AskParams:
        return AskParams(
            voice=self.sides[side],
            engine=self.engine,
            chunk=chunk,
            seconds=seconds,
            language=language,
            prompt=self.prompt,
            vocabulary=self.vocabulary,
            translate=self.translate,
            speakers=self.voices,
            known=known,
            private=self.mask is not None,
        )

    def request(self, ask: AskParams) -> Request:
        return Request(self.engine.kind, ask)


@dataclass(frozen=True, slots=True)
class SideRoles:
    """The names of a transcript's inputs that are of one side."""

    side: int

    @property
    def voice(self) -> str:
        return f"{self.side}-{VOICE}"

    @property
    def answers(self) -> str:
        """What the answers' roles begin with."""
        return f"{self.side}-answer-"

    @property
    def again(self) -> str:
        """What those begin with that answer about a stretch alone."""
        return f"{self.side}-again-"


def answers_needed(params: TranscriptParams, known: Known) -> Needs:
    """The speech, an answer for each chunk of it, and for each stretch of one that came back without words."""
    needs: dict[str, Request] = {
        SideRoles(side).voice: Request(VOICE, voice) for side, voice in enumerate(params.sides)
    }
    found = [known(request) for request in needs.values()]
    if None in found:
        return Unfolding(needs)
    voices = [Voice.model_validate(each) for each in found]
    if len({voice.sha256 for voice in voices}) < len(voices):
        # One sound on all channels is heard once.
        voices = voices[:1]
        needs = {SideRoles(0).voice: needs[SideRoles(0).voice]}
    waits = False
    for side, voice in enumerate(voices):
        own = _of_side(params, known, side, voice.chunk_seconds)
        waits |= isinstance(own, Unfolding)
        needs |= own.needs if isinstance(own, Unfolding) else own
    return Unfolding(needs) if waits else needs


def _of_side(params: TranscriptParams, known: Known, side: int, seconds: Sequence[float]) -> Needs:
    # Where voices are told apart the first says who is known again in the others.
    most = 1 if params.voices else _SAMPLES
    samples = {0, len(seconds) // 2, len(seconds) - 1} if len(seconds) > _SAMPLES else set(range(len(seconds)))
    samples = set(sorted(samples)[:most])
    language = params.language
    if language is None:
        guesses = [params.request(params.ask(side, number, seconds[number], None)) for number in sorted(samples)]
        said = [_said(known, guess) for guess in guesses]
        if None in said:
            answers = SideRoles(side).answers
            return Unfolding(
                {f"{answers}{number:04d}": guess for number, guess in zip(sorted(samples), guesses, strict=True)}
            )
        language = majority([one.guess for one in said if one is not None])
    return _answers(params, known, side, seconds, samples if params.language is None else set(), language)


def answers_may_come(params: TranscriptParams, info: MediaInfo, usd_per_minute: float) -> tuple[MayCome, ...]:
    """All of the source, and as much again of what is asked for once more; of each side."""
    seconds = info.duration_seconds or 0.0
    sides = len(params.sides)
    limits = params.sides[0].limits
    chunks = sides * (math.ceil(seconds / (limits.seconds / 2)) + 1)
    twice = asking_cost(params.engine, 2 * sides * seconds, usd_per_minute)
    start = asking_cost(params.engine, 0.0)
    starts = Estimate(3 * chunks * start.cpu_seconds, 3 * chunks * start.seconds)
    asked = MayCome(params.engine.kind, 3 * chunks, twice + starts)
    if not params.aligners:
        return (asked,)
    tries = 2 * chunks * len(params.aligners)
    cpu = 2 * len(params.aligners) * align_cost(sides * seconds).cpu_seconds + tries * align_cost(0.0).cpu_seconds
    return (asked, MayCome(ALIGN, tries, Estimate(cpu_seconds=cpu)))


def _answers(
    params: TranscriptParams,
    known: Known,
    side: int,
    seconds: Sequence[float],
    samples: set[int],
    language: str | None,
) -> Needs:
    """An answer for each chunk, and for each stretch of one that came back without words."""
    needs: dict[str, Request] = {}
    roles = SideRoles(side)
    waits = False
    voices: tuple[KnownVoice, ...] = ()
    for number, length in enumerate(seconds):
        if number > 0 and params.voices and waits:
            break
        ask = params.ask(side, number, length, None if number in samples else language, voices)
        said = _said(known, params.request(ask))
        if said is not None and number in samples and doubtful(said.guess, language):
            ask = params.ask(side, number, length, language, voices)
            said = _said(known, params.request(ask))
        needs[f"{roles.answers}{number:04d}"], said = _timed(params, known, ask, language)
        if said is None:
            waits = True
            continue
        if number == 0 and params.voices:
            voices = said.voices
        for place, stretch in enumerate(said.unheard):
            alone = again(
                ask.model_copy(update={"language": said.guess.language or language, "known": voices}), stretch
            )
            needs[f"{roles.again}{number:04d}-{place:02d}"], heard = _timed(params, known, alone, language)
            waits |= heard is None
    return Unfolding(needs) if waits else needs


def _timed(params: TranscriptParams, known: Known, ask: AskParams, language: str | None) -> tuple[Request, Said | None]:
    """The step whose answer counts: the one that asks, or one that finds the words of its answer in the sound."""
    request = params.request(ask)
    said = _said(known, request)
    for aligner in params.aligners:
        if said is None or said.timing != "estimated":
            break
        spoken = said.guess.language or language
        if aligner.knows(spoken):
            request = Request(ALIGN, AlignParams(ask=ask, aligner=aligner, language=spoken))
            said = _said(known, request)
    return request, said


def _said(known: Known, request: Request) -> Said | None:
    found = known(request)
    return None if found is None else Said.model_validate(found)
