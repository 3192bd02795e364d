"""``audio``: one audio file from the source, cut, normalised and encoded, or copied when nothing is asked."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from typing import ClassVar, Literal

from pydantic import Field, ValidationInfo, field_validator

from dailies.domain.errors import InvalidRecipe, SourceRefused
from dailies.domain.job.result import Facts
from dailies.domain.recipe.fields import Channels, Output
from dailies.domain.recipe.formats import DEFAULT_QUALITY, FORMATS, LOSSLESS_FORMATS, AudioFormat, Quality
from dailies.domain.recipe.recipe import Trimmed
from dailies.domain.source.audio_selection import AudioSelection, select_audio
from dailies.domain.source.channel_layouts import LAYOUTS
from dailies.domain.source.media_info import AudioStream, MediaInfo
from dailies.media.graphs.film.encoding import AudioEncoding, audio_encoding
from dailies.operations.film.rendered import AudioResult
from dailies.operations.media_step import MediaStep
from dailies.operations.resolution import (
    FUSE,
    AudioPart,
    RenderParams,
    choose_audio,
    needs_of,
    resolve_window,
)
from dailies.operations.tagging import tag_params
from dailies.planning.beside import Beside
from dailies.planning.operation import Estimate, FileOf, Known, Needs, Produced, Request, StepRun

# CPU seconds per second of audio on one vCPU, encode and verification (benchmarks/normalize.py prints them).
_ENCODE_COST = {"mp3": 0.020, "aac": 0.050, "opus": 0.017, "vorbis": 0.020, "flac": 0.005}
_OTHER_COST = 0.003
_START_COST = 0.6
EXAMPLE = {"outputs": {"podcast": {"kind": "audio", "format": "mp3", "normalize": {"integrated_lufs": -16}}}}


class AudioOutput(Trimmed):
    """One audio file: the chosen audio track, trimmed, normalised and encoded."""

    kind: Literal["audio"] = "audio"
    format: AudioFormat
    quality: Quality | None = Field(
        None,
        description="bit rates per format in docs/formats.md; absent: the stream is copied when nothing else"
        " is asked and its codec fits, otherwise high",
    )
    channels: Channels | None = Field(
        None, description="1: mono, 2: stereo; absent: the source's, as far as the format carries them"
    )

    redact: Literal["transcript"] | None = Field(
        None, description="what the recipe's transcript of this track masks is not heard; its tags are left out"
    )
    redact_with: Literal["bleep", "mute"] = Field("bleep", description="a tone of 1 kHz in its place, or silence")

    @field_validator("quality")
    @classmethod
    def _lossless_needs_a_lossless_format(cls, quality: Quality | None, others: ValidationInfo) -> Quality | None:
        form = others.data.get("format")
        if quality == "lossless" and form is not None and form not in LOSSLESS_FORMATS:
            raise ValueError(
                f"{form} is a lossy format and can't be lossless:"
                f" ask for {' or '.join(sorted(LOSSLESS_FORMATS))}, or for quality high"
            )
        return quality


class AudioOperation(MediaStep):
    """Answers outputs of kind ``audio``."""

    kind: ClassVar[str] = "audio"
    output: ClassVar[type[Output]] = AudioOutput
    facts: ClassVar[type[Facts]] = AudioResult
    version: ClassVar[str] = "6"

    def request(self, field: str, output: AudioOutput, info: MediaInfo) -> Request:
        stream = choose_audio(info, output.audio_track, field)
        if stream is None:
            raise SourceRefused(
                "The source has no audio track: ask for kind video, or choose another source.",
                code="no_audio",
                field=field,
            )
        if output.redact is not None:
            raise _nothing_masked(field)
        form = FORMATS[output.format]
        selection = select_audio(stream, form.layouts, output.channels)
        window = resolve_window(output.start, output.end, info, field)
        all_of_it = output.channels is None or output.channels == stream.channels
        untouched = window.whole and output.normalize is None and all_of_it
        encoding = (
            _copied(output.format, stream)
            if untouched and _may_copy(output, stream)
            else audio_encoding(
                output.format,
                output.quality or DEFAULT_QUALITY,
                stream,
                selection,
                processed=output.normalize is not None or selection.matrix is not None,
            )
        )
        part = AudioPart(
            selection=selection,
            encoding=encoding,
            source_rate_hz=stream.sample_rate_hz,
            normalize=output.normalize and output.normalize.measured_in(selection.channels),
        )
        return Request(
            self.kind,
            RenderParams(
                muxer=form.muxer,
                extension=form.extension,
                media_type=form.media_type,
                window=window,
                audio=part,
                picture=None,
                tags=tag_params(info, output.metadata, form.muxer),
            ),
        )

    def request_beside(self, field: str, output: AudioOutput, info: MediaInfo, beside: Beside) -> Request:
        if output.redact is None:
            return self.request(field, output, info)
        from dailies.operations.speech.masking import masking_transcript
        from dailies.operations.steps.redact import REDACT, RedactParams

        transcript = masking_transcript(field, output.audio_track, info, beside)
        if transcript is None:
            raise _nothing_masked(field)
        asked = self.request(field, output.model_copy(update={"redact": None, "quality": _encoded(output)}), info)
        params: RenderParams = RenderParams.model_validate(asked.params)
        audio = params.audio
        if audio is None:
            raise TypeError("an audio output has sound")
        redact = RedactParams(selection=audio.selection, transcript=transcript, sound=output.redact_with)
        part = audio.model_copy(update={"selection": redacted_track(audio.selection)})
        # Its tags may tell what its words don't any more.
        made = params.model_copy(update={"audio": part, "tags": None})
        return Request(self.kind, made, FileOf(Request(REDACT, redact, "job")))

    def file_name(self, name: str, output: AudioOutput) -> str:
        return f"{name}.{FORMATS[output.format].extension}"

    def needs(self, params: RenderParams, known: Known) -> Needs:
        return needs_of(params)

    def estimate(self, params: RenderParams, info: MediaInfo) -> Estimate:
        return Estimate(cpu_seconds=_START_COST + audio_cost(params) * seconds_of(params, info))

    def fuse(self, params: RenderParams) -> str | None:
        return FUSE

    def run(self, batch: Sequence[StepRun]) -> Iterator[tuple[StepRun, Produced]]:
        # What runs FFmpeg is half of what there is to import, and a plan needs none of it.
        from dailies.operations.film.render import render

        return render(self._toolbox, batch)


def audio_cost(params: RenderParams) -> float:
    """CPU seconds for a second of the output's audio."""
    if params.audio is None or params.audio.encoding.copied:
        return 0.0
    return _OTHER_COST + _ENCODE_COST.get(params.audio.encoding.codec, 0.001)


