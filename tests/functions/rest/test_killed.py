"""A POST with an Idempotency-Key whose server is killed -9 before each of its writes: repeated, it has made one job."""

from __future__ import annotations

import json
import subprocess
import sys
from pathlib import Path
from typing import Any

import pytest

CALLS: dict[str, Any] = {
    "/uploads": {"size_bytes": 5},
    "/jobs": {"source": {"kind": "url", "url": "https://films.example/a.mp4"}},
}
ROOT = Path(__file__).parents[3]


@pytest.mark.parametrize(("path", "writes"), [("/uploads", 4), ("/jobs", 5)])
def test_a_killed_call_has_made_one_job_when_it_is_repeated(path: str, writes: int, tmp_path: Path) -> None:
    """The writes: of the limit, the key, the job, its task, the answer."""
    command = [sys.executable, "-m", "tests.functions.rest.killed_call", str(tmp_path), path, json.dumps(CALLS[path])]
    ended = subprocess.run(command, capture_output=True, text=True, timeout=110, check=False, cwd=ROOT)
    assert ended.returncode == 0, ended.stderr
    told = json.loads(ended.stdout)
    assert len(told) == writes
    for each in told:
        again, repeated = each["again"], each["repeated"]
        assert each["killed"]
        assert again["status"] in (201, 202), again
        assert again["jobs"] == [again["body"]["job_id"]]
        assert (repeated["body"], repeated["jobs"]) == (again["body"], again["jobs"])
