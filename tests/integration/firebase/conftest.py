"""Google's own Firestore emulator, started on a free port with the rules of this repository."""

from __future__ import annotations

import os
import shutil
import signal
import socket
import subprocess
import threading
from collections.abc import Iterator
from contextlib import closing, contextmanager
from pathlib import Path

import pytest

from .firestore_rest import Firestore

ROOT = Path(__file__).parents[3]
RULES = ROOT / "infra" / "firebase" / "firestore.rules"
READY = "is now running"


def _missing(what: str) -> None:
    """A laptop may lack the emulator; CI that skipped it would prove nothing."""
    if os.environ.get("CI") == "true":
        pytest.fail(f"{what}, and CI must not skip the rules")
    pytest.skip(what)


def _emulator() -> Path:
    for tool in ("gcloud", "java"):
        if shutil.which(tool) is None:
            _missing(f"there is no {tool} here")
    command = ["gcloud", "info", "--format=value(installation.sdk_root)"]
    sdk = subprocess.run(command, capture_output=True, check=True, text=True).stdout.strip()
    program = Path(sdk) / "platform" / "cloud-firestore-emulator" / "cloud_firestore_emulator"
    if not program.is_file():
        _missing(f"gcloud has no Firestore emulator ({program})")
    return program


def _free_port() -> int:
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        return int(probe.getsockname()[1])


@contextmanager
def _running(rules: Path, folder: Path) -> Iterator[str]:
    program, address = _emulator(), f"127.0.0.1:{_free_port()}"
    host, port = address.split(":")
    process = subprocess.Popen(
        [program, "start", f"--host={host}", f"--port={port}", f"--rules={rules}"],
        stdin=subprocess.DEVNULL,
        stdout=subprocess.PIPE,
        stderr=subprocess.STDOUT,
        text=True,
        cwd=folder,
        env={**os.environ, "JAVA_TOOL_OPTIONS": "-Xmx512m -XX:TieredStopAtLevel=1"},  # start-up counts, not speed
        start_new_session=True,  # the start script leaves its Java behind: the group is ended, not the script
    )
    assert process.stdout is not None
    try:
        said = []
        for line in process.stdout:
            said.append(line)
            if READY in line:
                break
        else:
            pytest.fail("the Firestore emulator did not start:\n" + "".join(said))
        # Read on, or the emulator waits for us once the pipe is full.
        reader = threading.Thread(target=process.stdout.read, daemon=True)
        reader.start()
        yield address
        os.killpg(process.pid, signal.SIGKILL)
        reader.join()
    finally:
        if process.poll() is None:
            os.killpg(process.pid, signal.SIGKILL)
        process.wait()
        process.stdout.close()


@pytest.fixture(scope="session")
def firestore(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Firestore]:
    with _running(RULES, tmp_path_factory.mktemp("firestore")) as address, closing(Firestore(address)) as client:
        yield client
