"""URLs that let a client without any credentials write or read one object for a while."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from typing import Protocol

from dailies.domain.errors import Misconfigured

MAX_UPLOAD_TIME = timedelta(minutes=15)
SESSION_TIME = timedelta(days=7)
"""How long Cloud Storage keeps a resumable session."""
MAX_DOWNLOAD_TIME = timedelta(hours=12)
"""IAM's signBlob signs with keys of Google's that are good for at least that long, and promises no more."""


@dataclass(frozen=True, slots=True)
class SignedRequest:
    """One HTTP request that is allowed until ``expires``; every header is signed and must be sent as it is.

    ``expires`` is what the signature itself says, in whole seconds, and not what was asked for.
    """

    method: str
    url: str
    expires: datetime
    headers: Mapping[str, str] = field(default_factory=dict)


class SignedUrls(Protocol):
    """Signing only computes: nothing is looked up or written, and whether the object exists is not asked.

    Every method may raise Misconfigured (no key or no right to sign) and TransientError; ValueError for a time
    beyond the maximum above.
    """

    tells_of_beginnings: bool
    """Whether whoever answers the URLs says when the bytes of an upload begin to come."""

    @property
    def origin(self) -> str:
        """Where the URLs lead, as ``https://host``: a page that shows what they open has to allow it."""

    def upload(self, name: str, *, content_type: str, size_bytes: int, valid: timedelta) -> SignedRequest:
        """The start of a resumable session that can create ``name``, once, with exactly this type and size.

        The client POSTs without a body, gets the session's URL in ``Location`` and PUTs the bytes there
        (Cloud Storage's protocol: Content-Range, 308 with Range). ``valid`` is for the start; the session
        itself lives for a week. An object that exists already makes the upload fail with 412.
        """

    def simple_upload(self, name: str, *, content_type: str, size_bytes: int, valid: timedelta) -> SignedRequest:
        """One PUT that has the whole body and creates ``name``, once, with exactly this type and size.

        For small files: what breaks off starts anew. A body of another size is refused with 400, an object that
        exists already with 412; neither leaves anything behind.
        """

    def download(self, name: str, *, file_name: str, media_type: str, valid: timedelta) -> SignedRequest:
        """Read the object, whole or by Range, as ``media_type``; a browser saves it as ``file_name``."""


def require_at_most(valid: timedelta, most: timedelta) -> None:
    """Raise ValueError for a time beyond ``most``."""
    if valid > most:
        raise ValueError(f"{valid} is longer than {most}, which is the most")


class NoSignedUrls:
    """For platforms without a server: nobody could answer the URLs."""

    tells_of_beginnings = False
    origin = ""

    def upload(self, name: str, *, content_type: str, size_bytes: int, valid: timedelta) -> SignedRequest:
        raise _nobody()

    def simple_upload(self, name: str, *, content_type: str, size_bytes: int, valid: timedelta) -> SignedRequest:
        raise _nobody()

    def download(self, name: str, *, file_name: str, media_type: str, valid: timedelta) -> SignedRequest:
        raise _nobody()


def _nobody() -> Misconfigured:
    return Misconfigured("No server here could answer a signed URL: start `dailies up`.", code="no_server")
