"""The step kinds, one file each. A new one is listed here and nowhere else."""

from __future__ import annotations

from dailies.media.toolbox import Toolbox
from dailies.operations.abr import AbrOperation
from dailies.operations.assemble import AssembleOperation
from dailies.operations.audio import AudioOperation
from dailies.operations.chunk import ChunkOperation
from dailies.operations.edit import EditOperation
from dailies.operations.highlights import HighlightsOperation
from dailies.operations.level import LevelOperation
from dailies.operations.measure import MeasureOperation
from dailies.operations.probe import ProbeOperation
from dailies.operations.storyboard import StoryboardOperation
from dailies.operations.thumbnail import ThumbnailOperation
from dailies.operations.timelapse import TimelapseOperation
from dailies.operations.video import VideoOperation
from dailies.operations.waveform import WaveformOperation
from dailies.planning.operation import Operation


def all_operations(toolbox: Toolbox) -> list[Operation]:
    """Every operation, with the tools it needs."""
    return [
        ProbeOperation(toolbox),
        MeasureOperation(toolbox),
        LevelOperation(toolbox),
        AudioOperation(toolbox),
        VideoOperation(toolbox),
        EditOperation(toolbox),
        HighlightsOperation(toolbox),
        AbrOperation(toolbox),
        ChunkOperation(toolbox),
        AssembleOperation(toolbox),
        ThumbnailOperation(toolbox),
        StoryboardOperation(toolbox),
        TimelapseOperation(toolbox),
        WaveformOperation(toolbox),
    ]
