"""The JavaScript of two READMEs, as it stands there: Firebase's SDK, and our client on it, against the whole cloud."""

from __future__ import annotations

import json
import os
import re
import shutil
import subprocess
from collections.abc import Callable, Iterator
from pathlib import Path

import pytest

from tests.cloud import CloudHere, cloud_here
from tests.e2e.meter import ebur128
from tests.e2e.test_sdk import FOLDER, PROJECT, RULES, config_for
from tests.e2e.web_client import CLIENT, ROOT, built_client
from tests.emulators import auth_emulator, firestore_emulator, npm_folder

pytestmark = [pytest.mark.slow, pytest.mark.timeout(300)]


@pytest.fixture
def emulators() -> Iterator[tuple[str, str]]:
    """Firestore, under the rules that are deployed, and auth."""
    npm_folder("firebase")
    with firestore_emulator(RULES) as firestore, auth_emulator(PROJECT) as auth:
        yield firestore, auth


@pytest.fixture
def here(emulators: tuple[str, str], tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[CloudHere]:
    firestore, auth = emulators
    with cloud_here(firestore, tmp_path, monkeypatch, auth=auth, project=PROJECT) as cloud:
        yield cloud


@pytest.fixture(params=["README.md", "clients/web/README.md"])
def driver(request: pytest.FixtureRequest, tmp_path: Path) -> Path:
    """Calls a page's block, which is beside it, in a folder that has what it imports as an app has it."""
    page, firebase = ROOT / request.param, npm_folder("firebase")
    ours = page.parent == CLIENT
    first = "```js firebase" if ours else "```js"
    [block] = re.findall(rf"^{first}\n(.*?)^```", page.read_text(encoding="utf-8"), re.MULTILINE | re.DOTALL)
    folder = (built_client().app if ours else tmp_path) / "an app"
    folder.mkdir()
    if not ours:
        (folder / "node_modules").symlink_to(firebase)
    (folder / "podcast.mjs").write_text(block, encoding="utf-8")
    return Path(shutil.copy(FOLDER / "readme.mjs", folder))


def test_the_readme_s_lines_make_a_podcast(
    here: CloudHere, emulators: tuple[str, str], driver: Path, clips: Callable[[str], Path], tmp_path: Path
) -> None:
    """Announced, uploaded, watched and downloaded: −16 LUFS, and progress that never fell."""
    firestore, auth = emulators
    output = tmp_path / "podcast.mp3"
    config = config_for(here.base, firestore, auth, clips("quiet.wav"), output)
    with here.delivering():
        ended = subprocess.run(
            ["node", driver, json.dumps(config)],
            capture_output=True,
            text=True,
            timeout=120,
            check=False,
            env=os.environ,
        )
    here.run.wait()
    assert ended.returncode == 0, ended.stderr
    progress = [progress for progress, _ in json.loads(ended.stdout)]
    assert progress == sorted(progress)
    assert progress[-1] == 100
    assert abs(ebur128(output).integrated + 16) <= 0.2
