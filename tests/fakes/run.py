"""Cloud Run jobs: starts the real worker process for each task, with the environment that Cloud Run gives.

Its REST interface, for Google's own clients. A task whose process ends with another code than 0 is started again, up
to ``max_retries`` times; a cancelled execution's processes get SIGTERM, and SIGKILL ten seconds later.

The job's parallelism is what Terraform gives it: an execution of fewer tasks than that is refused, as the documentation
says (https://docs.cloud.google.com/run/docs/configuring/parallelism).
"""

from __future__ import annotations

import json
import os
import re
import signal
import subprocess
import sys
import threading
import uuid
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from tests.emulators import end_group
from tests.fakes.http_server import FakeService, Request, Response, as_json, refusal

JOB = "projects/p/locations/l/jobs/dailies-worker"
_KILL_SECONDS = 10.0
_JOB = r"(?P<job>projects/[^/]+/locations/[^/]+/jobs/dailies-worker)"
_RUN = re.compile(rf"/v2/{_JOB}:run")
_EXECUTION = re.compile(rf"/v2/{_JOB}/executions/(?P<name>[a-z0-9-]+)(?P<verb>:cancel)?")
_WORKER = (sys.executable, "-P", "-m", "dailies.worker")
_TERRAFORM = Path(__file__).parents[2] / "infra" / "terraform" / "modules" / "worker"


def deployed_parallelism() -> int:
    """The worker job's parallelism as Terraform sets it; 0, which is as many as there are tasks, where it does not."""
    main, variables = ((_TERRAFORM / name).read_text(encoding="utf-8") for name in ("main.tf", "variables.tf"))
    found = re.search(r"^ +parallelism += (?:var\.(\w+)|(\d+))$", main, re.MULTILINE)
    if found is None:
        return 0
    if found[2]:
        return int(found[2])
    default = re.search(rf'variable "{found[1]}" {{.*?default += (\d+)', variables, re.DOTALL)
    assert default is not None
    return int(default[1])


@dataclass
class Execution:
    name: str
    environment: Mapping[str, str]
    task_count: int
    codes: list[list[int]] = field(default_factory=list)
    """Exit codes by task: one for each attempt."""
    processes: list[subprocess.Popen[bytes]] = field(default_factory=list)
    cancelled: bool = False
    ended: threading.Event = field(default_factory=threading.Event)


class FakeRun(FakeService):
    def __init__(
        self, environment: Mapping[str, str], *, command: tuple[str, ...] = _WORKER, max_retries: int = 3
    ) -> None:
        super().__init__(self._route)
        self._environment = dict(environment)
        self.command = command
        self.parallelism = deployed_parallelism()
        self._max_retries = max_retries
        self._threads: list[threading.Thread] = []
        self.executions: dict[str, Execution] = {}
        self.on_start: Callable[[subprocess.Popen[bytes]], object] = lambda _: None

    def wait(self, seconds: float = 90.0) -> None:
        """Until every execution has ended."""
        for execution in list(self.executions.values()):
            assert execution.ended.wait(seconds), f"{execution.name} is still running"

    def close(self) -> None:
        for execution in self.executions.values():
            execution.cancelled = True
            # Again and again: a task may be starting its process just now.
            while not execution.ended.wait(0.05):
                for process in list(execution.processes):
                    end_group(process)
        for thread in self._threads:
            thread.join()

    def _route(self, request: Request) -> Response:
        if _RUN.fullmatch(request.path):
            return self._run(json.loads(request.body))
        found = _EXECUTION.fullmatch(request.path)
        if found is None:
            return refusal(404, f"no route {request.path}")
        execution = self.executions.get(found["name"])
        if execution is None:
            return refusal(404, "no such execution", status="NOT_FOUND")
        if found["verb"]:
            return self._cancel(execution)
        return as_json(_resource(execution))

    def _run(self, asked: dict[str, Any]) -> Response:
        overrides = asked.get("overrides", {})
        changed = {each["name"]: each["value"] for each in overrides["containerOverrides"][0]["env"]}
        count = int(overrides.get("taskCount", 1))
        if self.parallelism > count:
            reason = f"parallelism ({self.parallelism}) must be less than or equal to the number of tasks ({count})"
            return refusal(400, reason, status="INVALID_ARGUMENT")
        execution = Execution(f"dailies-worker-{uuid.uuid4().hex[:5]}", {**self._environment, **changed}, count)
        execution.codes = [[] for _ in range(count)]
        self.executions[execution.name] = execution
        thread = threading.Thread(target=self._execute, args=(execution,))
        self._threads.append(thread)
        thread.start()
        return _operation(execution)

    def _execute(self, execution: Execution) -> None:
        tasks = [threading.Thread(target=self._task, args=(execution, n)) for n in range(execution.task_count)]
        for task in tasks:
            task.start()
        for task in tasks:
            task.join()
        execution.ended.set()

    def _task(self, execution: Execution, index: int) -> None:
        for attempt in range(self._max_retries + 1):
            process = subprocess.Popen(
                self.command,
                stdin=subprocess.DEVNULL,
                env={
                    **os.environ,
                    **execution.environment,
                    "CLOUD_RUN_JOB": "dailies-worker",
                    "CLOUD_RUN_EXECUTION": execution.name,
                    "CLOUD_RUN_TASK_INDEX": str(index),
                    "CLOUD_RUN_TASK_COUNT": str(execution.task_count),
                    "CLOUD_RUN_TASK_ATTEMPT": str(attempt),
                },
                process_group=0,
            )
            execution.processes.append(process)
            self.on_start(process)
            execution.codes[index].append(process.wait())
            if execution.codes[index][-1] == 0 or execution.cancelled:
                return

    def _cancel(self, execution: Execution) -> Response:
        if execution.ended.is_set():
            return refusal(400, "the execution has ended", status="FAILED_PRECONDITION")
        execution.cancelled = True
        for process in execution.processes:
            if process.poll() is None:
                process.send_signal(signal.SIGTERM)
                threading.Thread(target=_kill_late, args=(process,), daemon=True).start()
        return _operation(execution)


def _kill_late(process: subprocess.Popen[bytes]) -> None:
    try:
        process.wait(_KILL_SECONDS)
    except subprocess.TimeoutExpired:
        process.kill()


def _resource(execution: Execution) -> dict[str, Any]:
    found: dict[str, Any] = {"name": f"{JOB}/executions/{execution.name}", "taskCount": execution.task_count}
    if execution.ended.is_set():
        found["completionTime"] = "2026-11-21T00:00:00Z"
    return found


def _operation(execution: Execution) -> Response:
    metadata = {"@type": "type.googleapis.com/google.cloud.run.v2.Execution", **_resource(execution)}
    return as_json({"name": f"projects/p/locations/l/operations/{uuid.uuid4().hex}", "metadata": metadata})
