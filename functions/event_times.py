"""The time of an event, in the one form that firebase-functions reads: with six digits of a second, and a zone."""

from __future__ import annotations

import functools
import re
from collections.abc import Callable
from datetime import UTC, datetime
from typing import Any

from cloudevents.http import CloudEvent

# RFC 3339, which CloudEvents ask for: any number of digits of a second, or none, and letters of either case.
_INSTANT = re.compile(r"(?P<second>\d{4}-\d\d-\d\d[T ]\d\d:\d\d:\d\d)(?:\.(?P<fraction>\d+))?(?P<zone>Z|[+-]\d\d:\d\d)")


def with_readable_time(handler: Any) -> Callable[[CloudEvent], None]:
    """Around an event function of firebase-functions, whose types don't say that it takes a CloudEvent.

    It raises for whole seconds and for nanoseconds, and such an event would come again until it is a dead letter. A
    time that is none is replaced by the present: what an upload is about is its name and generation.
    """

    @functools.wraps(handler)
    def answer(event: CloudEvent) -> None:
        attributes = dict(event.get_attributes())
        attributes["time"] = readable_time(str(attributes.get("time")), datetime.now(UTC))
        handler(CloudEvent(attributes, event.get_data()))

    return answer


def readable_time(text: str, otherwise: datetime) -> str:
    """The instant as firebase-functions parses it; ``otherwise`` where the text names none."""
    found = _INSTANT.fullmatch(text.upper())
    try:
        if found is None:
            return _written(otherwise)
        fraction = f"{found['fraction'] or '':0<6.6}"
        return _written(datetime.fromisoformat(f"{found['second']}.{fraction}{found['zone']}"))
    except (ValueError, OverflowError):
        return _written(otherwise)


def _written(instant: datetime) -> str:
    return instant.astimezone(UTC).isoformat(timespec="microseconds").replace("+00:00", "Z")
