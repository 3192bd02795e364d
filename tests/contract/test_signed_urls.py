"""What every SignedUrls lets a client do, and what not, over HTTP: signature and bucket together."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from contextlib import closing
from dataclasses import dataclass, replace
from datetime import timedelta
from http.client import HTTPConnection, HTTPResponse
from pathlib import Path
from threading import Thread
from urllib.parse import urlsplit

import pytest
from flask import Flask
from google.auth import crypt
from google.cloud import storage
from google.oauth2 import service_account
from werkzeug.serving import make_server

from dailies.adapters.gcp.objects.objects import CloudObjects
from dailies.adapters.gcp.objects.signed_urls import CloudSignedUrls
from dailies.adapters.local.documents.database import Database
from dailies.adapters.local.objects.objects import LocalObjects
from dailies.adapters.local.objects.resumable import ResumableUploads
from dailies.adapters.local.objects.signed_urls import LocalSignedUrls
from dailies.adapters.local.tasks import LocalTasks
from dailies.domain.errors import DailiesError
from dailies.ports.objects import ObjectStore
from dailies.ports.signed_urls import MAX_DOWNLOAD_TIME, SignedRequest, SignedUrls
from dailies.up.bucket import Bucket
from tests.fakes.storage import FakeStorage
from tests.fakes.v4_signatures import ACCOUNT, SigningKey

NAME = "uploads/ann/j 1/sö%urce"
DATA = bytes(range(256)) * 2048
VALID = timedelta(minutes=15)


@dataclass
class Back:
    """A signer and the bucket behind it."""

    urls: SignedUrls
    objects: ObjectStore

    def upload(self, *, size: int = len(DATA)) -> SignedRequest:
        return self.urls.upload(NAME, content_type="video/mp4", size_bytes=size, valid=VALID)

    def simple(self, *, size: int = len(DATA), valid: timedelta = VALID) -> SignedRequest:
        return self.urls.simple_upload(NAME, content_type="video/mp4", size_bytes=size, valid=valid)


@dataclass(frozen=True)
class Answer:
    status: int
    headers: dict[str, str]
    body: bytes


def send(request: SignedRequest, body: bytes = b"", **changes: str) -> Answer:
    """Send it with its headers; ``changes`` replace some, an empty one takes it away."""
    headers = {**request.headers, **{name.replace("_", "-"): value for name, value in changes.items()}}
    return fetch(request.method, request.url, body, {name: value for name, value in headers.items() if value})


def fetch(method: str, url: str, body: bytes = b"", headers: dict[str, str] | None = None) -> Answer:
    found = urlsplit(url)
    with closing(HTTPConnection(found.netloc, timeout=30)) as connection:
        connection.request(method, f"{found.path}?{found.query}", body, headers or {})
        answer: HTTPResponse = connection.getresponse()
        return Answer(answer.status, {name.lower(): value for name, value in answer.getheaders()}, answer.read())


@pytest.fixture
def gcp_back(fake_storage: FakeStorage, storage_client: Callable[[], storage.Client]) -> Back:
    key = SigningKey()
    fake_storage.signed.key = key.public
    signer = service_account.Credentials(crypt.RSASigner.from_string(key.pem), ACCOUNT, "http://nowhere.invalid")
    client = storage_client()
    return Back(CloudSignedUrls(client, "bucket", lambda: signer), CloudObjects(client, "bucket"))


@pytest.fixture
def local_back(tmp_path: Path) -> Iterator[Back]:
    database = Database(tmp_path / "dailies.sqlite3")
    objects = LocalObjects(database, tmp_path / "objects")
    app = Flask(__name__)
    server = make_server("127.0.0.1", 0, app, threaded=True)
    base = f"http://127.0.0.1:{server.port}"
    urls = LocalSignedUrls(base, b"key")
    uploads = ResumableUploads(objects, tmp_path / "resumable")
    bucket = Bucket(base, objects, LocalTasks(database), urls, uploads, begun=lambda _name: None)
    app.register_blueprint(bucket.routes())
    app.register_error_handler(DailiesError, lambda error: (error.as_dict(), error.status))
    thread = Thread(target=server.serve_forever, kwargs={"poll_interval": 0.05})
    thread.start()
    yield Back(urls, objects)
    server.shutdown()
    thread.join()
    server.server_close()
    database.close()


@pytest.fixture(params=["gcp", "local"])
def back(request: pytest.FixtureRequest) -> Back:
    found: Back = request.getfixturevalue(f"{request.param}_back")
    return found


def test_one_put_makes_the_object(back: Back) -> None:
    """With its type; the second is told that there is one."""
    assert send(back.simple(), DATA).status == 200
    info = back.objects.stat(NAME)
    assert info is not None
    assert (info.size, info.content_type) == (len(DATA), "video/mp4")
    assert back.objects.get_bytes(NAME, max_bytes=len(DATA)) == DATA
    assert send(back.simple(), DATA).status == 412


@pytest.mark.parametrize("size", [0, len(DATA) - 1, len(DATA) + 1])
def test_another_size_than_the_signed_one_leaves_nothing(back: Back, size: int) -> None:
    """In one PUT, and in a session."""
    body = (DATA + b"x")[:size]
    assert 400 <= send(back.simple(), body).status < 500
    session = send(back.upload()).headers["location"]
    assert 400 <= fetch("PUT", session, body, {"Content-Range": f"bytes 0-{size - 1}/{size}"}).status < 500
    assert back.objects.stat(NAME) is None


def test_a_session_takes_pieces_and_says_where_to_go_on(back: Back) -> None:
    piece = 256 * 1024
    size = len(DATA)
    started = send(back.upload())
    assert started.status == 201
    session = started.headers["location"]
    first = fetch("PUT", session, DATA[:piece], {"Content-Range": f"bytes 0-{piece - 1}/{size}"})
    assert (first.status, first.headers["range"]) == (308, f"bytes=0-{piece - 1}")
    asked = fetch("PUT", session, b"", {"Content-Range": f"bytes */{size}"})
    assert (asked.status, asked.headers["range"]) == (308, f"bytes=0-{piece - 1}")
    assert back.objects.stat(NAME) is None
    assert fetch("PUT", session, DATA[piece:], {"Content-Range": f"bytes {piece}-{size - 1}/{size}"}).status == 200
    assert back.objects.get_bytes(NAME, max_bytes=size) == DATA


def test_of_two_uploads_the_first_to_end_wins(back: Back) -> None:
    """A session, and then the simple request of the same ticket."""
    session = send(back.upload()).headers["location"]
    assert send(back.simple(), DATA).status == 200
    late = fetch("PUT", session, DATA, {"Content-Range": f"bytes 0-{len(DATA) - 1}/{len(DATA)}"})
    assert late.status == 412


def test_a_session_that_was_deleted_is_over(back: Back) -> None:
    session = send(back.upload()).headers["location"]
    assert fetch("DELETE", session).status == 499
    assert fetch("PUT", session, DATA).status == 404
    assert back.objects.stat(NAME) is None


@pytest.mark.parametrize("header", ["content_type", "x_goog_content_length_range", "x_goog_if_generation_match"])
@pytest.mark.parametrize("value", ["", "1,9999999"])
def test_a_header_that_was_signed_must_be_sent_as_it_is(back: Back, header: str, value: str) -> None:
    for request in (back.simple(), back.upload()):
        answer = send(request, DATA if request.method == "PUT" else b"", **{header: value})
        assert answer.status in (400, 403)
    assert back.objects.stat(NAME) is None


def test_a_signature_is_for_one_method_and_one_name(back: Back) -> None:
    request = back.simple()
    for changed in (
        replace(request, method="POST"),
        replace(request, method="GET"),
        replace(request, url=request.url.replace("/ann/", "/bob/")),
        replace(request, url=request.url.replace("xpires=9", "xpires=99")),
        replace(request, url=request.url[:-4] + "beef"),
    ):
        if changed != request:
            assert send(changed, DATA).status == 403
    assert list(back.objects.list("")) == []


def test_a_url_that_is_old_is_refused(back: Back) -> None:
    """A second ago is old."""
    assert send(back.simple(valid=timedelta(seconds=-1)), DATA).status in (400, 403)
    assert back.objects.stat(NAME) is None


def test_a_download_has_its_type_and_is_given_in_ranges(back: Back) -> None:
    back.objects.put_bytes(NAME, DATA)
    request = back.urls.download(NAME, file_name="é.mp3", media_type="audio/mpeg", valid=MAX_DOWNLOAD_TIME)
    whole = send(request)
    assert (whole.status, whole.headers["content-type"], whole.body) == (200, "audio/mpeg", DATA)
    part = send(request, range="bytes=10-19")
    assert (part.status, part.body) == (206, DATA[10:20])
    assert part.headers["content-range"] == f"bytes 10-19/{len(DATA)}"
