"""The sound of an edit: joined, its segments brought near one another, then levelled and encoded as any programme.

Sound costs a hundredth of what pictures do. It is finished first, so that a loudness that has to be corrected never
costs a second encode of the pictures, and comes into the film as it was measured: ``edit-levels`` finds the gains,
``edit-mix`` joins, an ``audio`` step that reads the mix encodes it, and further levels look whether it came out.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from pydantic import Field

from dailies.domain.edit.edit_list import EditList
from dailies.domain.edit.segment_levels import SegmentLevel
from dailies.domain.loudness.loudness import Blocks, integrated
from dailies.domain.model import Model
from dailies.domain.source.audio_selection import AudioSelection, Window
from dailies.domain.source.channel_layouts import LAYOUTS
from dailies.domain.source.media_info import MediaInfo
from dailies.operations.resolution import AudioPart, RenderParams
from dailies.operations.steps.cuts import CutsParams
from dailies.operations.steps.measure import MeasureParams
from dailies.planning.operation import MAIN_FILE, Estimate, FileOf, Known, MayCome, Request, StepRun

EDIT_LEVELS, EDIT_MIX = "edit-levels", "edit-mix"
SOUND = "sound"
#: CPU seconds per second of sound: to join it, and to do all that an edit's sound takes; and what that takes at all.
MIX_COST, SOUND_COST, SOUND_START_COST = 0.03, 0.12, 3.0
#: Mixes of one film before it is left as it is, for its certificate to judge.
MAX_MIXES = 3
_MUXER, _EXTENSION, _MEDIA_TYPE = "ipod", "m4a", "audio/mp4"


class EditAudio(AudioPart):
    max_spread_lu: float


class EditLevelsParams(Model):
    """The gains of mix ``number``, from 1. ``cuts`` is no part of the key: what it makes is."""

    audio: EditAudio
    number: int
    cuts: CutsParams = Field(exclude=True)


class EditMixParams(Model):
    """``levels`` is no part of the key: what it makes is."""

    selection: AudioSelection
    source_rate_hz: int
    levels: EditLevelsParams = Field(exclude=True)


@dataclass(frozen=True, slots=True)
class Sound:
    """``facts`` are those of an ``audio`` output, ``levels`` of each segment."""

    file: Path
    facts: Mapping[str, Any]
    levels: tuple[SegmentLevel, ...]


def sound_needs(audio: EditAudio, cuts: CutsParams, known: Known) -> Mapping[str, Request] | None:
    """The sound of an edit, and the levels of its segments; None until it is known which mix is good enough."""
    number = 1
    while number < MAX_MIXES and may_be_corrected(audio, len(cuts.segments)):
        judged = known(levels_request(audio, cuts, number + 1))
        if judged is None:
            return None
        if judged["levels"] is None:
            break
        number += 1
    return {EDIT_LEVELS: levels_request(audio, cuts, number), SOUND: sound_request(audio, cuts, number)}


def may_be_corrected(audio: EditAudio, segments: int) -> bool:
    """Whether its segments could come out too far apart: one alone can't."""
    return audio.normalize is not None and segments > 1


def sound_may_come(lengths: Sequence[float], mixes: int) -> tuple[MayCome, ...]:
    """At most so many mixes more, of segments of these lengths, with all that each takes."""
    if not mixes:
        return ()
    rest = SOUND_START_COST + sum(lengths) * (SOUND_COST - MIX_COST)
    return (
        MayCome(EDIT_MIX, mixes, Estimate(mixes * sum(lengths) * MIX_COST)),
        MayCome("audio", mixes, Estimate(mixes * rest)),
    )


def levels_request(audio: EditAudio, cuts: CutsParams, number: int) -> Request:
    """The first by the measured source, each further one by the sound that those before it made."""
    params = EditLevelsParams(audio=audio, number=number, cuts=cuts)
    return Request(EDIT_LEVELS, params, "job" if number == 1 else FileOf(sound_request(audio, cuts, number - 1)))


def sound_request(audio: EditAudio, cuts: CutsParams, number: int) -> Request:
    """The mix, levelled as a whole and encoded: an ``audio`` step whose source is the joined sound."""
    levels = EditLevelsParams(audio=audio, number=number, cuts=cuts)
    mix = EditMixParams(selection=audio.selection, source_rate_hz=audio.source_rate_hz, levels=levels)
    joined = AudioSelection(
        stream=0,
        sample_rate_hz=audio.source_rate_hz,
        source_channels=audio.selection.channels,
        source_layout=LAYOUTS[audio.selection.layout],
        layout=audio.selection.layout,
        sample_format="flt",
    )
    part = AudioPart(
        selection=joined, encoding=audio.encoding, source_rate_hz=audio.source_rate_hz, normalize=audio.normalize
    )
    params = RenderParams(
        muxer=_MUXER, extension=_EXTENSION, media_type=_MEDIA_TYPE, window=Window(), audio=part, picture=None
    )
    return Request("audio", params, FileOf(Request(EDIT_MIX, mix, "job")))


def made_sound(run: StepRun) -> Sound:
    """What those steps made, of which the step has the last as its inputs."""
    sound = run.inputs[SOUND]
    return Sound(run.read(sound, MAIN_FILE), sound.data, levels_in(run.inputs[EDIT_LEVELS].data))


def levels_in(data: Mapping[str, Any]) -> tuple[SegmentLevel, ...]:
    return tuple(SegmentLevel(**level) for level in data["levels"])


def measure_of(audio: AudioPart) -> MeasureParams:
    """The measurement that levels and highlights rest on."""
    return MeasureParams(selection=audio.selection, sample_rate_hz=audio.source_rate_hz)


def measured_segments(blocks: Blocks, edit: EditList) -> list[float | None]:
    """Integrated loudness of each segment of the film, transitions left out; None where it is undefined."""
    return [integrated(blocks, *edit.alone(number)) for number in range(len(edit.cuts))]


def of_length(info: MediaInfo, cuts: CutsParams) -> MediaInfo:
    """What is known of the joined sound before it is there: how long it is."""
    return info.model_copy(update={"duration_seconds": sum(cuts.lengths(info))})
