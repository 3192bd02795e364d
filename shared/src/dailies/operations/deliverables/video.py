"""``video``: one MP4 from the source, H.264 BT.709 and AAC; pictures are copied when nothing is asked of them."""

from __future__ import annotations

import math
from collections.abc import Callable, Iterator, Sequence
from typing import TYPE_CHECKING, Any, ClassVar, Literal

from pydantic import Field, ValidationInfo, field_validator

from dailies.domain.job.result import Check, Facts
from dailies.domain.model import Model
from dailies.domain.recipe.edit_recipe import Aspect, FoundSegments, FramingMode, Preset, Segments
from dailies.domain.recipe.fields import Height, Output
from dailies.domain.recipe.formats import DEFAULT_QUALITY
from dailies.domain.recipe.recipe import Normalize, Trimmed
from dailies.domain.source.audio_selection import Window, select_audio
from dailies.domain.source.channel_layouts import STEREO_LAYOUTS
from dailies.domain.source.media_info import AudioStream, MediaInfo, VideoStream
from dailies.domain.subtitles.wishes import BurnIn, TextTrack
from dailies.media.graphs.film.editing import INDEXED, RUN_UP_SECONDS
from dailies.media.graphs.film.encoding import VIDEO_PRESET, AudioEncoding, audio_encoding
from dailies.media.graphs.pictures.picture import resolve_picture
from dailies.operations import no_speech
from dailies.operations.checks.job_time import edit_time
from dailies.operations.deliverables.audio import audio_cost, seconds_of
from dailies.operations.film.rendered import VideoResult
from dailies.operations.media_step import MediaStep
from dailies.operations.pictures import choose_stream
from dailies.operations.resolution import (
    FUSE,
    AudioPart,
    PicturePart,
    RenderParams,
    choose_audio,
    needs_of,
    resolve_window,
)
from dailies.operations.steps.assemble import ASSEMBLE, AssembleParams, divided
from dailies.operations.steps.chunk import picture_cost
from dailies.operations.steps.edit_resolution import edit_request
from dailies.operations.tagging import tag_params
from dailies.planning.beside import ALONE, Beside
from dailies.planning.operation import Estimate, Known, Needs, Produced, Request, StepRun
from dailies.ports.transcriber import SpeechChoice

if TYPE_CHECKING:
    from dailies.media.toolbox import Toolbox
    from dailies.operations.text.subtitle_params import SubtitlesParams

_DEFAULT_QUALITY = "medium"
_AUDIO_FORMAT = "m4a"
_COPY_COST = 0.001
_START_COST = 0.8
EXAMPLE = {"outputs": {"web": {"kind": "video", "height": 720, "normalize": {"integrated_lufs": -16}}}}


class NormalizeVideo(Normalize):
    """That of a film, and of its segments against each other."""

    max_spread_lu: float | None = Field(
        None, ge=0.5, le=40, description="how far the loudnesses of segments may lie apart, LU; absent: 1.5"
    )


