"""``cuts``: which frames of the source stand where in an edit, or in a part of one that is encoded by itself.

A part's artifact says what the part shows and nothing of its surroundings. So the chunk that rests on it keeps its key,
and is not encoded again, when other parts of the edit are changed.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from typing import ClassVar

from dailies.domain.edit.edit_list import EditList, Joint, edit_list, nominal_rate
from dailies.domain.errors import SourceRefused
from dailies.domain.model import Model, digest_of
from dailies.domain.recipe.edit_recipe import Segment
from dailies.domain.source.media_info import MediaInfo
from dailies.media.graphs.pictures.frame_list import FrameReader, packet_arguments
from dailies.operations.media_step import MediaStep
from dailies.operations.pictures import shown_until
from dailies.planning.operation import Estimate, Produced, StepRun

CUTS = "cuts"
# CPU seconds per second of source: its packets are read, none is decoded.
_COST = 0.0003
_START_COST = 0.1


class CutsParams(Model):
    """``begin`` and ``stop``: of a part; None: the film's."""

    stream: int
    segments: tuple[Segment, ...]
    begin: Joint | None = None
    stop: Joint | None = None

    def lengths(self, info: MediaInfo) -> list[float]:
        """Seconds of each segment of the film."""
        duration = info.duration_seconds
        ends = [segment.end if duration is None else min(segment.end, duration) for segment in self.segments]
        return [max(end - segment.start, 0.0) for segment, end in zip(self.segments, ends, strict=True)]

    def part(self, begin: Joint | None, stop: Joint | None) -> CutsParams:
        return self.model_copy(update={"begin": begin, "stop": stop})


class CutsOperation(MediaStep):
    """Lists the packets, so that every frame's time is known before anything is decoded."""

    kind: ClassVar[str] = CUTS
    version: ClassVar[str] = "2"

    def estimate(self, params: CutsParams, info: MediaInfo) -> Estimate:
        return Estimate(cpu_seconds=cuts_cost(info))

    def fuse(self, params: CutsParams) -> str | None:
        """All parts of an edit, and the whole, are of one list."""
        return f"{CUTS}-{digest_of(params.part(None, None).model_dump(mode='json'))}"

    def run(self, batch: Sequence[StepRun]) -> Iterator[tuple[StepRun, Produced]]:
        film = self._film(batch[0])
        for run in batch:
            params: CutsParams = run.params
            begin = 0 if params.begin is None else film.frame_at(params.begin)
            yield run, Produced(data=film.part(begin, film.frame_at(params.stop)).model_dump(mode="json"))

    def _film(self, run: StepRun) -> EditList:
        params: CutsParams = run.params
        info, reader = self.probed(run), FrameReader()
        self.ffmpeg(run, packet_arguments(params.stream), media_seconds=info.duration_seconds, on_line=reader.line)
        times = sorted(packet.seconds for packet in reader.packets())
        if not times:
            raise SourceRefused("The video track holds no pictures: it is empty or damaged.", code="decode_failed")
        stream = next(stream for stream in info.video if stream.index == params.stream)
        rate = nominal_rate(times, stream.frame_rate, variable=stream.variable_frame_rate)
        return edit_list(params.segments, times, shown_until(max(reader.end, times[-1] + float(1 / rate)), info), rate)


def cuts_cost(info: MediaInfo) -> float:
    """CPU seconds that the step is estimated to take, of a part as of the whole."""
    return _START_COST + _COST * (info.duration_seconds or 0.0)
