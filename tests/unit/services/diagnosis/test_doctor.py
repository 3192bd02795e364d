"""The doctor names what is missing, and its fix; it raises nothing."""

from __future__ import annotations

import shutil
import sys
import tomllib
from collections.abc import Callable
from dataclasses import replace
from pathlib import Path
from typing import NamedTuple

import pytest
from packaging.requirements import Requirement

from dailies.adapters.openai.transcriber import OpenAITranscriber
from dailies.cli.console import Console
from dailies.cli.looking import show_deployment
from dailies.cli.serving import serve_up
from dailies.domain.errors import Misconfigured
from dailies.media.ffmpeg import FFmpeg
from dailies.media.run.sandbox import Sandbox
from dailies.media.toolbox import Toolbox
from dailies.operations import KINDS
from dailies.ports.transcriber import Capabilities, SpeechChoice
from dailies.services.diagnosis.doctor import Finding, examine
from dailies.services.diagnosis.extras import DISTRIBUTION, EXTRAS
from tests.unit.conftest import World


class Usage(NamedTuple):
    total: int
    used: int
    free: int


#: With all that a kind of its own needs.
FOUND = FFmpeg(
    Path("/opt/ffmpeg"),
    "9.0",
    "build",
    frozenset().union(*(kind.filters for kind in KINDS.values())),
    frozenset().union(*(kind.encoders for kind in KINDS.values())),
)
BUBBLEWRAP = Sandbox("/usr/bin/bwrap")


class FakeEngine(OpenAITranscriber):
    """A weak one of this machine."""

    def __init__(self) -> None:
        super().__init__(None)

    def capabilities(self) -> Capabilities:
        return replace(super().capabilities(), remote=False, word_error=0.25)


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


def a_server() -> SpeechChoice:
    return SpeechChoice(OpenAITranscriber("key"), "")


def findings(
    world: World, toolbox: Toolbox | None = None, speech: Callable[[], SpeechChoice] = a_server
) -> dict[str, Finding]:
    world.platform.settings.home.mkdir(exist_ok=True)
    return {found.name: found for found in examine(world.platform, toolbox or FakeToolbox(), speech)}


def test_a_healthy_machine_has_nothing_to_fix(world: World) -> None:
    """Every check is listed, in the order in which they matter."""
    found = findings(world)
    assert list(found)[:4] == ["python", "ffmpeg", "sandbox", "disk"]
    assert list(found)[-8:] == ["transcripts", "cloud", "grpc", "masking", "pocketsphinx", "speech", "subtitles", "up"]
    assert all(finding.ok and not finding.fix for finding in found.values())
    assert "9.0 at /opt/ffmpeg" in found["ffmpeg"].found


def test_the_speech_engine_is_named_and_what_would_be_better(world: World) -> None:
    """Where sound is sent to has to be seen."""
    assert findings(world)["transcripts"].found == "openai (gpt-transcribe), sound is sent there"
    weak = findings(world, speech=lambda: SpeechChoice(FakeEngine(), "install a better one"))["transcripts"]
    assert (weak.ok, weak.fix) == (True, "install a better one")
    assert "25% of words wrong" in weak.found


def test_no_speech_engine_is_no_fault_and_has_its_fix(world: World) -> None:
    """Nobody has to have one."""

    def nothing() -> SpeechChoice:
        raise Misconfigured("There is no speech recogniser: install one.", code="no_engine")

    found = findings(world, speech=nothing)["transcripts"]
    assert (found.ok, found.found, found.fix) == (True, "no engine", "There is no speech recogniser: install one.")


def test_a_speech_engine_that_was_chosen_and_can_not_be_used_is_a_fault(world: World) -> None:
    """A server of which nobody said what it charges is refused to every job."""
    found = findings(world, speech=lambda: SpeechChoice(OpenAITranscriber("key", model="new"), ""))["transcripts"]
    assert (found.ok, found.found) == (False, "not ready")
    assert "DAILIES_OPENAI_USD_PER_MINUTE" in found.fix


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


def test_an_extra_whose_package_is_missing_is_named(world: World, monkeypatch: pytest.MonkeyPatch) -> None:
    """It is no fault: who doesn't serve anything needs no server. The command that needs it names it likewise."""
    monkeypatch.setitem(sys.modules, "functions_framework", None)
    found = findings(world)
    assert found["up"].ok
    assert found["up"].found == "without functions-framework"
    assert "`dailies up`: pip install 'dailies-media[up]'" in found["up"].fix
    assert not found["cloud"].fix


def test_what_a_command_lacks_is_said_with_its_extra(monkeypatch: pytest.MonkeyPatch) -> None:
    """Instead of a traceback."""
    monkeypatch.delitem(sys.modules, "dailies.up.server", raising=False)
    monkeypatch.setitem(sys.modules, "werkzeug.serving", None)
    with pytest.raises(Misconfigured, match=r"werkzeug.*pip install 'dailies-media\[up\]'") as refused:
        serve_up(Console(json=False), "127.0.0.1", 0, emulators=False)
    assert refused.value.error_code == "not_installed"
    monkeypatch.delitem(sys.modules, "dailies.adapters.gcp.inspection", raising=False)
    monkeypatch.setitem(sys.modules, "google.auth", None)
    with pytest.raises(Misconfigured, match=r"google.*pip install 'dailies-media\[cloud\]'"):
        show_deployment(Console(json=False), "project")


def test_the_extras_are_those_of_the_package() -> None:
    """shared/pyproject.toml says what `pip install` brings."""
    project = tomllib.loads((Path(__file__).parents[4] / "shared" / "pyproject.toml").read_text())["project"]
    wanted = {
        name: {Requirement(line).name for line in lines} for name, lines in project["optional-dependencies"].items()
    }
    assert set(wanted) == {extra.name for extra in EXTRAS}
    wanted["up"] = wanted["up"] - {DISTRIBUTION} | wanted["cloud"]
    wanted["grpc"] = wanted["grpc"] - {DISTRIBUTION} | wanted["cloud"]
    assert wanted == {extra.name: set(extra.packages) for extra in EXTRAS}
