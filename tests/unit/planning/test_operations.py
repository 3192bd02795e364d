"""Every step kind is found by its name, and is what the planner takes it for."""

from __future__ import annotations

import subprocess
import sys
from collections.abc import Callable
from typing import get_args

import pytest

from dailies.domain.recipe import KINDS, Output
from dailies.media.toolbox import Toolbox
from dailies.operations import operation_of
from dailies.operations.abr import AbrOperation
from dailies.operations.assemble import AssembleOperation
from dailies.operations.audio import AudioOperation
from dailies.operations.chunk import ChunkOperation
from dailies.operations.cuts import CutsOperation
from dailies.operations.edit import EditOperation
from dailies.operations.edit_chunk import EditChunkOperation
from dailies.operations.edit_sound import EditSoundOperation
from dailies.operations.highlights import HighlightsOperation
from dailies.operations.level import LevelOperation
from dailies.operations.measure import MeasureOperation
from dailies.operations.probe import ProbeOperation
from dailies.operations.storyboard import StoryboardOperation
from dailies.operations.thumbnail import ThumbnailOperation
from dailies.operations.timelapse import TimelapseOperation
from dailies.operations.video import VideoOperation
from dailies.operations.waveform import WaveformOperation
from dailies.planning.operation import Deliverable, Operation
from dailies.settings import read_settings

# The annotations are the test here: mypy holds each class against its protocol.
DELIVERABLES: list[Callable[[Toolbox], Deliverable]] = [
    AbrOperation, AudioOperation, StoryboardOperation, ThumbnailOperation, TimelapseOperation, VideoOperation,
    WaveformOperation,
]  # fmt: skip
WITHIN: list[Callable[[Toolbox], Operation]] = [
    AssembleOperation, ChunkOperation, CutsOperation, EditChunkOperation, EditOperation, EditSoundOperation,
    HighlightsOperation, LevelOperation, MeasureOperation, ProbeOperation,
]  # fmt: skip
TOOLBOX = Toolbox(read_settings({}))


@pytest.mark.parametrize("make", [*DELIVERABLES, *WITHIN])
def test_a_kind_is_where_its_name_says(make: Callable[[Toolbox], Operation]) -> None:
    """The registry imports a module by the kind's name."""
    assert isinstance(operation_of(make(TOOLBOX).kind, TOOLBOX), type(make(TOOLBOX)))


def test_every_kind_of_output_is_delivered() -> None:
    """What a recipe may ask for is what there are deliverables for."""
    models = get_args(get_args(Output)[0])
    asked = {model.model_fields["kind"].annotation for model in models}
    assert {kind for literal in asked for kind in get_args(literal)} == set(KINDS)
    assert set(KINDS) == {make(TOOLBOX).kind for make in DELIVERABLES}


def test_only_what_is_asked_for_is_imported() -> None:
    """A conversion to sound doesn't pay for edits, ladders and pictures."""
    code = (
        "import sys, dailies.worker; from dailies.operations import audio, level, measure, probe;"
        "print([kind for kind in ('abr', 'chunk', 'edit', 'storyboard', 'timelapse', 'video')"
        " if f'dailies.operations.{kind}' in sys.modules])"
    )
    done = subprocess.run([sys.executable, "-P", "-c", code], capture_output=True, text=True, check=True)
    assert done.stdout.strip() == "[]"
