"""``scenes``: when a source shows something new, for all that cut or write along with its shots."""

from __future__ import annotations

from collections.abc import Callable
from itertools import pairwise
from typing import ClassVar

from dailies.domain.edit.shots import shot_changes
from dailies.domain.errors import SourceRefused
from dailies.domain.model import Model
from dailies.domain.source.media_info import MediaInfo
from dailies.media.graphs.film.highlight_signals import SceneReader, scene_arguments, shot_arguments
from dailies.media.graphs.pictures.frame_list import FrameReader, packet_arguments
from dailies.operations.media_step import MediaStep
from dailies.planning.operation import Estimate, Produced, StepRun

SCENES = "scenes"
# CPU seconds: per megapixel of a keyframe a second, of a frame that is decoded, at all.
_LOOK_COST, _DECODE_COST, _START_COST = 0.004, 0.002, 0.3
#: Keyframes further apart than this are too few to see scenes by.
_SPARSE_SECONDS = 12.0


class ScenesParams(Model):
    """``exact``: every frame is decoded, and every change of shot found to the frame."""

    stream: int
    exact: bool = False


class Scenes(Model):
    """The step's artifact, in seconds of the source: its ``changes``, and those whose frame is known for sure.

    ``seconds``: when the last picture ends.
    """

    seconds: float
    changes: tuple[float, ...]
    shots: tuple[float, ...]


class ScenesOperation(MediaStep):
    """Looks at the keyframes, or at all frames."""

    kind: ClassVar[str] = SCENES
    version: ClassVar[str] = "1"

    def estimate(self, params: ScenesParams, info: MediaInfo) -> Estimate:
        stream = info.main_video()
        megapixels = 0.0 if stream is None else stream.coded_width * stream.coded_height / 1e6
        rate = (None if stream is None else stream.frames_per_second) or 30.0
        cost = _DECODE_COST * rate if params.exact else _LOOK_COST
        return Estimate(cpu_seconds=_START_COST + cost * megapixels * (info.duration_seconds or 0.0))

    def make(self, run: StepRun) -> Produced:
        params: ScenesParams = run.params
        reader, found = FrameReader(), SceneReader()
        self._ffmpeg(run, packet_arguments(params.stream), reader.line)
        packets = sorted(reader.packets(), key=lambda packet: packet.seconds)
        if not packets:
            raise SourceRefused("The video track holds no pictures: it is empty or damaged.", code="decode_failed")
        run.progress(0.1)
        times = [packet.seconds for packet in packets]
        end = times[-1] + (times[-1] - times[0]) / max(len(times) - 1, 1)
        keys = [packet.seconds for packet in packets if packet.keyframe]
        if params.exact:
            self._ffmpeg(run, shot_arguments(params.stream), found.line)
            shots: list[float] = found.changes
        else:
            gap = max((b - a for a, b in pairwise([times[0], *keys, end])), default=0.0)
            dense = gap <= _SPARSE_SECONDS
            self._ffmpeg(run, scene_arguments(params.stream, keyframes=dense), found.line)
            shots = shot_changes(found.changes, keys) if dense else []
        scenes = Scenes(seconds=round(end, 3), changes=tuple(found.changes), shots=tuple(shots))
        return Produced(data=scenes.model_dump(mode="json"))

    def _ffmpeg(self, run: StepRun, arguments: list[str], on_line: Callable[[str], None]) -> None:
        self.ffmpeg(run, arguments, media_seconds=self.probed(run).duration_seconds, on_line=on_line)
