"""V4 signatures of Cloud Storage, verified with the account's public key as the specification has it.

https://docs.cloud.google.com/storage/docs/authentication/canonical-requests and …/authentication/signatures.
"""

from __future__ import annotations

import hashlib
import json
from collections.abc import Mapping
from datetime import UTC, datetime, timedelta
from pathlib import Path
from urllib.parse import quote

from cryptography.exceptions import InvalidSignature
from cryptography.hazmat.primitives import hashes, serialization
from cryptography.hazmat.primitives.asymmetric import padding, rsa

ACCOUNT = "functions@p.iam.gserviceaccount.com"
_LONGEST_SECONDS = 7 * 24 * 3600
# "Signed blobs … are valid for at least 12 hours": signBlob's keys are Google's own, and change without a word.
_KEY_SECONDS = 12 * 3600


class Refused(Exception):
    """``status`` and ``code`` are Cloud Storage's."""

    def __init__(self, status: int, code: str) -> None:
        super().__init__(code)
        self.status = status
        self.code = code


class SigningKey:
    """A service account with a key, which tests sign with where the cloud asks IAM."""

    def __init__(self) -> None:
        self._key = rsa.generate_private_key(public_exponent=65537, key_size=2048)
        self.public = self._key.public_key()
        form = (serialization.Encoding.PEM, serialization.PrivateFormat.PKCS8, serialization.NoEncryption())
        self.pem = self._key.private_bytes(*form).decode()

    def sign(self, blob: bytes) -> bytes:
        return self._key.sign(blob, padding.PKCS1v15(), hashes.SHA256())

    def write_credentials(self, path: Path) -> Path:
        """The file that GOOGLE_APPLICATION_CREDENTIALS names."""
        told = {
            "type": "service_account",
            "project_id": "p",
            "private_key_id": "1",
            "private_key": self.pem,
            "client_email": ACCOUNT,
            "client_id": "1",
            "token_uri": "http://127.0.0.1:1/token",
        }
        path.write_text(json.dumps(told))
        return path


def verify(
    key: rsa.RSAPublicKey,
    method: str,
    path: str,
    query: Mapping[str, str],
    headers: Mapping[str, str],
    now: datetime | None = None,
) -> None:
    """Raise Refused unless the request was signed. ``path`` is quoted, names of ``headers`` are in lower case."""
    given = {name: value for name, value in query.items() if name != "X-Goog-Signature"}
    names = given["X-Goog-SignedHeaders"].split(";")
    if "host" not in names or any(name not in headers for name in names):
        raise Refused(400, "MalformedSecurityHeader")
    if any(name.startswith("x-goog-") and name not in names for name in headers):
        raise Refused(400, "MalformedSecurityHeader")
    account, date, *scope = given["X-Goog-Credential"].split("/")
    begun = datetime.strptime(given["X-Goog-Date"], "%Y%m%dT%H%M%SZ").replace(tzinfo=UTC)
    if account != ACCOUNT or scope[1:] != ["storage", "goog4_request"] or not given["X-Goog-Date"].startswith(date):
        raise Refused(403, "SignatureDoesNotMatch")
    canonical = "\n".join(
        [
            method,
            path,
            "&".join(f"{quote(k, safe='-_.~')}={quote(v, safe='-_.~')}" for k, v in sorted(given.items())),
            *(f"{name}:{' '.join(headers[name].split())}" for name in names),
            "",
            ";".join(names),
            "UNSIGNED-PAYLOAD",
        ]
    )
    digest = hashlib.sha256(canonical.encode()).hexdigest()
    text = "\n".join([given["X-Goog-Algorithm"], given["X-Goog-Date"], "/".join([date, *scope]), digest])
    try:
        signature = bytes.fromhex(query["X-Goog-Signature"])
        key.verify(signature, text.encode(), padding.PKCS1v15(), hashes.SHA256())
    except (InvalidSignature, ValueError) as error:
        raise Refused(403, "SignatureDoesNotMatch") from error
    if (now or datetime.now(UTC)) > begun + timedelta(seconds=_KEY_SECONDS):
        raise Refused(403, "SignatureDoesNotMatch")
    valid = int(given["X-Goog-Expires"])
    if valid > _LONGEST_SECONDS:
        raise Refused(400, "AuthorizationQueryParametersError")
    if (now or datetime.now(UTC)) > begun + timedelta(seconds=valid):
        raise Refused(400, "ExpiredToken")
