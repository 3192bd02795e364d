"""Options of both clients."""

from __future__ import annotations

from datetime import datetime
from typing import TypedDict

from dailies_client.models import JobState


class ListOptions(TypedDict, total=False):
    """Which jobs; all of them must hold. ``created_since`` is inclusive, ``created_until`` is not."""

    state: JobState
    kind: str
    created_since: datetime
    created_until: datetime
    page_size: int
