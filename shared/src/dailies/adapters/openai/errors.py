"""Translates refusals of an OpenAI-compatible speech server into our errors, once."""

from __future__ import annotations

import json
from datetime import UTC, datetime
from typing import Any

from dailies.adapters.openai.http_post import Reply
from dailies.domain.errors import (
    DailiesError,
    InvalidRecipe,
    Misconfigured,
    PermanentError,
    QuotaExceeded,
    RateLimited,
    TransientError,
)
from dailies.domain.transcript.clean_text import clean_text
from dailies.domain.web.http_headers import retry_after

_MOST_SAID = 200
_USED_UP = frozenset({"insufficient_quota", "billing_hard_limit_reached", "billing_not_active"})


def refused(reply: Reply, model: str, *, translating: bool = False) -> DailiesError:
    """The error for an answer that is not 200. ``translating``: a translation was asked for."""
    code, said = _vendors_words(reply)
    status, wait = reply.status, retry_after(reply.headers, datetime.now(UTC))
    if code in _USED_UP or status == 402:
        return QuotaExceeded(
            f"The speech engine's account is used up ({said}): top it up, or choose another engine.",
            code="engine_credit",
        )
    if status == 429:
        return RateLimited("The speech engine takes no more for now.", **wait)
    if translating and (status in (404, 405, 501) or (status in (400, 422) and "translat" in said.lower())):
        return InvalidRecipe(
            f"The speech server does not translate with {model} ({status}): leave translate out, or choose "
            "DAILIES_SPEECH_ENGINE=faster-whisper.",
            code="no_translation",
            field="translate",
        )
    if status in (408, 409, 425) or status >= 500:
        return TransientError(f"The speech engine failed with {status}: {said}", code="engine_unavailable", **wait)
    if status in (401, 403):
        return Misconfigured(
            f"The speech engine refuses the key ({status}): set DAILIES_OPENAI_API_KEY.", code="engine_key"
        )
    if status == 404 or 300 <= status < 400:
        return Misconfigured(
            f"The speech engine knows no such path or model ({status}, {model}): mend DAILIES_OPENAI_BASE_URL or "
            "DAILIES_OPENAI_SPEECH_MODEL.",
            code="no_engine_model",
        )
    if status == 413:
        return PermanentError(f"The sound is too much for the speech engine: {said}", code="over_engine_limits")
    return PermanentError(f"The speech engine refused the request ({status}): {said}", code="engine_refused")


def refused_form(reply: Reply) -> bool:
    """Whether what it refuses is the form of answer that was asked for: another may do."""
    _, said = _vendors_words(reply)
    about = said.lower()
    return reply.status in (400, 415, 422, 501) and any(
        word in about for word in ("response_format", "timestamp_granularities", "verbose_json", "not supported")
    )


def _vendors_words(reply: Reply) -> tuple[str, str]:
    """The code and the message, whatever there is of them: what others wrote is kept short and harmless."""
    try:
        value: Any = json.loads(reply.body)
    except (ValueError, RecursionError):
        value = None
    error = value.get("error", value) if isinstance(value, dict) else None
    if isinstance(error, dict):
        code, message = error.get("code") or error.get("type") or "", error.get("message") or error.get("detail") or ""
    else:
        code, message = "", error if isinstance(error, str) else ""
    return str(code)[:60], clean_text(str(message))[:_MOST_SAID] or "no reason given"
