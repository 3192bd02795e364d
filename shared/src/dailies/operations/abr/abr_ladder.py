"""One HLS ladder on its way: from one decode of the source to playlists that were checked."""

from __future__ import annotations

import math
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path
from typing import TYPE_CHECKING, Literal

from pydantic import Field

from dailies.domain.checks.sound_sync import NO_LEVELS, points_along
from dailies.domain.job.result import AudioFacts, Check, Facts, LoudnessFacts, RenditionFacts, VideoFacts
from dailies.domain.loudness.level import Level
from dailies.domain.loudness.levelling import MAX_RENDERS
from dailies.domain.model import Model
from dailies.domain.source.audio_selection import Window
from dailies.domain.source.media_info import MediaInfo
from dailies.media.ffmpeg import RunReport
from dailies.media.graphs.film.hls import Variant, h264_codec, write_master
from dailies.media.graphs.film.ladder import AUDIO, Rung, ladder_arguments
from dailies.media.graphs.film.rendering import AudioBranch
from dailies.media.graphs.pictures.picture import PictureParams
from dailies.operations.abr.abr_tracks import Track, check_ladder, read_track, write_playlists
from dailies.operations.checks.certificate import certified
from dailies.operations.checks.decode_errors import damage_check, refuse_short
from dailies.operations.checks.inspection import Verification, Wanted, inspect
from dailies.operations.checks.scoring import listen_to_source, mix_checks, quality_score_of
from dailies.operations.checks.sync import along_check, noted_levels, noting_levels
from dailies.operations.checks.verification import (
    audio_checks,
    audio_facts,
    decode_check,
    loudness_checks,
    loudness_facts,
    video_facts,
)
from dailies.operations.resolution import (
    LEVEL,
    AudioPart,
    PicturePart,
    RenderParams,
)
from dailies.operations.sound.correction import correction
from dailies.operations.sound.loudness_probe import material_of
from dailies.planning.operation import Produced, StepRun
from dailies.planning.plan import PROBE

if TYPE_CHECKING:
    from dailies.media.toolbox import Toolbox

_WHOLE = Window()
# The part of the step's progress that is the encode; the rest is verification.
_ENCODE_SHARE = 0.85
# Source and output are heard side by side.
_LISTENERS = 2
_AAC_LC = "mp4a.40.2"  # RFC 6381, 3.3
_PLAYLIST_TYPE = "application/vnd.apple.mpegurl"


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


class AbrResult(Facts):
    kind: Literal["abr"] = "abr"
    audio: AudioFacts | None
    video: VideoFacts | None
    loudness: LoudnessFacts | None
    renditions: tuple[RenditionFacts, ...]
    quality_score: int | None = Field(ge=0, le=100, description="see docs/loudness.md; null without audio")


class Ladder:
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
        sounds = self._params.audio is not None and self._info.duration_seconds is not None
        self._points = points_along(self._info.duration_seconds or 0.0) if sounds else []
        self._source_levels = NO_LEVELS

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
        checks += decode_check(found[-1], "all pictures")
        score: int | None = None
        if params.audio is not None and heard is not None:
            score, mixed = self._compared(params.audio, heard)
            checks += [*self._sound_checks(params.audio, heard), *mixed]
        beside: dict[str, tuple[Path, str]] = {}
        for track in tracks:
            beside[track.path.name] = (track.path, "audio/mp4" if track is sound else "video/mp4")
            beside[track.playlist_path.name] = (track.playlist_path, _PLAYLIST_TYPE)
        asked = params.audio is not None and params.audio.normalize is not None
        return certified(
            master,
            _PLAYLIST_TYPE,
            checks,
            AbrResult(
                audio=None if heard is None else audio_facts(heard.info),
                video=video_facts(videos[0].found.info, videos[0].frames),
                loudness=None if heard is None else loudness_facts(heard, self._level, asked=asked),
                quality_score=score,
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
            ),
            beside=beside,
            sha256={track.path.name: track.found.sha256 for track in tracks},
            duration_seconds=max(track.playlist.seconds for track in tracks),
        )

    def _sound_checks(self, audio: AudioPart, heard: Verification) -> list[Check]:
        checks = audio_checks(heard.info, audio.encoding)
        checks += along_check(self._points, self._source_levels, heard.levels, self._params.rate)
        if self._level is not None and audio.normalize is not None:
            checks += loudness_checks(heard, self._level, audio.normalize)
        return checks

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

        arguments = ladder_arguments(picture, params.rungs, params.quality, branch, params.segment_seconds, params.rate)
        points = [] if audio is None else [(audio.selection.stream, self._points)]
        report = self._toolbox.run(
            noting_levels(arguments, self._info, points),
            scratch=self._run.scratch,
            source=self._run.source,
            stop=self._run.stop,
            media_seconds=duration,
            on_progress=progress if picture is not None else None,
        )
        if audio is not None:
            self._source_levels = noted_levels(self._run.scratch, points)[audio.selection.stream]
        return report

    def _levelled(self) -> Verification | None:
        """The audio track as heard; encoded again, it alone, while its loudness is off."""
        audio = self._params.audio
        if audio is None:
            return None
        path = self._file(AUDIO)
        wanted = Wanted(
            audio.encoding.sample_rate_hz,
            true_peak=audio.normalize is not None,
            media_seconds=self._info.duration_seconds,
            points=self._points,
        )
        heard = inspect(self._toolbox, path, self._run.stop, wanted)
        for _ in range(MAX_RENDERS - 1):
            again = correction(self._toolbox, self._run, self._params.rendered(), self._level, heard)
            if again is None:
                break
            self._level = again
            self._encode(None)
            heard = inspect(self._toolbox, path, self._run.stop, wanted)
        return heard

    def _compared(self, audio: AudioPart, verified: Verification) -> tuple[int | None, list[Check]]:
        """The quality score, and what a mix leaves of its channels."""
        blocks = material_of(self._run, _WHOLE).blocks if audio.normalize is not None else None
        path = self._file(AUDIO)
        seconds = verified.info.duration_seconds or 0.0
        with ThreadPoolExecutor(_LISTENERS) as pool:
            comparison = listen_to_source(
                pool, self._toolbox, self._run, audio, window=_WHOLE, seconds=seconds, blocks=blocks
            )
            compared = None if comparison is None else comparison.output(pool, self._toolbox, self._run, audio, path)
            mixed = mix_checks(self._toolbox, self._run, audio.selection, comparison.windows if comparison else ())
            return quality_score_of(audio, verified, compared), mixed


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
