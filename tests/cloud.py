"""The whole cloud on this machine: the functions over HTTP on the cloud's adapters, and all that calls them.

Firestore is the real emulator; Cloud Storage, Cloud Tasks and Cloud Run are our fakes, which start the real worker.
"""

from __future__ import annotations

import json
import re
import secrets
import threading
from collections.abc import Callable, Iterator, Mapping
from contextlib import ExitStack, contextmanager
from dataclasses import dataclass, field
from datetime import UTC
from pathlib import Path
from queue import Empty, SimpleQueue

import firebase_admin
import pytest
import requests
from flask import Flask
from werkzeug.serving import make_server

import wiring
from dailies.bootstrap import Cloud, build_cloud
from dailies.settings import read_settings
from dailies.up import deployment
from tests.fakes.http_server import serving
from tests.fakes.run import FakeRun
from tests.fakes.signed_requests import Cors
from tests.fakes.storage import FakeStorage, Stored
from tests.fakes.tasks import FakeTasks
from tests.fakes.v4_signatures import SigningKey

BUCKET = "bucket"
DATABASE = "dailies"
_STORAGE_TERRAFORM = Path(__file__).parents[1] / "infra" / "terraform" / "modules" / "storage" / "main.tf"


@dataclass
class CloudHere:
    base: str
    """The functions' origin."""
    project: str
    cloud: Cloud
    storage: FakeStorage
    tasks: FakeTasks
    run: FakeRun
    settings: Mapping[str, str]
    events: SimpleQueue[Stored] = field(default_factory=SimpleQueue)

    def deliver(self, *, twice: bool = False) -> None:
        """Every event and task that is due, once; what fails comes again with the next call."""
        again = []
        while (stored := _next(self.events)) is not None:
            answers = [self.notify(stored) for _ in range(2 if twice else 1)]
            if not 200 <= answers[-1] < 300:
                again.append(stored)
        for stored in again:
            self.events.put(stored)
        self.tasks.deliver(twice=twice)

    def notify(self, stored: Stored) -> int:
        """Tell onUpload of the object, as Eventarc does; the answer's status."""
        headers = {"Content-Type": "application/cloudevents+json"}
        return requests.post(
            f"{self.base}/onUpload", json.dumps(event_of(stored)), headers=headers, timeout=60
        ).status_code

    @contextmanager
    def delivering(self, *, twice: bool = False) -> Iterator[None]:
        """Keep delivering, in a thread, while the block runs."""
        stop = threading.Event()

        def keep_on() -> None:
            while not stop.wait(0.05):
                self.deliver(twice=twice)

        thread = threading.Thread(target=keep_on)
        thread.start()
        try:
            yield
        finally:
            stop.set()
            thread.join()


def event_of(stored: Stored) -> dict[str, object]:
    """The CloudEvent of a finalized object."""
    return {
        "specversion": "1.0",
        "id": secrets.token_hex(8),
        "source": f"//storage.googleapis.com/projects/_/buckets/{BUCKET}",
        "type": "google.cloud.storage.object.v1.finalized",
        "subject": f"objects/{stored.name}",
        "time": _event_time(stored),
        "datacontenttype": "application/json",
        "data": {**stored.resource(), "storageClass": "STANDARD", "id": f"{BUCKET}/{stored.name}"},
    }


def _event_time(stored: Stored) -> str:
    """RFC 3339, as CloudEvents have it: with nanoseconds, or with none at all."""
    form = "%Y-%m-%dT%H:%M:%S.%f000Z" if stored.generation % 2 else "%Y-%m-%dT%H:%M:%SZ"
    return stored.updated.astimezone(UTC).strftime(form)


def bucket_cors(origin: str) -> Cors:
    """The CORS configuration that Terraform gives the bucket."""
    text = _STORAGE_TERRAFORM.read_text(encoding="utf-8")
    methods, headers = (
        re.search(rf"^ *{name} += \[(.*)\]$", text, re.MULTILINE) for name in ("method", "response_header")
    )
    assert methods is not None
    assert headers is not None
    return Cors(origin, tuple(re.findall(r'"(.*?)"', methods[1])), tuple(re.findall(r'"(.*?)"', headers[1])))


