"""What to do about an encode whose loudness is off: the next level, found on the source."""

from __future__ import annotations

from typing import TYPE_CHECKING

from dailies.domain.loudness.level import Level
from dailies.domain.loudness.levelling import correct
from dailies.operations.checks.inspection import Verification
from dailies.operations.resolution import RenderParams, sound_of
from dailies.operations.sound.loudness_probe import FFmpegLoudnessProbe, material_of
from dailies.operations.steps.measure import media_seconds
from dailies.planning.operation import StepRun
from dailies.planning.plan import PROBE

if TYPE_CHECKING:
    from dailies.media.toolbox import Toolbox


def correction(
    toolbox: Toolbox, run: StepRun, params: RenderParams, level: Level | None, found: Verification
) -> Level | None:
    """The level to encode the sound at once more; None where it was not levelled, or is what was asked for."""
    audio = params.audio
    if level is None or audio is None or audio.normalize is None or found.heard is None:
        return None
    sound = sound_of(params, audio)
    material = material_of(run, params.window)
    probe = FFmpegLoudnessProbe(toolbox, run, material, sound, media_seconds(run.inputs[PROBE]))
    return correct(material, level, audio.normalize, sound.effect, probe, found.heard)
