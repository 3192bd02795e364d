"""``level``: the gain, and where needed the limiter, that bring one output to its loudness target."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from typing import ClassVar

from dailies.domain.audio_selection import AudioSelection, Window
from dailies.domain.codec_effects import codec_effect
from dailies.domain.excerpts import for_level
from dailies.domain.levelling import Chain, Heard, Material, find_level
from dailies.domain.loudness import Blocks
from dailies.domain.media_info import MediaInfo
from dailies.domain.model import Model
from dailies.domain.recipe import Normalize
from dailies.media.encoding import AudioEncoding
from dailies.media.loudness import (
    MeterReader,
    excerpts_arguments,
    pilot_arguments,
    verify_arguments,
    whole_arguments,
)
from dailies.media.toolbox import Toolbox
from dailies.operations.measure import BLOCKS, Measurement, MeasureParams, media_seconds
from dailies.planning.operation import Estimate, Placement, Produced, Request, StepRun
from dailies.planning.plan import PROBE, NoParams

MEASURE = "measure"
# Two hearings of the whole through the limiter, and a second for the excerpts; nothing when it fits linearly.
_COST = 0.008
_START_COST = 1.5


class LevelParams(Model):
    selection: AudioSelection
    source_rate_hz: int
    window: Window
    normalize: Normalize
    encoding: AudioEncoding
    muxer: str


class LevelOperation:
    """Decides by arithmetic on the measured blocks, by listening where that is not enough (domain/levelling.py)."""

    kind: ClassVar[str] = "level"
    version: ClassVar[str] = "1"
    placement: ClassVar[Placement] = Placement.MEDIA
    uses_ffmpeg: ClassVar[bool] = True

    def __init__(self, toolbox: Toolbox) -> None:
        self._toolbox = toolbox

    def needs(self, params: LevelParams) -> Mapping[str, Request]:
        measure = MeasureParams(selection=params.selection, sample_rate_hz=params.source_rate_hz)
        return {MEASURE: Request(MEASURE, measure), PROBE: Request(PROBE, NoParams())}

    def estimate(self, params: LevelParams, info: MediaInfo) -> Estimate:
        return Estimate(cpu_seconds=_START_COST + _COST * (info.duration_seconds or 0.0))

    def fuse(self, params: LevelParams) -> str | None:
        return None

    def run(self, batch: Sequence[StepRun]) -> Iterator[tuple[StepRun, Produced]]:
        for run in batch:
            yield run, self._level(run)

    def _level(self, run: StepRun) -> Produced:
        params: LevelParams = run.params
        measured = run.inputs[MEASURE]
        measurement = Measurement.model_validate(measured.data)
        blocks = Blocks.from_bytes(run.read(measured, BLOCKS).read_bytes(), measurement.step_seconds)
        excerpts = for_level(blocks, params.window)
        material = Material(
            blocks=blocks,
            window=params.window,
            sample_peak_dbfs=measurement.sample_peak_dbfs,
            excerpts=excerpts.windows,
            covered=excerpts.covered,
        )
        encoding = params.encoding
        effect = codec_effect(encoding.codec, encoding.bitrate_bps, encoding.channels)
        level = find_level(material, params.normalize, effect, _Listening(self._toolbox, run, material))
        return Produced(data=level.model_dump(mode="json"))


class _Listening:
    """A Hearing that plays through FFmpeg."""

    def __init__(self, toolbox: Toolbox, run: StepRun, material: Material) -> None:
        self._toolbox = toolbox
        self._run = run
        self._params: LevelParams = run.params
        self._material = material
        self._seconds = media_seconds(run.inputs[PROBE])

    def excerpts(self, chain: Chain) -> Heard:
        params = self._params
        rate = params.encoding.sample_rate_hz
        return self._heard(excerpts_arguments(params.selection, self._material.excerpts, chain, rate))

    def pilot(self, chain: Chain) -> Heard:
        params, encoding = self._params, self._params.encoding
        name = f"pilot.{encoding.format}"
        arguments = pilot_arguments(
            params.selection,
            self._material.excerpts,
            chain,
            encoding.sample_rate_hz,
            encoding.arguments(),
            params.muxer,
            name,
        )
        self._heard(arguments)
        try:
            return self._heard(verify_arguments(name))
        finally:
            (self._run.scratch / name).unlink(missing_ok=True)

    def whole(self, chain: Chain, *, true_peak: bool) -> Heard:
        params = self._params
        rate = params.encoding.sample_rate_hz
        return self._heard(
            whole_arguments(params.selection, params.window, chain, rate, true_peak=true_peak), report=True
        )

    def _heard(self, arguments: list[str], *, report: bool = False) -> Heard:
        reader = MeterReader(self._params.encoding.sample_rate_hz)
        seconds = self._seconds
        ended = self._toolbox.run(
            arguments,
            scratch=self._run.scratch,
            source=self._run.source,
            stop=self._run.stop,
            media_seconds=seconds,
            on_progress=(lambda done: self._run.progress(min(0.9, done / seconds))) if report and seconds else None,
            on_line=reader.line,
        )
        return reader.heard(ended.stderr)
