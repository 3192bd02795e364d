"""The sound of an edit: joined, its segments brought near one another, then levelled and encoded as any programme.

Sound costs a hundredth of what pictures do. It is finished first, so that a loudness that has to be corrected never
costs a second encode of the pictures, and comes into the film as it was measured.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import asdict, dataclass, replace
from pathlib import Path
from typing import TYPE_CHECKING, Any, ClassVar

from pydantic import Field

from dailies.domain.edit.edit_list import EditList
from dailies.domain.edit.segment_levels import SegmentLevel, segment_levels
from dailies.domain.loudness.loudness import Blocks, integrated
from dailies.domain.model import Model
from dailies.domain.source.audio_selection import AudioSelection, Window
from dailies.domain.source.channel_layouts import LAYOUTS
from dailies.domain.source.media_info import MediaInfo
from dailies.media.graphs.film.editing import INDEXED, RUN_UP_SECONDS, mix_arguments
from dailies.operations.checks.decode_errors import damage_check
from dailies.operations.deliverables.audio import AudioOperation
from dailies.operations.media_step import MediaStep
from dailies.operations.resolution import LEVEL, AudioPart, RenderParams, needs_of
from dailies.operations.sound.loudness_probe import MEASURE
from dailies.operations.steps.cuts import CUTS, CutsParams
from dailies.operations.steps.level import LevelOperation
from dailies.operations.steps.measure import BLOCKS, Measurement, MeasureOperation, MeasureParams
from dailies.planning.operation import (
    MAIN_FILE,
    Artifact,
    Estimate,
    Known,
    Needs,
    Operation,
    Produced,
    Request,
    StepRun,
    StoredFile,
)
from dailies.planning.plan import PROBE, NoParams

if TYPE_CHECKING:
    from dailies.media.toolbox import Toolbox

EDIT_SOUND = "edit-sound"
#: CPU seconds per second of sound.
SOUND_COST = 0.12
#: Mixes of one film before it is left as it is, for its certificate to judge.
MAX_MIXES = 3
_MUXER, _EXTENSION, _MEDIA_TYPE = "ipod", "m4a", "audio/mp4"


class EditAudio(AudioPart):
    max_spread_lu: float


@dataclass(frozen=True, slots=True)
class Sound:
    """``facts`` are those of an ``audio`` output, ``levels`` of each segment."""

    file: Path
    facts: Mapping[str, Any]
    levels: tuple[SegmentLevel, ...]


class EditSoundParams(Model):
    """``cuts`` is no part of the key: what it makes is."""

    audio: EditAudio
    cuts: CutsParams = Field(exclude=True)


class EditSoundOperation(MediaStep):
    """The sound of a long edit in one piece, beside its chunks."""

    kind: ClassVar[str] = EDIT_SOUND
    version: ClassVar[str] = "3"

    def needs(self, params: EditSoundParams, known: Known) -> Needs:
        needs = {PROBE: Request(PROBE, NoParams()), CUTS: Request(CUTS, params.cuts)}
        if params.audio.normalize is not None:
            needs[MEASURE] = Request(MEASURE, measure_of(params.audio))
        return needs

    def estimate(self, params: EditSoundParams, info: MediaInfo) -> Estimate:
        return Estimate(cpu_seconds=sum(params.cuts.lengths(info)) * SOUND_COST)

    def make(self, run: StepRun) -> Produced:
        edit = EditList.model_validate(run.inputs[CUTS].data)
        sound = make_sound(self._toolbox, run, edit, run.params.audio, self.probed(run).container)
        data = {"facts": dict(sound.facts), "levels": [asdict(level) for level in sound.levels]}
        return Produced(data=data, files={MAIN_FILE: (sound.file, _MEDIA_TYPE)})


def made_sound(run: StepRun, artifact: Artifact) -> Sound:
    """What that step made."""
    levels = tuple(SegmentLevel(**level) for level in artifact.data["levels"])
    return Sound(run.read(artifact, MAIN_FILE), artifact.data["facts"], levels)


def measure_of(audio: AudioPart) -> MeasureParams:
    """The measurement that levels and highlights rest on."""
    return MeasureParams(selection=audio.selection, sample_rate_hz=audio.source_rate_hz)


def make_sound(
    toolbox: Toolbox,
    run: StepRun,
    edit: EditList,
    audio: EditAudio,
    container: str,
    levels: tuple[SegmentLevel, ...] | None = None,
) -> Sound:
    """``levels``: better ones than those that follow from the measured source.

    Raises as an ``audio`` output does; QualityNotReached when the target can't be met. Works in a folder of its own,
    so that the pictures can be encoded meanwhile.
    """
    folder = run.scratch / "sound"
    folder.mkdir(exist_ok=True)
    placed = run.scratch / f"made.{_EXTENSION}"
    run = replace(run, scratch=folder, progress=lambda _: None)
    levels = levels or _first_levels(run, edit, audio)
    mixed = _mix(toolbox, run, edit, audio, [level.gain_db for level in levels], container)
    made = _Inline(toolbox, run, mixed).sound(audio)
    mixed.unlink()
    made.files[MAIN_FILE][0].replace(placed)
    return Sound(placed, made.data, levels)


def measured_segments(blocks: Blocks, edit: EditList) -> list[float | None]:
    """Integrated loudness of each segment of the film, transitions left out; None where it is undefined."""
    return [integrated(blocks, *edit.alone(number)) for number in range(len(edit.cuts))]


def _first_levels(run: StepRun, edit: EditList, audio: EditAudio) -> tuple[SegmentLevel, ...]:
    if audio.normalize is None:
        return tuple(SegmentLevel(None, None, 0.0, "normalisation was not asked for") for _ in edit.cuts)
    measured = run.inputs[MEASURE]
    step = Measurement.model_validate(measured.data).step_seconds
    blocks = Blocks.from_bytes(run.read(measured, BLOCKS).read_bytes(), step)
    windows = [edit.window(number) for number in range(len(edit.cuts))]
    return segment_levels(blocks, windows, audio.normalize.integrated_lufs, audio.max_spread_lu)


def _mix(
    toolbox: Toolbox, run: StepRun, edit: EditList, audio: AudioPart, gains: Sequence[float], container: str
) -> Path:
    path = run.scratch / "mix.wav"
    run_up = RUN_UP_SECONDS[container in INDEXED]
    report = toolbox.run(
        mix_arguments(edit, audio.selection, audio.source_rate_hz, gains, run_up, path.name),
        scratch=run.scratch,
        source=run.source,
        stop=run.stop,
        media_seconds=edit.seconds,
    )
    damage_check(report)
    return path


class _Inline:
    """Runs the audio operations on a file of the step's own, as the engine runs them on a source."""

    def __init__(self, toolbox: Toolbox, run: StepRun, file: Path) -> None:
        self._toolbox = toolbox
        self._files: dict[str, Path] = {}
        self._scratch = run.scratch
        self._run = replace(run, source=file, read=self._read)

    def sound(self, audio: AudioPart) -> Produced:
        """Probe, measure, level and encode."""
        encoding = audio.encoding
        joined = AudioSelection(
            stream=0,
            sample_rate_hz=audio.source_rate_hz,
            source_channels=audio.selection.channels,
            source_layout=LAYOUTS[audio.selection.layout],
            layout=audio.selection.layout,
            sample_format="flt",
        )
        params = RenderParams(
            muxer=_MUXER,
            extension=_EXTENSION,
            media_type=_MEDIA_TYPE,
            window=Window(),
            audio=audio.model_copy(update={"selection": joined, "encoding": encoding}),
            picture=None,
        )
        info = self._toolbox.probe(self._run.source, self._scratch, self._run.stop, ours=True)
        inputs = {PROBE: Artifact(PROBE, "", PROBE, info.model_dump(mode="json"), {})}
        needs = needs_of(params)
        for role, operation in ((MEASURE, MeasureOperation), (LEVEL, LevelOperation)):
            if role in needs:
                inputs[role] = self._artifact(operation(self._toolbox), needs[role].params, inputs)
        return self._produce(AudioOperation(self._toolbox), params, inputs)

    def _produce(self, operation: Operation, params: Model, inputs: Mapping[str, Artifact]) -> Produced:
        [(_, produced)] = operation.run([replace(self._run, params=params, inputs=inputs)])
        return produced

    def _artifact(self, operation: Operation, params: Model, inputs: Mapping[str, Artifact]) -> Artifact:
        produced = self._produce(operation, params, inputs)
        files = {}
        for role, (path, media_type) in produced.files.items():
            self._files[role] = path
            files[role] = StoredFile(role, path.stat().st_size, "", media_type)
        return Artifact(operation.kind, "", operation.kind, produced.data, files)

    def _read(self, artifact: Artifact, role: str) -> Path:
        return self._files[role]