class VideoOutput(Trimmed):
    """One video file: H.264 and AAC in MP4, SDR BT.709, ready to stream (faststart).

    With ``segments`` it is an edit: those parts of the source one after the other, instead of ``start`` to ``end``.
    """

    kind: Literal["video"] = "video"
    format: Literal["mp4"] = "mp4"
    normalize: NormalizeVideo | None = Field(None, description="nothing is normalised unless asked for")
    quality: Literal["low", "medium", "high"] | None = Field(
        None,
        description="x264 CRF 28, 23 or 18; absent: the pictures are copied when nothing is asked of them and"
        " they are H.264 BT.709 already, otherwise medium",
    )
    height: Height | None = Field(None, description="pixels, even; width follows the aspect; never scaled up")
    hdr: Literal["refuse", "tonemap"] = Field("refuse", description="what to do with a PQ, HLG or Dolby Vision source")
    aspect: Aspect | None = Field(None, description="width to height of the film, such as 9:16; the source's if absent")
    framing: FramingMode = Field(
        "auto", description="to get the aspect: crop, pad (black bars), or auto: crop where half of the picture is kept"
    )
    crf: int | None = Field(None, ge=0, le=51, description="x264's constant rate factor, instead of quality")
    preset: Preset | None = Field(None, description="x264's; absent: fast")
    segments: Segments | None = Field(
        None,
        validate_default=True,
        description='parts of the source in order, or {"auto": {"count", "min", "max"}}: the best are found',
    )
    burn_in: BurnIn | None = Field(
        None, validate_default=True, description="its subtitles, or what is said, drawn into the pictures"
    )
    text_track: TextTrack | None = Field(
        None, description="its subtitles, or what is said, as a track of text that a player can switch on"
    )

    @field_validator("segments")
    @classmethod
    def _instead_of_a_trim(cls, segments: Any, others: ValidationInfo) -> Any:
        if segments is not None and (others.data.get("start") is not None or others.data.get("end") is not None):
            raise ValueError("segments have starts and ends of their own: leave out the output's start and end")
        return segments

    @field_validator("segments")
    @classmethod
    def _that_a_spread_lies_between(cls, segments: Any, others: ValidationInfo) -> Any:
        normalize = others.data.get("normalize")
        if segments is None and normalize is not None and normalize.max_spread_lu is not None:
            raise ValueError("normalize.max_spread_lu lies between segments: give segments or leave it out")
        return segments

    @field_validator("burn_in")
    @classmethod
    def _not_into_an_edit(cls, burn_in: Any, others: ValidationInfo) -> Any:
        if burn_in is not None and others.data.get("segments") is not None:
            raise ValueError("subtitles can't be burnt into an edit of segments: ask for text_track")
        return burn_in

    @field_validator("crf")
    @classmethod
    def _instead_of_quality(cls, crf: int | None, others: ValidationInfo) -> int | None:
        if crf is not None and others.data.get("quality") is not None:
            raise ValueError("give either quality or crf: both set the constant rate factor")
        return crf


class VideoOperation(MediaStep):
    """Answers outputs of kind ``video``."""

    kind: ClassVar[str] = "video"
    output: ClassVar[type[Output]] = VideoOutput
    facts: ClassVar[type[Facts]] = VideoResult
    filters: ClassVar[frozenset[str]] = frozenset({"ass"})
    version: ClassVar[str] = "9"
    ports: ClassVar[tuple[str, ...]] = ("toolbox", "speech")

    def __init__(self, toolbox: Toolbox, speech: Callable[[], SpeechChoice] = no_speech) -> None:
        """``speech`` chooses the engine that hears what is said."""
        super().__init__(toolbox)
        self._speech = speech

    def request(self, field: str, output: VideoOutput, info: MediaInfo) -> Request:
        return self.request_beside(field, output, info, ALONE)

    def request_beside(self, field: str, output: VideoOutput, info: MediaInfo, beside: Beside) -> Request:
        film = self._film(field, output, info, beside)
        if output.text_track is None:
            return film
        from dailies.operations.steps.text_track import with_text_track

        text = self._text(f"{field}.text_track", output, output.text_track, film.params, info, beside)
        return with_text_track(film, text)

    def _text(
        self, field: str, output: VideoOutput, wish: TextTrack, film: Model, info: MediaInfo, beside: Beside
    ) -> SubtitlesParams:
        """What the film's subtitles say, in its own time."""
        from dailies.operations.text.film_text import film_text
        from dailies.operations.text.film_time import in_time_of

        form: Literal["ass", "srt"] = "ass" if isinstance(wish, BurnIn) else "srt"
        whole = film_text(field, wish, form, info, speech=self._speech, beside=beside, audio_track=output.audio_track)
        return in_time_of(film, whole, info) or whole

    def _film(self, field: str, output: VideoOutput, info: MediaInfo, beside: Beside) -> Request:
        """Without a text track."""
        stream = choose_stream(info, field)
        if output.segments is not None:
            speech: Model | None = None
            if isinstance(output.segments, FoundSegments):
                from dailies.operations.text.film_text import SpokenWish, job_transcript

                speech = job_transcript(field, SpokenWish(None, output.audio_track), info, beside)
            return edit_request(field, output, stream, info, self._toolbox.chunking, speech=speech)
        window = _with_end(resolve_window(output.start, output.end, info, field), stream, info)
        film = RenderParams(
            muxer="mp4",
            extension="mp4",
            media_type="video/mp4",
            window=window,
            audio=_audio(output, choose_audio(info, output.audio_track, field), window),
            picture=_picture(output, stream, info, window, field),
            tags=tag_params(info, output.metadata, "mp4"),
        )
        if output.burn_in is not None and film.picture is not None:
            from dailies.operations.text.burnt import burnt_of

            text = self._text(f"{field}.burn_in", output, output.burn_in, film, info, beside)
            picture = film.picture.model_copy(update={"burnt": burnt_of(output.burn_in, text)})
            film = film.model_copy(update={"picture": picture})
        resolved = divided(film, info, self.estimate(film, info).cpu_seconds, self._toolbox.chunking)
        return Request(ASSEMBLE if isinstance(resolved, AssembleParams) else self.kind, resolved)

    def job_checks(self, output: VideoOutput, info: MediaInfo, seconds: float) -> tuple[Check, ...]:
        """An edit's promise: how long it may take."""
        return () if output.segments is None else edit_time(info, seconds)

    def file_name(self, name: str, output: VideoOutput) -> str:
        return f"{name}.mp4"

    def needs(self, params: RenderParams, known: Known) -> Needs:
        return needs_of(params)

    def estimate(self, params: RenderParams, info: MediaInfo) -> Estimate:
        seconds = seconds_of(params, info)
        cost = 0.0 if params.picture is None else picture_cost(params.picture.params, params.picture.preset, info)
        cost = max(cost, _COPY_COST)
        return Estimate(cpu_seconds=_START_COST + seconds * (cost + audio_cost(params)))

    def fuse(self, params: RenderParams) -> str | None:
        return FUSE

    def run(self, batch: Sequence[StepRun]) -> Iterator[tuple[StepRun, Produced]]:
        # What runs FFmpeg is half of what there is to import, and a plan needs none of it.
        from dailies.operations.film.render import render

        return render(self._toolbox, batch)


