"""``level``: the gain, and where needed the limiter, that bring one output to its loudness target."""

from __future__ import annotations

from typing import ClassVar

from dailies.domain.loudness.levelling import find_level
from dailies.domain.model import Model
from dailies.domain.recipe.recipe import Normalize
from dailies.domain.source.audio_selection import Window
from dailies.domain.source.media_info import MediaInfo
from dailies.operations.media_step import MediaStep
from dailies.operations.sound.loudness_probe import MEASURE, FFmpegLoudnessProbe, Sound, material_of
from dailies.operations.steps.measure import media_seconds
from dailies.planning.operation import Estimate, Known, Needs, Produced, Request, StepRun
from dailies.planning.plan import PROBE, NoParams

# Two hearings of the whole through the limiter, and a second for the excerpts; nothing when it fits linearly.
_COST = 0.008
_START_COST = 1.5


class LevelParams(Model):
    sound: Sound
    window: Window
    normalize: Normalize


class LevelOperation(MediaStep):
    """Decides by arithmetic on the measured blocks, by listening where that is not enough (levelling.py)."""

    kind: ClassVar[str] = "level"
    version: ClassVar[str] = "8"

    def needs(self, params: LevelParams, known: Known) -> Needs:
        return {MEASURE: Request(MEASURE, params.sound.measured()), PROBE: Request(PROBE, NoParams())}

    def estimate(self, params: LevelParams, info: MediaInfo) -> Estimate:
        return Estimate(cpu_seconds=_START_COST + _COST * (info.duration_seconds or 0.0))

    def make(self, run: StepRun) -> Produced:
        params: LevelParams = run.params
        material = material_of(run, params.window)
        seconds = media_seconds(run.inputs[PROBE])
        probe = FFmpegLoudnessProbe(self._toolbox, run, material, params.sound, seconds)
        level = find_level(material, params.normalize, params.sound.effect, probe)
        return Produced(data=level.model_dump(mode="json"))
