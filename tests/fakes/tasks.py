"""Cloud Tasks as its documentation has it: names taken for 24 hours, at least one delivery, retries on non-2xx.

Its REST interface, for Google's own client; ``deliver`` sends what is due, when the test says so.
"""

from __future__ import annotations

import base64
import json
import re
import threading
import uuid
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from typing import Any

import requests
from google.auth.credentials import AnonymousCredentials
from google.cloud import tasks_v2
from google.cloud.tasks_v2.services.cloud_tasks.transports import CloudTasksRestTransport

from dailies.ports.tasks import RetryPolicy
from tests.fakes.http_server import FakeService, Request, Response, as_json, refusal

_CREATE = re.compile(r"/v2/(?P<queue>projects/[^/]+/locations/[^/]+/queues/[A-Za-z0-9-]{1,100})/tasks")
_NAME = re.compile(r"[A-Za-z0-9_-]{1,500}")
# "Up to 24 hours after the original task was deleted or executed."
_RESERVED = timedelta(hours=24)
_MOST_BYTES = 100_000 + 1000


@dataclass
class Task:
    name: str
    due: datetime
    http: dict[str, Any]
    attempts: int = 0
    answers: list[int] = field(default_factory=list)

    @property
    def body(self) -> bytes:
        return base64.b64decode(self.http["body"])


class FakeTasks(FakeService):
    def __init__(self, policy: RetryPolicy | None = None) -> None:
        super().__init__(self._route)
        self._state = threading.Lock()
        self._policy = policy or RetryPolicy()
        self._done: dict[str, datetime] = {}
        self.tasks: dict[str, Task] = {}
        self.dropped: list[Task] = []

    def client(self) -> tasks_v2.CloudTasksClient:
        """Google's client, talking to this."""
        host = self.url.removeprefix("http://")
        transport = CloudTasksRestTransport(host=host, credentials=AnonymousCredentials(), url_scheme="http")
        return tasks_v2.CloudTasksClient(transport=transport)

    def _route(self, request: Request) -> Response:
        found = _CREATE.fullmatch(request.path)
        if found is None or request.method != "POST":
            return refusal(404, f"no route {request.path}")
        asked = json.loads(request.body)["task"]
        name = asked.get("name") or f"{found['queue']}/tasks/{uuid.uuid4().int}"
        if not _NAME.fullmatch(name.removeprefix(f"{found['queue']}/tasks/")):
            return refusal(400, "Task ID must match.", status="INVALID_ARGUMENT")
        if len(request.body) > _MOST_BYTES * 4 // 3:
            return refusal(400, "Task size too large.", status="INVALID_ARGUMENT")
        now = datetime.now(UTC)
        with self._state:
            if name in self.tasks or self._done.get(name, now - _RESERVED) > now - _RESERVED:
                return refusal(409, "Requested entity already exists", status="ALREADY_EXISTS")
            due = datetime.fromisoformat(asked["scheduleTime"]) if "scheduleTime" in asked else now
            self.tasks[name] = Task(name, due, asked["httpRequest"])
        return as_json({"name": name})

    def deliver(self, *, at: datetime | None = None, twice: bool = False) -> int:
        """Send what is due ``at`` (default: now) to its URL; returns how many requests that were."""
        now = at or datetime.now(UTC)
        sent = 0
        with self._state:
            due = [task for task in self.tasks.values() if task.due <= now]
        for task in due:
            for _ in range(2 if twice else 1):
                sent += 1
                task.answers.append(self._send(task))
            self._settle(task, now)
        return sent

    def _send(self, task: Task) -> int:
        identity = task.http["oidcToken"]
        headers = {
            **task.http["headers"],
            "X-CloudTasks-TaskName": task.name.rpartition("/")[2],
            "X-CloudTasks-TaskRetryCount": str(task.attempts),
            "Authorization": f"Bearer {identity['serviceAccountEmail']} {identity['audience']}",
        }
        return requests.post(task.http["url"], data=task.body, headers=headers, timeout=60).status_code

    def _settle(self, task: Task, now: datetime) -> None:
        task.attempts += 1
        with self._state:
            if 200 <= task.answers[-1] < 300 or task.attempts >= self._policy.max_attempts:
                self._done[task.name] = now
                del self.tasks[task.name]
                if task.answers[-1] >= 300:
                    self.dropped.append(task)
            else:
                task.due = now + timedelta(seconds=self._policy.backoff_seconds(task.attempts))
