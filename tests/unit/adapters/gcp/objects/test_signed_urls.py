"""V4 signed URLs: the signature is checked by its specification, with the public key."""

from __future__ import annotations

import base64
import json
from datetime import UTC, datetime, timedelta
from types import SimpleNamespace
from typing import Any
from urllib.parse import parse_qs, urlsplit

import pytest
from google.auth import crypt
from google.auth.credentials import AnonymousCredentials
from google.auth.transport.requests import Request
from google.cloud import storage
from google.oauth2 import service_account

from dailies.adapters.gcp.objects.signed_urls import CloudSignedUrls, iam_credentials
from dailies.domain.errors import Misconfigured
from dailies.ports.signed_urls import MAX_DOWNLOAD_TIME, SignedRequest
from tests.fakes import v4_signatures
from tests.fakes.v4_signatures import ACCOUNT, Refused, SigningKey

NAME = "uploads/ann/j 1/sö%urce"
KEY = SigningKey()


def urls(signer: Any = None) -> CloudSignedUrls:
    local = service_account.Credentials(crypt.RSASigner.from_string(KEY.pem), ACCOUNT, "https://nowhere.invalid")
    client = storage.Client(project="p", credentials=AnonymousCredentials())
    return CloudSignedUrls(client, "media", signer or (lambda: local))


def upload(made: CloudSignedUrls, minutes: int = 15) -> SignedRequest:
    return made.upload(NAME, content_type="video/mp4", size_bytes=7, valid=timedelta(minutes=minutes))


def verify(request: SignedRequest, headers: dict[str, str], now: datetime | None = None) -> None:
    """As Cloud Storage does; raises Refused."""
    found = urlsplit(request.url)
    query = {name: values[0] for name, values in parse_qs(found.query).items()}
    v4_signatures.verify(KEY.public, request.method, found.path, query, {"host": found.netloc, **headers}, now)


def test_an_upload_is_signed_with_type_size_and_precondition() -> None:
    """What the client may send is fixed: exactly these bytes' number, this type, and only if nothing is there."""
    before = datetime.now(UTC)
    request = upload(urls())
    verify(request, dict(request.headers))
    assert (request.method, request.headers["x-goog-content-length-range"]) == ("POST", "7,7")
    assert request.headers["x-goog-if-generation-match"] == "0"
    assert timedelta(minutes=14, seconds=59) <= request.expires - before < timedelta(minutes=16)
    query = parse_qs(urlsplit(request.url).query)
    assert query["X-Goog-SignedHeaders"] == [";".join(sorted(["host", *request.headers]))]
    assert query["X-Goog-Expires"] == ["900"]


def test_a_simple_upload_is_signed_likewise() -> None:
    """One PUT: the same type, size and precondition, and no session."""
    request = urls().simple_upload(NAME, content_type="video/mp4", size_bytes=7, valid=timedelta(minutes=15))
    verify(request, dict(request.headers))
    assert request.method == "PUT"
    assert dict(request.headers) == {
        "content-type": "video/mp4",
        "x-goog-content-length-range": "7,7",
        "x-goog-if-generation-match": "0",
    }
    with pytest.raises(Refused):
        verify(request, {**request.headers, "x-goog-if-generation-match": "1"})


@pytest.mark.parametrize("header", ["content-type", "x-goog-content-length-range", "x-goog-if-generation-match"])
def test_another_header_than_the_signed_one_is_no_longer_covered(header: str) -> None:
    request = upload(urls())
    with pytest.raises(Refused):
        verify(request, {**request.headers, header: "other"})


def test_a_download_is_saved_under_its_name_whatever_that_is() -> None:
    """Quotes and line ends of a name can't end the header."""
    request = urls().download("a/b", file_name='x"\r\n;é.mp3', media_type="audio/mpeg", valid=MAX_DOWNLOAD_TIME)
    verify(request, {})
    query = parse_qs(urlsplit(request.url).query)
    assert query["response-content-disposition"] == ["attachment; filename*=UTF-8''x%22%0D%0A%3B%C3%A9.mp3"]
    assert query["response-content-type"] == ["audio/mpeg"]


def test_a_download_is_good_until_the_time_it_names_and_no_longer() -> None:
    """To the second, and as long as the keys of signBlob are promised to be."""
    before = datetime.now(UTC)
    request = urls().download("a", file_name="a", media_type="a/b", valid=MAX_DOWNLOAD_TIME)
    assert request.expires > before + timedelta(hours=11, minutes=59)
    assert request.expires.microsecond == 0
    verify(request, {}, request.expires)
    with pytest.raises(Refused):
        verify(request, {}, request.expires + timedelta(seconds=1))


def test_a_time_over_the_limit_is_refused() -> None:
    with pytest.raises(ValueError, match="longer"):
        upload(urls(), minutes=16)
    with pytest.raises(ValueError, match="longer"):
        urls().download("a", file_name="a", media_type="a/b", valid=timedelta(hours=12, seconds=1))


def test_without_a_key_iam_signs_for_the_account_itself() -> None:
    """One call of signBlob, and its signature is the URL's."""
    asked: list[tuple[str, dict[str, Any]]] = []

    def request(*, url: str, method: str, body: bytes, headers: Any) -> Any:
        payload = json.loads(body)
        asked.append((url, payload))
        blob = KEY.sign(base64.b64decode(payload["payload"]))
        return SimpleNamespace(status=200, data=json.dumps({"signedBlob": base64.b64encode(blob).decode()}).encode())

    transport: Any = request
    identity: Any = AnonymousCredentials()
    identity.service_account_email = ACCOUNT
    signed = upload(urls(lambda: iam_credentials(transport, identity)))
    verify(signed, dict(signed.headers))
    [(url, _)] = asked
    assert url.endswith(f"/serviceAccounts/{ACCOUNT}:signBlob")


def test_a_person_is_told_to_take_a_service_account() -> None:
    """`gcloud auth application-default login` gives credentials that nobody can sign with."""
    with pytest.raises(Misconfigured, match="impersonate-service-account") as refused:
        upload(urls(lambda: iam_credentials(Request(), AnonymousCredentials())))
    assert refused.value.error_code == "cloud_denied"
