"""The task queue on Cloud Tasks: each task is an HTTP request, signed with a service account's identity token."""

from __future__ import annotations

import hashlib
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from functools import cache
from typing import TYPE_CHECKING, Any

from google.api_core import exceptions
from google.api_core.retry import Retry, if_exception_type

from dailies.adapters.gcp.errors import translated
from dailies.adapters.name_rules import check_task_names, encode_payload
from dailies.domain.errors import Conflict, Misconfigured, PlatformNotReady
from dailies.ports.tasks import TaskQueue

if TYPE_CHECKING:
    from google.cloud import tasks_v2

# The longest that Cloud Tasks waits for an answer; a shorter time would deliver slow light steps twice.
_ANSWER_WITHIN = timedelta(minutes=30)
# Nobody receives a task less than once anyway, so one more is no harm.
_AGAIN = Retry(if_exception_type(exceptions.ServiceUnavailable), initial=0.1, maximum=2.0, timeout=10.0)


@dataclass(frozen=True, slots=True)
class TaskTarget:
    """Where the tasks of one of the port's queues go: a Cloud Tasks queue, and the function that it calls."""

    queue: str
    """``projects/…/locations/…/queues/…``"""
    url: str
    service_account: str
    """Its identity token is the only thing that lets the request in."""


class CloudTasks(TaskQueue):
    """The body is ``{"data": payload}``, as Firebase's task functions want it.

    The client is made on first use: most who have a platform never enqueue.
    """

    def __init__(self, client: Callable[[], tasks_v2.CloudTasksClient], targets: Mapping[str, TaskTarget]) -> None:
        self._client = cache(client)
        self._targets = dict(targets)

    def enqueue(
        self, queue: str, payload: Mapping[str, Any], *, name: str | None = None, delay_seconds: float = 0
    ) -> str:
        check_task_names(queue, *([] if name is None else [name]))
        body = f'{{"data":{encode_payload(payload)}}}'
        target = self._targets.get(queue)
        if target is None:
            raise Misconfigured(f"No Cloud Tasks queue is configured for {queue}.")
        from google.cloud import tasks_v2

        request = tasks_v2.HttpRequest(
            url=target.url,
            http_method=tasks_v2.HttpMethod.POST,
            headers={"Content-Type": "application/json"},
            body=body.encode(),
            oidc_token=tasks_v2.OidcToken(service_account_email=target.service_account, audience=target.url),
        )
        task = tasks_v2.Task(http_request=request, dispatch_deadline=_ANSWER_WITHIN)
        if name is not None:
            # Names that begin alike, as dates and counters do, are kept at one place and slow the queue down.
            task.name = f"{target.queue}/tasks/{hashlib.sha256(name.encode()).hexdigest()}"
        if delay_seconds > 0:
            task.schedule_time = datetime.now(UTC) + timedelta(seconds=delay_seconds)
        with translated(f"The queue {queue}"):
            try:
                created = self._client().create_task(parent=target.queue, task=task, retry=_AGAIN)
            except exceptions.Conflict as error:
                if isinstance(error, exceptions.Aborted):
                    raise
                raise Conflict(
                    f"The task {name} is in the queue {queue} or was within the last 24 hours.",
                    code="task_exists",
                    queue=queue,
                    name=name,
                ) from error
            except (exceptions.NotFound, exceptions.FailedPrecondition) as error:
                # No task is at fault: the queue is not there yet, or switched off.
                raise PlatformNotReady(
                    f"The queue {target.queue} takes no task ({error.message}): see `dailies doctor --project`.",
                    code="queue_refused",
                ) from error
        return name if name is not None else str(created.name).rpartition("/")[2]