def seconds_of(params: RenderParams, info: MediaInfo) -> float:
    """The length of the output, as far as it is known before a decode; 0 where nothing is known."""
    end = params.window.end if params.window.end is not None else info.duration_seconds
    return 0.0 if end is None else max(end - params.window.start, 0.0)


def _nothing_masked(field: str) -> InvalidRecipe:
    return InvalidRecipe(
        "redact needs a transcript of this track with mask beside it: add one to the recipe.",
        code="nothing_masked",
        field=f"{field}.redact",
    )


def _encoded(output: AudioOutput) -> Quality:
    """Samples are changed, so they are encoded: as well as if nothing had been asked."""
    return output.quality or DEFAULT_QUALITY


def redacted_track(selection: AudioSelection) -> AudioSelection:
    """The track that the step ``redact`` makes of one, as a selection of its file."""
    return AudioSelection(
        stream=0,
        sample_rate_hz=selection.sample_rate_hz,
        source_channels=selection.channels,
        source_layout=LAYOUTS[selection.layout],
        layout=selection.layout,
        sample_format="flt",
    )


def _may_copy(output: AudioOutput, stream: AudioStream) -> bool:
    form = FORMATS[output.format]
    if stream.codec not in form.copies or stream.channels > form.max_channels:
        return False
    return output.quality is None or (output.quality == "lossless" and output.format in LOSSLESS_FORMATS)


def _copied(format_name: str, stream: AudioStream) -> AudioEncoding:
    return AudioEncoding(
        format=format_name,
        codec=stream.codec,
        copied=True,
        sample_rate_hz=stream.sample_rate_hz,
        channels=stream.channels,
    )
