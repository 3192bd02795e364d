"""A client of `dailies up`, and the server as a process of its own."""

from __future__ import annotations

import json
import signal
from collections.abc import Iterator
from contextlib import closing, contextmanager
from dataclasses import dataclass
from http.client import HTTPConnection
from pathlib import Path
from typing import Any
from urllib.parse import urlsplit

import pytest

from tests.e2e.command import Dailies

PODCAST = {"kind": "audio", "format": "mp3", "normalize": {"integrated_lufs": -16}}


@dataclass(frozen=True)
class Answer:
    status: int
    headers: dict[str, str]
    body: bytes

    def json(self) -> Any:
        return json.loads(self.body)


@dataclass
class Server:
    dailies: Dailies
    base: str

    def request(self, method: str, url: str, body: bytes | str = b"", **headers: str) -> Answer:
        """``url`` may be a path of this server. Underscores in ``headers`` stand for hyphens."""
        connection = HTTPConnection(urlsplit(self.base).netloc, timeout=60)
        with closing(connection):
            named = {name.replace("_", "-"): value for name, value in headers.items()}
            connection.request(method, url.removeprefix(self.base), body, named)
            answer = connection.getresponse()
            found = {name.lower(): value for name, value in answer.getheaders()}
            return Answer(answer.status, found, answer.read())

    def token(self, uid: str = "ann") -> str:
        return str(self.request("GET", f"/dev/token?uid={uid}").json()["token"])

    def call(self, name: str, data: Any, uid: str = "ann") -> Any:
        """The callable wire protocol; returns the result, or the error's code."""
        body = json.dumps({"data": data}).encode()
        answer = self.request(
            "POST", f"/{name}", body, Content_Type="application/json", Authorization=f"Bearer {self.token(uid)}"
        )
        found = answer.json()
        return found["result"] if "result" in found else found["error"]["details"]["code"]

    def announce(self, source: Path, **outputs: Any) -> Any:
        recipe = {"outputs": outputs or {"podcast": PODCAST}}
        size = source.stat().st_size
        return self.call("createUpload", {"sizeBytes": size, "contentType": "video/mp4", "recipe": recipe})

    def session(self, ticket: Any) -> str:
        upload = ticket["upload"]
        answer = self.request(upload["method"], upload["url"], **upload["headers"])
        assert answer.status == 201
        return answer.headers["location"]

    def upload(self, source: Path, **outputs: Any) -> str:
        """Announce and send in one piece; returns the job's id."""
        ticket = self.announce(source, **outputs)
        assert self.request("PUT", self.session(ticket), source.read_bytes()).status == 200
        return str(ticket["jobId"])

    def events(self, job_id: str) -> Iterator[dict[str, Any]]:
        """The progress document's states, until the server ends the stream."""
        connection = HTTPConnection(urlsplit(self.base).netloc, timeout=100)
        with closing(connection):
            connection.request("GET", f"/operations/{job_id}/events?token={self.token()}")
            answer = connection.getresponse()
            assert (answer.status, answer.headers["Content-Type"]) == (200, "text/event-stream; charset=utf-8")
            for line in answer:
                if line.startswith(b"data: "):
                    yield json.loads(line.removeprefix(b"data: "))

    def last(self, job_id: str) -> dict[str, Any]:
        return list(self.events(job_id))[-1]


@contextmanager
def serving(dailies: Dailies) -> Iterator[Server]:
    """`dailies up`, which ends well and says nothing."""
    process = dailies.start("up", "--port", "0")
    with process:
        assert process.stdout is not None
        line = process.stdout.readline()
        assert "development identities, this machine only" in line, process.communicate()
        try:
            yield Server(dailies, line.split()[4])
        finally:
            process.send_signal(signal.SIGTERM)
            out, err = process.communicate(timeout=20)
    assert (process.returncode, out, err) == (0, "", "")


@dataclass
class ServedWithKey:
    """The API of a server, and a key for all that needs no other scope."""

    server: Server
    key: str

    @property
    def base(self) -> str:
        return f"{self.server.base}/api/v1"


@contextmanager
def serving_with_key(home: Path) -> Iterator[ServedWithKey]:
    """`dailies up` on a store, with a key."""
    dailies = Dailies(home, {"DAILIES_LOG": "critical"})
    with serving(dailies) as server:
        yield ServedWithKey(server, dailies("keys", "create", "tests")["key"])
    dailies.end()


@pytest.fixture
def server(dailies: Dailies) -> Iterator[Server]:
    """One on a store of its own."""
    dailies.environment["DAILIES_LOG"] = "critical"
    with serving(dailies) as found:
        yield found
