"""docs/api.md's every command, as it stands there: in one shell, against `dailies up`."""

from __future__ import annotations

import os
import re
import shutil
import subprocess
import sys
from collections.abc import Callable
from pathlib import Path

import httpx
import pytest

from tests.e2e.serving import Server, server as server  # noqa: PLC0414 - a fixture

PAGE = (Path(__file__).parents[2] / "docs" / "api.md").read_text(encoding="utf-8")
BLOCKS = re.findall(r"^```sh\n(.*?)^```", PAGE, re.MULTILINE | re.DOTALL)

pytestmark = [pytest.mark.slow, pytest.mark.timeout(300)]


def test_every_command_of_the_page_does_what_it_says(
    server: Server, clips: Callable[[str], Path], tmp_path: Path
) -> None:
    assert len(BLOCKS) > 5
    folder = tmp_path / "a folder"
    (folder / "bin").mkdir(parents=True)
    shutil.copy(clips("talk.mp4"), folder)
    command = folder / "bin" / "dailies"
    command.write_text(f'#!/bin/sh\nexec "{sys.executable}" -P -m dailies "$@"\n')
    command.chmod(0o755)
    script = "set -euo pipefail\n" + "\n".join(BLOCKS).replace("http://127.0.0.1:8400", server.base)
    environment = {**server.dailies.environ(), "PATH": f"{folder / 'bin'}{os.pathsep}{os.environ['PATH']}"}
    ended = subprocess.run(
        ["bash", "-c", script], cwd=folder, env=environment, capture_output=True, text=True, timeout=240, check=False
    )
    assert ended.returncode == 0, ended.stdout[-3000:] + ended.stderr
    assert (folder / "audio.mp3").stat().st_size > 10_000
    assert (folder / "head.bin").stat().st_size == 100
    assert "event: job.completed" in (folder / "events.txt").read_text()


def test_a_real_client_s_repeated_call_makes_one_job(server: Server) -> None:
    headers = {"Authorization": f"Bearer {server.token()}", "Idempotency-Key": "k"}
    with httpx.Client(base_url=f"{server.base}/api/v1", headers=headers, trust_env=False) as client:
        first = client.post("/uploads", json={"size_bytes": 5})
        assert first.status_code == 201, first.text
        again = client.post("/uploads", json={"size_bytes": 5})
        jobs = client.get("/jobs").json()["jobs"]
        shown = client.get("/docs")
    assert (again.json(), [job["job_id"] for job in jobs]) == (first.json(), [first.json()["job_id"]])
    assert (shown.status_code, shown.headers["Content-Type"]) == (200, "text/html; charset=utf-8")
