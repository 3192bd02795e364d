"""A real client: Firebase's own web SDK, in Node and in Chromium, against the functions on the cloud's adapters."""

from __future__ import annotations

import json
import os
import shutil
import subprocess
import uuid
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import pytest

from tests.cloud import DATABASE, CloudHere, bucket_cors, cloud_here
from tests.e2e.meter import ebur128
from tests.emulators import auth_emulator, firestore_emulator, free_port, missing, npm_folder

FOLDER = Path(__file__).parent / "sdk"
RULES = Path(__file__).parents[2] / "infra" / "firebase" / "firestore.rules"
#: A project of each process: the emulator of Firestore is shared.
PROJECT = f"demo-client-{os.environ.get('PYTEST_XDIST_WORKER', 'alone')}"
ORIGIN = f"http://127.0.0.1:{free_port()}"
RECIPE = {"outputs": {"podcast": {"kind": "audio", "format": "mp3", "normalize": {"integrated_lufs": -16}}}}

pytestmark = [pytest.mark.slow, pytest.mark.timeout(300)]


@pytest.fixture(scope="module")
def firestore() -> Iterator[str]:
    """Under the rules that are deployed."""
    with firestore_emulator(RULES) as host:
        yield host


@pytest.fixture(scope="module")
def auth() -> Iterator[str]:
    with auth_emulator(PROJECT) as host:
        yield host


@pytest.fixture
def here(firestore: str, auth: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[CloudHere]:
    with cloud_here(firestore, tmp_path, monkeypatch, auth=auth, project=PROJECT) as cloud:
        cloud.storage.signed.cors = bucket_cors(ORIGIN)
        yield cloud


def drive(where: str, config: dict[str, Any]) -> Any:
    """Run the client there, and return what it saw."""
    npm_folder("firebase")
    chromium = shutil.which("chromium")
    if where == "chromium":
        npm_folder("playwright-core")
        if chromium is None:
            missing("chromium (apt install chromium)")
    ended = subprocess.run(
        ["node", FOLDER / "drive.mjs", where, json.dumps(config)],
        capture_output=True,
        text=True,
        timeout=60,
        check=False,
        env={**os.environ, "DAILIES_CHROMIUM": chromium or ""},
    )
    assert ended.returncode == 0, ended.stderr
    return json.loads(ended.stdout)


def config_for(base: str, firestore: str, auth: str, source: Path, output: Path) -> dict[str, Any]:
    return {
        "name": f"app-{uuid.uuid4().hex[:8]}",
        "project": PROJECT,
        "database": DATABASE,
        "functions": base.removeprefix("http://"),
        "firestore": firestore,
        "auth": auth,
        "origin": ORIGIN,
        "recipe": RECIPE,
        "source": str(source),
        "output": str(output),
    }


def check_what_was_seen(seen: dict[str, Any], output: Path) -> None:
    assert seen["signedOut"] == ["functions/unauthenticated", "unauthenticated"]
    assert seen["wrongType"] == ["functions/invalid-argument", "unsupported_type"]
    assert seen["foreign"] == "permission-denied"
    assert seen["owned"]
    progress = [progress for _, progress in seen["states"]]
    assert progress == sorted(progress)
    assert seen["states"][0] == ["awaiting_upload", 0]
    assert seen["states"][-1] == ["completed", 100]
    assert seen["type"] == "audio/mpeg"
    assert output.stat().st_size == seen["bytes"]
    assert abs(ebur128(output).integrated + 16) <= 0.2


@pytest.mark.parametrize("where", ["node", "chromium"])
def test_an_app_uploads_watches_and_downloads(
    here: CloudHere, firestore: str, auth: str, clips: Callable[[str], Path], tmp_path: Path, where: str
) -> None:
    """In pieces, asking in between where to go on; events and tasks are delivered twice; one worker, one result."""
    source, output = clips("quiet.wav"), tmp_path / "podcast.mp3"
    with here.delivering(twice=True):
        seen = drive(where, config_for(here.base, firestore, auth, source, output))
    here.run.wait()
    check_what_was_seen(seen, output)
    assert seen["uploaded"] == sorted(set(seen["uploaded"]))
    assert len(seen["uploaded"]) > 2
    assert seen["uploaded"][-1] == source.stat().st_size
    assert [execution.codes for execution in here.run.executions.values()] == [[[0]]]
    assert here.storage.signed.open_sessions == 0
    assert not [name for name in here.storage.objects if name.startswith("staging/")]