def _with_end(window: Window, stream: VideoStream, info: MediaInfo) -> Window:
    """With the source's end, where all that is left of the pictures is the last: it stays while there is sound."""
    over = stream.start_seconds + (stream.duration_seconds or math.inf) <= window.start
    return window.model_copy(update={"end": info.duration_seconds}) if over and window.end is None else window


def _picture(output: VideoOutput, stream: VideoStream, info: MediaInfo, window: Window, field: str) -> PicturePart:
    params = resolve_picture(
        stream, output.height, output.hdr, field, aspect=output.aspect, framing=output.framing
    )  # fmt: skip
    progressive, one_size = not stream.interlaced, not stream.changes_size
    plays_everywhere = (
        stream.codec == "h264" and stream.pixel_format == "yuv420p" and progressive and one_size and stream.hdr is None
    )
    as_it_is = output.quality is None and output.crf is None and output.preset is None and output.burn_in is None
    framed = params.framed is not None or params.frame is not None or params.shown is not None
    untouched = window.whole and as_it_is and not (params.scaled or params.converted or framed)
    quality = output.crf if output.crf is not None else output.quality or _DEFAULT_QUALITY
    if plays_everywhere and untouched:
        return PicturePart(stream=stream.index, params=None, quality=quality)
    preset = output.preset or VIDEO_PRESET
    return PicturePart(
        stream=stream.index,
        params=params,
        quality=quality,
        preset=preset,
        rate=stream.steady_rate,
        reach=RUN_UP_SECONDS[info.container in INDEXED] + stream.longest_frame_seconds,
    )


def burn(stream: Any, name: str, folder: str) -> Any:
    """Draw the ASS of ours ``name`` on the pictures, with the fonts of ``folder``, both in the scratch folder."""
    return stream.filter("ass", name, fontsdir=folder)


def _audio(output: VideoOutput, stream: AudioStream | None, window: Window) -> AudioPart | None:
    if stream is None:
        return None
    selection = select_audio(stream, STEREO_LAYOUTS)
    carried = stream.channels <= len(STEREO_LAYOUTS)
    untouched = window.whole and output.normalize is None and output.quality is None and carried
    if untouched and stream.codec == "aac":
        encoding = AudioEncoding(
            format=_AUDIO_FORMAT,
            codec="aac",
            copied=True,
            sample_rate_hz=stream.sample_rate_hz,
            channels=stream.channels,
        )
    else:
        encoding = audio_encoding(_AUDIO_FORMAT, output.quality or DEFAULT_QUALITY, stream, selection, processed=True)
    return AudioPart(
        selection=selection,
        encoding=encoding,
        source_rate_hz=stream.sample_rate_hz,
        normalize=output.normalize and output.normalize.measured_in(selection.channels),
    )
