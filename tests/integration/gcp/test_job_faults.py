"""Faults inside a live job of the cloud: functions over HTTP, Firestore's emulator, the real worker process.

After each: one terminal state, one charge, each output made once, nothing staged, no session left open.
"""

from __future__ import annotations

import os
import re
import signal
import struct
import subprocess
import sys
import threading
import time
import wave
from collections.abc import Callable, Iterator
from concurrent.futures import ThreadPoolExecutor
from contextlib import ExitStack, contextmanager, suppress
from dataclasses import dataclass
from math import pi, sin
from pathlib import Path
from typing import Any

import pytest
import requests

from dailies.domain.job.job import Job, JobState
from dailies.engine.store.jobs import load_job
from dailies.services.upkeep.sweep import sweep
from dailies.up.identity import development_token
from tests.cloud import CloudHere, cloud_here
from tests.fakes import aborts
from tests.fakes.http_server import Request, Response
from tests.fakes.storage import Stored
from tests.fakes.tcp_proxy import Proxy, proxied

UID = "ann"
RATE = 48_000
LIMIT_SECONDS = 90.0
pytestmark = [
    pytest.mark.slow,
    pytest.mark.timeout(200),
    # Google's client drops a connection that was broken on purpose without closing it.
    pytest.mark.filterwarnings("ignore:unclosed:ResourceWarning"),
]


@dataclass
class Client:
    """An app's side, and what must hold in the end."""

    here: CloudHere
    folder: Path

    def call(self, name: str, data: dict[str, Any]) -> Any:
        token = development_token(UID, self.here.project)
        headers = {"Authorization": f"Bearer {token}"}
        answer = requests.post(f"{self.here.base}/{name}", json={"data": data}, headers=headers, timeout=60)
        assert answer.ok, answer.text
        return answer.json()["result"]

    def upload(self, *, seconds: float = 3) -> str:
        """Announce a tone and send it; returns the job's id."""
        path = self.folder / "tone.wav"
        with wave.open(str(path), "wb") as out:
            out.setnchannels(1)
            out.setsampwidth(2)
            out.setframerate(RATE)
            period = [int(8000 * sin(2 * pi * n / 48)) for n in range(48)]
            out.writeframes(struct.pack("<48h", *period) * int(seconds * RATE / 48))
        recipe = {"outputs": {"podcast": {"kind": "audio", "format": "mp3"}}}
        wish = {"sizeBytes": path.stat().st_size, "contentType": "audio/wav", "recipe": recipe}
        ticket = self.call("createUpload", wish)
        with path.open("rb") as stream:
            assert requests.put(ticket["upload"]["url"], stream, timeout=60).status_code == 200
        return str(ticket["jobId"])

    def job(self, job_id: str) -> Job:
        return load_job(self.here.cloud.platform, job_id)

    def deliver_until(self, holds: Callable[[], object], *, twice: bool = True) -> None:
        deadline = time.monotonic() + LIMIT_SECONDS
        while not holds():
            assert time.monotonic() < deadline
            self.here.deliver(twice=twice)
            threading.Event().wait(0.05)

    def check_completed(self, job_id: str, *, seconds: float = 3) -> None:
        """Wait for the end, and for the last process; then look at everything that the job has left."""
        self.deliver_until(lambda: self.job(job_id).state.terminal)
        self.here.run.wait()
        self.here.deliver()
        job = self.job(job_id)
        assert job.state is JobState.COMPLETED, job.error
        documents = self.here.cloud.platform.documents
        usage = documents.get(f"quotas/{UID}")
        assert usage is not None
        assert (usage.data["jobs"], usage.data["running"]) == (1, {})
        assert abs(usage.data["source_seconds"] - seconds) < 0.1
        shown = documents.get(f"users/{UID}/operations/{job_id}")
        assert shown is not None
        assert (shown.data["status"], shown.data["progress"]) == ("completed", 100)
        names = list(self.here.storage.objects)
        assert len([name for name in names if "/file-" in name]) == 1
        assert len([name for name in names if name.endswith("/manifest.json")]) == 2
        assert not [name for name in names if name.startswith("staging/")]
        assert self.here.storage.signed.open_sessions == 0
        assert not [each for each in documents.query("leases") if each.data["owner"]]
        scratch = Path(self.here.settings["DAILIES_HOME"]) / "scratch"
        assert list(scratch.iterdir()) == []

    def holder(self) -> str | None:
        """The owner of a step that is being worked on."""
        leases = self.here.cloud.platform.documents.query("leases")
        return next((str(each.data["owner"]) for each in leases if each.data["owner"]), None)


@contextmanager
def client_of(
    firestore: str, project: str, folder: Path, monkeypatch: pytest.MonkeyPatch, **changes: str
) -> Iterator[Client]:
    with cloud_here(firestore, folder, monkeypatch, project=project, changes=changes) as here:
        yield Client(here, folder)


