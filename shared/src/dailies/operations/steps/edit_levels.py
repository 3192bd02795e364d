"""``edit-levels``: the gain of each segment of an edit, and better ones when what they made is too far apart."""

from __future__ import annotations

import shutil
from dataclasses import asdict
from typing import ClassVar

from dailies.domain.edit.edit_list import EditList
from dailies.domain.edit.segment_levels import SegmentLevel, corrected, segment_levels
from dailies.domain.source.media_info import MediaInfo
from dailies.operations.checks.inspection import Wanted, heard_in
from dailies.operations.media_step import MediaStep
from dailies.operations.sound.edit_sound import (
    EDIT_LEVELS,
    EditLevelsParams,
    levels_in,
    levels_request,
    measure_of,
    measured_segments,
)
from dailies.operations.sound.loudness_probe import MEASURE
from dailies.operations.steps.cuts import CUTS
from dailies.operations.steps.measure import measured_blocks
from dailies.planning.operation import Estimate, Known, Needs, Produced, Request, StepRun

_BEFORE = "before"
_NAME = "sound.m4a"
# CPU seconds: at all, and per second of sound that is heard.
_START_COST, _COST = 0.1, 0.005


class EditLevelsOperation(MediaStep):
    """The first by arithmetic on the measured source, the others by hearing the sound that those before them made."""

    kind: ClassVar[str] = EDIT_LEVELS
    version: ClassVar[str] = "1"
    reads_source: ClassVar[bool] = False

    def needs(self, params: EditLevelsParams, known: Known) -> Needs:
        needs = {CUTS: Request(CUTS, params.cuts, "job")}
        if params.number > 1:
            needs[_BEFORE] = levels_request(params.audio, params.cuts, params.number - 1)
        elif params.audio.normalize is not None:
            needs[MEASURE] = Request(MEASURE, measure_of(params.audio), "job")
        return needs

    def estimate(self, params: EditLevelsParams, info: MediaInfo) -> Estimate:
        heard = 0.0 if params.number == 1 else sum(params.cuts.lengths(info))
        return Estimate(cpu_seconds=_START_COST + heard * _COST)

    def make(self, run: StepRun) -> Produced:
        params: EditLevelsParams = run.params
        edit = EditList.model_validate(run.inputs[CUTS].data)
        levels = _first(run, edit) if params.number == 1 else self._better(run, edit)
        return Produced(data={"levels": None if levels is None else [asdict(level) for level in levels]})

    def _better(self, run: StepRun, edit: EditList) -> tuple[SegmentLevel, ...] | None:
        """None when those before are good enough."""
        params: EditLevelsParams = run.params
        # FFmpeg sees its scratch folder and the source by its own name: here the sound is no source of a user's.
        sound = run.scratch / _NAME
        shutil.copyfile(run.source, sound)
        wanted = Wanted(params.audio.encoding.sample_rate_hz, media_seconds=edit.seconds)
        heard = heard_in(self._toolbox, sound, run.stop, wanted)
        if heard is None:
            return None
        before = levels_in(run.inputs[_BEFORE].data)
        return corrected(before, measured_segments(heard.blocks, edit), params.audio.max_spread_lu)


def _first(run: StepRun, edit: EditList) -> tuple[SegmentLevel, ...]:
    audio = run.params.audio
    if audio.normalize is None:
        return tuple(SegmentLevel(None, None, 0.0, "normalisation was not asked for") for _ in edit.cuts)
    blocks = measured_blocks(run, run.inputs[MEASURE])
    windows = [edit.window(number) for number in range(len(edit.cuts))]
    return segment_levels(blocks, windows, audio.normalize.integrated_lufs, audio.max_spread_lu)
