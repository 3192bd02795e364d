"""The page of `dailies up` in a real browser."""

from __future__ import annotations

import json
import os
import shutil
import subprocess
from collections.abc import Callable
from pathlib import Path

import pytest

from tests.e2e.serving import Server, server as server  # noqa: PLC0414 - a fixture
from tests.emulators import missing, npm_folder

SCRIPT = Path(__file__).with_name("page.mjs")
CHROMIUM = shutil.which("chromium")


@pytest.mark.slow
@pytest.mark.timeout(300)
def test_a_file_is_dropped_watched_cancelled_played_and_downloaded(
    server: Server, clips: Callable[[str], Path], tmp_path: Path
) -> None:
    """No error in the console, nothing wider than a phone, and the file is the one of the certificate."""
    npm_folder("playwright-core")
    if CHROMIUM is None:
        missing("chromium (apt install chromium)")
    ended = subprocess.run(
        ["node", SCRIPT, server.base, *map(clips, ("busy.mp4", "long.mp4", "silent_film.mp4")), tmp_path],
        capture_output=True,
        text=True,
        timeout=250,
        check=False,
        env={**os.environ, "DAILIES_CHROMIUM": CHROMIUM},
    )
    assert ended.returncode == 0, ended.stderr
    seen = json.loads(ended.stdout)
    assert seen["errors"] == []
    assert seen["files"] == ["podcast.mp3", "web.mp4"]
    assert all(seal.startswith("all ") for seal in seen["seals"])
    assert seen["plays"]
    name, size = seen["downloaded"]
    assert name == "podcast.mp3"
    assert size > 10_000
    assert seen["besides"] == ["web.mp4"]
    [left_out] = seen["leftOut"]
    assert left_out.startswith("podcast is left out: The source has no audio track")
    assert seen["overflow"] == {"360": 0, "1280": 0}
