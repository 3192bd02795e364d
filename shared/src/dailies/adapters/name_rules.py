"""What every object store and task queue takes as names and payloads (the rules of ports/), in one place."""

from __future__ import annotations

import json
import re
from collections.abc import Mapping
from typing import Any

from dailies.domain.errors import PermanentError
from dailies.ports.objects import MAX_NAME_BYTES
from dailies.ports.tasks import MAX_PAYLOAD_BYTES

_TASK_NAME = re.compile(r"[A-Za-z0-9_-]{1,500}")


def check_object_name(name: str) -> None:
    """Raise ValueError unless ``name`` may name an object (Cloud Storage's rules)."""
    size = len(name.encode())
    if not 0 < size <= MAX_NAME_BYTES or name in (".", "..") or "\n" in name or "\r" in name:
        raise ValueError(f"{name!r} can't name an object")


def check_task_names(*names: str) -> None:
    """Raise ValueError unless each may name a queue or a task (Cloud Tasks' rules)."""
    for name in names:
        if not _TASK_NAME.fullmatch(name):
            raise ValueError(f"{name!r} can't name a queue or a task")


def encode_payload(payload: Mapping[str, Any]) -> str:
    """The payload as JSON. Raises PermanentError for too much."""
    text = json.dumps(dict(payload), ensure_ascii=False, allow_nan=False, separators=(",", ":"))
    size = len(text.encode())
    if size > MAX_PAYLOAD_BYTES:
        raise PermanentError(
            f"The task's payload is {size} bytes; {MAX_PAYLOAD_BYTES} is the most.",
            code="task_too_large",
            size=size,
        )
    return text
