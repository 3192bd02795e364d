"""Cloud Storage's V4 signed URLs, signed by the service account itself through IAM: no key file anywhere.

https://docs.cloud.google.com/storage/docs/access-control/signed-urls and
https://docs.cloud.google.com/iam/docs/reference/credentials/rest/v1/projects.serviceAccounts/signBlob (the account
needs ``iam.serviceAccounts.signBlob`` on itself).
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from datetime import UTC, datetime, timedelta
from functools import cached_property
from urllib.parse import parse_qs, quote, urlsplit

from google.auth import default, iam
from google.auth.credentials import Signing
from google.auth.transport.requests import Request
from google.cloud import storage
from google.oauth2 import service_account

from dailies.adapters.gcp.errors import translated
from dailies.domain.errors import Misconfigured
from dailies.ports.signed_urls import MAX_DOWNLOAD_TIME, MAX_UPLOAD_TIME, SignedRequest, require_at_most

_SCOPE = "https://www.googleapis.com/auth/cloud-platform"
_TOKEN_URI = "https://oauth2.googleapis.com/token"  # noqa: S105 - an address; it is never asked


class CloudSignedUrls:
    """``signer`` makes the credentials that sign, on first use; by default those of the process."""

    # Cloud Storage tells of finished objects; of its sessions it tells nobody.
    tells_of_beginnings = False

    def __init__(self, client: storage.Client, bucket: str, signer: Callable[[], Signing] | None = None) -> None:
        self._bucket = client.bucket(bucket)
        self._make_signer = signer or signing_credentials
        self._origin = str(client.api_endpoint)

    @property
    def origin(self) -> str:
        return self._origin

    def upload(self, name: str, *, content_type: str, size_bytes: int, valid: timedelta) -> SignedRequest:
        headers = {**_creation(content_type, size_bytes), "x-goog-resumable": "start"}
        require_at_most(valid, MAX_UPLOAD_TIME)
        return self._sign("POST", name, headers, {}, valid)

    def simple_upload(self, name: str, *, content_type: str, size_bytes: int, valid: timedelta) -> SignedRequest:
        require_at_most(valid, MAX_UPLOAD_TIME)
        return self._sign("PUT", name, _creation(content_type, size_bytes), {}, valid)

    def download(self, name: str, *, file_name: str, media_type: str, valid: timedelta) -> SignedRequest:
        require_at_most(valid, MAX_DOWNLOAD_TIME)
        # RFC 6266 with RFC 8187's encoding: any name, and nothing in it can end the header.
        disposition = f"attachment; filename*=UTF-8''{quote(file_name, safe='')}"
        query = {"response-content-disposition": disposition, "response-content-type": media_type}
        return self._sign("GET", name, {}, query, valid)

    def _sign(
        self, method: str, name: str, headers: Mapping[str, str], query: Mapping[str, str], valid: timedelta
    ) -> SignedRequest:
        with translated("A signed URL"):
            url = self._bucket.blob(name).generate_signed_url(
                version="v4",
                expiration=valid,
                method=method,
                headers=dict(headers),
                query_parameters=dict(query),
                credentials=self._signer,
            )
        return SignedRequest(method, url, _expiry(url), dict(headers))

    @cached_property
    def _signer(self) -> Signing:
        return self._make_signer()


def _expiry(url: str) -> datetime:
    """When Cloud Storage stops to accept the URL: its own date, which is of whole seconds, and its own validity."""
    query = parse_qs(urlsplit(url).query)
    begun = datetime.strptime(query["X-Goog-Date"][0], "%Y%m%dT%H%M%SZ").replace(tzinfo=UTC)
    return begun + timedelta(seconds=int(query["X-Goog-Expires"][0]))


def _creation(content_type: str, size_bytes: int) -> dict[str, str]:
    """The headers that fix what may be written: this type, this many bytes, and only if nothing is there."""
    return {
        "content-type": content_type,
        "x-goog-content-length-range": f"{size_bytes},{size_bytes}",
        "x-goog-if-generation-match": "0",
    }


def signing_credentials() -> Signing:
    """The process's own identity as a signer: its key where it has one, else IAM's signBlob."""
    credentials, _ = default(scopes=[_SCOPE])
    if isinstance(credentials, Signing):
        return credentials
    request = Request()
    # Until then the metadata server's account is only called "default".
    credentials.refresh(request)
    return iam_credentials(request, credentials)


def iam_credentials(request: Request, credentials: object) -> Signing:
    """Credentials that let IAM sign for the service account that ``credentials`` belong to; else Misconfigured."""
    email = getattr(credentials, "service_account_email", None)
    if email is None:
        raise Misconfigured(
            "These credentials are a person's and can't sign URLs: run as a service account (on a laptop: "
            "gcloud auth application-default login --impersonate-service-account=ACCOUNT).",
            code="cloud_denied",
        )
    return service_account.Credentials(iam.Signer(request, credentials, email), email, _TOKEN_URI)
