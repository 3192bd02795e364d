"""Listening to a source through a gain, a limiter or an encoder: what levelling decides by."""

from __future__ import annotations

from typing import TYPE_CHECKING

from dailies.domain.loudness.codec_effects import CodecEffect, codec_effect
from dailies.domain.loudness.excerpts import for_level
from dailies.domain.loudness.level import Chain, Heard, Material
from dailies.domain.model import Model
from dailies.domain.source.audio_selection import AudioSelection, Window
from dailies.media.graphs.film.encoding import AudioEncoding
from dailies.media.graphs.sound.loudness import (
    MeterReader,
    excerpts_arguments,
    pilot_arguments,
    verify_arguments,
    whole_arguments,
)
from dailies.operations.steps.measure import Measurement, MeasureParams, measured_blocks
from dailies.planning.operation import StepRun

if TYPE_CHECKING:
    from dailies.media.toolbox import Toolbox

MEASURE = "measure"


class Sound(Model):
    """The track, and how it will be encoded: what a level depends on beside its target."""

    selection: AudioSelection
    source_rate_hz: int
    encoding: AudioEncoding
    muxer: str

    @property
    def effect(self) -> CodecEffect:
        return codec_effect(self.encoding.codec, self.encoding.bitrate_bps, self.encoding.channels)

    def measured(self) -> MeasureParams:
        """The parameters of the measure step that it rests on."""
        return MeasureParams(selection=self.selection, sample_rate_hz=self.source_rate_hz)


def material_of(run: StepRun, window: Window) -> Material:
    """The measured blocks of the step's input ``measure``, and the excerpts that stand for the window."""
    measured = run.inputs[MEASURE]
    blocks = measured_blocks(run, measured)
    excerpts = for_level(blocks, window)
    return Material(
        blocks=blocks,
        window=window,
        sample_peak_dbfs=Measurement.model_validate(measured.data).sample_peak_dbfs,
        excerpts=excerpts.windows,
        covered=excerpts.covered,
    )


class Listening:
    """A Hearing that plays through FFmpeg."""

    def __init__(self, toolbox: Toolbox, run: StepRun, material: Material, sound: Sound, seconds: float | None) -> None:
        self._toolbox = toolbox
        self._run = run
        self._sound = sound
        self._material = material
        self._seconds = seconds

    def excerpts(self, chain: Chain, *, true_peak: bool) -> Heard:
        sound = self._sound
        rate = sound.encoding.sample_rate_hz
        return self._heard(
            excerpts_arguments(sound.selection, self._material.excerpts, chain, rate, true_peak=true_peak)
        )

    def pilot(self, chain: Chain) -> Heard:
        sound, encoding = self._sound, self._sound.encoding
        name = f"pilot.{encoding.format}"
        arguments = pilot_arguments(
            sound.selection,
            self._material.excerpts,
            chain,
            encoding.sample_rate_hz,
            encoding.arguments(),
            sound.muxer,
            name,
        )
        self._heard(arguments)
        try:
            return self._heard(verify_arguments(name, true_peak=True))
        finally:
            (self._run.scratch / name).unlink(missing_ok=True)

    def whole(self, chain: Chain, *, true_peak: bool) -> Heard:
        sound = self._sound
        rate = sound.encoding.sample_rate_hz
        return self._heard(
            whole_arguments(sound.selection, self._material.window, chain, rate, true_peak=true_peak), report=True
        )

    def _heard(self, arguments: list[str], *, report: bool = False) -> Heard:
        reader = MeterReader(self._sound.encoding.sample_rate_hz)
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
