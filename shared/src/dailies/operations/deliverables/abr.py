"""``abr``: an HLS ladder (CMAF) from one decode: H.264 in several sizes, AAC, and playlists that were checked."""

from __future__ import annotations

import math
from collections.abc import Iterator, Mapping, Sequence
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path
from typing import ClassVar, Literal

from pydantic import Field

from dailies.domain.audio_selection import Window, select_audio
from dailies.domain.channel_layouts import STEREO_LAYOUTS
from dailies.domain.errors import InvalidRecipe
from dailies.domain.fields import Height, Output, Requested
from dailies.domain.level import Level
from dailies.domain.levelling import MAX_RENDERS
from dailies.domain.media_info import AudioStream, MediaInfo
from dailies.domain.model import Model
from dailies.domain.recipe import Normalize
from dailies.domain.result import RenditionFacts
from dailies.media.encoding import audio_encoding
from dailies.media.ffmpeg import RunReport
from dailies.media.hls import Variant, h264_codec, write_master
from dailies.media.ladder import AUDIO, Rung, choose_rungs, ladder_arguments
from dailies.media.picture import PictureParams, resolve_picture
from dailies.media.rendering import AudioBranch
from dailies.media.toolbox import Toolbox
from dailies.operations.abr_tracks import Track, check_ladder, read_track, write_playlists
from dailies.operations.certified import certified
from dailies.operations.correction import correction
from dailies.operations.damage import damage_check, refuse_short
from dailies.operations.deliverables.audio import audio_cost
from dailies.operations.listening import material_of
from dailies.operations.pictures import choose_stream
from dailies.operations.resolution import (
    LEVEL,
    AudioPart,
    PicturePart,
    RenderParams,
    choose_audio,
    needs_of,
)
from dailies.operations.scoring import listen_to_source, quality_score_of
from dailies.operations.verification import (
    Verification,
    audio_checks,
    audio_facts,
    inspect,
    loudness_checks,
    loudness_facts,
    video_facts,
)
from dailies.planning.operation import Estimate, Placement, Produced, Request, StepRun
from dailies.planning.plan import PROBE

_WHOLE = Window()
# CPU seconds per megapixel: x264 preset fast, and the decode that verifies it.
_ENCODE_COST_PER_MEGAPIXEL = 0.02
_START_COST = 1.5
# The part of the step's progress that is the encode; the rest is verification.
_ENCODE_SHARE = 0.85
# Source and output are heard side by side.
_LISTENERS = 2
_AUDIO_FORMAT = "m4a"
_AAC_LC = "mp4a.40.2"  # RFC 6381, 3.3
_PLAYLIST_TYPE = "application/vnd.apple.mpegurl"


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


class AbrParams(Model):
    """``picture`` is of the first rung's size."""

    picture: PictureParams
    rungs: tuple[Rung, ...]
    quality: str
    segment_seconds: float
    rate: str
    audio: AudioPart | None

    def rendered(self) -> RenderParams:
        """As a video output with the same audio: what levelling goes by."""
        picture = PicturePart(stream=self.picture.stream, params=self.picture, quality=self.quality)
        return RenderParams(
            muxer="mp4", extension="mp4", media_type="video/mp4", window=_WHOLE, audio=self.audio, picture=picture
        )


