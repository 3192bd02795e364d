"""Each way in which a command's worker starts; tests that run in their own process have it as a thread."""

from __future__ import annotations

import subprocess
import sys
from collections.abc import Callable
from pathlib import Path

import pytest

from tests.e2e.command import Dailies

_COMMAND = """
from dailies.adapters.local.workers import workers
spawn = workers.spawn
{way}
from dailies.cli.main import main
main()
"""
#: What tells one way from the others: whoever starts a worker otherwise fails.
WAYS = {
    "a fork of the command": "workers.spawn = None",
    "a process that waits for its job": (
        "workers.can_fork = lambda: False; workers.processors = lambda: 2\n"
        "workers.spawn = lambda module, words, *others: spawn(module, *([words] if not words else []), *others)"
    ),
    "a process that is told its job": (
        "workers.can_fork = lambda: False; workers.processors = lambda: 1\n"
        "workers.spawn = lambda module, words, *others: spawn(module, *([words] if words else []), *others)"
    ),
}


@pytest.mark.parametrize("way", WAYS)
def test_a_worker_starts_as(dailies: Dailies, clips: Callable[[str], Path], tmp_path: Path, way: str) -> None:
    """It has all that it needs, and makes what was asked for."""
    output = str(tmp_path / "x.mp3")
    words = ["convert", str(clips("blip.wav")), "-o", output, "--no-normalize", "--json", "--debug"]
    ended = subprocess.run(
        [sys.executable, "-P", "-c", _COMMAND.format(way=WAYS[way]), *words],
        env=dailies.environ(),
        capture_output=True,
        text=True,
        check=False,
        timeout=110,
        stdin=subprocess.DEVNULL,
    )
    assert dailies.judge(ended.returncode, ended.stdout, ended.stderr, 0)["status"] == "completed"
    assert set(dailies.runs()) == {"probe", "audio"}
    assert (tmp_path / "x.mp3").stat().st_size > 1_000
