"""One job of the cloud, and the documents that it writes, counted: for a test, and for benchmarks/cloud_job.py."""

from __future__ import annotations

import time
from collections import Counter, defaultdict
from pathlib import Path
from typing import Any

import pytest
import requests

from dailies.adapters.gcp.documents.transactions import Attempt
from dailies.adapters.gcp.owners import Execution
from dailies.bootstrap import build_cloud
from dailies.domain.job.job import Job
from dailies.domain.stop import StopToken
from dailies.engine.store.jobs import load_job
from dailies.engine.toolchains import publish_toolchain
from dailies.engine.worker_loop import drain
from dailies.settings import read_settings
from dailies.up.identity import development_token
from tests.cloud import CloudHere

RECIPE = {"outputs": {"podcast": {"kind": "audio", "format": "mp3", "normalize": {"integrated_lufs": -16}}}}
Writes = dict[str, list[float]]


def counting(patch: pytest.MonkeyPatch) -> Writes:
    """The moments of every document's writes from now on, by its path."""
    writes: Writes = defaultdict(list)
    commit = Attempt.commit

    def counted(attempt: Attempt) -> None:
        # What was only read is a write as well: one that changes nothing, with a precondition.
        paths = set(attempt._guarded()[0]) if attempt._writes else set()
        commit(attempt)
        for path in paths:
            writes[path].append(time.monotonic())

    patch.setattr(Attempt, "commit", counted)
    return writes


def by_collection(writes: Writes) -> Counter[str]:
    """How many there were, by ``collection`` or ``collection/subcollection``."""
    return Counter("/".join(path.split("/")[::2]) for path, times in writes.items() for _ in times)


def announce(here: CloudHere, uid: str, size: int) -> Any:
    """The ticket of createUpload, asked for over HTTP."""
    headers = {"Authorization": f"Bearer {development_token(uid, here.project)}"}
    wish: dict[str, Any] = {"sizeBytes": size, "contentType": "audio/wav", "recipe": RECIPE}
    answer = requests.post(f"{here.base}/createUpload", json={"data": wish}, headers=headers, timeout=60)
    answer.raise_for_status()
    return answer.json()["result"]


def upload(here: CloudHere, source: Path) -> str:
    """Announce and send the file; returns the job's id."""
    ticket = announce(here, "counted", source.stat().st_size)
    with source.open("rb") as stream:
        requests.put(ticket["upload"]["url"], stream, timeout=60).raise_for_status()
    return str(ticket["jobId"])


def work(here: CloudHere, job_id: str) -> Job:
    """Bring the uploaded job to its end, with the worker's loop in this process, where its writes can be counted."""
    here.run.command = ("true",)  # an execution that does nothing
    settings = read_settings({**here.settings, "DAILIES_RUN_ENDPOINT": here.run.url})
    worker = build_cloud(settings, Execution("counted", 0, 1, 0)).platform
    publish_toolchain(worker.documents, worker.toolchain())
    here.deliver()
    drain(worker, job_id, StopToken())
    worker.documents.close()
    here.cloud.platform.tasks.enqueue("advance", {"job_id": job_id})
    here.deliver()
    return load_job(here.cloud.platform, job_id)
