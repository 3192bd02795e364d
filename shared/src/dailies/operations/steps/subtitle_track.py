"""``subtitle-track``: the text of a source's own subtitles, as cues, for all outputs that use it."""

from __future__ import annotations

from typing import ClassVar

from dailies.domain.model import Model
from dailies.domain.source.media_info import MediaInfo
from dailies.domain.subtitles.cues import to_json
from dailies.media.graphs.text.subtitle_tracks import TimeReader, cues_of, track_arguments
from dailies.operations.media_step import MediaStep
from dailies.planning.operation import MAIN_FILE, Estimate, Produced, StepRun

SUBTITLE_TRACK = "subtitle-track"
_NAME = "cues.json"
# CPU seconds per second of source: it is read through, and of all streams one is decoded.
_COST, _START_COST = 0.0003, 0.2


class SubtitleTrackParams(Model):
    """``stream``: the track's index; ``styled``: of a format with comments in braces."""

    stream: int
    styled: bool


class SubtitleTrackOperation(MediaStep):
    """Takes a text track out of a source."""

    kind: ClassVar[str] = SUBTITLE_TRACK
    version: ClassVar[str] = "1"

    def estimate(self, params: SubtitleTrackParams, info: MediaInfo) -> Estimate:
        return Estimate(cpu_seconds=_START_COST + _COST * (info.duration_seconds or 0.0))

    def make(self, run: StepRun) -> Produced:
        params: SubtitleTrackParams = run.params
        reader, name = TimeReader(), "events.ass"
        arguments = track_arguments(params.stream, name)
        self.ffmpeg(run, arguments, media_seconds=self.probed(run).duration_seconds, on_line=reader.line)
        events = run.scratch / name
        text = events.read_text(encoding="utf-8", errors="replace") if events.exists() else ""
        cues = cues_of(text, reader.times, styled=params.styled)
        path = run.scratch / _NAME
        path.write_bytes(to_json(cues))
        return Produced(data={"subtitles": len(cues)}, files={MAIN_FILE: (path, "application/json")})
