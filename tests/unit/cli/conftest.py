"""A store for what is typed."""

from __future__ import annotations

from contextlib import nullcontext
from pathlib import Path

import pytest

from tests.unit.cli.typed import Typed


@pytest.fixture(autouse=True)
def what_a_command_sets(monkeypatch: pytest.MonkeyPatch) -> None:
    """It sets these for its own process, which here is everybody's."""
    monkeypatch.setenv("DAILIES_LOG", "critical")
    monkeypatch.setenv("PYDANTIC_DISABLE_PLUGINS", "1")


@pytest.fixture
def dailies(tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]) -> Typed:
    monkeypatch.setenv("DAILIES_HOME", str(tmp_path / "home"))
    monkeypatch.chdir(tmp_path)
    # No worker on standby.
    monkeypatch.setattr("dailies.cli.main.Standby", lambda **_: nullcontext())
    return Typed(capsys)
