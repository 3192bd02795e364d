"""The doctor names what is missing, and its fix; it raises nothing."""

from __future__ import annotations

import shutil
from pathlib import Path
from typing import NamedTuple

import pytest

from dailies.domain.errors import Misconfigured
from dailies.media.ffmpeg import FFmpeg
from dailies.media.sandbox import Sandbox
from dailies.media.toolbox import Toolbox
from dailies.services.doctor import Finding, examine
from tests.unit.conftest import World


class Usage(NamedTuple):
    total: int
    used: int
    free: int


FOUND = FFmpeg(Path("/opt/ffmpeg"), "9.0", "build", frozenset(), frozenset())
BUBBLEWRAP = Sandbox("/usr/bin/bwrap")


class FakeToolbox(Toolbox):
    """Tools as the test has them: an error is raised where one is given."""

    def __init__(self, ffmpeg: FFmpeg | Misconfigured = FOUND, sandbox: Sandbox | Misconfigured = BUBBLEWRAP) -> None:
        self._tools = (ffmpeg, sandbox)

    def ffmpeg(self) -> FFmpeg:
        if isinstance(self._tools[0], Misconfigured):
            raise self._tools[0]
        return self._tools[0]

    def sandbox(self) -> Sandbox:
        if isinstance(self._tools[1], Misconfigured):
            raise self._tools[1]
        return self._tools[1]


def findings(world: World, toolbox: Toolbox | None = None) -> dict[str, Finding]:
    world.platform.settings.home.mkdir(exist_ok=True)
    return {found.name: found for found in examine(world.platform, toolbox or FakeToolbox())}


def test_a_healthy_machine_has_nothing_to_fix(world: World) -> None:
    """Every check is listed, in the order in which they matter."""
    found = findings(world)
    assert list(found)[:4] == ["python", "ffmpeg", "sandbox", "disk"]
    assert all(finding.ok and not finding.fix for finding in found.values())
    assert "9.0 at /opt/ffmpeg" in found["ffmpeg"].found


def test_a_missing_ffmpeg_is_a_finding_with_its_fix(world: World) -> None:
    """The other checks are made all the same."""
    found = findings(world, FakeToolbox(ffmpeg=Misconfigured("No usable FFmpeg: install imageio-ffmpeg.")))
    assert not found["ffmpeg"].ok
    assert found["ffmpeg"].fix == "No usable FFmpeg: install imageio-ffmpeg."
    assert found["sandbox"].ok


def test_no_sandbox_is_fine_unless_it_is_required(world: World) -> None:
    """Off is a choice, absent is an advice, required and absent is a fault."""
    absent = findings(world, FakeToolbox(sandbox=Sandbox(None, "bwrap: no namespaces")))["sandbox"]
    assert absent.ok
    assert absent.found.endswith("bwrap: no namespaces")
    assert "bubblewrap" in absent.fix
    required = findings(world, FakeToolbox(sandbox=Misconfigured("DAILIES_SANDBOX=required, but …")))["sandbox"]
    assert not required.ok
    assert required.fix.startswith("DAILIES_SANDBOX=required")


def test_a_disk_that_is_nearly_full_is_told(world: World, monkeypatch: pytest.MonkeyPatch) -> None:
    """Under 2 GB the next job may not end: the fix is named."""
    monkeypatch.setattr(shutil, "disk_usage", lambda _: Usage(10**12, 10**12, 10**9))
    disk = findings(world)["disk"]
    assert not disk.ok
    assert "1.0 GB free" in disk.found
    assert "dailies gc" in disk.fix


def test_the_stores_size_is_told_beside_its_cap(world: World) -> None:
    """How much of it is used."""
    world.platform.objects.put_bytes("artifacts/user/key/blocks-0", b"x" * 2_000_000)
    assert findings(world)["store"].found == "2.0 MB of 20 GB"
