"""A job in the cloud, whole: uploaded, advanced by tasks, drained by the real worker process, completed."""

from __future__ import annotations

import json
import math
import os
import re
import signal
import struct
import subprocess
import threading
import time
import wave
from collections import Counter
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from pathlib import Path

import pytest
import requests

from dailies.adapters.gcp.inspection import CloudInspector
from dailies.bootstrap import Cloud, build_cloud
from dailies.domain.errors import TransientError
from dailies.domain.job.job import Job, JobState, ObjectSource
from dailies.domain.recipe.recipe import Recipe
from dailies.engine.advance import advance
from dailies.engine.store.jobs import load_job
from dailies.engine.store.progress import operation_path
from dailies.operations.deliverables.audio import AudioOutput
from dailies.operations.deliverables.video import VideoOutput
from dailies.services.jobs import cancel_job, create_job
from dailies.settings import read_settings
from tests.fakes.http_server import FakeService, Request, Response, refusal, serving
from tests.fakes.run import JOB, FakeRun
from tests.fakes.storage import FakeStorage
from tests.fakes.tasks import FakeTasks
from tests.made import ffmpeg

UID = "u1"
RATE = 48_000
_MANIFEST = re.compile(rb"artifacts/u1/([0-9a-f]+)/manifest\.json")


@dataclass
class Deployment:
    """The cloud with its fakes at hand. ``run`` starts the real worker."""

    cloud: Cloud
    storage: FakeStorage
    tasks: FakeTasks
    run: FakeRun

    def upload(self, tmp_path: Path, *, seconds: float = 3) -> Job:
        """A job whose source has been uploaded: a tone."""
        path = tmp_path / "tone.wav"
        self._write_tone(path, seconds)
        return self.create(path, Recipe(outputs={"podcast": AudioOutput(format="mp3")}))

    def _write_tone(self, path: Path, seconds: float) -> None:
        with wave.open(str(path), "wb") as out:
            out.setnchannels(1)
            out.setsampwidth(2)
            out.setframerate(RATE)
            period = [int(8000 * math.sin(2 * math.pi * n / 48)) for n in range(48)]
            out.writeframes(struct.pack("<48h", *period) * int(seconds * RATE / 48))

    def create(self, path: Path, recipe: Recipe) -> Job:
        """A job whose source has been uploaded."""
        put = self.cloud.platform.objects.put_file(f"uploads/{UID}/upload1/source", path, if_generation_match=0)
        source = ObjectSource(name=put.name, generation=put.generation, size=put.size, digest=put.checksum)
        return create_job(self.cloud.platform, UID, source, recipe).job

    def deliver_until(self, holds: Callable[[], bool], *, seconds: float = 90) -> None:
        """Deliver tasks, each twice, until it is so."""
        deadline = time.monotonic() + seconds
        while not holds():
            assert time.monotonic() < deadline
            self.tasks.deliver(twice=True)
            threading.Event().wait(0.05)

    def state(self, job: Job) -> JobState:
        return load_job(self.cloud.platform, job.id).state

    def finish(self, job: Job) -> Job:
        self.deliver_until(lambda: self.state(job).terminal)
        self.run.wait()
        return load_job(self.cloud.platform, job.id)

    def commits(self) -> Counter[str]:
        """How often each step was done: a second run of one would write its manifest again, and be refused."""
        writes = (request.body for request in self.storage.requests if request.path.startswith("/upload/"))
        keys = Counter(found[1].decode() for body in writes if (found := _MANIFEST.search(body)))
        leases = self.cloud.platform.documents.query("leases")
        steps = {lease.path.rpartition("_")[2]: str(lease.data["step"]) for lease in leases}
        return Counter({steps[key]: count for key, count in keys.items()})

    def leases(self) -> list[str]:
        return [str(found.data["owner"]) for found in self.cloud.platform.documents.query("leases")]


@pytest.fixture
def advance_function() -> Iterator[tuple[FakeService, list[Cloud]]]:
    """What the deployed function does with a task, without its framework."""
    clouds: list[Cloud] = []

    def answer(request: Request) -> Response:
        try:
            advance(clouds[0].platform, json.loads(request.body)["data"]["job_id"])
        except TransientError as error:
            return refusal(503, error.message)
        return Response()

    service = FakeService(answer)
    with serving(service):
        yield service, clouds


@pytest.fixture
def further() -> dict[str, str]:
    """Settings of functions and worker, beside those of the deployment."""
    return {}


