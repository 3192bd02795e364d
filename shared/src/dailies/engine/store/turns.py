"""Gives free slots to the jobs whose turn it is, and tells the others how many are before them."""

from __future__ import annotations

import heapq
from datetime import timedelta

from dailies.domain.errors import Conflict, NotFound
from dailies.domain.job.job import Job, JobState
from dailies.engine.platform import Platform
from dailies.engine.store.admission import NoSlot, join_line, leave_line, lines_in_turn, running_jobs, stop_waiting
from dailies.engine.store.jobs import load_job, move_job
from dailies.engine.store.progress import operation_path
from dailies.ports.documents import Transaction

TELL_EVERY = timedelta(seconds=10)
"""Each round reads the lines of this many users and writes what has changed: no more often, however many jobs come."""
_USERS_TOLD = 100
_JOBS_TOLD = 200
_TOLD = "admission/told"


def await_turn(platform: Platform, job: Job) -> tuple[Job, list[str]]:
    """The queued job as it is when the free slots are given out; and which others have begun, for somebody to advance.

    Without a cap it begins at once.
    """
    if platform.settings.max_running_jobs is None:
        return move_job(platform, job.id, job.begins_as), []
    join_line(platform, job)
    begun = begin_next(platform)
    return load_job(platform, job.id), [each for each in begun if each != job.id]


def begin_next(platform: Platform) -> list[str]:
    """Let jobs begin while there are slots: each time the next is of the user who has the fewest running."""
    begun: list[str] = []
    most = platform.settings.max_running_jobs
    while most is not None and len(running_jobs(platform)) < most:
        first = next(iter(lines_in_turn(platform, 1)), None)
        if first is None:
            break
        uid, line = first
        job_id = line.waiting[0]
        try:
            job = load_job(platform, job_id)
            if job.state is JobState.QUEUED:
                move_job(platform, job_id, job.begins_as)
                begun.append(job_id)
            else:
                # Somebody else was faster, or it ended before its turn.
                stop_waiting(platform, uid, job_id)
        except NoSlot:
            break
        except (Conflict, NotFound):
            stop_waiting(platform, uid, job_id)
    return begun


def free_lost_slots(platform: Platform) -> None:
    """Take away slots of jobs that are gone or have ended: none should be there."""
    for job_id, uid in running_jobs(platform).items():
        try:
            lost = load_job(platform, job_id).state not in (JobState.FETCHING, JobState.PROCESSING)
        except NotFound:
            lost = True
        if lost:
            leave_line(platform, uid, job_id)


def tell_positions(platform: Platform) -> dict[str, int]:
    """Write into the progress of those that wait how many are before them; returns the positions told last, from 1.

    Of the first 200 at most. Not more often than TELL_EVERY.
    """
    now = platform.now()
    found = platform.documents.get(_TOLD)
    told: dict[str, int] = {} if found is None else dict(found.data["positions"])
    if found is not None and timedelta(0) <= now - found.data["at"] < TELL_EVERY:
        return told
    order = _order(platform)
    platform.documents.set(_TOLD, {"at": now, "positions": {job_id: n for n, (_, job_id) in enumerate(order, 1)}})
    for position, (uid, job_id) in enumerate(order, 1):
        if told.get(job_id) != position:
            _tell(platform, uid, job_id, position)
    return {job_id: n for n, (_, job_id) in enumerate(order, 1)}


def may_be_told(positions: dict[str, int], job_id: str) -> bool:
    """Whether the job has no position yet, and the next telling would have one for it."""
    return job_id not in positions and len(positions) < _JOBS_TOLD


def _order(platform: Platform) -> list[tuple[str, str]]:
    """Users and jobs that wait, in the order in which they will begin if none that runs ends sooner than another."""
    lines = list(lines_in_turn(platform, _USERS_TOLD))
    heap = [(len(line.running), index, 0) for index, (_, line) in enumerate(lines)]
    heapq.heapify(heap)
    order: list[tuple[str, str]] = []
    while heap and len(order) < _JOBS_TOLD:
        running, index, begun = heapq.heappop(heap)
        uid, line = lines[index]
        order.append((uid, line.waiting[begun]))
        if begun + 1 < len(line.waiting):
            heapq.heappush(heap, (running + 1, index, begun + 1))
    return order


def _tell(platform: Platform, uid: str, job_id: str, position: int) -> None:
    def write(transaction: Transaction) -> None:
        snapshot = transaction.get(operation_path(uid, job_id))
        if snapshot is None or snapshot.data["status"] != JobState.QUEUED.value:
            return
        message = "Queued: next in line" if position == 1 else f"Queued: {position - 1} before it"
        fields = {"position": position, "message": message, "lastUpdate": platform.now()}
        transaction.update(snapshot.path, fields)

    platform.documents.transaction(write)
