"""What a signature fixes, and for how long."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta
from pathlib import Path
from urllib.parse import unquote, urlsplit

import pytest

from dailies.adapters.local.objects.signed_urls import LocalSignedUrls, signing_key
from dailies.domain.errors import Forbidden
from dailies.ports.signed_urls import MAX_DOWNLOAD_TIME, SignedRequest

START = datetime(2026, 1, 1, tzinfo=UTC)
NAME = "uploads/ann/j 1/sö%urce"


class Signer:
    def __init__(self) -> None:
        self.now = START
        self.urls = LocalSignedUrls("http://127.0.0.1:1", b"key", lambda: self.now)

    def upload(self) -> SignedRequest:
        return self.urls.upload(NAME, content_type="video/mp4", size_bytes=7, valid=timedelta(minutes=15))

    def check(self, request: SignedRequest, **changes: str) -> dict[str, str]:
        found = urlsplit(request.url)
        name = unquote(found.path.removeprefix("/storage/"))
        return self.urls.check(request.method, name, found.query, {**request.headers, **changes})


@pytest.fixture
def signer() -> Signer:
    return Signer()


def test_the_request_that_was_signed_is_accepted_until_its_time_is_over(signer: Signer) -> None:
    request = signer.upload()
    signer.check(request)
    signer.now = START + timedelta(minutes=14, seconds=59)
    signer.check(request)
    signer.now = START + timedelta(minutes=15)
    with pytest.raises(Forbidden) as late:
        signer.check(request)
    assert late.value.error_code == "signature_expired"


def test_the_time_it_names_is_the_time_it_is_refused(signer: Signer) -> None:
    """Also when it was signed between two seconds."""
    signer.now = START + timedelta(milliseconds=700)
    request = signer.upload()
    signer.now = request.expires - timedelta(milliseconds=1)
    signer.check(request)
    signer.now = request.expires
    with pytest.raises(Forbidden):
        signer.check(request)


@pytest.mark.parametrize("header", ["content-type", "x-goog-content-length-range", "x-goog-if-generation-match"])
def test_every_signed_header_must_come_as_it_was_signed(signer: Signer, header: str) -> None:
    with pytest.raises(Forbidden) as refused:
        signer.check(signer.upload(), **{header: "other"})
    assert refused.value.error_code == "signature_invalid"


def test_another_key_signs_nothing_of_ours(signer: Signer) -> None:
    found = urlsplit(signer.upload().url)
    other = LocalSignedUrls("http://127.0.0.1:1", b"other", lambda: START)
    with pytest.raises(Forbidden):
        other.check("POST", NAME, found.query, signer.upload().headers)


@pytest.mark.parametrize("query", ["", "signature=", "signature=é", "expires=x&signature=00", "headers=%00"])
def test_a_query_that_is_no_signature_is_refused_as_one(signer: Signer, query: str) -> None:
    with pytest.raises(Forbidden):
        signer.urls.check("GET", NAME, query, {})


def test_a_download_carries_its_name_and_type(signer: Signer) -> None:
    request = signer.urls.download(NAME, file_name="a&b.mp3", media_type="audio/mpeg", valid=MAX_DOWNLOAD_TIME)
    signed = signer.check(request)
    assert (request.method, signed["file-name"], signed["media-type"]) == ("GET", "a&b.mp3", "audio/mpeg")


def test_no_signature_outlives_its_maximum(signer: Signer) -> None:
    with pytest.raises(ValueError, match="the most"):
        signer.urls.upload(NAME, content_type="video/mp4", size_bytes=1, valid=timedelta(minutes=16))
    with pytest.raises(ValueError, match="the most"):
        signer.urls.download(NAME, file_name="a", media_type="audio/mpeg", valid=timedelta(days=8))


def test_the_key_stays_over_restarts_and_is_the_owners(tmp_path: Path) -> None:
    path = tmp_path / "home" / "signing.key"
    key = signing_key(path)
    assert len(key) == 32
    assert signing_key(path) == key
    assert path.stat().st_mode & 0o077 == 0
    assert [found.name for found in path.parent.iterdir()] == ["signing.key"]
