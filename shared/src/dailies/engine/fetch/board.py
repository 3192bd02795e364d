"""The progress document of a job whose source is being fetched."""

from __future__ import annotations

import time
from contextlib import suppress
from datetime import timedelta
from typing import Any

from dailies.domain.errors import TransientError
from dailies.domain.job.job import Job, JobState
from dailies.engine.platform import Platform
from dailies.engine.store.progress import operation_path
from dailies.planning.retry import FETCH
from dailies.ports.documents import Transaction

#: What of the whole progress is the source's way here: how long the rest takes nobody knows before it is there.
SHARE_PERCENT = 10


class FetchBoard:
    """Writes at most once per interval. A store that is busy now ends no fetch: the next report may get through."""

    def __init__(self, platform: Platform, job: Job) -> None:
        self._platform = platform
        self._path = operation_path(job.uid, job.id)
        self._interval = timedelta(seconds=platform.settings.progress_interval_seconds)
        self._written_at = float("-inf")

    def report(self, there: int, total: int | None) -> None:
        """``there`` bytes have come, of ``total`` where that is known."""
        if time.monotonic() - self._written_at < self._interval.total_seconds():
            return
        self._written_at = time.monotonic()
        with suppress(TransientError):
            self._platform.documents.transaction(lambda transaction: self._write(transaction, there, total))

    def _write(self, transaction: Transaction, there: int, total: int | None) -> None:
        snapshot = transaction.get(self._path)
        if snapshot is None or snapshot.data["status"] != JobState.FETCHING.value:
            return
        now = self._platform.now()
        if timedelta(0) <= now - snapshot.data["lastUpdate"] < self._interval:
            return
        fraction = there / total if total else 0.0
        fields: dict[str, Any] = {
            "progress": max(snapshot.data["progress"], int(SHARE_PERCENT * fraction)),
            "message": f"Fetching: {_megabytes(there)}" + (f" of {_megabytes(total)}" if total else ""),
            "fetchedBytes": there,
            "lastUpdate": now,
            "steps": {FETCH: {"status": "running", "progress": int(99 * fraction)}},
        }
        if total:
            fields["sizeBytes"] = total
        transaction.update(self._path, fields)


def _megabytes(size: int) -> str:
    return f"{size / 1e6:.1f} MB"
