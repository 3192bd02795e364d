"""Firebase's emulators for `dailies up --emulators`: auth and Firestore, on this machine, for as long as it serves.

Cloud Storage, Cloud Tasks and Cloud Run stay ours. Firebase's tasks emulator forgets its queue when it ends and calls
only functions of its own functions emulator, which serves no Python on one port with all the rest.
"""

from __future__ import annotations

import json
import os
import shutil
import signal
import socket
import subprocess
import tempfile
import time
import urllib.error
import urllib.request
from collections.abc import Iterator, Sequence
from contextlib import contextmanager, suppress
from dataclasses import dataclass
from pathlib import Path

from dailies.domain.errors import Misconfigured

# firebase-tools alone is ten seconds of work.
_START_SECONDS = 120.0
_LOOK_SECONDS = 0.1
_END_SECONDS = 10.0
# Where apps look for them unless they are told otherwise.
_AUTH_PORT = 9099
_FIRESTORE_PORT = 8080
_CHECKOUT = Path(__file__).parents[4]
_RULES = _CHECKOUT / "infra" / "firebase" / "firestore.rules"


@dataclass(frozen=True, slots=True)
class Emulators:
    """``host:port`` of each."""

    auth: str
    firestore: str


@contextmanager
def emulators(project: str) -> Iterator[Emulators]:
    """Start both under the deployed rules, and end them with the block.

    What Firestore holds is in memory: it is gone afterwards. Raises Misconfigured that names the fix.
    """
    auth, firestore = firebase_command(), firestore_command()
    ports = {"auth": _port(_AUTH_PORT), "hub": _port(0), "logging": _port(0)}
    found = Emulators(f"127.0.0.1:{ports['auth']}", f"127.0.0.1:{_port(_FIRESTORE_PORT)}")
    listen = ["--host=127.0.0.1", f"--port={found.firestore.rpartition(':')[2]}"]
    with tempfile.TemporaryDirectory(prefix="dailies-emulators-") as name:
        folder = Path(name)
        configuration = {each: {"host": "127.0.0.1", "port": port} for each, port in ports.items()}
        document = {"emulators": {**configuration, "ui": {"enabled": False}}}
        (folder / "firebase.json").write_text(json.dumps(document), encoding="utf-8")
        # By its name alone, from its folder: the emulator reads no path with a space.
        shutil.copyfile(_RULES, folder / _RULES.name)
        start = ["emulators:start", "--only=auth", f"--project={project}", "--non-interactive"]
        with (
            _running("auth", [*auth, *start], folder) as first,
            _running("firestore", [*firestore, *listen, f"--rules={_RULES.name}"], folder) as second,
        ):
            _await(first, f"http://{found.auth}/", folder / "auth.log")
            _await(second, f"http://{found.firestore}/", folder / "firestore.log")
            yield found


def firestore_command() -> list[str]:
    """How the Firestore emulator is started: gcloud's own, or the one that firebase-tools fetched."""
    java = shutil.which("java")
    if java is None:
        raise Misconfigured(
            "The Firestore emulator needs Java, which is not on PATH: install a JRE (Debian, Ubuntu: apt install"
            " default-jre-headless).",
            code="emulator_missing",
        )
    # The language, because the emulator knows its messages in English only.
    start = [java, "-Duser.language=en"]
    for jar in _gcloud_jars():
        return [*start, "-cp", str(jar), "com.google.cloud.datastore.emulator.firestore.CloudFirestore", "start"]
    jars = _firebase_jars()
    if not jars:
        raise Misconfigured(
            "The Firestore emulator is neither in gcloud's SDK nor in firebase-tools: `gcloud components install"
            " cloud-firestore-emulator`, or `firebase setup:emulators:firestore`.",
            code="emulator_missing",
        )
    return [*start, "-jar", str(jars[0])]


def firebase_command() -> list[str]:
    """How firebase-tools is started, which has the auth emulator: from PATH, or from npm's folder in the checkout."""
    found = shutil.which("firebase") or shutil.which("firebase", path=str(_CHECKOUT / "node_modules" / ".bin"))
    if found is None or shutil.which("node") is None:
        raise Misconfigured(
            "The auth emulator is part of firebase-tools, which is not installed: `npm install -g firebase-tools`.",
            code="emulator_missing",
        )
    return [found]


def _gcloud_jars() -> Iterator[Path]:
    gcloud = shutil.which("gcloud")
    if gcloud is not None:
        # bin/gcloud of the SDK, behind whatever links lead there.
        yield from (Path(gcloud).resolve().parents[1] / "platform" / "cloud-firestore-emulator").glob("*firestore*.jar")


def _firebase_jars() -> list[Path]:
    named = os.environ.get("FIREBASE_EMULATORS_PATH")
    folder = Path(named) if named else Path.home() / ".cache" / "firebase" / "emulators"
    return sorted(folder.glob("cloud-firestore-emulator-v*.jar"), reverse=True)


def _port(wanted: int) -> int:
    """``wanted`` where it is free, else any that is."""
    for port in (wanted, 0):
        with socket.socket() as probe, suppress(OSError):
            probe.bind(("127.0.0.1", port))
            return int(probe.getsockname()[1])
    raise Misconfigured("No port of this machine is free.", code="port_taken")


@contextmanager
def _running(name: str, command: Sequence[str], folder: Path) -> Iterator[subprocess.Popen[bytes]]:
    # Should we be killed, so are they (Linux); in a group of their own, because Ctrl-C is for us to pass on.
    setpriv = shutil.which("setpriv")
    tied = [setpriv, "--pdeathsig", "TERM", *command] if setpriv else list(command)
    environment = {**os.environ, "XDG_CONFIG_HOME": str(folder), "TMPDIR": str(folder)}
    with (folder / f"{name}.log").open("wb") as log:
        process = subprocess.Popen(
            tied,
            cwd=folder,
            stdin=subprocess.DEVNULL,
            stdout=log,
            stderr=subprocess.STDOUT,
            env=environment,
            process_group=0,
        )
        try:
            yield process
        finally:
            for number in (signal.SIGTERM, signal.SIGKILL):
                with suppress(ProcessLookupError):
                    os.killpg(process.pid, number)
                with suppress(subprocess.TimeoutExpired):
                    process.wait(_END_SECONDS)


def _await(process: subprocess.Popen[bytes], url: str, log: Path) -> None:
    deadline = time.monotonic() + _START_SECONDS
    while time.monotonic() < deadline and process.poll() is None:
        try:
            with urllib.request.urlopen(url, timeout=5):  # noqa: S310 -- an address of ours
                return
        except urllib.error.HTTPError:
            return
        except OSError:
            with suppress(subprocess.TimeoutExpired):
                process.wait(_LOOK_SECONDS)
    last = log.read_text(encoding="utf-8", errors="replace").strip().splitlines()[-1:]
    raise Misconfigured(
        f"The {log.stem} emulator did not start ({' '.join(last) or 'it said nothing'}): try its command by itself.",
        code="emulator_failed",
    )
