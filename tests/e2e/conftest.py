"""A store, the command on it, and media made on the spot."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from pathlib import Path

import pytest

from dailies.domain.stop import StopToken
from dailies.media.probe.probe_host import ProbeHost
from dailies.media.toolbox import Toolbox
from dailies.settings import Settings
from tests.e2e.clips import CLIPS
from tests.e2e.command import Dailies
from tests.e2e.small_speech_model import small_speech_model  # noqa: F401 -- of everybody
from tests.made import lend_tools, made


@pytest.fixture
def dailies(tmp_path: Path) -> Iterator[Dailies]:
    found = Dailies(lend_tools(tmp_path / "home"))
    yield found
    found.end()


@pytest.fixture(scope="module")
def home(tmp_path_factory: pytest.TempPathFactory) -> Path:
    return lend_tools(tmp_path_factory.mktemp("store") / "home")


@pytest.fixture(scope="session")
def probe_host(tmp_path_factory: pytest.TempPathFactory) -> Iterator[ProbeHost]:
    """Started here: it dies with the thread that asks it first."""
    folder = tmp_path_factory.mktemp("host")
    host = ProbeHost(folder, "host")
    toolbox = Toolbox(Settings(home=lend_tools(folder / "home")))
    toolbox.probe_host = host
    toolbox.probe(made("tone.wav", "-f", "lavfi", "-i", "sine=d=0.1"), folder, StopToken())
    yield host
    host.close()


@pytest.fixture(scope="session")
def clips() -> Callable[[str], Path]:
    """Named sources, each made once."""
    return lambda name: made(name, *CLIPS[name])
