"""How far a source reached into an output's window, by what a run decoded of it."""

from __future__ import annotations

from typing import TYPE_CHECKING

from dailies.domain.errors import SourceRefused
from dailies.domain.source.media_info import AudioStream, MediaInfo, VideoStream
from dailies.operations.checks.decode_errors import refuse_short
from dailies.operations.resolution import RenderParams

if TYPE_CHECKING:
    from dailies.media.ffmpeg import RunReport


class SourceEnds:
    """Of the output number ``place`` of a run."""

    def __init__(self, params: RenderParams, info: MediaInfo, place: int) -> None:
        self._params = params
        self._info = info
        self._place = place

    def decoded_seconds(self, report: RunReport) -> float:
        """How long the output should be: the window, as far as the decoded source reaches into it."""
        ends = [end for end in (self._audio_end(report), self._picture_end(report)) if end is not None]
        end = max(ends, default=self._info.duration_seconds or report.written_seconds + self._params.window.start)
        if self._params.window.end is not None:
            end = min(end, self._params.window.end)
        return max(end - self._params.window.start, 0.0)

    def check(self, report: RunReport) -> None:
        """Raise SourceRefused when what was decoded ends before what the headers list."""
        start, end = self._params.window.start, self._params.window.end
        reached = self._audio_end(report)
        audio = self._audio_stream()
        if reached is not None and audio is not None and self._params.picture is None and reached <= start:
            raise SourceRefused(
                f"The source ends at {reached:.2f} s: nothing is left after start ({start:g} s).", code="empty_window"
            )
        if reached is not None and audio is not None and audio.duration_seconds is not None:
            refuse_short(audio.start_seconds + audio.duration_seconds, reached, self._info.duration_from, end)
        video = self._video_stream()
        frames = sum(
            r.frames for r in report.reads if r.type == "video" and video is not None and r.index == video.index
        )
        if video is None or not frames or video.variable_frame_rate or self._params.window.start > 0:
            return
        if video.frames_per_second and video.duration_seconds is not None:
            reached = video.start_seconds + frames / video.frames_per_second
            refuse_short(video.start_seconds + video.duration_seconds, reached, self._info.duration_from, end)

    def _audio_stream(self) -> AudioStream | None:
        part = self._params.audio
        return next((s for s in self._info.audio if part is not None and s.index == part.selection.stream), None)

    def _video_stream(self) -> VideoStream | None:
        part = self._params.picture
        return next((s for s in self._info.video if part is not None and s.index == part.stream), None)

    def _audio_end(self, report: RunReport) -> float | None:
        """Where the audio ends on the source's clock; None when it was only copied or there is none.

        By what reached the encoder: gaps in the source are filled before it, so that a source whose frames don't
        fill its timestamps is not taken for one that was cut off.
        """
        part = self._params.audio
        if part is None or part.encoding.copied:
            return None
        samples = sum(w.samples for w in report.writes if w.type == "audio" and w.file == self._place)
        return self._params.window.start + samples / part.encoding.sample_rate_hz

    def _picture_end(self, report: RunReport) -> float | None:
        stream = self._video_stream()
        if stream is None or stream.duration_seconds is None:
            return None
        return stream.start_seconds + stream.duration_seconds
