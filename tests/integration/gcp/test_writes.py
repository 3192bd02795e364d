"""What a job writes to Firestore, on the emulator: each document is paid for, and takes about a write a second."""

from __future__ import annotations

import time
import wave
from pathlib import Path

import pytest

from dailies.domain.job.job import JobState
from tests.cloud import cloud_here
from tests.counting import by_collection, counting, upload, work

STEPS = 4
#: The probe, the measure, the level and the file: each is claimed and given back.
_OTHERS = {"jobs": 4, "quotas": 6, "spending": 3, "leases": 2 * STEPS, "queues": 3, "admission": 2, "workers": 2}


def test_a_job_of_a_minute_writes_forty_documents_at_most(
    firestore_host: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """28 for its states, its steps, its turn and what it costs, whatever its length up to a heartbeat; and its
    progress, at most once a second."""
    source = tmp_path / "tone.wav"
    with wave.open(str(source), "wb") as out:
        out.setparams((1, 2, 48_000, 0, "NONE", ""))
        out.writeframes((b"\0\x08" * 24 + b"\0\xf8" * 24) * 3000)
    writes = counting(monkeypatch)
    changes = {"DAILIES_HEARTBEAT_SECONDS": "600"}
    with cloud_here(firestore_host, tmp_path, monkeypatch, changes=changes) as here:
        started = time.monotonic()
        job = work(here, upload(here, source))
        seconds = time.monotonic() - started
    assert job.state is JobState.COMPLETED, job.error
    counts = by_collection(writes)
    # Announced, queued, begun, ended; and what passes between.
    assert counts.pop("users/operations") <= 4 + seconds
    # A page of events, now and then what has been done since.
    assert 1 <= counts.pop("jobs/events") <= STEPS
    counts.pop("toolchains", None)
    assert counts == _OTHERS
    assert sum(_OTHERS.values()) <= 28
