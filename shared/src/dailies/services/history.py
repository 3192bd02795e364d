"""A user's list of jobs: what has changed in it, and what the user doesn't want to see any more."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime
from typing import Any

from dailies.domain.job.job import JobState
from dailies.engine.platform import Platform
from dailies.engine.store.progress import operation_path
from dailies.ports.documents import Transaction, Where

MAX_LISTED = 500
"""Jobs: two days of the most that a user may have in a day."""


def operations_of(platform: Platform, uid: str, since: datetime | None = None) -> list[dict[str, Any]]:
    """The progress documents of the newest jobs, newest first, without results; since a time: those that changed.

    Cleared ones are left out, but for the news that they were: then ``cleared`` is true.
    """
    found = platform.documents.query(
        f"users/{uid}/operations",
        where=[] if since is None else [Where("lastUpdate", ">=", since)],
        order_by="startTime" if since is None else "lastUpdate",
        descending=True,
        limit=MAX_LISTED,
    )
    shown = [each for each in found if since is not None or not each.data.get("cleared")]
    return [{"jobId": each.path.rpartition("/")[2], **each.data, "result": None} for each in shown]


def clear_operations(platform: Platform, uid: str, job_ids: Sequence[str], *, cleared: bool = True) -> list[str]:
    """Take ended jobs of the user's off the list, or put them back; returns the ids of those. Idempotent.

    Their files stay as long as they would have: it is the list that is cleared.
    """
    return [job_id for job_id in job_ids if _clear(platform, operation_path(uid, job_id), cleared=cleared)]


def _clear(platform: Platform, path: str, *, cleared: bool) -> bool:
    def write(transaction: Transaction) -> bool:
        known = transaction.get(path)
        if known is None or not JobState(known.data["status"]).terminal:
            return False
        transaction.update(path, {"cleared": cleared, "lastUpdate": platform.now()})
        return True

    return platform.documents.transaction(write)
