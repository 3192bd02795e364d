"""What a server says instead of the file, in our words: for good, or for now."""

from __future__ import annotations

from datetime import UTC, datetime

from dailies.domain.errors import DailiesError, RateLimited, SourceRefused, TransientError
from dailies.domain.web.http_headers import retry_after
from dailies.ports.egress import Answer

_FORBIDDEN = (401, 402, 403, 407, 451)
_GONE = (404, 410)
_BUSY = (408, 425, 500, 502, 503, 504, 507, 509, 520, 521, 522, 523, 524)


def refusal_of(answer: Answer) -> DailiesError:
    """The error for an answer that is not the file."""
    status, wait = answer.status, retry_after(answer.headers, datetime.now(UTC))
    if status in _FORBIDDEN:
        return SourceRefused(
            f"The server does not give the file to us (HTTP {status}): name one that needs no sign-in.",
            code="url_forbidden",
        )
    if status in _GONE:
        return SourceRefused(f"There is no file at this URL (HTTP {status}): check it.", code="url_gone")
    if status == 429:
        return RateLimited("The server takes no more requests for now (HTTP 429).", **wait)
    if status in _BUSY:
        return TransientError(f"The server can't answer now (HTTP {status}).", code="server_failed", **wait)
    return SourceRefused(f"The server answers with no file (HTTP {status}): check the URL.", code="url_answer")