@pytest.fixture
def deployment(
    further: dict[str, str],
    advance_function: tuple[FakeService, list[Cloud]],
    firestore_host: str,
    firestore_project: str,
    fake_storage: FakeStorage,
    fake_tasks: FakeTasks,
    tmp_path: Path,
    monkeypatch: pytest.MonkeyPatch,
) -> Iterator[Deployment]:
    service, clouds = advance_function
    monkeypatch.setenv("FIRESTORE_EMULATOR_HOST", firestore_host)
    monkeypatch.setenv("STORAGE_EMULATOR_HOST", fake_storage.url)
    settings = {
        "DAILIES_PROJECT": firestore_project,
        "DAILIES_REGION": "l",
        "DAILIES_BUCKET": "bucket",
        **{f"DAILIES_{queue}QUEUE": "advance" for queue in ("", "STEPS_", "DELIVERIES_")},
        **{f"DAILIES_{name}_URL": f"{service.url}/advance" for name in ("ADVANCE", "RUN_STEP", "DELIVER")},
        "DAILIES_TASK_SERVICE_ACCOUNT": "queue@p.iam",
        "DAILIES_WORKER_JOB": "dailies-worker",
        "DAILIES_TASKS_ENDPOINT": fake_tasks.url,
        "DAILIES_HOME": str(tmp_path / "worker"),
        "DAILIES_HEARTBEAT_SECONDS": "1",
        **further,
    }
    run = FakeRun(settings)
    with serving(run):
        cloud = build_cloud(read_settings({**settings, "DAILIES_RUN_ENDPOINT": run.url}))
        clouds.append(cloud)
        yield Deployment(cloud, fake_storage, fake_tasks, run)
        run.close()
        cloud.platform.documents.close()


def test_an_upload_becomes_what_was_asked_for(deployment: Deployment, tmp_path: Path) -> None:
    """Tasks delivered twice, one worker, one file; the user's document ends with the certificate; nothing is left."""
    job = deployment.finish(deployment.upload(tmp_path))
    assert job.state is JobState.COMPLETED, job.error
    output = (job.result or {})["outputs"]["podcast"]
    assert abs(output["duration_seconds"] - 3) < 0.2
    made = [stored for name, stored in deployment.storage.objects.items() if "/file-" in name]
    assert [len(stored.data) for stored in made] == [output["bytes"]]
    assert not [name for name in deployment.storage.objects if name.startswith("staging/")]
    shown = deployment.cloud.platform.documents.get(operation_path(UID, job.id))
    assert shown is not None
    assert (shown.data["status"], shown.data["progress"]) == ("completed", 100)
    assert [execution.codes for execution in deployment.run.executions.values()] == [[[0]]]
    assert list((tmp_path / "worker" / "scratch").iterdir()) == []


LONG_FILMS = {"DAILIES_CHUNK_ABOVE_SECONDS": "0", "DAILIES_CHUNK_SECONDS": "2"}


@pytest.mark.parametrize("further", [LONG_FILMS | {"DAILIES_WORKERS": "2"}], ids=["two workers"])
def test_workers_share_a_long_film(deployment: Deployment, tmp_path: Path) -> None:
    """The probe shows that there is more than one worker's work: a second is started. Each step is done once."""
    path = tmp_path / "film.mp4"
    picture = ["-f", "lavfi", "-i", "testsrc2=size=320x180:rate=30:duration=20"]
    sound = ["-f", "lavfi", "-i", "sine=duration=20"]
    encode = ["-c:v", "libx264", "-preset", "ultrafast", "-pix_fmt", "yuv420p", "-c:a", "aac"]
    ffmpeg(*picture, *sound, *encode, path)
    job = deployment.create(path, Recipe(outputs={"film": VideoOutput(quality="medium")}))
    finished = deployment.finish(job)
    assert finished.state is JobState.COMPLETED, finished.error
    film = (finished.result or {})["outputs"]["film"]
    assert (film["video"]["pieces"], film["video"]["frames"]) == ("in 10 chunks", 600)
    assert [execution.task_count for execution in deployment.run.executions.values()] == [1, 1]
    assert [execution.codes for execution in deployment.run.executions.values()] == [[[0]], [[0]]]
    commits = deployment.commits()
    assert sum(step.startswith("chunk") for step in commits) == 10
    assert set(commits.values()) == {1}


@pytest.mark.slow
def test_a_killed_worker_is_continued_by_its_next_attempt(deployment: Deployment, tmp_path: Path) -> None:
    """Its lease is free at once, since Cloud Run starts a task again only when it has ended."""
    job = deployment.upload(tmp_path, seconds=200)
    kill_first(deployment, signal.SIGKILL)
    finished = deployment.finish(job)
    assert finished.state is JobState.COMPLETED, finished.error
    (execution,) = deployment.run.executions.values()
    assert execution.codes == [[-signal.SIGKILL, 0]]


