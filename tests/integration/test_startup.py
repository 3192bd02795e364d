"""What each process imports before it works. By names and counts: a machine's speed says nothing about ours."""

from __future__ import annotations

import json
import os
import subprocess
import sys
from pathlib import Path

import pytest

#: A tenth of a second each, or a part of the product that this command has no use for.
_NEVER = {"asyncio", "av", "email.parser", "ffmpeg", "multiprocessing", "rich", "structlog"}

_MODULES = """
import atexit, json, sys
atexit.register(lambda: print("modules " + json.dumps(sorted(sys.modules))))
sys.argv = ["dailies", *{arguments}]
from dailies.cli.main import main
main()
"""


def imported(home: Path, *arguments: str) -> set[str]:
    """The modules that a command has imported by its end."""
    done = subprocess.run(
        [sys.executable, "-P", "-c", _MODULES.format(arguments=list(arguments))],
        env={**os.environ, "DAILIES_HOME": str(home)},
        capture_output=True,
        text=True,
        check=True,
        stdin=subprocess.DEVNULL,
    )
    return set(json.loads(done.stdout.rpartition("modules ")[2]))


def ours(modules: set[str]) -> set[str]:
    """Those of Dailies, without the packages that they are in: those are empty."""
    mine = {name for name in modules if name.partition(".")[0] == "dailies"}
    return mine - {name.rpartition(".")[0] for name in mine}


def test_a_list_of_jobs_imports_no_media_and_no_plan(tmp_path: Path) -> None:
    """`dailies jobs` reads a few documents: no FFmpeg, no operation, no engine that moves jobs."""
    modules = imported(tmp_path / "home", "jobs")
    assert not modules & _NEVER
    assert not {name for name in ours(modules) if name.startswith(("dailies.media", "dailies.operations"))}
    assert not modules & {
        f"dailies.engine.{name}" for name in ("advance", "plan_state", "store.artifacts", "store.leases", "store.turns")
    }
    assert not modules & {
        f"dailies.services.{name}"
        for name in ("diagnosis.doctor", "planning", "upkeep.housekeeping", "upkeep.live_jobs")
    }
    assert len(ours(modules)) <= 99


@pytest.mark.parametrize(("module", "most"), [("dailies.cli.commands", 14), ("dailies.bootstrap", 41)])
def test_what_every_command_imports_is_little(module: str, most: int) -> None:
    """The list of commands, and the platform before it is built."""
    code = f"import json, sys, {module}; print(json.dumps(sorted(sys.modules)))"
    done = subprocess.run([sys.executable, "-P", "-c", code], capture_output=True, text=True, check=True)
    modules = set(json.loads(done.stdout))
    assert not modules & _NEVER
    assert len(ours(modules)) <= most


def test_a_model_is_built_by_whoever_uses_it() -> None:
    """The recipe's and the result's forms are half of an import, and most processes read neither."""
    code = (
        "import json, dailies.worker, dailies.cli.running;"
        "from dailies.domain.model import Model;"
        "every = lambda one: [one, *(deeper for below in one.__subclasses__() for deeper in every(below))];"
        "print(json.dumps([one.__name__ for one in every(Model) if one is not Model and one.__pydantic_complete__]))"
    )
    done = subprocess.run([sys.executable, "-P", "-c", code], capture_output=True, text=True, check=True)
    assert json.loads(done.stdout) == []
