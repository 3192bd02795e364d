"""What the Firebase CLI reads of the functions where infra/firebase-only has said where things are; else nothing."""

from __future__ import annotations

import json
import os
import shutil
import subprocess
import sys
from collections.abc import Mapping
from pathlib import Path
from typing import Any

import pytest
import yaml  # type: ignore[import-untyped]

from tests.emulators import npm_folder

ROOT = Path(__file__).parents[2]
#: As the CLI's own process asks, in the functions' folder.
ASK = "from firebase_functions.private import serving; print(serving.functions_as_yaml(serving.get_functions()))"
SETTINGS = """DAILIES_PROJECT=my-app
DAILIES_REGION=europe-west1
DAILIES_BUCKET=my-app-dailies
DAILIES_TASK_SERVICE_ACCOUNT=dailies@my-app.iam.gserviceaccount.com
"""
#: The CLI's own reader, as `firebase deploy` calls it before it asks Google anything.
READER = """
const python = require(process.argv[1] + "/firebase-tools/lib/deploy/functions/runtimes/python");
const sourceDir = process.cwd();
python.tryCreateDelegate({ projectId: "my-app", projectDir: sourceDir, sourceDir, runtime: process.argv[2] })
  .then(async (delegate) => { await delegate.validate(); return delegate.discoverBuild({}, {}); })
  .then((build) => { console.log(JSON.stringify(build)); process.exit(0); });
"""
CALLABLES = {
    "createUpload", "createFromUrl", "createFromJob", "cancelJob", "getResult", "runAgain", "clearJobs", "shareResult",
    "listNotifications", "readNotifications", "notificationPreferences",
}  # fmt: skip


def read(folder: Path, environment: Mapping[str, str]) -> dict[str, Any]:
    functions = Path(shutil.copytree(ROOT / "functions", folder / "functions"))
    if environment:
        (functions / ".env").write_text(SETTINGS)
    env = {**os.environ, "FIREBASE_CONFIG": json.dumps({"storageBucket": "my-app.firebasestorage.app"}), **environment}
    ended = subprocess.run(
        [sys.executable, "-c", ASK], cwd=functions, env=env, capture_output=True, text=True, check=True
    )
    found: dict[str, Any] = yaml.safe_load(ended.stdout)
    return found


@pytest.fixture(scope="module")
def told(tmp_path_factory: pytest.TempPathFactory) -> dict[str, Any]:
    return read(tmp_path_factory.mktemp("cli"), {"ADMIN_PORT": "8081"})


def test_the_functions_go_where_the_bucket_is(told: dict[str, Any]) -> None:
    for endpoint in told["endpoints"].values():
        assert endpoint["region"] == ["europe-west1"]
        assert endpoint["serviceAccountEmail"] == "dailies@my-app.iam.gserviceaccount.com"
        assert endpoint["availableMemoryMb"] == 1024
        # The most that an event's function may have, and less than all others may.
        assert endpoint["timeoutSeconds"] == 540


def test_uploads_are_heard_of_in_a_bucket_of_their_own(told: dict[str, Any]) -> None:
    """The project's default bucket is the app's."""
    assert told["endpoints"]["onUpload"]["eventTrigger"]["eventFilters"] == {"bucket": "my-app-dailies"}


def test_each_is_of_its_kind(told: dict[str, Any]) -> None:
    kinds = {
        name: next(key for key in endpoint if key.endswith("Trigger")) for name, endpoint in told["endpoints"].items()
    }
    assert kinds == {
        **dict.fromkeys(CALLABLES, "callableTrigger"), "onUpload": "eventTrigger", "advance": "taskQueueTrigger",
        "runStep": "taskQueueTrigger", "deliver": "taskQueueTrigger", "sweep": "scheduleTrigger",
        "api": "httpsTrigger", "share": "httpsTrigger",
    }  # fmt: skip


def test_nobody_else_is_told_anything(tmp_path: Path) -> None:
    for endpoint in read(tmp_path, {})["endpoints"].values():
        assert not endpoint.get("region")
        assert not endpoint.get("serviceAccountEmail")


@pytest.mark.slow
def test_firebase_s_own_cli_reads_them(tmp_path: Path) -> None:
    npm = npm_folder("firebase-tools")
    functions = Path(shutil.copytree(ROOT / "functions", tmp_path / "functions"))
    (functions / ".env").write_text(SETTINGS)
    (functions / "requirements.txt").touch()
    (functions / "venv").symlink_to(sys.prefix)
    runtime = f"python{sys.version_info.major}{sys.version_info.minor}"
    command = ["node", "-e", READER, str(npm), runtime]
    # Ten seconds are its own patience: a busy machine needs more.
    env = {**os.environ, "FUNCTIONS_DISCOVERY_TIMEOUT": "120"}
    ended = subprocess.run(command, env=env, cwd=functions, capture_output=True, text=True, check=False, timeout=240)
    assert ended.returncode == 0, ended.stderr
    build = json.loads(ended.stdout.splitlines()[-1])
    assert set(build["endpoints"]) == {*CALLABLES, "share", "api", "onUpload", "advance", "runStep", "deliver", "sweep"}
    assert {tuple(each["region"]) for each in build["endpoints"].values()} == {("europe-west1",)}
    assert build.get("params", []) == []