@pytest.mark.slow
def test_a_worker_that_is_told_to_end_does_so_in_time(deployment: Deployment, tmp_path: Path) -> None:
    """SIGTERM: under eight seconds, with a code that has it started again, and with its steps given back."""
    job = deployment.upload(tmp_path, seconds=200)
    seconds = kill_first(deployment, signal.SIGTERM)
    finished = deployment.finish(job)
    assert finished.state is JobState.COMPLETED, finished.error
    (execution,) = deployment.run.executions.values()
    assert execution.codes == [[75, 0]]
    assert max(seconds) < 8


def kill_first(deployment: Deployment, number: signal.Signals) -> list[float]:
    """Send it to the first worker once it holds a step; gives the seconds that its end then took."""
    seconds: list[float] = []
    begun: list[object] = []

    def watch(process: subprocess.Popen[bytes]) -> None:
        if begun:
            return
        begun.append(process)
        while not any(deployment.leases()) and process.poll() is None:
            threading.Event().wait(0.02)
        os.kill(process.pid, number)
        at = time.monotonic()
        process.wait()
        seconds.append(time.monotonic() - at)

    deployment.run.on_start = watch
    return seconds


def test_a_cancelled_job_ends_its_worker(deployment: Deployment, tmp_path: Path) -> None:
    """The job is cancelled, no worker is left, and neither are leases, scratch or staged objects."""
    job = deployment.upload(tmp_path, seconds=200)
    deployment.deliver_until(lambda: any(deployment.leases()))
    cancel_job(deployment.cloud.platform, job.id)
    deployment.run.wait(20)
    assert deployment.state(job) is JobState.CANCELLED
    assert not any(deployment.leases())
    assert list((tmp_path / "worker" / "scratch").iterdir()) == []
    assert not [name for name in deployment.storage.objects if name.startswith("staging/")]


def test_a_source_that_was_replaced_fails_the_job(deployment: Deployment, tmp_path: Path) -> None:
    """The job is about the bytes that were uploaded for it; the worker's code asks for no retry."""
    job = deployment.upload(tmp_path)
    deployment.cloud.platform.objects.put_bytes(f"uploads/{UID}/upload1/source", b"something else")
    finished = deployment.finish(job)
    assert finished.state is JobState.FAILED
    assert (finished.error or {})["code"] == "source_changed"
    assert [execution.codes for execution in deployment.run.executions.values()] == [[[0]]]


def test_a_job_that_is_gone_is_no_reason_for_a_retry(deployment: Deployment) -> None:
    """The worker says so in its log, and exits with 0."""
    deployment.cloud.workers.start("gone")
    deployment.run.wait()
    (execution,) = deployment.run.executions.values()
    assert execution.codes == [[0]]


def test_a_worker_that_is_asked_for_a_report_takes_no_job(deployment: Deployment) -> None:
    """As `dailies doctor --project` starts it."""
    with requests.Session() as session:
        job = CloudInspector(session, "p", deployment.run.url).start(f"v2/{JOB}", {"DAILIES_REPORT": "abc"})
    deployment.run.wait()
    assert deployment.run.executions[job.rpartition("/")[2]].codes == [[0]]
    found = deployment.cloud.platform.documents.get("reports/abc")
    assert found is not None
    assert found.data["sandbox_reason"]


@pytest.mark.parametrize("further", [{"DAILIES_FFMPEG": "/nowhere/ffmpeg"}], ids=["no ffmpeg"])
def test_a_worker_that_can_do_nothing_ends_its_job(deployment: Deployment, tmp_path: Path) -> None:
    """An image without FFmpeg: the user is told at once, and not when the job's time has run out."""
    finished = deployment.finish(deployment.upload(tmp_path))
    assert finished.state is JobState.FAILED
    assert "/nowhere/ffmpeg" in (finished.error or {})["message"]
    assert [execution.codes for execution in deployment.run.executions.values()] == [[[0]]]


@pytest.mark.slow
def test_a_start_that_is_refused_is_tried_again(deployment: Deployment, tmp_path: Path) -> None:
    """Cloud Run has no room at first: the task comes again until the worker runs."""
    job = deployment.upload(tmp_path)
    deployment.run.fail(lambda request: request.path.endswith(":run"), status=429, times=2)
    assert deployment.finish(job).state is JobState.COMPLETED
