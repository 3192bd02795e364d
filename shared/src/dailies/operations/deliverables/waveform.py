"""``waveform``: the shape of a track's sound, as a picture or as peaks in audiowaveform's JSON."""

from __future__ import annotations

import json
import math
from collections.abc import Iterator, Sequence
from pathlib import Path
from typing import ClassVar, Literal

from pydantic import Field

from dailies.domain.errors import SourceRefused
from dailies.domain.job.result import Check, Facts, PictureFacts
from dailies.domain.model import Model
from dailies.domain.recipe.fields import Output, Requested
from dailies.domain.source.audio_selection import AudioSelection, mean_of
from dailies.domain.source.media_info import MediaInfo
from dailies.media.ffmpeg import RunReport
from dailies.media.graphs.sound.shared_decode import Peaks
from dailies.media.graphs.sound.waveform import PeakList, PeakReader, draw
from dailies.operations.checks.certificate import certified
from dailies.operations.checks.decode_errors import damage_check
from dailies.operations.media_step import MediaStep
from dailies.operations.resolution import choose_audio, tolerance
from dailies.operations.sound.shared_decode import TrackReader, fuse_key, hear
from dailies.operations.steps.measure import media_seconds
from dailies.planning.operation import Estimate, Produced, Request, StepRun
from dailies.planning.plan import PROBE

# CPU seconds per second of audio: an hour of stereo AAC decodes in about two, the peaks take as long.
_COST = 0.0015
_START_COST = 0.5
# What six decimals of full scale may be off by, in 16-bit steps; two or eight channels' means lie further apart.
_PRINTED_STEPS = 0.05
_MEDIA_TYPES = {"png": "image/png", "json": "application/json"}
EXAMPLE = {
    "outputs": {"shape": {"kind": "waveform"}, "peaks": {"kind": "waveform", "format": "json", "points_per_second": 10}}
}


class WaveformOutput(Requested):
    """The shape of a track's sound, mixed to mono: a picture, or peaks for a player to draw."""

    kind: Literal["waveform"] = "waveform"
    format: Literal["png", "json"] = Field("png", description="json: audiowaveform's data format, version 2")
    points_per_second: int = Field(20, ge=1, le=200, description="of the peaks")
    width: int = Field(1800, ge=16, le=8192, description="of the picture, pixels")
    height: int = Field(280, ge=16, le=2160, description="of the picture, pixels")
    audio_track: int | None = Field(
        None, ge=0, le=63, description="audio track, counted from 0; the one a player would choose when absent"
    )


class WaveformParams(Model):
    selection: AudioSelection
    sample_rate_hz: int
    samples_per_point: int
    format: Literal["png", "json"]
    width: int
    height: int

    def track_reader(self, run: StepRun, number: int) -> TrackReader:
        return _PeakReader(self, run, number)


class WaveformResult(Facts):
    kind: Literal["waveform"] = "waveform"
    picture: PictureFacts | None = Field(description="null for peaks as JSON")


class WaveformOperation(MediaStep):
    """Answers outputs of kind ``waveform``."""

    kind: ClassVar[str] = "waveform"
    output: ClassVar[type[Output]] = WaveformOutput
    facts: ClassVar[type[Facts]] = WaveformResult
    version: ClassVar[str] = "3"

    def request(self, field: str, output: WaveformOutput, info: MediaInfo) -> Request:
        stream = choose_audio(info, output.audio_track, field)
        if stream is None:
            raise SourceRefused("The source has no audio track: there is no waveform.", code="no_audio", field=field)
        return Request(
            self.kind,
            WaveformParams(
                selection=mean_of(stream),
                sample_rate_hz=stream.sample_rate_hz,
                samples_per_point=max(1, stream.sample_rate_hz // output.points_per_second),
                format=output.format,
                width=output.width,
                height=output.height,
            ),
        )

    def file_name(self, name: str, output: WaveformOutput) -> str:
        return f"{name}.{output.format}"

    def estimate(self, params: WaveformParams, info: MediaInfo) -> Estimate:
        return Estimate(cpu_seconds=_START_COST + _COST * (info.duration_seconds or 0.0))

    def fuse(self, params: WaveformParams) -> str | None:
        return fuse_key(params.selection.stream)

    def run(self, batch: Sequence[StepRun]) -> Iterator[tuple[StepRun, Produced]]:
        return hear(self._toolbox, batch)


class _PeakReader:
    """A TrackReader that reads the peaks and draws them."""

    def __init__(self, params: WaveformParams, run: StepRun, number: int) -> None:
        self.run = run
        self.duration = media_seconds(run.inputs[PROBE])
        self._params = params
        self._name = f"peaks-{number}.txt"
        self._number = number

    def listener(self) -> Peaks:
        return Peaks(self._params.selection, self._params.samples_per_point, self._name)

    def line(self, line: str) -> None:
        """The peaks come in a file, and stdout is a meter's."""

    def produced(self, report: RunReport, folder: Path) -> Produced:
        params, reader = self._params, PeakReader()
        with (folder / self._name).open() as lines:
            for line in lines:
                reader.line(line.rstrip("\n"))
        seconds = len(reader.peaks) * params.samples_per_point / params.sample_rate_hz
        checks = [damage_check(report)]
        if self.duration is not None:
            checks.append(_length_check(seconds, self.duration, tolerance(self.duration)))
        path = self.run.scratch / f"waveform-{self._number}.{params.format}"
        path.write_bytes(_written(params, reader.peaks))
        picture = PictureFacts(format="png", width=params.width, height=params.height, at_seconds=0.0)
        return certified(
            path,
            _MEDIA_TYPES[params.format],
            checks,
            WaveformResult(picture=picture if params.format == "png" else None),
            duration_seconds=seconds,
        )


def _written(params: WaveformParams, peaks: PeakList) -> bytes:
    if params.format == "png":
        return draw(peaks, params.width, params.height)
    return json.dumps(peaks_document(peaks, params.sample_rate_hz, params.samples_per_point)).encode()


def peaks_document(peaks: PeakList, sample_rate_hz: int, samples_per_point: int) -> dict[str, object]:
    """audiowaveform's data format, version 2, 8 bit: minimum and maximum in turn (its doc/DataFormat.md).

    In its own rounding: 16-bit samples, their mean of all channels and the 8 bits are each cut off towards zero.
    """
    return {
        "version": 2,
        "channels": 1,
        "sample_rate": sample_rate_hz,
        "samples_per_pixel": samples_per_point,
        "bits": 8,
        "length": len(peaks),
        "data": [_eight_bits(value) for pair in peaks for value in pair],
    }


def _eight_bits(value: float) -> int:
    size = math.floor((abs(value) * 0x8000 + _PRINTED_STEPS) / 0x100)
    return max(-size, -0x80) if value < 0 else min(size, 0x7F)


def _length_check(seconds: float, duration: float, allowed: float) -> Check:
    # Sound may end before the pictures do; it can't last longer than the source.
    return Check(
        name="duration",
        expected=f"≤ {duration:.2f} s + {allowed:.2f}",
        measured=f"{seconds:.2f} s",
        passed=seconds <= duration + allowed,
    )
