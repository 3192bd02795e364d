"""``measure``: one pass over an audio track writes the blocks that every loudness question is answered from."""

from __future__ import annotations

import math
from collections.abc import Iterator, Sequence
from pathlib import Path
from typing import ClassVar

from dailies.domain.loudness.loudness import Blocks
from dailies.domain.model import Model
from dailies.domain.source.audio_selection import AudioSelection
from dailies.domain.source.media_info import MediaInfo
from dailies.media.ffmpeg import RunReport
from dailies.media.graphs.sound.loudness import MeterReader
from dailies.media.graphs.sound.shared_decode import Meter
from dailies.operations.media_step import MediaStep
from dailies.operations.sound.shared_decode import TrackReader, fuse_key, hear
from dailies.planning.operation import Artifact, Estimate, Produced, StepRun
from dailies.planning.plan import PROBE

BLOCKS = "blocks"
# An hour of stereo at 48 kHz decodes and measures in about ten CPU seconds.
_COST = 0.003
_START_COST = 0.3
# JSON has no infinity; nothing is quieter than this.
_SILENT_PEAK_DBFS = -1000.0


class MeasureParams(Model):
    selection: AudioSelection
    sample_rate_hz: int

    def track_reader(self, run: StepRun, _number: int) -> TrackReader:
        return _MeterReader(self, run)


class Measurement(Model):
    """``step_seconds`` of the blocks in the artifact's file, and what was decoded."""

    step_seconds: float
    sample_peak_dbfs: float
    decoded_seconds: float


class MeasureOperation(MediaStep):
    """Momentary loudness every 100 ms (ITU-R BS.1770-4) and the sample peak of one track."""

    kind: ClassVar[str] = "measure"
    version: ClassVar[str] = "2"

    def estimate(self, params: MeasureParams, info: MediaInfo) -> Estimate:
        return Estimate(cpu_seconds=_START_COST + _COST * (info.duration_seconds or 0.0))

    def fuse(self, params: MeasureParams) -> str | None:
        return fuse_key(params.selection.stream)

    def run(self, batch: Sequence[StepRun]) -> Iterator[tuple[StepRun, Produced]]:
        return hear(self._toolbox, batch)


class _MeterReader:
    """A TrackReader that collects the blocks."""

    def __init__(self, params: MeasureParams, run: StepRun) -> None:
        self.run = run
        self.duration = media_seconds(run.inputs[PROBE])
        self._params = params
        self._reader = MeterReader(params.sample_rate_hz)

    def listener(self) -> Meter:
        return Meter(self._params.selection)

    def line(self, line: str) -> None:
        self._reader.line(line)

    def produced(self, report: RunReport, folder: Path) -> Produced:
        heard = self._reader.heard(report.stderr)
        samples = sum(read.samples for read in report.reads if read.index == self._params.selection.stream)
        blocks = self.run.scratch / "blocks.f32"
        blocks.write_bytes(heard.blocks.to_bytes())
        peak = heard.sample_peak_dbfs
        measurement = Measurement(
            step_seconds=heard.blocks.step_seconds,
            sample_peak_dbfs=peak if math.isfinite(peak) else _SILENT_PEAK_DBFS,
            decoded_seconds=samples / self._params.sample_rate_hz,
        )
        return Produced(data=measurement.model_dump(mode="json"), files={BLOCKS: (blocks, "application/octet-stream")})


def media_seconds(probe: Artifact) -> float | None:
    """The source's duration as the probe knows it."""
    return MediaInfo.model_validate(probe.data).duration_seconds


def measured_blocks(run: StepRun, measured: Artifact) -> Blocks:
    """The blocks that the step wrote."""
    step = Measurement.model_validate(measured.data).step_seconds
    return Blocks.from_bytes(run.read(measured, BLOCKS).read_bytes(), step)
