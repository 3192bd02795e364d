"""Whose turn it is: at most so many jobs of all users run at once, and the next is of whoever has the fewest running.

``queues/{uid}`` has a user's jobs that wait and that run; only that user's jobs write it. ``next`` is its place among
all users who wait: fewest running, then whose last turn, or arrival, is longest ago. ``admission/slots`` has the jobs
that run: it is written when one begins and when one ends, in the transaction that moves the job, so there are never
more than the cap.
"""

from __future__ import annotations

from collections.abc import Iterator
from datetime import datetime
from typing import Any

from pydantic import ConfigDict

from dailies.domain.job.job import Job, JobState
from dailies.domain.job.retention import record_goes
from dailies.domain.model import Model
from dailies.engine.platform import Platform
from dailies.ports.documents import Snapshot, Transaction, Where, Writes

SLOTS = "admission/slots"
LINES = "queues"


class NoSlot(Exception):
    """As many jobs run as may."""


class Line(Model):
    """One user's jobs, by their ids."""

    # Beside these fields the document has what it is found and removed by.
    model_config = ConfigDict(extra="ignore")

    waiting: tuple[str, ...] = ()
    running: tuple[str, ...] = ()
    turn: str = ""
    """When a job of the user last began or ended, or came to an empty line: in ISO's form, which sorts."""

    def with_waiting(self, job_id: str, now: datetime) -> Line:
        turn = self.turn if self.waiting or self.running else _iso(now)
        return Line(waiting=(*self.waiting, job_id), running=self.running, turn=turn)

    def with_running(self, job_id: str, now: datetime) -> Line:
        rest = self.without(job_id)
        return Line(waiting=rest.waiting, running=(*rest.running, job_id), turn=_iso(now))

    def ended(self, job_id: str, now: datetime) -> Line:
        rest = self.without(job_id)
        return Line(waiting=rest.waiting, running=rest.running, turn=_iso(now))

    def without(self, job_id: str) -> Line:
        waiting = tuple(each for each in self.waiting if each != job_id)
        return Line(waiting=waiting, running=tuple(each for each in self.running if each != job_id), turn=self.turn)

    def place(self) -> str:
        """Sorts among other users'; empty when none waits."""
        return f"{len(self.running):06d} {self.turn} {self.waiting[0]}" if self.waiting else ""


def line_of(found: Snapshot | None) -> Line:
    return Line() if found is None else Line.model_validate(found.data)


def join_line(platform: Platform, job: Job) -> None:
    """Have the job wait for its turn. Idempotent; writes once."""

    def join(transaction: Transaction) -> None:
        line = line_of(transaction.get(_path(job.uid)))
        if job.id not in (*line.waiting, *line.running):
            transaction.set(_path(job.uid), _document(platform, line.with_waiting(job.id, platform.now())))

    platform.documents.transaction(join)


def leave_line(platform: Platform, uid: str, job_id: str) -> None:
    """Take a job out that ended, or is gone, without having said so. Idempotent."""

    def leave(transaction: Transaction) -> None:
        found, slots = transaction.get(_path(uid)), transaction.get(SLOTS)
        if found is not None:
            transaction.set(_path(uid), _document(platform, line_of(found).without(job_id)))
        if slots is not None and job_id in slots.data["running"]:
            transaction.set(SLOTS, {"running": _others(slots, job_id)})

    platform.documents.transaction(leave)


def stop_waiting(platform: Platform, uid: str, job_id: str) -> None:
    """Take a job from those that wait, and leave it a slot that it may have got meanwhile. Idempotent."""

    def stop(transaction: Transaction) -> None:
        line = line_of(transaction.get(_path(uid)))
        if job_id in line.waiting:
            rest = tuple(each for each in line.waiting if each != job_id)
            transaction.set(_path(uid), _document(platform, line.model_copy(update={"waiting": rest})))

    platform.documents.transaction(stop)


def place_writes(platform: Platform, transaction: Transaction, job: Job, after: JobState) -> Writes:
    """What a job's move changes among those that wait and run; nothing where no cap is set. Reads only.

    Raises NoSlot for one that would begin beyond the cap.
    """
    most = platform.settings.max_running_jobs
    if most is None or after is JobState.QUEUED or job.state is JobState.AWAITING_UPLOAD:
        return {}
    begins = after in (JobState.FETCHING, JobState.PROCESSING)
    if begins and job.state is JobState.FETCHING:
        # It has its slot already.
        return {}
    line = line_of(transaction.get(_path(job.uid)))
    if job.state is JobState.QUEUED and not begins:
        return {_path(job.uid): _document(platform, line.without(job.id))}
    slots = transaction.get(SLOTS)
    others = {} if slots is None else _others(slots, job.id)
    if not begins:
        return {_path(job.uid): _document(platform, line.ended(job.id, platform.now())), SLOTS: {"running": others}}
    if len(others) >= most:
        raise NoSlot
    return {
        _path(job.uid): _document(platform, line.with_running(job.id, platform.now())),
        SLOTS: {"running": {**others, job.id: job.uid}},
    }


def running_jobs(platform: Platform) -> dict[str, str]:
    """The users of the jobs that run, by job."""
    found = platform.documents.get(SLOTS)
    return {} if found is None else dict(found.data["running"])


def lines_in_turn(platform: Platform, limit: int) -> Iterator[tuple[str, Line]]:
    """The users with jobs that wait, whose turn it is first."""
    found = platform.documents.query(LINES, where=[Where("next", ">", "")], order_by="next", limit=limit)
    return ((snapshot.path.rpartition("/")[2], line_of(snapshot)) for snapshot in found)


def _document(platform: Platform, line: Line) -> dict[str, Any]:
    return {**line.model_dump(mode="json"), "next": line.place(), "remove_after": record_goes(platform.now())}


def _others(slots: Snapshot, job_id: str) -> dict[str, str]:
    return {each: uid for each, uid in slots.data["running"].items() if each != job_id}


def _iso(now: datetime) -> str:
    return now.isoformat(timespec="microseconds")


def _path(uid: str) -> str:
    return f"{LINES}/{uid}"
