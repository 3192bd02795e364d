"""Who of those that use a store lives, whatever its process's number says."""

from __future__ import annotations

import os
from pathlib import Path

import pytest

from dailies.adapters.local.owners import LocalOwners


@pytest.fixture
def owners(home: Path) -> LocalOwners:
    return LocalOwners(home / "owners")


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
