"""The transcript that a step's inputs make: those of one sound, or of each side of a recording."""

from __future__ import annotations

from dailies.domain.transcript.joining import Answer, Recogniser, joined, translated
from dailies.domain.transcript.sides import Side, together
from dailies.domain.transcript.speakers import with_voices
from dailies.domain.transcript.transcript import Transcript
from dailies.operations.speech.answers import SideRoles, TranscriptParams
from dailies.operations.speech.asking import read_answer
from dailies.operations.steps.voice import read_heard
from dailies.planning.operation import StepRun


def transcript_of(run: StepRun) -> tuple[Transcript, float]:
    """What was heard, in English where that was asked for, and how many seconds the source has."""
    params: TranscriptParams = run.params
    found = [_side(run, side) for side in range(len(params.sides)) if SideRoles(side).voice in run.inputs]
    sides = [side for side, _ in found]
    transcript = sides[0].transcript if len(params.sides) == 1 else together(sides, params.speaker_names)
    return translated(transcript) if params.translate else transcript, found[0][1]


def _side(run: StepRun, side: int) -> tuple[Side, float]:
    params: TranscriptParams = run.params
    roles = SideRoles(side)
    heard = read_heard(run, run.inputs[roles.voice])
    answers, more = _read(run, roles.answers), _read(run, roles.again)
    engine = params.engine
    by = Recogniser(engine=engine.engine, model=engine.model, word_error=engine.word_error)
    if not params.voices:
        return Side(joined(heard.activity, answers, more, by), heard.levels_dbfs), heard.activity.seconds
    told, remarks = with_voices([*answers, *more], params.speaker_names)
    made = joined(heard.activity, told[: len(answers)], told[len(answers) :], by)
    made = made.model_copy(update={"remarks": (*made.remarks, *remarks)})
    return Side(made, heard.levels_dbfs), heard.activity.seconds


def _read(run: StepRun, prefix: str) -> list[Answer]:
    return [read_answer(run, run.inputs[role]) for role in sorted(run.inputs) if role.startswith(prefix)]
