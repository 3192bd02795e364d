"""What a server says instead of the file, in our words: for good, or for now."""

from __future__ import annotations

from datetime import UTC, datetime
from email.utils import parsedate_to_datetime
from typing import Any

from dailies.domain.errors import DailiesError, RateLimited, SourceRefused, TransientError
from dailies.ports.egress import Answer

_FORBIDDEN = (401, 402, 403, 407, 451)
_GONE = (404, 410)
_BUSY = (408, 425, 500, 502, 503, 504, 507, 509, 520, 521, 522, 523, 524)
_LONGEST_WAIT = 86_400.0


def refusal_of(answer: Answer) -> DailiesError:
    """The error for an answer that is not the file."""
    status = answer.status
    if status in _FORBIDDEN:
        return SourceRefused(
            f"The server does not give the file to us (HTTP {status}): name one that needs no sign-in.",
            code="url_forbidden",
        )
    if status in _GONE:
        return SourceRefused(f"There is no file at this URL (HTTP {status}): check it.", code="url_gone")
    if status == 429:
        return RateLimited("The server takes no more requests for now (HTTP 429).", **_wait(answer))
    if status in _BUSY:
        return TransientError(f"The server can't answer now (HTTP {status}).", code="server_failed", **_wait(answer))
    return SourceRefused(f"The server answers with no file (HTTP {status}): check the URL.", code="url_answer")


def _wait(answer: Answer) -> dict[str, Any]:
    """The seconds that ``Retry-After`` asks for, if it is there and can be read."""
    asked = answer.headers.get("retry-after", "").strip()
    try:
        seconds = float(asked) if asked.isdecimal() else _until(asked)
    except (ValueError, TypeError):
        return {}
    return {"retry_after": min(max(seconds, 0.0), _LONGEST_WAIT)}


def _until(date: str) -> float:
    return (parsedate_to_datetime(date) - datetime.now(UTC)).total_seconds()
