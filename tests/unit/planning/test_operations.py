"""Every step kind is found by its name, and is what the planner takes it for."""

from __future__ import annotations

import json
import subprocess
import sys
from collections.abc import Callable
from typing import get_args

import pytest

from dailies.domain.errors import InvalidRecipe
from dailies.domain.recipe import Recipe, parse_recipe
from dailies.media.toolbox import Toolbox
from dailies.operations import KINDS, operation_of
from dailies.operations.assemble import AssembleOperation
from dailies.operations.chunk import ChunkOperation
from dailies.operations.cuts import CutsOperation
from dailies.operations.deliverables.abr import AbrOperation
from dailies.operations.deliverables.audio import AudioOperation
from dailies.operations.deliverables.storyboard import StoryboardOperation
from dailies.operations.deliverables.thumbnail import ThumbnailOperation
from dailies.operations.deliverables.timelapse import TimelapseOperation
from dailies.operations.deliverables.video import VideoOperation
from dailies.operations.deliverables.waveform import WaveformOperation
from dailies.operations.edit import EditOperation
from dailies.operations.edit_chunk import EditChunkOperation
from dailies.operations.edit_sound import EditSoundOperation
from dailies.operations.highlights import HighlightsOperation
from dailies.operations.level import LevelOperation
from dailies.operations.measure import MeasureOperation
from dailies.operations.probe import ProbeOperation
from dailies.planning.operation import Deliverable, Operation, Registry
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
    for kind, operation in KINDS.items():
        assert get_args(operation.output.model_fields["kind"].annotation) == (kind,)
        assert operation.kind == kind
    assert set(KINDS) == {make(TOOLBOX).kind for make in DELIVERABLES}


def test_the_kinds_are_listed_without_being_imported() -> None:
    """A refusal names them, and whoever asks for a list of jobs has imported none."""
    code = "import sys, dailies.operations; print(len(dailies.operations.KINDS), *sys.modules)"
    done = subprocess.run([sys.executable, "-P", "-c", code], capture_output=True, text=True, check=True)
    count, *modules = done.stdout.split()
    assert int(count) == len(DELIVERABLES)
    assert not [name for name in modules if name.startswith(("dailies.operations.deliverables.", "dailies.media"))]


def test_only_what_is_asked_for_is_imported() -> None:
    """A conversion to sound doesn't pay for edits, ladders and pictures."""
    code = (
        "import sys, dailies.worker; from dailies.operations import level, measure, probe;"
        "from dailies.operations.deliverables import audio;"
        "print([name for name in sys.modules if name.startswith('dailies.operations.') and name.split('.')[-1] in"
        " ('abr', 'chunk', 'edit', 'storyboard', 'timelapse', 'video')])"
    )
    done = subprocess.run([sys.executable, "-P", "-c", code], capture_output=True, text=True, check=True)
    assert done.stdout.strip() == "[]"


def test_a_stored_recipe_is_read_without_its_kinds() -> None:
    """A list of jobs imports no operation; the planner reads each output in its kind's own model."""
    wish = {"outputs": {"a": {"kind": "audio", "format": "mp3", "end": 2}, "b": {"kind": "timelapse", "speed": 9}}}
    stored = parse_recipe(wish, KINDS).model_dump(mode="json")
    code = (
        "import json, sys; from dailies.domain.recipe import Recipe;"
        "recipe = Recipe.model_validate(json.load(sys.stdin));"
        "assert not [name for name in sys.modules if name.startswith('dailies.operations')];"
        "print(recipe.model_dump_json())"
    )
    done = subprocess.run(
        [sys.executable, "-P", "-c", code], input=json.dumps(stored), capture_output=True, text=True, check=True
    )
    assert json.loads(done.stdout) == stored
    read = Recipe.model_validate(stored)
    registry = Registry(lambda kind: operation_of(kind, TOOLBOX))
    assert {name: registry.for_output(output)[1] for name, output in read.outputs.items()} == parse_recipe(
        wish, KINDS
    ).outputs


def test_a_stored_output_that_its_kind_refuses_by_now_is_refused() -> None:
    """Its model may have changed since; the planner names the output."""
    registry = Registry(lambda kind: operation_of(kind, TOOLBOX))
    stored = Recipe.model_validate({"outputs": {"a": {"kind": "audio", "format": "mp3", "colour": "red"}}})
    with pytest.raises(InvalidRecipe, match="colour"):
        registry.for_output(stored.outputs["a"])
