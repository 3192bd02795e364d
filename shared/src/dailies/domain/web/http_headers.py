"""Reads what servers of strangers write in their answers' headers: nothing of it is believed to be well-formed."""

from __future__ import annotations

import re
from collections.abc import Mapping
from datetime import UTC, datetime
from email.utils import parsedate_to_datetime
from typing import Any

_SECONDS = re.compile(r"\d{1,12}(\.\d{1,12})?", re.ASCII)
_LONGEST_WAIT = 86_400.0


def http_date(value: str) -> datetime | None:
    """The moment that a header names (RFC 9110, 5.6.7), in UTC where it names no zone; None where it names none."""
    try:
        moment = parsedate_to_datetime(value)
    except (ValueError, OverflowError):
        return None
    return moment if moment.tzinfo is not None else moment.replace(tzinfo=UTC)


def retry_after(headers: Mapping[str, str], now: datetime) -> dict[str, Any]:
    """What ``Retry-After`` asks for, as an error's details: seconds, a day at most; nothing where it can't be read.

    ``headers``: names in lower case. A fraction of a second is no HTTP, but what servers of models send.
    """
    asked = headers.get("retry-after", "").strip()
    if _SECONDS.fullmatch(asked):
        seconds = float(asked)
    else:
        moment = http_date(asked)
        if moment is None:
            return {}
        seconds = (moment - now).total_seconds()
    return {"retry_after": min(max(seconds, 0.0), _LONGEST_WAIT)}
