"""``probe``: what the source is. Cheap, first, and all that planning rests on."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from typing import TYPE_CHECKING, ClassVar

from dailies.domain.source.media_info import MediaInfo
from dailies.planning.operation import Estimate, Known, Needs, Placement, Produced, StepRun
from dailies.planning.plan import NoParams

if TYPE_CHECKING:
    from dailies.media.toolbox import Toolbox


class ProbeOperation:
    """Headers and the first decoded frame of each stream, read in a sandboxed child."""

    kind: ClassVar[str] = "probe"
    version: ClassVar[str] = "8"
    placement: ClassVar[Placement] = Placement.MEDIA
    uses_ffmpeg: ClassVar[bool] = False

    def __init__(self, toolbox: Toolbox) -> None:
        self._toolbox = toolbox

    def needs(self, params: NoParams, known: Known) -> Needs:
        return {}

    def estimate(self, params: NoParams, info: MediaInfo) -> Estimate:
        return Estimate(cpu_seconds=0.3)

    def fuse(self, params: NoParams) -> str | None:
        return None

    def run(self, batch: Sequence[StepRun]) -> Iterator[tuple[StepRun, Produced]]:
        for run in batch:
            info = self._toolbox.probe(run.source, run.scratch, run.stop, ours=run.ours)
            yield run, Produced(data=info.model_dump(mode="json"))
