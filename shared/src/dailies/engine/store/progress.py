"""The public progress document ``users/{uid}/operations/{jobId}``: what a user's screen listens to."""

from __future__ import annotations

import time
from collections.abc import Mapping
from contextlib import suppress
from datetime import datetime, timedelta
from typing import TYPE_CHECKING, Any

from dailies.domain.errors import TransientError
from dailies.domain.job.job import Job, JobState
from dailies.domain.job.retention import record_goes
from dailies.engine.platform import Platform
from dailies.planning.retry import FETCH
from dailies.ports.documents import Snapshot, Transaction

if TYPE_CHECKING:
    # Who only reads the document needs no plan.
    from dailies.planning.plan import Plan

_MESSAGES = {
    JobState.AWAITING_UPLOAD: "Waiting for the upload",
    JobState.QUEUED: "Queued",
    JobState.FETCHING: "Fetching",
    JobState.PROCESSING: "Processing",
    JobState.COMPLETED: "Done",
    JobState.FAILED: "Failed",
    JobState.CANCELLED: "Cancelled",
    JobState.EXPIRED: "The upload never came",
}


def operation_path(uid: str, job_id: str) -> str:
    return f"users/{uid}/operations/{job_id}"


def first_document(job: Job) -> dict[str, Any]:
    """The progress document of a new job."""
    kinds = sorted({output.kind for output in job.recipe.outputs.values()})
    return {
        "status": job.state.value,
        "progress": 0,
        "message": _MESSAGES[job.state],
        "stage": job.state.value,
        "operationType": "+".join(kinds),
        "fileName": job.file_name,
        "sizeBytes": job.source.size,
        "startTime": job.created,
        "lastUpdate": job.created,
        "steps": {},
    }


def finish_fields(job: Job, now: datetime) -> dict[str, Any]:
    """What changes in the progress document when the job's state does."""
    fields: dict[str, Any] = {
        "status": job.state.value,
        "stage": job.state.value,
        "message": _MESSAGES[job.state],
        "lastUpdate": now,
    }
    if job.state is JobState.COMPLETED:
        fields |= {"progress": 100, "completedAt": now, "result": job.result}
        if left_out := (job.result or {}).get("left_out"):
            fields |= {"leftOut": left_out, "message": f"{_MESSAGES[job.state]}, without {', '.join(left_out)}"}
    elif job.state is JobState.PROCESSING and job.fetched is not None:
        fields |= {
            "sizeBytes": job.fetched.bytes,
            "fetchedBytes": job.fetched.bytes,
            "steps": {FETCH: {"status": "done", "progress": 100}},
        }
    elif job.state.terminal:
        fields |= {"failedAt": now}
    if job.state.terminal:
        fields["removeAfter"] = record_goes(now)
    if job.error is not None:
        fields |= {
            "error": {"code": job.error["code"], "message": job.error["message"]},
            "message": job.error["message"],
        }
    return fields


class ProgressBoard:
    """One worker's view of a job's progress. All workers together write it at most once per interval.

    Overall progress is the steps' fractions weighted by how long they are estimated to last; it never falls,
    and only the job's completion makes it 100.
    """

    def __init__(self, platform: Platform, job: Job) -> None:
        self._platform = platform
        self._path = operation_path(job.uid, job.id)
        self._fractions: dict[str, float] = {}
        self._weights: dict[str, float] = {}
        self._labels: dict[str, str] = {}
        self._written_at = float("-inf")
        self._interval = timedelta(seconds=platform.settings.progress_interval_seconds)
        self._stage = ""
        self._planned = False
        self._left_out: dict[str, dict[str, str]] = {}
        self._said = self._written = ""

    def know(self, plan: Plan, done: Mapping[str, object]) -> None:
        """Take over the plan and the steps whose artifacts exist; steps that it has no more count no more."""
        from dailies.planning.plan import most_of, reasons_of

        self._planned = bool(plan.outputs)
        self._left_out = reasons_of(plan.left_out)
        self._weights = {}
        for step in plan.steps:
            # What may come with it counts from the start: nothing falls back when it comes.
            self._weights[step.id] = max(most_of([step]).seconds, 0.01)
            self._labels[step.id] = step.label
            self._fractions.setdefault(step.id, 0.0)
            if step.id in done:
                self._fractions[step.id] = 1.0

    def is_due(self) -> bool:
        """Whether nobody has written for as long as the interval is."""
        written = self._platform.documents.get(self._path)
        return written is not None and not self._is_early(written, self._platform.now())

    def say(self, text: str) -> None:
        """Have the next write tell the last of what was said since the one before it."""
        from dailies.domain.subtitles.live_text import last_of  # of few jobs, and every command imports this

        self._said = last_of(self._said, text)

    def report(self, step_id: str, fraction: float) -> None:
        """``fraction`` 0–1 of the step is done. Cheap when the interval has not passed; never raises for a
        fraction that falls."""
        self._fractions[step_id] = max(self._fractions.get(step_id, 0.0), min(fraction, 1.0))
        self._stage = self._labels.get(step_id, step_id)
        if time.monotonic() - self._written_at >= self._interval.total_seconds():
            self._written_at = time.monotonic()
            # A store that is busy or full now must not end the work: the next report may get through.
            with suppress(TransientError):
                self._written = ""
                self._platform.documents.transaction(self._write)
                self._said = "" if self._written == self._said else self._said

    def _write(self, transaction: Transaction) -> None:
        snapshot = transaction.get(self._path)
        if snapshot is None or JobState(snapshot.data["status"]).terminal:
            return
        now = self._platform.now()
        if self._is_early(snapshot, now):
            # Another worker has just written, or the job's state has changed: the document takes no more for now.
            return
        total = sum(self._weights.values()) or 1.0
        told = {label: step["progress"] / 100 for label, step in snapshot.data["steps"].items()}
        # Others have told of what they did; this one may not have looked at it.
        done = sum(
            weight * max(self._fractions.get(step, 0.0), told.get(self._labels[step], 0.0))
            for step, weight in self._weights.items()
        )
        # Before the probe the plan is the probe alone: how much comes after it is not known yet.
        percent = min(99, int(100 * done / total)) if self._planned else 0
        steps = dict(snapshot.data["steps"])
        for step, fraction in self._fractions.items():
            label = self._labels.get(step, step)
            before = steps.get(label, {}).get("progress", 0)
            part = max(before, int(100 * fraction))
            status = "done" if part == 100 else "running" if part else "waiting"
            if step in self._labels and step not in self._weights:
                status = "left_out"
            steps[label] = {"status": status, "progress": part}
        transaction.update(
            self._path,
            {
                "progress": max(snapshot.data["progress"], percent),
                "stage": self._stage,
                "message": f"Processing: {self._stage}",
                "lastUpdate": now,
                "steps": steps,
                **({"leftOut": self._left_out} if self._left_out else {}),
                **({"text": self._said} if self._said else {}),
            },
        )
        self._written = self._said

    def _is_early(self, written: Snapshot, now: datetime) -> bool:
        since: timedelta = now - written.data["lastUpdate"]
        return timedelta(0) <= since < self._interval
