"""``abr``: an HLS ladder (CMAF) from one decode: H.264 in several sizes, AAC, and playlists that were checked."""

from __future__ import annotations

from collections.abc import Callable
from typing import TYPE_CHECKING, ClassVar, Literal

from pydantic import Field

from dailies.domain.errors import InvalidRecipe
from dailies.domain.job.result import Facts
from dailies.domain.recipe.fields import Height, Output, Requested
from dailies.domain.recipe.recipe import Normalize
from dailies.domain.source.audio_selection import select_audio
from dailies.domain.source.channel_layouts import STEREO_LAYOUTS
from dailies.domain.source.media_info import AudioStream, MediaInfo
from dailies.domain.subtitles.wishes import TextTrack
from dailies.media.graphs.film.encoding import audio_encoding
from dailies.media.graphs.film.ladder import choose_rungs
from dailies.media.graphs.pictures.picture import resolve_picture
from dailies.operations import no_speech
from dailies.operations.abr.abr_ladder import AbrParams, AbrResult, Ladder
from dailies.operations.deliverables.audio import audio_cost
from dailies.operations.media_step import MediaStep
from dailies.operations.pictures import choose_stream
from dailies.operations.resolution import (
    AudioPart,
    choose_audio,
    needs_of,
)
from dailies.planning.beside import ALONE, Beside
from dailies.planning.operation import Estimate, Known, Needs, Produced, Request, StepRun
from dailies.ports.transcriber import SpeechChoice

if TYPE_CHECKING:
    from dailies.media.toolbox import Toolbox

# CPU seconds per megapixel: x264 preset fast, and the decode that verifies it.
_ENCODE_COST_PER_MEGAPIXEL = 0.02
_START_COST = 1.5
_AUDIO_FORMAT = "m4a"
EXAMPLE = {"outputs": {"stream": {"kind": "abr", "sides": [720, 360]}}}


class AbrOutput(Requested):
    """Adaptive streaming: HLS with H.264 in several sizes and AAC, in CMAF files of one track each."""

    kind: Literal["abr"] = "abr"
    format: Literal["hls"] = "hls"
    sides: tuple[Height, ...] | None = Field(
        None,
        min_length=1,
        max_length=6,
        description="shorter side of each rendition, pixels, even (1080 is 1080p); one above the source becomes the"
        " source's; absent: 1080, 720, 480 and 360",
    )
    segment_seconds: float = Field(6.0, ge=2, le=10, description="length of a segment; Apple asks for 6")
    quality: Literal["low", "medium", "high"] = Field(
        "medium", description="x264 CRF 28, 23 or 18 under a ceiling for each size; AAC of 96, 128 or 192 kbit/s"
    )
    normalize: Normalize | None = Field(None, description="nothing is normalised unless asked for")
    audio_track: int | None = Field(
        None, ge=0, le=63, description="audio track, counted from 0; the one a player would choose when absent"
    )
    hdr: Literal["refuse", "tonemap"] = Field("refuse", description="what to do with a PQ, HLG or Dolby Vision source")
    text_track: TextTrack | None = Field(
        None, description="its subtitles, or what is said, as WebVTT that a player can switch on"
    )


class AbrOperation(MediaStep):
    """Answers outputs of kind ``abr``."""

    kind: ClassVar[str] = "abr"
    output: ClassVar[type[Output]] = AbrOutput
    facts: ClassVar[type[Facts]] = AbrResult
    version: ClassVar[str] = "6"
    ports: ClassVar[tuple[str, ...]] = ("toolbox", "speech")

    def __init__(self, toolbox: Toolbox, speech: Callable[[], SpeechChoice] = no_speech) -> None:
        """``speech`` chooses the engine that hears what is said."""
        super().__init__(toolbox)
        self._speech = speech

    def request(self, field: str, output: AbrOutput, info: MediaInfo) -> Request:
        return self.request_beside(field, output, info, ALONE)

    def request_beside(self, field: str, output: AbrOutput, info: MediaInfo, beside: Beside) -> Request:
        film, wish = self._ladder(field, output, info), output.text_track
        if wish is None:
            return Request(self.kind, film)
        from dailies.operations.steps.abr_text import ABR_TEXT, AbrTextParams
        from dailies.operations.text.film_text import film_text

        place = f"{field}.text_track"
        text = film_text(place, wish, "vtt", info, speech=self._speech, beside=beside, audio_track=output.audio_track)
        return Request(ABR_TEXT, AbrTextParams(film=film, subtitles=text))

    def _ladder(self, field: str, output: AbrOutput, info: MediaInfo) -> AbrParams:
        """Without subtitles."""
        stream = choose_stream(info, field)
        whole = resolve_picture(stream, None, output.hdr, field)
        rungs = choose_rungs(whole, output.sides)
        if output.audio_track is not None and not info.audio:
            raise InvalidRecipe(
                f"{field}.audio_track: the source has no audio track: leave it out.", field=f"{field}.audio_track"
            )
        return AbrParams(
            picture=whole.resized(rungs[0].width, rungs[0].height),
            rungs=rungs,
            quality=output.quality,
            segment_seconds=output.segment_seconds,
            rate=stream.steady_rate,
            audio=_audio(output, choose_audio(info, output.audio_track, field)),
        )

    def file_name(self, name: str, output: AbrOutput) -> str:
        return f"{name}/index.m3u8"

    def needs(self, params: AbrParams, known: Known) -> Needs:
        return needs_of(params.rendered())

    def estimate(self, params: AbrParams, info: MediaInfo) -> Estimate:
        stream = info.main_video()
        rate = min((stream.frames_per_second if stream else None) or 30.0, 60.0)
        megapixels = sum(rung.width * rung.height for rung in params.rungs) / 1e6
        cost = _ENCODE_COST_PER_MEGAPIXEL * megapixels * rate + audio_cost(params.rendered())
        return Estimate(cpu_seconds=_START_COST + cost * (info.duration_seconds or 0.0))

    def make(self, run: StepRun) -> Produced:
        return Ladder(self._toolbox, run).make()


def _audio(output: AbrOutput, stream: AudioStream | None) -> AudioPart | None:
    if stream is None:
        return None
    selection = select_audio(stream, STEREO_LAYOUTS)
    encoding = audio_encoding(_AUDIO_FORMAT, output.quality, stream, selection, processed=True)
    return AudioPart(
        selection=selection,
        encoding=encoding,
        source_rate_hz=stream.sample_rate_hz,
        normalize=output.normalize and output.normalize.measured_in(selection.channels),
    )