class AbrOperation:
    """Answers outputs of kind ``abr``."""

    kind: ClassVar[str] = "abr"
    output: ClassVar[type[Output]] = AbrOutput
    version: ClassVar[str] = "4"
    placement: ClassVar[Placement] = Placement.MEDIA
    uses_ffmpeg: ClassVar[bool] = True

    def __init__(self, toolbox: Toolbox) -> None:
        self._toolbox = toolbox

    def request(self, field: str, output: AbrOutput, info: MediaInfo) -> Request:
        stream = choose_stream(info, field)
        whole = resolve_picture(stream, None, output.hdr, field)
        rungs = choose_rungs(whole, output.sides)
        top = (rungs[0].width, rungs[0].height)
        scaled = whole.scaled or top != (whole.width, whole.height)
        if output.audio_track is not None and not info.audio:
            raise InvalidRecipe(
                f"{field}.audio_track: the source has no audio track: leave it out.", field=f"{field}.audio_track"
            )
        return Request(
            self.kind,
            AbrParams(
                picture=whole.model_copy(update={"width": top[0], "height": top[1], "scaled": scaled}),
                rungs=rungs,
                quality=output.quality,
                segment_seconds=output.segment_seconds,
                rate=stream.steady_rate,
                audio=_audio(output, choose_audio(info, output.audio_track, field)),
            ),
        )

    def file_name(self, name: str, output: AbrOutput) -> str:
        return f"{name}/index.m3u8"

    def needs(self, params: AbrParams) -> Mapping[str, Request]:
        return needs_of(params.rendered())

    def estimate(self, params: AbrParams, info: MediaInfo) -> Estimate:
        stream = info.main_video()
        rate = min((stream.frames_per_second if stream else None) or 30.0, 60.0)
        megapixels = sum(rung.width * rung.height for rung in params.rungs) / 1e6
        cost = _ENCODE_COST_PER_MEGAPIXEL * megapixels * rate + audio_cost(params.rendered())
        return Estimate(cpu_seconds=_START_COST + cost * (info.duration_seconds or 0.0))

    def fuse(self, params: AbrParams) -> str | None:
        return None

    def run(self, batch: Sequence[StepRun]) -> Iterator[tuple[StepRun, Produced]]:
        for run in batch:
            yield run, _Ladder(self._toolbox, run).make()


