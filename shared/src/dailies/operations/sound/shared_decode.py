"""Steps that listen to the whole of a track, ``measure`` and ``waveform``: those of one track share its decode."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from pathlib import Path
from typing import TYPE_CHECKING, Protocol

from dailies.domain.errors import SourceRefused
from dailies.media.ffmpeg import RunReport
from dailies.media.graphs.sound.shared_decode import Meter, Peaks, hearing_arguments
from dailies.operations.checks.decode_errors import damage_check
from dailies.planning.operation import Produced, StepRun

if TYPE_CHECKING:
    from dailies.media.toolbox import Toolbox


class TrackReader(Protocol):
    """What one step reads of a decode that several share.

    The step's parameters make it: ``params.track_reader(run, number)``.
    """

    run: StepRun
    duration: float | None
    """Of the source, seconds, as far as it is known."""

    def listener(self) -> Meter | Peaks: ...

    def line(self, line: str) -> None:
        """A line of stdout: a meter's."""

    def produced(self, report: RunReport, folder: Path) -> Produced:
        """What the step makes of what it heard; ``folder`` has the listener's file."""


def fuse_key(stream: int) -> str:
    """Steps that listen to the same stream may be run together."""
    return f"hear-{stream}"


def hear(toolbox: Toolbox, batch: Sequence[StepRun]) -> Iterator[tuple[StepRun, Produced]]:
    """Decode the track of ``batch`` once and yield every step. Raises what FFmpeg's run does, and SourceRefused."""
    readers: list[TrackReader] = [run.params.track_reader(run, number) for number, run in enumerate(batch)]
    for group in _runs(readers):
        first = group[0]
        report = toolbox.run(
            hearing_arguments([reader.listener() for reader in group]),
            scratch=first.run.scratch,
            source=first.run.source,
            stop=first.run.stop,
            media_seconds=first.duration,
            on_progress=lambda seconds, group=group: _progress(group, seconds),  # type: ignore[misc]
            on_line=next((reader.line for reader in group if isinstance(reader.listener(), Meter)), None),
        )
        damage_check(report)
        stream = first.listener().selection.stream
        if not any(read.samples for read in report.reads if read.index == stream):
            raise SourceRefused(
                "The audio track holds no sound that can be decoded: it is empty or damaged.", code="decode_failed"
            )
        for reader in group:
            yield reader.run, reader.produced(report, first.run.scratch)


def _runs(readers: Sequence[TrackReader]) -> list[list[TrackReader]]:
    """One meter a run, as meters share stdout; whoever else listens is with the first."""
    meters = [[reader] for reader in readers if isinstance(reader.listener(), Meter)]
    others = [reader for reader in readers if not isinstance(reader.listener(), Meter)]
    return [[*meters[0], *others], *meters[1:]] if meters else [others]


def _progress(group: Sequence[TrackReader], seconds: float) -> None:
    for reader in group:
        reader.run.progress(min(0.95, seconds / reader.duration) if reader.duration else 0.0)
