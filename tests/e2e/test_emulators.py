"""`dailies up --emulators`: Firebase's SDK finds auth, Firestore and functions there."""

from __future__ import annotations

import os
import re
import signal
import subprocess
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from pathlib import Path

import pytest

from tests.e2e.command import Dailies, wait_until
from tests.e2e.serving import Server
from tests.e2e.test_sdk import check_what_was_seen, config_for, drive
from tests.emulators import npm_folder

PROJECT = "demo-dailies"


@dataclass
class Served:
    server: Server
    auth: str
    firestore: str
    process: subprocess.Popen[str]


@pytest.fixture
def served(dailies: Dailies) -> Iterator[Served]:
    tools = npm_folder("firebase-tools") / ".bin"
    dailies.environment |= {"DAILIES_LOG": "critical", "PATH": f"{tools}:{os.environ['PATH']}"}
    process = dailies.start("up", "--emulators", "--port", "0")
    with process:
        assert process.stdout is not None
        first, second = process.stdout.readline(), process.stdout.readline()
        found = re.search(r"auth at (\S+), Firestore at (\S+)\.$", second)
        assert found is not None, (first, second, process.communicate())
        yield Served(Server(dailies, first.split()[4]), found[1], found[2], process)
        process.send_signal(signal.SIGTERM)
        out, err = process.communicate(timeout=40)
    assert (process.returncode, out, err) == (0, "", "")


@pytest.mark.slow
@pytest.mark.timeout(240)
def test_an_app_talks_to_the_emulators_and_to_dailies(
    served: Served, clips: Callable[[str], Path], tmp_path: Path
) -> None:
    """One small file in one request; its progress comes from Firestore, under the rules; all ends with the server."""
    output = tmp_path / "podcast.mp3"
    config = config_for(served.server.base, served.firestore, served.auth, clips("quiet.wav"), output)
    seen = drive("node", {**config, "project": PROJECT, "simple": True})
    check_what_was_seen(seen, output)
    served.process.send_signal(signal.SIGTERM)
    wait_until(lambda: not served.server.dailies.processes(), "the end of all processes", 40)


@pytest.mark.parametrize(
    ("there", "words"),
    [
        (["node"], "npm install -g firebase-tools"),
        (["node", "firebase"], "install a JRE"),
        (["node", "firebase", "java"], "gcloud components install cloud-firestore-emulator"),
    ],
)
def test_a_missing_emulator_is_named_with_its_fix(
    dailies: Dailies, tmp_path: Path, there: list[str], words: str
) -> None:
    """Before anything is started."""
    for name in there:
        (tmp_path / name).write_text("#!/bin/sh\nexit 1\n")
        (tmp_path / name).chmod(0o755)
    dailies.environment |= {"PATH": str(tmp_path), "FIREBASE_EMULATORS_PATH": str(tmp_path)}
    process = dailies.start("up", "--emulators", "--port", "0")
    with process:
        _, err = process.communicate(timeout=60)
    assert process.returncode == 4
    assert words in err


def test_an_emulator_that_does_not_start_says_why(dailies: Dailies, tmp_path: Path) -> None:
    for name in ("node", "java", "firebase"):
        (tmp_path / name).write_text("#!/bin/sh\necho it is too old\nexit 1\n")
        (tmp_path / name).chmod(0o755)
    (tmp_path / "cloud-firestore-emulator-v1.jar").touch()
    dailies.environment |= {"PATH": f"{tmp_path}:/usr/bin:/bin", "FIREBASE_EMULATORS_PATH": str(tmp_path)}
    process = dailies.start("up", "--emulators", "--port", "0")
    with process:
        _, err = process.communicate(timeout=60)
    assert process.returncode == 4
    assert "The auth emulator did not start (it is too old)" in err