class _Ladder:
    """One ladder on its way: encoded, its loudness corrected where it is off, verified, certified."""

    def __init__(self, toolbox: Toolbox, run: StepRun) -> None:
        self._toolbox = toolbox
        self._run = run
        self._params: AbrParams = run.params
        self._info = MediaInfo.model_validate(run.inputs[PROBE].data)
        level = run.inputs.get(LEVEL)
        self._level = Level.model_validate(level.data) if level is not None else None
        if self._level is not None and not self._level.reachable:
            self._level = Level(mode="unchanged", reason=f"passed through unchanged: {self._level.reason}")

    def make(self) -> Produced:
        """Raises what FFmpeg's run does; SourceRefused for a damaged source; QualityNotReached."""
        params = self._params
        report = self._encode(params.picture)
        checks = [damage_check(report)]
        self._refuse_short(report)
        heard = self._levelled()
        names = [rung.name for rung in params.rungs]
        found = [inspect(self._toolbox, self._file(name), self._run.stop) for name in names]
        if heard is not None:
            names, found = [*names, AUDIO], [*found, heard]
        tracks = write_playlists(
            [read_track(self._toolbox, self._run, *each) for each in zip(names, found, strict=True)]
        )
        videos, sound = tracks[: len(params.rungs)], None if heard is None else tracks[-1]
        variants = [_variant(rung, track, sound) for rung, track in zip(params.rungs, videos, strict=True)]
        master = self._run.scratch / "index.m3u8"
        channels = 0 if params.audio is None else params.audio.encoding.channels
        master.write_text(write_master(variants, None if sound is None else sound.playlist_path.name, channels))
        checks += check_ladder(master, params.rungs, videos, sound, self._info, params.picture.stream)
        if params.audio is not None and heard is not None:
            encoding = params.audio.encoding
            checks += audio_checks(heard.info, encoding)
            if self._level is not None and params.audio.normalize is not None:
                checks += loudness_checks(heard, self._level, params.audio.normalize)
        beside: dict[str, tuple[Path, str]] = {}
        for track in tracks:
            beside[track.path.name] = (track.path, "audio/mp4" if track is sound else "video/mp4")
            beside[track.playlist_path.name] = (track.playlist_path, _PLAYLIST_TYPE)
        asked = params.audio is not None and params.audio.normalize is not None
        return certified(
            master,
            _PLAYLIST_TYPE,
            checks,
            beside=beside,
            sha256={track.path.name: track.found.sha256 for track in tracks},
            duration_seconds=max(track.playlist.seconds for track in tracks),
            audio=None if heard is None else audio_facts(heard.info),
            video=video_facts(videos[0].found.info, videos[0].frames),
            loudness=None if heard is None else loudness_facts(heard, self._level, asked=asked),
            quality_score=None if params.audio is None or heard is None else self._score(params.audio, heard),
            renditions=tuple(
                RenditionFacts(
                    playlist=variant.playlist,
                    width=variant.width,
                    height=variant.height,
                    codecs=variant.codecs,
                    bandwidth_bps=variant.bandwidth_bps,
                    average_bandwidth_bps=variant.average_bps,
                )
                for variant in variants
            ),
        )

    def _file(self, name: str) -> Path:
        return self._run.scratch / f"{name}.mp4"

    def _refuse_short(self, report: RunReport) -> None:
        """Raise SourceRefused when fewer frames were decoded than the header lists."""
        stream = next(video for video in self._info.video if video.index == self._params.picture.stream)
        frames = sum(read.frames for read in report.reads if read.type == "video")
        rate, declared = stream.frames_per_second, stream.duration_seconds
        if rate and declared is not None and not stream.variable_frame_rate:
            refuse_short(declared, frames / rate, self._info.duration_from)

    def _encode(self, picture: PictureParams | None) -> RunReport:
        params, duration = self._params, self._info.duration_seconds
        audio = params.audio
        branch = None if audio is None else AudioBranch(audio.selection, audio.encoding, self._level)

        def progress(done: float) -> None:
            self._run.progress(_ENCODE_SHARE * min(1.0, done / duration) if duration else 0.0)

        return self._toolbox.run(
            ladder_arguments(picture, params.rungs, params.quality, branch, params.segment_seconds, params.rate),
            scratch=self._run.scratch,
            source=self._run.source,
            stop=self._run.stop,
            media_seconds=duration,
            on_progress=progress if picture is not None else None,
        )

    def _levelled(self) -> Verification | None:
        """The audio track as heard; encoded again, it alone, while its loudness is off."""
        audio = self._params.audio
        if audio is None:
            return None
        path = self._file(AUDIO)
        rate, seconds = audio.encoding.sample_rate_hz, self._info.duration_seconds
        heard = inspect(self._toolbox, path, self._run.stop, heard_at=rate, media_seconds=seconds)
        for _ in range(MAX_RENDERS - 1):
            again = correction(self._toolbox, self._run, self._params.rendered(), self._level, heard)
            if again is None:
                break
            self._level = again
            self._encode(None)
            heard = inspect(self._toolbox, path, self._run.stop, heard_at=rate, media_seconds=seconds)
        return heard

    def _score(self, audio: AudioPart, verified: Verification) -> int | None:
        blocks = material_of(self._run, _WHOLE).blocks if audio.normalize is not None else None
        path = self._file(AUDIO)
        seconds = verified.info.duration_seconds or 0.0
        with ThreadPoolExecutor(_LISTENERS) as pool:
            comparison = listen_to_source(
                pool, self._toolbox, self._run, audio, window=_WHOLE, seconds=seconds, blocks=blocks
            )
            compared = None if comparison is None else comparison.output(pool, self._toolbox, self._run, audio, path)
            return quality_score_of(audio, verified, compared)


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


def _variant(rung: Rung, track: Track, sound: Track | None) -> Variant:
    """A player that takes this one loads the audio with it: its rates and its codec count (RFC 8216, 4.3.4.2)."""
    tracks = [track, *([] if sound is None else [sound])]
    stream = track.found.info.video[0]
    return Variant(
        playlist=track.playlist_path.name,
        bandwidth_bps=math.ceil(sum(each.playlist.peak_bps for each in tracks)),
        average_bps=math.ceil(sum(each.playlist.average_bps for each in tracks)),
        codecs=h264_codec(track.head()) + ("" if sound is None else f",{_AAC_LC}"),
        width=rung.width,
        height=rung.height,
        frame_rate=stream.frames_per_second,
    )