@pytest.fixture
def client(
    firestore_host: str, firestore_project: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> Iterator[Client]:
    with client_of(firestore_host, firestore_project, tmp_path, monkeypatch) as found:
        yield found


def test_events_and_tasks_come_twice_at_once_in_any_order_and_late(client: Client) -> None:
    """Five deliveries of the event at once, a task before it, each task twice, and all of it again an hour late."""
    here = client.here
    told: list[Stored] = []
    put = here.storage.on_finalized

    def note(stored: Stored) -> None:
        if stored.name.startswith("uploads/"):
            told.append(stored)
            # As early as it gets: nobody has told of the upload yet.
            here.cloud.platform.tasks.enqueue("advance", {"job_id": stored.name.split("/")[2]})
        put(stored)

    here.storage.on_finalized = note
    job_id = client.upload()
    here.tasks.deliver(twice=True)
    assert client.job(job_id).state is JobState.AWAITING_UPLOAD
    with ThreadPoolExecutor(5) as threads:
        # One that lost a race for the transaction is told to come again.
        assert 204 in set(threads.map(here.notify, told * 5))
    client.check_completed(job_id)
    # Nothing of the store remembers when: late is the same as again.
    assert here.notify(told[0]) == 204
    here.cloud.platform.tasks.enqueue("advance", {"job_id": job_id})
    here.deliver(twice=True)
    client.check_completed(job_id)
    assert [each.codes for each in here.run.executions.values()] == [[[0]]]
    assert len(here.cloud.platform.documents.query("jobs")) == 1


def moving(method: str, words: str) -> Callable[[Request], bool]:
    def matches(request: Request) -> bool:
        asked = f"{request.path}?{'&'.join(f'{name}={value}' for name, value in request.query.items())}"
        return request.method == method and re.search(words, asked) is not None

    return matches


def shortened(answer: Response) -> Response:
    answer.cut_to = len(answer.body) // 2
    return answer


def damaged(answer: Response) -> Response:
    answer.body = b"\x00" + answer.body[1:]
    return answer


def test_a_store_that_refuses_shortens_and_damages_is_asked_again(client: Client) -> None:
    """429, 503, a short read and wrong bytes while the source comes; 429, 503 and a lost answer, whose repetition is
    a 412, while outputs go; and so for the manifests."""
    storage = client.here.storage
    job_id = client.upload()
    source = moving("GET", r"^/download/.*uploads.*source")
    storage.fail(source, status=429)
    storage.fail(source, status=503)
    storage.spoil(source, shortened)
    storage.spoil(source, damaged)
    artifact = moving("POST", r"^/upload/")
    storage.fail(artifact, status=429)
    storage.fail(artifact, status=503)
    storage.fail(artifact, status=503, lose_answer=True, times=2)
    storage.fail(moving("GET", r"manifest.json\?"), status=503, times=2)
    client.check_completed(job_id)
    assert 412 in storage.statuses
    assert [fault.times for fault in storage.faults] == [0] * len(storage.faults)


@pytest.mark.parametrize("lone", [False, True])
def test_a_worker_that_slept_past_its_lease_commits_nothing(
    firestore_host: str, firestore_project: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch, lone: bool
) -> None:
    """SIGSTOP in the middle of a step. Another task of the execution takes over, or one that the sweeper has started;
    then the sleeper goes on."""
    with client_of(firestore_host, firestore_project, tmp_path, monkeypatch, DAILIES_LEASE_SECONDS="3") as client:
        here = client.here
        processes: list[subprocess.Popen[bytes]] = []
        here.run.on_start = processes.append
        job_id = client.upload(seconds=120)
        client.deliver_until(lambda: client.job(job_id).state is JobState.PROCESSING)
        if not lone:
            here.cloud.workers.start(job_id, tasks=2)
        client.deliver_until(client.holder)
        owner = client.holder()
        assert owner is not None
        sleeper = next(each for each in processes if is_owner(each, owner))
        os.kill(sleeper.pid, signal.SIGSTOP)

        def ended() -> bool:
            if lone:
                sweep(here.cloud.platform)
            return client.job(job_id).state.terminal

        try:
            client.deliver_until(ended)
        finally:
            os.kill(sleeper.pid, signal.SIGCONT)
        client.check_completed(job_id, seconds=120)
        assert all(codes[-1] == 0 for each in here.run.executions.values() for codes in each.codes)
        assert len(here.run.executions) == 2


def test_commits_are_aborted_all_the_time(
    firestore_host: str, firestore_project: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Every second commit of the functions and of the worker is ABORTED, as under contention."""
    log = tmp_path / "aborts"
    here_aborted: list[None] = []
    aborts.abort_commits(monkeypatch, lambda: here_aborted.append(None))
    with client_of(firestore_host, firestore_project, tmp_path, monkeypatch) as client:
        monkeypatch.setenv(aborts.LOG, str(log))
        client.here.run.command = (sys.executable, "-P", aborts.__file__)
        job_id = client.upload()
        client.check_completed(job_id)
    assert len(here_aborted) > 3
    assert log.read_text(encoding="utf-8").count("\n") > 3


def is_owner(process: subprocess.Popen[bytes], owner: str) -> bool:
    execution, index, _, _ = owner.split(".")
    wanted = {f"CLOUD_RUN_EXECUTION={execution}".encode(), f"CLOUD_RUN_TASK_INDEX={index}".encode()}
    with suppress(OSError):
        return wanted <= set(Path(f"/proc/{process.pid}/environ").read_bytes().split(b"\0"))
    return False


def test_firestore_may_go_away_in_the_middle(
    firestore_host: str, firestore_project: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """UNAVAILABLE for functions and worker alike, twice, while a step is under way."""
    with ExitStack() as stack:
        proxy = stack.enter_context(proxied(firestore_host))
        client = stack.enter_context(client_of(proxy.address, firestore_project, tmp_path, monkeypatch))
        job_id = client.upload(seconds=120)
        client.deliver_until(client.holder)
        for _ in range(2):
            away(proxy, client)
        client.check_completed(job_id, seconds=120)
        assert proxy.broken > 4


def away(proxy: Proxy, client: Client) -> None:
    """Break everything until two connections have been refused; tasks that are delivered meanwhile fail."""
    proxy.go_away()
    before = proxy.broken
    deadline = time.monotonic() + LIMIT_SECONDS
    while proxy.broken < before + 2:
        assert time.monotonic() < deadline
        threading.Event().wait(0.02)
    proxy.come_back()
