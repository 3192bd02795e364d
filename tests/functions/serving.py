"""`dailies up` within the test: its application and its server, on the platform with fake operations."""

from __future__ import annotations

import socket
import threading
from collections.abc import Iterator
from dataclasses import dataclass, replace
from functools import partial
from pathlib import Path
from typing import Any

import pytest
from flask import Flask
from werkzeug.test import run_wsgi_app

import wiring
from dailies.adapters.local.objects.objects import LocalObjects
from dailies.adapters.local.objects.resumable import ResumableUploads
from dailies.adapters.local.objects.signed_urls import LocalSignedUrls
from dailies.adapters.local.tasks import LocalTasks
from dailies.engine.platform import Platform
from dailies.services.upload_begun import upload_begun
from dailies.up.app import build_app
from dailies.up.bucket import Bucket
from dailies.up.server import listen
from tests.unit.conftest import World

BASE = "http://127.0.0.1:1"
GUARD = "guard"
TYPES = ["application/json", "application/cloudevents+json", "text/plain"]


@pytest.fixture
def up(world: World, platform: Platform, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Flask:
    """The application; ``platform`` already has Firebase and the functions ready."""
    objects, tasks = platform.objects, platform.tasks
    assert isinstance(objects, LocalObjects)
    assert isinstance(tasks, LocalTasks)
    urls = LocalSignedUrls(BASE, b"key", world.clock)
    settings = platform.settings.model_copy(update={"share_url": BASE})
    served = replace(platform, settings=settings, urls=urls)
    # What the application sets is undone with it.
    monkeypatch.setattr(wiring._served, "platform", served)
    begun = partial(upload_begun, served)
    bucket = Bucket(BASE, objects, tasks, urls, ResumableUploads(objects, tmp_path / "resumable"), begun)
    return build_app(BASE, served, bucket, GUARD)


@dataclass
class Wire:
    """The server's port, for what no HTTP client would send."""

    port: int

    def send(self, *parts: bytes, done: bool = True) -> bytes:
        """The whole answer to raw bytes; not ``done``, the client stays silent and is there."""
        with socket.create_connection(("127.0.0.1", self.port), timeout=20) as connection:
            for part in parts:
                connection.sendall(part)
            if done:
                connection.shutdown(socket.SHUT_WR)
            found = b""
            while more := connection.recv(1 << 16):
                found += more
            return found


@pytest.fixture
def wire(up: Flask) -> Iterator[Wire]:
    server: Any = listen("127.0.0.1", 0)
    server.app = up
    thread = threading.Thread(target=server.serve_forever, kwargs={"poll_interval": 0.02})
    thread.start()
    yield Wire(server.port)
    server.shutdown()
    thread.join()
    server.server_close()


def run(app: Flask, environ: Any) -> tuple[int, bytes]:
    shown, status, found = run_wsgi_app(app, environ)
    stream = "event-stream" in found.get("Content-Type", "")
    try:
        return int(status.split()[0]), b"" if stream else b"".join(shown)
    finally:
        if hasattr(shown, "close"):
            shown.close()


def routes(app: Flask) -> list[tuple[str, str]]:
    return sorted((method, rule.rule) for rule in app.url_map.iter_rules() for method in rule.methods or ())
