"""Signed URLs for the local server: HMAC-SHA256 over what Cloud Storage's V4 signature covers."""

from __future__ import annotations

import hashlib
import hmac
import json
import secrets
from collections.abc import Callable, Mapping
from datetime import UTC, datetime, timedelta
from pathlib import Path
from urllib.parse import parse_qsl, quote, urlencode

from dailies.adapters.local.objects.durable_files import made_once
from dailies.domain.errors import Forbidden
from dailies.ports.signed_urls import MAX_DOWNLOAD_TIME, MAX_UPLOAD_TIME, SignedRequest, require_at_most

LENGTH_RANGE = "x-goog-content-length-range"
GENERATION_MATCH = "x-goog-if-generation-match"
PATH = "/storage/"
_SIGNATURE = "signature"
_KEY_BYTES = 32


class LocalSignedUrls:
    """``base`` is the server's origin, ``key`` what both sides know. The server asks :meth:`check`."""

    tells_of_beginnings = True

    def __init__(self, base: str, key: bytes, clock: Callable[[], datetime] = lambda: datetime.now(UTC)) -> None:
        self._base = base
        self._key = key
        self._clock = clock

    @property
    def origin(self) -> str:
        return self._base

    def upload(self, name: str, *, content_type: str, size_bytes: int, valid: timedelta) -> SignedRequest:
        headers = {**_creation(content_type, size_bytes), "x-goog-resumable": "start"}
        require_at_most(valid, MAX_UPLOAD_TIME)
        return self._sign("POST", name, headers, {}, valid)

    def simple_upload(self, name: str, *, content_type: str, size_bytes: int, valid: timedelta) -> SignedRequest:
        require_at_most(valid, MAX_UPLOAD_TIME)
        return self._sign("PUT", name, _creation(content_type, size_bytes), {}, valid)

    def download(self, name: str, *, file_name: str, media_type: str, valid: timedelta) -> SignedRequest:
        require_at_most(valid, MAX_DOWNLOAD_TIME)
        return self._sign("GET", name, {}, {"file-name": file_name, "media-type": media_type}, valid)

    def check(self, method: str, name: str, query: str, headers: Mapping[str, str]) -> dict[str, str]:
        """The query of a request that was signed here and is still valid.

        ``headers`` has lower-case names. Raises Forbidden ``signature_invalid`` or ``signature_expired``.
        """
        fields = dict(parse_qsl(query, keep_blank_values=True))
        given = fields.pop(_SIGNATURE, "")
        signed = {name: headers.get(name, "") for name in fields.get("headers", "").split(",") if name}
        if not hmac.compare_digest(self._signature(method, name, fields, signed).encode(), given.encode()):
            raise Forbidden(
                "The URL's signature does not fit this request: send every signed header as it was given.",
                code="signature_invalid",
            )
        if self._clock().timestamp() >= float(fields["expires"]):
            raise Forbidden("This URL has expired: ask for a new one.", code="signature_expired")
        return fields

    def _sign(
        self, method: str, name: str, headers: Mapping[str, str], query: Mapping[str, str], valid: timedelta
    ) -> SignedRequest:
        expires = (self._clock() + valid).replace(microsecond=0)
        fields = {**query, "expires": f"{expires.timestamp():.0f}", "headers": ",".join(sorted(headers))}
        fields[_SIGNATURE] = self._signature(method, name, fields, headers)
        return SignedRequest(method, f"{self._base}{PATH}{quote(name)}?{urlencode(fields)}", expires, dict(headers))

    def _signature(self, method: str, name: str, fields: Mapping[str, str], headers: Mapping[str, str]) -> str:
        text = json.dumps([method, name, sorted(fields.items()), sorted(headers.items())])
        return hmac.new(self._key, text.encode(), hashlib.sha256).hexdigest()


def _creation(content_type: str, size_bytes: int) -> dict[str, str]:
    return {"content-type": content_type, LENGTH_RANGE: f"{size_bytes},{size_bytes}", GENERATION_MATCH: "0"}


def signing_key(path: Path) -> bytes:
    """The store's own key, made with the first call: URLs stay valid over a restart of the server."""
    return made_once(path, lambda: secrets.token_bytes(_KEY_BYTES))
