"""Starting Google's emulators for a test run. Each gets a free port and is ended with all that it started."""

from __future__ import annotations

import json
import os
import shutil
import signal
import socket
import subprocess
import threading
import time
import urllib.error
import urllib.request
from collections.abc import Callable, Iterator
from contextlib import contextmanager, suppress
from pathlib import Path
from typing import NoReturn

import pytest

from tests.made import VARIABLE, alone

_START_SECONDS = 150.0
_END_SECONDS = 10.0


def missing(what: str) -> NoReturn:
    """Skip the test for want of ``what``; in CI it fails: there nobody would notice that it never ran."""
    if os.environ.get("CI") == "true":
        pytest.fail(f"{what} is not there, and CI must not skip")
    pytest.skip(f"{what} is not there")


@contextmanager
def firestore_emulator(rules: Path | None = None) -> Iterator[str]:
    """The run's own Firestore emulator, open or under ``rules``; gives its ``host:port``.

    All the processes of a run share it, each with projects of its own; ``end_shared`` ends it. Skips where neither it
    nor a Java is installed.
    """

    def words(_place: Path, host: str) -> list[str]:
        command = _firestore_command()
        if command is None:
            missing("the Firestore emulator (gcloud components install cloud-firestore-emulator, and a Java)")
        address = ["--host=127.0.0.1", f"--port={host.rpartition(':')[2]}"]
        return [*command, *address, *([f"--rules={rules.name}"] if rules else [])]

    # Two JVM flags for a busy machine: half a gigabyte is plenty, and start-up counts more than speed.
    flags = {"JAVA_TOOL_OPTIONS": "-Xmx512m -XX:TieredStopAtLevel=1"}
    # The emulator's own script can't take a path with a space.
    yield _shared(f"firestore-{rules.name if rules else 'open'}", words, flags, rules.parent if rules else None)


@contextmanager
def auth_emulator(project: str) -> Iterator[str]:
    """Firebase's own auth emulator, one a project and run; gives its ``host:port``.

    Skips where firebase-tools is not installed.
    """
    command = npm_folder("firebase-tools") / "firebase-tools" / "lib" / "bin" / "firebase.js"

    def words(place: Path, host: str) -> list[str]:
        ports = {"auth": int(host.rpartition(":")[2]), "hub": free_port(), "logging": free_port()}
        listening = {name: {"host": "127.0.0.1", "port": port} for name, port in ports.items()}
        (place / "firebase.json").write_text(json.dumps({"emulators": {**listening, "ui": {"enabled": False}}}))
        return ["node", str(command), "emulators:start", "--only=auth", f"--project={project}", "--non-interactive"]

    yield _shared(f"auth-{project}", words, {"CI": "true"})


def end_shared() -> None:
    """End the emulators that this run's processes started."""
    for started in Path(os.environ[VARIABLE]).glob("emulator-*/group"):
        group = int(started.read_text())
        for number in (signal.SIGTERM, signal.SIGKILL):
            with suppress(ProcessLookupError):
                os.killpg(group, number)
            if _gone(group):
                break


def _gone(group: int) -> bool:
    """Wait for the end of a group, whoever started it; False where it goes on."""
    deadline = time.monotonic() + _END_SECONDS
    while time.monotonic() < deadline:
        with suppress(ChildProcessError):
            os.waitpid(group, os.WNOHANG)
        try:
            os.killpg(group, 0)
        except ProcessLookupError:
            return True
        threading.Event().wait(0.02)
    return False


def _shared(
    name: str, words: Callable[[Path, str], list[str]], environment: dict[str, str], where: Path | None = None
) -> str:
    """The ``host:port`` of the run's one emulator of the name, which the first who asks for it starts."""
    place = Path(os.environ[VARIABLE]) / f"emulator-{name}"
    place.mkdir(exist_ok=True)
    told = place / "host"
    with alone(place / ".lock"):
        if not told.exists():
            host = f"127.0.0.1:{free_port()}"
            _start(place, host, words(place, host), environment, where or place)
            told.write_text(host)
    return told.read_text()


def _start(place: Path, host: str, words: list[str], environment: dict[str, str], where: Path) -> None:
    with (place / "log").open("w") as log:
        process = subprocess.Popen(
            words,
            cwd=where,
            stdin=subprocess.DEVNULL,
            stdout=log,
            stderr=subprocess.STDOUT,
            env={**os.environ, "TMPDIR": str(place), "XDG_CONFIG_HOME": str(place), **environment},
            process_group=0,
        )
    (place / "group").write_text(str(process.pid))
    try:
        _await(process, f"http://{host}/", place / "log")
    except BaseException:
        end_group(process)
        raise
    # It outlives the process that started it, and isn't waited for here.
    process.returncode = 0


def npm_folder(package: str) -> Path:
    """``node_modules`` of the folder that DAILIES_NPM names, which has ``package``. Skips where there is none."""
    named = os.environ.get("DAILIES_NPM")
    folder = Path(named or "/nowhere") / "node_modules"
    if shutil.which("node") is None or not (folder / package / "package.json").is_file():
        missing(f"npm's {package} (scripts/npm FOLDER installs it; name the FOLDER in DAILIES_NPM)")
    return folder


def end_group(process: subprocess.Popen[bytes]) -> None:
    """End the process and what it started, also when it has ended itself already."""
    for number in (signal.SIGTERM, signal.SIGKILL):
        with suppress(ProcessLookupError):
            os.killpg(process.pid, number)
        with suppress(subprocess.TimeoutExpired):
            process.wait(_END_SECONDS)


def free_port() -> int:
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        return int(probe.getsockname()[1])


def _firestore_command() -> list[str] | None:
    if shutil.which("java") is None:
        return None
    gcloud = shutil.which("gcloud")
    if gcloud is not None:
        # bin/gcloud of the SDK: to ask itself where it is takes longer than to start the emulator.
        root = Path(gcloud).resolve().parents[1]
        starter = root / "platform" / "cloud-firestore-emulator" / "cloud_firestore_emulator"
        if starter.is_file():
            return [str(starter), "start"]
    jars = sorted((Path.home() / ".cache" / "firebase" / "emulators").glob("cloud-firestore-emulator-v*.jar"))
    return ["java", "-jar", str(jars[-1])] if jars else None


def _await(process: subprocess.Popen[bytes], url: str, log: Path) -> None:
    deadline = time.monotonic() + _START_SECONDS
    while time.monotonic() < deadline and process.poll() is None:
        try:
            with urllib.request.urlopen(url, timeout=5):
                return
        except urllib.error.HTTPError:
            return
        except OSError:
            with suppress(subprocess.TimeoutExpired):
                process.wait(0.1)
    raise AssertionError(f"the emulator did not start:\n{log.read_text()}")
