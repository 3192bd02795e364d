"""``runStep`` as Cloud Tasks calls it, and its end as the runtime brings it about."""

from __future__ import annotations

import json
import os
import signal
import subprocess
import sys
import threading
import time
from collections.abc import Callable
from http.client import HTTPConnection, HTTPException
from pathlib import Path
from typing import Any

import pytest

import ending
import wiring
from dailies.domain.job.job import JobState
from dailies.domain.stop import StopToken
from dailies.engine.platform import Platform
from dailies.engine.store.jobs import load_job
from tests.emulators import free_port
from tests.unit.conftest import World
from tests.unit.engine.light_steps import Service, asking
from tests.unit.engine.test_light_steps import begun, held_up

Post = Callable[..., tuple[int, dict[str, Any]]]
FUNCTIONS = Path(__file__).parents[2] / "functions"
SLOW = """
import functions_framework
import ending

@functions_framework.http
def slow(request):
    with ending.stoppable() as stop:
        print("begun", flush=True)
        print("stopped" if stop.wait(30) else "not told", flush=True)
    return "given back", 503
"""


def task(job_id: str, step: str) -> bytes:
    return json.dumps({"data": {"job": job_id, "step": step}}).encode()


def test_a_task_runs_its_step(world: World, platform: Platform, post: Post, monkeypatch: pytest.MonkeyPatch) -> None:
    service = Service()
    served = asking(world, service)
    monkeypatch.setattr(wiring._served, "platform", served)
    job = world.new_job()
    step = begun(world, served, job)
    assert post("runStep", task(job.id, step))[0] == 200
    assert service.answered.total() == 1
    assert load_job(served, job.id).state is JobState.PROCESSING


@pytest.mark.parametrize(
    "data", [{"job": "gone", "step": "ask_0"}, {"job": 1, "step": "ask_0"}, {"job": "a", "step": "../x"}, {}, [], None]
)
def test_a_step_that_can_never_run_is_not_repeated(post: Post, data: object) -> None:
    assert post("runStep", json.dumps({"data": data}).encode())[0] == 200


def test_a_step_is_given_back_when_the_server_ends(
    world: World, platform: Platform, post: Post, monkeypatch: pytest.MonkeyPatch
) -> None:
    """An answer that has the queue call again, and a step that is free."""
    asked = threading.Event()
    served = asking(world, held_up(asked))
    monkeypatch.setattr(wiring._served, "platform", served)
    job = world.new_job()
    step = begun(world, served, job)
    answers: list[int] = []
    calling = threading.Thread(target=lambda: answers.append(post("runStep", task(job.id, step))[0]))
    calling.start()
    assert asked.wait(20)
    ending.end()
    calling.join(20)
    assert answers[0] >= 500
    held = [each.data for each in served.documents.query("leases") if each.data["step"] == step]
    assert [(each["owner"], each["attempts"]) for each in held] == [("", 0)]


def test_the_clouds_runtime_tells_work_of_its_end(tmp_path: Path) -> None:
    """gunicorn waits for what is under way and kills it at last: within that time it has to be told."""
    (tmp_path / "main.py").write_text(SLOW)
    port = free_port()
    command = [sys.executable, "-m", "functions_framework", "--target", "slow", "--port", str(port)]
    environment = {**os.environ, "PYTHONPATH": str(FUNCTIONS), "THREADS": "4"}
    with subprocess.Popen(command, cwd=tmp_path, env=environment, stdout=subprocess.PIPE, text=True) as server:
        try:
            answers: list[int] = []
            calling = threading.Thread(target=lambda: answers.append(_status(port)))
            calling.start()
            assert server.stdout is not None
            assert server.stdout.readline() == "begun\n"
            told_at = time.monotonic()
            server.send_signal(signal.SIGTERM)
            assert server.stdout.readline() == "stopped\n"
            assert time.monotonic() - told_at < 5
            calling.join(20)
            assert answers == [503]
        finally:
            server.kill()


def _status(port: int) -> int:
    """Of the answer, once the server listens."""
    until, pause = time.monotonic() + 30, StopToken()
    while time.monotonic() < until:
        connection = HTTPConnection("127.0.0.1", port, timeout=40)
        try:
            connection.request("GET", "/")
            return connection.getresponse().status
        except ConnectionRefusedError:
            pause.wait(0.1)
        except HTTPException:
            return 0
        finally:
            connection.close()
    return 0
