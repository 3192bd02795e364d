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
# The step's last word is its end, not that of a hearing.
_MOST_PROGRESS = 0.95


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


class FFmpegLoudnessProbe:
    """A LoudnessProbe that plays through FFmpeg."""

    def __init__(self, toolbox: Toolbox, run: StepRun, material: Material, sound: Sound, seconds: float | None) -> None:
        self._toolbox = toolbox
        self._run = run
        self._sound = sound
        self._material = material
        self._seconds = seconds
        self._done = 0.0

    def excerpts(self, chain: Chain, *, true_peak: bool) -> Heard:
        sound = self._sound
        rate = sound.encoding.sample_rate_hz
        return self._heard(
            excerpts_arguments(sound.selection, self._material.excerpts, chain, rate, true_peak=true_peak),
            self._excerpt_seconds(),
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
        self._heard(arguments, self._excerpt_seconds())
        try:
            return self._heard(verify_arguments(name, true_peak=True), self._excerpt_seconds())
        finally:
            (self._run.scratch / name).unlink(missing_ok=True)

    def whole(self, chain: Chain, *, true_peak: bool) -> Heard:
        sound = self._sound
        rate = sound.encoding.sample_rate_hz
        return self._heard(
            whole_arguments(sound.selection, self._material.window, chain, rate, true_peak=true_peak),
            self._window_seconds(),
        )

    def _excerpt_seconds(self) -> float | None:
        """The excerpts of a track that is as short as they are are the window itself."""
        ends = [excerpt.end for excerpt in self._material.excerpts]
        if None in ends:
            return self._window_seconds()
        return sum((excerpt.end or 0.0) - excerpt.start for excerpt in self._material.excerpts)

    def _window_seconds(self) -> float | None:
        window = self._material.window
        end = window.end if window.end is not None else self._seconds
        return None if end is None else max(end - window.start, 0.0)

    def _heard(self, arguments: list[str], length: float | None) -> Heard:
        """One more hearing of ``length`` seconds; nobody knows how many there will be, so each has half of the rest."""
        reader = MeterReader(self._sound.encoding.sample_rate_hz)
        begun, share = self._done, (_MOST_PROGRESS - self._done) / 2

        def report(seconds: float) -> None:
            self._run.progress(begun + share * min(1.0, seconds / length) if length else begun)

        ended = self._toolbox.run(
            arguments,
            scratch=self._run.scratch,
            source=self._run.source,
            stop=self._run.stop,
            media_seconds=self._seconds,
            on_progress=report,
            on_line=reader.line,
        )
        self._done = begun + share
        self._run.progress(self._done)
        return reader.heard(ended.stderr)
