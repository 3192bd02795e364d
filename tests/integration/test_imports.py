"""What a process imports before it is needed: each costs a tenth of a second or more, in every command."""

from __future__ import annotations

import json
import subprocess
import sys

from dailies.domain.recipe.recipe import Recipe, parse_recipe
from dailies.operations import KINDS, Ports, operation_of
from dailies.planning.operation import Registry
from tests.unit.planning.test_operations import TOOLBOX


def test_start_up_imports_nothing_that_is_not_needed() -> None:
    """What costs a tenth of a second each is imported by whoever needs it: a cached run has half a second."""
    heavy = ["av", "rich", "structlog", "asyncio"]
    code = f"import sys, dailies.cli.commands, dailies.cli.running; print([m for m in {heavy} if m in sys.modules])"
    done = subprocess.run([sys.executable, "-P", "-c", code], capture_output=True, text=True, check=True)
    assert done.stdout.strip() == "[]"


def test_silence_imports_nothing() -> None:
    """structlog brings rich and asyncio: a third of a worker's start."""
    code = "import sys, dailies.worker; dailies.worker.log.info('quiet'); print('structlog' in sys.modules)"
    done = subprocess.run([sys.executable, "-P", "-c", code], capture_output=True, text=True, check=True)
    assert done.stdout.strip() == "False"


def test_the_kinds_are_listed_without_being_imported() -> None:
    """A refusal names them, and whoever asks for a list of jobs has imported none."""
    code = "import sys, dailies.operations; print(len(dailies.operations.KINDS), *sys.modules)"
    done = subprocess.run([sys.executable, "-P", "-c", code], capture_output=True, text=True, check=True)
    count, *modules = done.stdout.split()
    assert int(count) == len(KINDS)
    assert not [name for name in modules if name.startswith(("dailies.operations.deliverables.", "dailies.media"))]


def test_our_own_steps_are_found_without_looking_what_is_installed() -> None:
    """That reads the metadata of every package."""
    code = "import dailies.operations as o; [o._found(kind) for kind in ('measure', 'edit-chunk', 'audio')];"
    code += "print('_others' in vars(o.KINDS))"
    done = subprocess.run([sys.executable, "-P", "-c", code], capture_output=True, text=True, check=True)
    assert done.stdout.strip() == "False"


def test_only_what_is_asked_for_is_imported() -> None:
    """A conversion to sound doesn't pay for edits, ladders and pictures."""
    code = (
        "import sys, dailies.worker; from dailies.operations.steps import level, measure, probe;"
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
        "import json, sys; from dailies.domain.recipe.recipe import Recipe;"
        "recipe = Recipe.model_validate(json.load(sys.stdin));"
        "assert not [name for name in sys.modules if name.startswith('dailies.operations')];"
        "print(recipe.model_dump_json())"
    )
    done = subprocess.run(
        [sys.executable, "-P", "-c", code], input=json.dumps(stored), capture_output=True, text=True, check=True
    )
    assert json.loads(done.stdout) == stored
    read = Recipe.model_validate(stored)
    registry = Registry(lambda kind: operation_of(kind, Ports(TOOLBOX)))
    assert {name: registry.for_output(output)[1] for name, output in read.outputs.items()} == parse_recipe(
        wish, KINDS
    ).outputs
