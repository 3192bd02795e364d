"""Links to a result for people who have no account: signed, for a time, and good for this one job."""

from __future__ import annotations

import base64
import hashlib
import hmac
import re
import secrets
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta

from dailies.domain.errors import Forbidden, InvalidRequest, Misconfigured
from dailies.domain.job.job import Job
from dailies.engine.platform import Platform
from dailies.engine.store.jobs import job_path
from dailies.ports.documents import Transaction
from dailies.ports.signed_urls import MAX_DOWNLOAD_TIME
from dailies.services.result import FetchableResult, get_result, made_by

MIN_SHARE_TIME = timedelta(minutes=5)
MAX_SHARE_TIME = timedelta(days=7)
# The platform's own: no user's rules lead there.
_KEY_PATH = "keys/share"
_KEY_BYTES = 32
_TOKEN = re.compile(r"([A-Za-z0-9]{1,64})\.([0-9]{1,12})\.([A-Za-z0-9_-]{43})")


@dataclass(frozen=True, slots=True)
class Share:
    """``token`` opens the result until ``expires``, for whoever has it."""

    token: str
    expires: datetime


@dataclass(frozen=True, slots=True)
class ShareLink:
    """``url`` opens the result in a browser until ``expires``."""

    url: str
    expires: datetime


@dataclass(frozen=True, slots=True)
class SharedResult:
    """``file_name`` is the source's own."""

    found: FetchableResult
    file_name: str | None
    expires: datetime


def share_result(platform: Platform, uid: str, job_id: str, valid: timedelta) -> Share:
    """A token for the result of the user's own completed job.

    Nothing is kept of it: it ends by itself, and with the job's files. Raises InvalidRequest for a time that isn't
    between five minutes and seven days, and as get_result.
    """
    if not MIN_SHARE_TIME <= valid <= MAX_SHARE_TIME:
        raise InvalidRequest("A link is good for 5 minutes at least and 7 days at most.", field="seconds")
    made_by(platform, uid, job_id)
    expires = int((platform.now() + valid).timestamp())
    token = f"{job_id}.{expires}.{_signature(_key(platform), uid, job_id, expires)}"
    return Share(token, datetime.fromtimestamp(expires, UTC))


def share_link(platform: Platform, uid: str, job_id: str, valid: timedelta) -> ShareLink:
    """A link to the result, as :func:`share_result`. Raises Misconfigured where links have no address, too."""
    base = platform.settings.share_url
    if base is None:
        raise Misconfigured("Links have no address here: set DAILIES_SHARE_URL to the share function's.")
    made = share_result(platform, uid, job_id, valid)
    return ShareLink(f"{base}/share/{made.token}", made.expires)


def shared_result(platform: Platform, token: str) -> SharedResult:
    """The result that the token opens, its URLs signed now and for no longer than the token.

    Raises Forbidden ``share_invalid``, also where there is no such job, and ``share_expired``; NotFound
    ``output_expired``.
    """
    parts = _TOKEN.fullmatch(token)
    snapshot = platform.documents.get(job_path(parts[1])) if parts else None
    if parts is None or snapshot is None:
        raise _invalid()
    job, expires = Job.model_validate(snapshot.data), int(parts[2])
    if not hmac.compare_digest(_signature(_key(platform), job.uid, job.id, expires), parts[3]):
        raise _invalid()
    left = timedelta(seconds=expires - platform.now().timestamp())
    if left <= timedelta(0):
        raise Forbidden("This link has expired: ask whoever sent it for a new one.", code="share_expired")
    found = get_result(platform, job.uid, job.id, min(left, MAX_DOWNLOAD_TIME))
    return SharedResult(found, job.file_name, datetime.fromtimestamp(expires, UTC))


def _invalid() -> Forbidden:
    return Forbidden("This link is not complete: copy it again.", code="share_invalid")


def _signature(key: bytes, uid: str, job_id: str, expires: int) -> str:
    made = hmac.new(key, f"share\n{uid}\n{job_id}\n{expires}".encode(), hashlib.sha256).digest()
    return base64.urlsafe_b64encode(made).rstrip(b"=").decode()


def _key(platform: Platform) -> bytes:
    """The platform's, made with the first link."""

    def read_or_make(transaction: Transaction) -> str:
        known = transaction.get(_KEY_PATH)
        if known is not None:
            return str(known.data["key"])
        made = secrets.token_hex(_KEY_BYTES)
        transaction.create(_KEY_PATH, {"key": made, "created": platform.now()})
        return made

    known = platform.documents.get(_KEY_PATH)
    text = platform.documents.transaction(read_or_make) if known is None else str(known.data["key"])
    return bytes.fromhex(text)
