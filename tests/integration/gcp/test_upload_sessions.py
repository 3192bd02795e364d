"""Sessions of resumable uploads that the server starts and asks, in Cloud Storage's protocol."""

from __future__ import annotations

from collections.abc import Callable
from datetime import timedelta

import pytest
import requests
from google.auth import crypt
from google.cloud import storage
from google.oauth2 import service_account

from dailies.adapters.gcp.objects.signed_urls import CloudSignedUrls
from dailies.adapters.gcp.objects.upload_sessions import CloudUploadSessions
from dailies.domain.errors import PermanentError, TransientError
from dailies.ports.signed_urls import SignedRequest
from tests.cloud import bucket_cors
from tests.fakes.storage import FakeStorage
from tests.fakes.v4_signatures import ACCOUNT, SigningKey

NAME = "uploads/ann/job/source"
PAGE = "https://app.example"


@pytest.fixture
def start(fake_storage: FakeStorage, storage_client: Callable[[], storage.Client]) -> SignedRequest:
    key = SigningKey()
    fake_storage.signed.key = key.public
    signer = service_account.Credentials(crypt.RSASigner.from_string(key.pem), ACCOUNT, "http://nowhere.invalid")
    urls = CloudSignedUrls(storage_client(), "bucket", lambda: signer)
    return urls.upload(NAME, content_type="video/mp4", size_bytes=10, valid=timedelta(minutes=5))


@pytest.fixture
def sessions() -> CloudUploadSessions:
    return CloudUploadSessions()


def put(session: str, data: bytes, range_: str, **headers: str) -> requests.Response:
    return requests.put(session, data, headers={"Content-Range": range_, **headers}, timeout=10)


def opened(sessions: CloudUploadSessions, start: SignedRequest, origin: str | None = None) -> str:
    session = sessions.open(start, origin)
    assert session is not None
    return session


def test_a_session_tells_whether_bytes_have_come(
    fake_storage: FakeStorage, start: SignedRequest, sessions: CloudUploadSessions
) -> None:
    """From the first to the last; whoever asks changes nothing."""
    session = opened(sessions, start)
    assert not sessions.begun(session)
    assert put(session, b"012", "bytes 0-2/10").status_code == 308
    assert [sessions.begun(session) for _ in range(2)] == [True, True]
    assert put(session, b"3456789", "bytes 3-9/10").status_code == 200
    assert fake_storage.objects[NAME].data == b"0123456789"


def test_a_session_that_was_ended_takes_nothing_and_has_not_begun(
    fake_storage: FakeStorage, start: SignedRequest, sessions: CloudUploadSessions
) -> None:
    session = opened(sessions, start)
    put(session, b"012", "bytes 0-2/10")
    for _ in range(2):
        sessions.end(NAME, session)
    assert fake_storage.signed.open_sessions == 0
    assert put(session, b"3456789", "bytes 3-9/10").status_code == 404
    assert not sessions.begun(session)


def test_a_browser_may_send_to_the_session_that_its_page_asked_for(
    fake_storage: FakeStorage, start: SignedRequest, sessions: CloudUploadSessions
) -> None:
    """And to no other: Cloud Storage goes by the origin of the request that started it."""
    fake_storage.signed.cors = bucket_cors(PAGE)
    told = {
        origin: put(opened(sessions, start, origin), b"012", "bytes 0-2/10", Origin=PAGE).headers.get(
            "Access-Control-Allow-Origin"
        )
        for origin in (PAGE, None)
    }
    assert told == {PAGE: PAGE, None: None}


def test_an_outage_is_no_answer(fake_storage: FakeStorage, start: SignedRequest, sessions: CloudUploadSessions) -> None:
    """Nobody is told that an upload has not begun; an end that can't be told now is no failure."""
    session = opened(sessions, start)
    fake_storage.fail(lambda _: True, status=503, times=3)
    for ask in (lambda: sessions.begun(session), lambda: sessions.open(start, None)):
        with pytest.raises(TransientError):
            ask()
    sessions.end(NAME, session)
    assert fake_storage.signed.open_sessions == 1


def test_a_start_that_is_refused_is_said(fake_storage: FakeStorage, start: SignedRequest) -> None:
    fake_storage.signed.key = SigningKey().public
    with pytest.raises(PermanentError, match="403"):
        CloudUploadSessions().open(start, None)
