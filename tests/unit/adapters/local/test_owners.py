"""Who of those that use a store lives, whatever its process's number says."""

from __future__ import annotations

import os
import signal
from collections.abc import Callable
from pathlib import Path
from subprocess import Popen

import pytest

from dailies.adapters.local.owners import LocalOwners

LIVE = """
from dailies.adapters.local.owners import LocalOwners
print(LocalOwners(home / "owners").me(), flush=True)
sys.stdin.readline()
"""


@pytest.fixture
def owners(home: Path) -> LocalOwners:
    return LocalOwners(home / "owners")


@pytest.mark.parametrize("ending", [signal.SIGKILL, signal.SIGTERM, None], ids=["killed", "ended", "in order"])
def test_a_process_lives_until_it_ends(
    owners: LocalOwners, start_python: Callable[..., Popen[str]], ending: signal.Signals | None
) -> None:
    """Who asks at once hears it at once, and nothing of the dead is left."""
    process = start_python(LIVE)
    assert process.stdout is not None
    name = process.stdout.readline().strip()
    assert not owners.is_dead(name)
    if ending is not None:
        process.send_signal(ending)
    process.communicate("\n" if ending is None else None, timeout=30)
    assert owners.is_dead(name)
    assert owners.is_dead(name)
    assert [path.name for path in owners._folder.iterdir()] == [".store"]


def test_the_number_of_a_process_means_nothing_in_another_container(
    owners: LocalOwners, home: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Here no process has it, or another one: the living one is not taken for dead."""
    with monkeypatch.context() as elsewhere:
        elsewhere.setattr(os, "getpid", lambda: 4_194_303)
        elsewhere.setattr("atexit.register", lambda *_: None)
        abroad = LocalOwners(home / "owners").me()
    assert "-4194303-" in abroad
    assert not owners.is_dead(abroad)


def test_oneself_lives(owners: LocalOwners) -> None:
    assert not owners.is_dead(owners.me())
    assert owners.me() == owners.me()


@pytest.mark.parametrize("owner", ["", "a", "boot-1-2-3", "../owners/x-1-2-3", "execution.0.0.ab", ".store"])
def test_what_is_not_known_is_not_dead(owners: LocalOwners, owner: str) -> None:
    """Another store's process, which may be at work on a file beside ours."""
    assert not owners.is_dead(owner)


def test_another_store_s_processes_are_not_known(owners: LocalOwners, tmp_path: Path) -> None:
    assert not owners.is_dead(LocalOwners(tmp_path / "other").me())


def test_a_stopped_process_lives(owners: LocalOwners, start_python: Callable[..., Popen[str]]) -> None:
    """It may be continued; only its lease lapses."""
    process = start_python(LIVE)
    assert process.stdout is not None
    name = process.stdout.readline().strip()
    process.send_signal(signal.SIGSTOP)
    assert not owners.is_dead(name)
    process.send_signal(signal.SIGCONT)
