"""What most step kinds have in common: a worker with FFmpeg, nothing but the probe before them, a run of their own."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence
from typing import TYPE_CHECKING, Any, ClassVar

from dailies.domain.source.media_info import MediaInfo
from dailies.planning.operation import Known, Needs, Placement, Produced, Request, StepRun
from dailies.planning.plan import PROBE, NoParams

if TYPE_CHECKING:
    from dailies.media.ffmpeg import RunReport
    from dailies.media.toolbox import Toolbox


class MediaStep:
    """An Operation but for its kind, version, estimate and ``make``; each part may be overridden."""

    placement: ClassVar[Placement] = Placement.MEDIA
    uses_ffmpeg: ClassVar[bool] = True
    ports: ClassVar[tuple[str, ...]] = ("toolbox",)
    """What it is made with, by the names that :class:`~dailies.operations.Ports` has for it."""
    filters: ClassVar[frozenset[str]] = frozenset()
    """What it uses of FFmpeg beside REQUIRED_FILTERS; ``encoders`` likewise. The doctor looks for them."""
    encoders: ClassVar[frozenset[str]] = frozenset()

    def __init__(self, toolbox: Toolbox) -> None:
        self._toolbox = toolbox

    def needs(self, params: Any, known: Known) -> Needs:
        return {PROBE: Request(PROBE, NoParams())}

    def fuse(self, params: Any) -> str | None:
        return None

    def run(self, batch: Sequence[StepRun]) -> Iterator[tuple[StepRun, Produced]]:
        for run in batch:
            yield run, self.make(run)

    def probed(self, run: StepRun) -> MediaInfo:
        """What the source is."""
        return MediaInfo.model_validate(run.inputs[PROBE].data)

    def ffmpeg(
        self,
        run: StepRun,
        arguments: list[str],
        *,
        media_seconds: float | None,
        on_progress: Callable[[float], None] | None = None,
        on_line: Callable[[str], None] | None = None,
    ) -> RunReport:
        """Run FFmpeg in the step's scratch folder, on its source. Raises as Toolbox.run does."""
        return self._toolbox.run(
            arguments,
            scratch=run.scratch,
            source=run.source,
            stop=run.stop,
            media_seconds=media_seconds,
            on_progress=on_progress,
            on_line=on_line,
        )

    def make(self, run: StepRun) -> Produced:
        """Do one step by itself. Raises DailiesError."""
        raise NotImplementedError
