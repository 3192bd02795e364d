"""``chunk``: a part of a long film's pictures, encoded by itself: the unit of parallel work and of crash recovery."""

from __future__ import annotations

from fractions import Fraction
from pathlib import Path
from typing import TYPE_CHECKING, ClassVar

from dailies.domain.model import Model
from dailies.domain.source.audio_selection import Window
from dailies.domain.source.media_info import MediaInfo
from dailies.media.ffmpeg import RunReport
from dailies.media.graphs.film.chunking import MUXER, Chunk, ChunkReader, chunk_arguments, list_arguments, tick_at
from dailies.media.graphs.pictures.picture import PictureParams
from dailies.operations.checks.decode_errors import damage_of
from dailies.operations.checks.inspection import read_own
from dailies.operations.media_step import MediaStep
from dailies.operations.resolution import PicturePart
from dailies.operations.steps.measure import media_seconds
from dailies.planning.operation import MAIN_FILE, Estimate, Produced, StepRun
from dailies.planning.plan import PROBE

if TYPE_CHECKING:
    from dailies.media.toolbox import Toolbox

CHUNK_MEDIA_TYPE = "video/x-nut"
# CPU seconds per megapixel: x264 preset fast at CRF 23 with decode; about 1.1 s for a second of 1080p30.
_ENCODE_COST_PER_MEGAPIXEL = 0.018
#: CPU seconds that a chunk takes beside its frames.
CHUNK_COST = 0.8
# Time of x264's presets over that of fast (1080p30 film, two cores).
_PRESET_COST = {"ultrafast": 0.3, "superfast": 0.4, "veryfast": 0.55, "faster": 0.8, "fast": 1.0, "medium": 1.2,
                "slow": 2.0, "slower": 4.0, "veryslow": 8.0}  # fmt: skip
_ENCODE_SHARE = 0.95


class ChunkParams(Model):
    """``opens`` and ``closes``: the chunk's start or end is the film's own, and no joint."""

    picture: PicturePart
    window: Window
    opens: bool
    closes: bool


class ChunkFacts(Model):
    """What a chunk holds: ``frames`` on successive ticks of ``rate`` from ``first_tick`` on, none when it is empty.

    ``setup`` identifies the parameter sets, which all chunks of a film share. ``broken_frames`` of the source were
    damaged.
    """

    rate: str | None = None
    first_tick: int = 0
    frames: int = 0
    gaps: bool = False
    setup: str = ""
    broken_frames: int = 0


class ChunkOperation(MediaStep):
    """Encodes the pictures of one window on the source's clock; a worker takes one at a time."""

    kind: ClassVar[str] = "chunk"
    version: ClassVar[str] = "5"

    def estimate(self, params: ChunkParams, info: MediaInfo) -> Estimate:
        end = params.window.end if params.window.end is not None else info.duration_seconds
        seconds = max((end or 0.0) - params.window.start, 0.0)
        return Estimate(
            cpu_seconds=CHUNK_COST + seconds * picture_cost(params.picture.params, params.picture.preset, info)
        )

    def make(self, run: StepRun) -> Produced:
        params: ChunkParams = run.params
        found = self._attempt(run, sought=True)
        if not params.opens and not _fills(params, found):
            # The seek led past the start, or the source has a hole there: decoded from its beginning, it is certain.
            found = self._attempt(run, sought=False)
        return Produced(data=found.model_dump(mode="json"), files={MAIN_FILE: (run.scratch / _NAME, CHUNK_MEDIA_TYPE)})

    def _attempt(self, run: StepRun, *, sought: bool) -> ChunkFacts:
        params: ChunkParams = run.params
        if params.picture.params is None:
            raise ValueError("copied pictures have no chunks")
        chunk = Chunk(
            params.picture.stream,
            params.picture.params,
            params.picture.quality,
            params.picture.preset,
            params.window,
            params.opens,
            params.picture.rate,
            params.picture.reach,
        )
        start = params.window.start
        end = params.window.end or media_seconds(run.inputs[PROBE]) or start

        def progress(reached: float) -> None:
            if end > start:
                run.progress(_ENCODE_SHARE * min(1.0, max(0.0, reached - start) / (end - start)))

        report = self._toolbox.run(
            chunk_arguments(chunk, _NAME, sought=sought),
            scratch=run.scratch,
            source=run.source,
            stop=run.stop,
            media_seconds=end if not sought else end - start,
            on_progress=progress,
        )
        return chunk_facts(self._toolbox, run, run.scratch / _NAME, report)


_NAME = f"chunk.{MUXER}"


def chunk_facts(toolbox: Toolbox, run: StepRun, path: Path, report: RunReport) -> ChunkFacts:
    """What the chunk at ``path`` holds, which ``report`` tells of."""
    broken, _ = damage_of(report)
    if not sum(write.packets for write in report.writes):
        return ChunkFacts(broken_frames=broken)
    reader = ChunkReader()
    arguments = list_arguments(toolbox.policy)
    read_own(toolbox, path, arguments, run.stop, reader.line, scratch=run.scratch, media_seconds=0.0)
    rate = reader.rate
    ticks = reader.ticks(rate)
    return ChunkFacts(
        rate=str(rate),
        first_tick=ticks[0],
        frames=len(ticks),
        gaps=ticks != list(range(ticks[0], ticks[0] + len(ticks))),
        setup=reader.setup,
        broken_frames=broken,
    )


def picture_cost(picture: PictureParams | None, preset: str, info: MediaInfo) -> float:
    """CPU seconds that a second of the pictures takes to decode and encode with x264's ``preset``."""
    if picture is None:
        return 0.0
    stream = info.main_video()
    rate = min((stream.frames_per_second if stream else None) or 30.0, 60.0)
    return _ENCODE_COST_PER_MEGAPIXEL * _PRESET_COST[preset] * picture.width * picture.height * rate / 1e6


def _fills(params: ChunkParams, found: ChunkFacts) -> bool:
    """Whether there is a frame on every tick from the chunk's start to its end, as far as that is a joint."""
    if found.rate is None or found.gaps:
        return False
    rate = Fraction(found.rate)
    begins = found.first_tick == tick_at(params.window.start, rate)
    if params.closes or params.window.end is None:
        return begins
    return begins and found.first_tick + found.frames == tick_at(params.window.end, rate)
