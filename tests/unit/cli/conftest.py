"""A store for what is typed."""

from __future__ import annotations

from contextlib import nullcontext
from pathlib import Path

import pytest

from tests.unit.cli.typed import Typed


@pytest.fixture
def dailies(tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]) -> Typed:
    monkeypatch.setenv("DAILIES_HOME", str(tmp_path / "home"))
    monkeypatch.setenv("DAILIES_LOG", "critical")
    monkeypatch.setenv("PYDANTIC_DISABLE_PLUGINS", "1")
    monkeypatch.chdir(tmp_path)
    # No worker on standby.
    monkeypatch.setattr("dailies.cli.main.Standby", lambda **_: nullcontext())
    return Typed(capsys)
