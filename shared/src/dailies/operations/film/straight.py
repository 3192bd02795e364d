"""Gives the operations a source that begins at its beginning and whose clock doesn't jump, as a copy where need be."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence
from dataclasses import replace
from pathlib import Path
from typing import TYPE_CHECKING

from dailies.domain.source.media_info import MediaInfo
from dailies.media.graphs.film.straightening import MUXER, straight_arguments
from dailies.planning.operation import Produced, StepRun
from dailies.planning.plan import PROBE

if TYPE_CHECKING:
    from dailies.media.toolbox import Toolbox

Run = Callable[[Sequence[StepRun]], Iterator[tuple[StepRun, Produced]]]


def on_one_clock(run: Run, toolbox: Toolbox) -> Run:
    """``run`` that reads a straight copy of parts joined end to end, in which no seek would find its time, and of a
    recording that begins midway: a copy begins with the first picture that can be decoded."""

    def straight(batch: Sequence[StepRun]) -> Iterator[tuple[StepRun, Produced]]:
        probed = batch[0].inputs.get(PROBE)
        info = None if probed is None else MediaInfo.model_validate(probed.data)
        if info is None or not (info.clock_jumps or info.begins_midway):
            yield from run(batch)
            return
        copy = _copy(toolbox, batch[0], info)
        asked = {id(given := replace(step, source=copy)): (given, step) for step in batch}
        for given, produced in run([given for given, _ in asked.values()]):
            yield asked[id(given)][1], produced
        copy.unlink()

    return straight


def _copy(toolbox: Toolbox, step: StepRun, info: MediaInfo) -> Path:
    # A folder of its own: the source's name is that of the place where each run sees it.
    folder = step.scratch / "straight"
    folder.mkdir(exist_ok=True)
    copy = folder / f"straight.{MUXER}"
    toolbox.run(
        straight_arguments(info, copy.name),
        scratch=folder,
        source=step.source,
        stop=step.stop,
        media_seconds=info.duration_seconds,
    )
    return copy
