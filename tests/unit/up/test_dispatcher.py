"""The dispatcher: several calls at once, jobs under way first, and each failure tried again."""

from __future__ import annotations

import json
import threading
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer

from dailies.adapters.local.tasks import LocalTasks
from dailies.domain.stop import StopToken
from dailies.engine.advance_queue import QUEUE
from dailies.engine.delivery_queue import DELIVERIES
from dailies.engine.step_tasks import STEPS
from dailies.services.queue_dispatch import SENT_AT_ONCE
from dailies.up.bucket import EVENTS
from dailies.up.dispatcher import Dispatcher
from tests.unit.conftest import World

PATIENCE_SECONDS = 20.0


@dataclass
class Functions:
    """A server that notes its calls. One for ``slow`` ends when another was answered."""

    calls: list[str] = field(default_factory=list)
    status: dict[str, int] = field(default_factory=dict)
    quick: threading.Event = field(default_factory=threading.Event)
    waited: list[bool] = field(default_factory=list)
    enough: threading.Event = field(default_factory=threading.Event)
    expected: int = 0

    def call(self, path: str, body: bytes) -> int:
        data = json.loads(body).get("data", {})
        name = data.get("job_id", data.get("step", path))
        if path == "/sweep":
            return 200
        if name == "slow":
            self.waited.append(self.quick.wait(PATIENCE_SECONDS))
        else:
            self.quick.set()
        self.calls.append(f"{path} {name}")
        if len(self.calls) >= self.expected:
            self.enough.set()
        return self.status.pop(name, 200)


class NobodyWorks:
    def ended(self, job_id: str) -> list[int]:
        return []

    def running(self, job_id: str) -> bool:
        return True

    def join(self) -> None:
        return None

    def start(self, job_id: str, tasks: int = 1) -> None:
        return None

    def cancel(self, job_id: str) -> None:
        return None

    def give_up(self, job_id: str, owner: str) -> None:
        return None


@contextmanager
def dispatched(world: World, functions: Functions) -> Iterator[None]:
    class Handler(BaseHTTPRequestHandler):
        def do_POST(self) -> None:
            body = self.rfile.read(int(self.headers["Content-Length"]))
            self.send_response(functions.call(self.path, body))
            self.send_header("Content-Length", "0")
            self.end_headers()

        def log_message(self, *_: object) -> None:
            return None

    with ThreadingHTTPServer(("127.0.0.1", 0), Handler) as server:
        serving = threading.Thread(target=server.serve_forever)
        serving.start()
        tasks = world.platform.tasks
        assert isinstance(tasks, LocalTasks)
        stop = StopToken()
        dispatcher = Dispatcher(("127.0.0.1", server.server_port), "token", world.platform, tasks, NobodyWorks())
        running = threading.Thread(target=dispatcher.run, args=(stop, lambda: None))
        running.start()
        try:
            yield
        finally:
            stop.set("interrupted")
            running.join(PATIENCE_SECONDS)
            server.shutdown()
            serving.join(PATIENCE_SECONDS)


def test_a_call_that_takes_long_holds_up_no_other(world: World) -> None:
    functions = Functions(expected=2)
    world.platform.tasks.enqueue(QUEUE, {"job_id": "slow"})
    world.platform.tasks.enqueue(QUEUE, {"job_id": "quick"})
    with dispatched(world, functions):
        assert functions.enough.wait(PATIENCE_SECONDS)
    assert functions.waited == [True]
    assert sorted(functions.calls) == ["/advance quick", "/advance slow"]


def test_a_call_that_fails_is_made_again(world: World) -> None:
    functions = Functions(expected=2, status={"a": 503})
    world.platform.tasks.enqueue(QUEUE, {"job_id": "a"})
    with dispatched(world, functions):
        assert functions.enough.wait(PATIENCE_SECONDS)
    assert functions.calls == ["/advance a"] * 2


def test_jobs_under_way_come_before_those_that_arrive(world: World) -> None:
    """An event that was there long before does not keep a job that could go on waiting."""
    tasks = world.platform.tasks
    assert isinstance(tasks, LocalTasks)
    tasks.enqueue(EVENTS, {"id": "1"})
    tasks.enqueue(QUEUE, {"job_id": "a"})
    dispatcher = Dispatcher(("127.0.0.1", 1), "token", world.platform, tasks, NobodyWorks())
    first, second = dispatcher._next_task(), dispatcher._next_task()
    assert (first and first.queue, second and second.queue) == (QUEUE, EVENTS)


def test_light_steps_are_called_beside_everything_else(world: World) -> None:
    """Ten that wait hold up neither the job that goes on nor each other."""
    functions = Functions(expected=9)
    for n in range(8):
        world.platform.tasks.enqueue(STEPS, {"job": "a", "step": "slow" if n == 0 else f"ask-{n}"})
    world.platform.tasks.enqueue(QUEUE, {"job_id": "quick"})
    with dispatched(world, functions):
        assert functions.enough.wait(PATIENCE_SECONDS)
    assert functions.waited == [True]
    assert "/advance quick" in functions.calls
    assert sorted(call for call in functions.calls if call.startswith("/runStep")) == sorted(
        ["/runStep slow", *(f"/runStep ask-{n}" for n in range(1, 8))]
    )


def test_receivers_that_are_slow_hold_up_no_step(world: World) -> None:
    """As many as are sent to at one time, none of whom answers before a step has run."""
    functions = Functions(expected=SENT_AT_ONCE + 2)
    for n in range(SENT_AT_ONCE + 1):
        world.platform.tasks.enqueue(DELIVERIES, {"job": "a", "step": "slow", "delivery": f"msg_{n}"})
    world.platform.tasks.enqueue(STEPS, {"job": "a", "step": "quick"})
    with dispatched(world, functions):
        assert functions.enough.wait(PATIENCE_SECONDS)
    assert functions.waited == [True] * (SENT_AT_ONCE + 1)
    assert functions.calls.count("/deliver slow") == SENT_AT_ONCE + 1
    assert functions.calls.count("/runStep quick") == 1


def test_a_light_step_that_its_function_gave_back_is_called_again(world: World) -> None:
    functions = Functions(expected=2, status={"ask": 500})
    world.platform.tasks.enqueue(STEPS, {"job": "a", "step": "ask"})
    with dispatched(world, functions):
        assert functions.enough.wait(PATIENCE_SECONDS)
    assert functions.calls == ["/runStep ask"] * 2
