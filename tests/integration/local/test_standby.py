"""Workers that are started before there is a job."""

from __future__ import annotations

from pathlib import Path

import pytest

from dailies.adapters.local.owners import LocalOwners
from dailies.adapters.local.workers import workers
from dailies.adapters.local.workers.workers import LocalWorkers, Standby


@pytest.fixture
def two_processors(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    monkeypatch.setattr(workers, "processors", lambda: 2)
    monkeypatch.setenv("DAILIES_HOME", str(tmp_path / "home"))


def test_the_one_on_standby_gets_the_first_job(two_processors: None, tmp_path: Path) -> None:
    """It reads the job's name, finds that there is no such job and says so by its exit code."""
    with Standby() as standby:
        waiting = standby._process
        assert waiting is not None
        local = LocalWorkers({}, tmp_path / "scratch", LocalOwners(tmp_path / "owners"), standby)
        local.start("no-such-job")
        assert local._running["no-such-job"] == [waiting]
        assert waiting.wait(timeout=60) == 1
        local.join()


def test_one_that_nobody_needed_is_ended(two_processors: None) -> None:
    with Standby() as standby:
        waiting = standby._process
        assert waiting is not None
        assert waiting.poll() is None
    assert waiting.returncode is not None


def test_one_that_died_is_not_counted_on(two_processors: None) -> None:
    with Standby() as standby:
        waiting = standby._process
        assert waiting is not None
        waiting.kill()
        waiting.wait(timeout=60)
        assert standby.take("a-job") is None
        assert waiting.stdin is not None
        assert waiting.stdin.closed


def test_a_single_processor_has_better_things_to_do(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(workers, "processors", lambda: 1)
    with Standby() as standby:
        assert standby._process is None
        assert standby.take("a-job") is None
