"""``edit-mix``: the sound of an edit joined, each segment at its gain, for other steps to read as their source."""

from __future__ import annotations

from typing import ClassVar

from dailies.domain.edit.edit_list import EditList
from dailies.domain.source.media_info import MediaInfo
from dailies.media.graphs.film.editing import INDEXED, RUN_UP_SECONDS, mix_arguments
from dailies.operations.checks.decode_errors import damage_check
from dailies.operations.media_step import MediaStep
from dailies.operations.sound.edit_sound import (
    EDIT_LEVELS,
    EDIT_MIX,
    MIX_COST,
    EditMixParams,
    levels_in,
    levels_request,
    of_length,
)
from dailies.operations.steps.cuts import CUTS
from dailies.planning.operation import MAIN_FILE, Estimate, Known, Needs, Produced, Request, StepRun
from dailies.planning.plan import PROBE, NoParams

_NAME = "mix.wav"


class EditMixOperation(MediaStep):
    """Decodes the segments alone, and joins them in one run."""

    kind: ClassVar[str] = EDIT_MIX
    version: ClassVar[str] = "1"

    def needs(self, params: EditMixParams, known: Known) -> Needs:
        levels = params.levels
        heard = levels_request(levels.audio, levels.cuts, levels.number)
        return {PROBE: Request(PROBE, NoParams()), CUTS: Request(CUTS, levels.cuts), EDIT_LEVELS: heard}

    def estimate(self, params: EditMixParams, info: MediaInfo) -> Estimate:
        return Estimate(cpu_seconds=MIX_COST * sum(params.levels.cuts.lengths(info)))

    def made_info(self, params: EditMixParams, info: MediaInfo) -> MediaInfo:
        return of_length(info, params.levels.cuts)

    def make(self, run: StepRun) -> Produced:
        params: EditMixParams = run.params
        edit = EditList.model_validate(run.inputs[CUTS].data)
        gains = [level.gain_db for level in levels_in(run.inputs[EDIT_LEVELS].data)]
        run_up = RUN_UP_SECONDS[self.probed(run).container in INDEXED]
        arguments = mix_arguments(edit, params.selection, params.source_rate_hz, gains, run_up, _NAME)
        damage_check(self.ffmpeg(run, arguments, media_seconds=edit.seconds))
        return Produced(data={}, files={MAIN_FILE: (run.scratch / _NAME, "audio/wav")})