@contextmanager
def cloud_here(
    firestore: str,
    folder: Path,
    monkeypatch: pytest.MonkeyPatch,
    *,
    auth: str = "127.0.0.1:1",
    project: str = "demo-cloud",
    changes: Mapping[str, str] | None = None,
    wrap: Callable[[Cloud], Cloud] = lambda cloud: cloud,
) -> Iterator[CloudHere]:
    """``firestore`` and ``auth`` are the emulators' ``host:port``; ``changes`` are further settings."""
    key = SigningKey()
    storage, tasks = FakeStorage(), FakeTasks()
    storage.signed.key = key.public
    with ExitStack() as stack:
        stack.enter_context(serving(storage))
        stack.enter_context(serving(tasks))
        app = Flask("functions")
        server = make_server("127.0.0.1", 0, app, threaded=True)
        base = f"http://127.0.0.1:{server.port}"
        credentials = key.write_credentials(folder / "key.json")
        for name, value in {
            "FIRESTORE_EMULATOR_HOST": firestore,
            "STORAGE_EMULATOR_HOST": storage.url,
            "FIREBASE_AUTH_EMULATOR_HOST": auth,
            "GOOGLE_CLOUD_PROJECT": project,
            "GOOGLE_APPLICATION_CREDENTIALS": str(credentials),
        }.items():
            monkeypatch.setenv(name, value)
        settings = {
            "DAILIES_PROJECT": project,
            "DAILIES_REGION": "l",
            "DAILIES_BUCKET": BUCKET,
            # Named, as Terraform makes it beside the one that an app has.
            "DAILIES_DATABASE": DATABASE,
            "DAILIES_QUEUE": "advance",
            "DAILIES_ADVANCE_URL": f"{base}/advance",
            "DAILIES_STEPS_QUEUE": "steps",
            "DAILIES_RUN_STEP_URL": f"{base}/runStep",
            "DAILIES_DELIVERIES_QUEUE": "deliveries",
            "DAILIES_DELIVER_URL": f"{base}/deliver",
            "DAILIES_SHARE_URL": base,
            "DAILIES_TASK_SERVICE_ACCOUNT": "queue@p.iam",
            "DAILIES_WORKER_JOB": "dailies-worker",
            "DAILIES_TASKS_ENDPOINT": tasks.url,
            "DAILIES_HOME": str(folder / "worker"),
            "DAILIES_HEARTBEAT_SECONDS": "1",
            "DAILIES_REQUIRE_APP_CHECK": "false",
            "DAILIES_ALLOW_ANONYMOUS": "true",
            **(changes or {}),
        }
        # The worker runs as Cloud Run's own processes do: without what the functions here were given beside it.
        run = FakeRun({**settings, "FIREBASE_AUTH_EMULATOR_HOST": "", "GOOGLE_APPLICATION_CREDENTIALS": ""})
        stack.enter_context(serving(run))
        stack.callback(run.close)
        cloud = wrap(build_cloud(read_settings({**settings, "DAILIES_RUN_ENDPOINT": run.url})))
        stack.callback(cloud.platform.documents.close)
        app.register_blueprint(deployment.routes(cloud.platform, guard=None))
        stack.callback(_forget)
        here = CloudHere(base, project, cloud, storage, tasks, run, settings)
        storage.on_finalized = here.events.put
        serving_functions = threading.Thread(target=server.serve_forever, kwargs={"poll_interval": 0.05})
        serving_functions.start()
        stack.callback(server.server_close)
        stack.callback(serving_functions.join)
        stack.callback(server.shutdown)
        yield here


def _forget() -> None:
    wiring._served.platform = None
    for app in list(firebase_admin._apps.values()):
        firebase_admin.delete_app(app)


def _next(events: SimpleQueue[Stored]) -> Stored | None:
    try:
        return events.get_nowait()
    except Empty:
        return None
