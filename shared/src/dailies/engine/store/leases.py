"""Leases: at most one live worker runs a step, and one that lost its lease commits nothing.

A lease belongs to the step's key, so two jobs that need the same artifact share the work. Its document is
``leases/{uid}_{key}``: owner, fencing token, expiry, and what counts against the step in the run (``Job.run``) that
claimed it last: attempts without an orderly end, failures that could have passed and until when it is not tried again,
and the error that it met for good, where the job does without it. The token grows with each claim.
"""

from __future__ import annotations

import threading
from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from typing import Any, Literal

from dailies.domain.errors import DailiesError, LeaseLost, PermanentError, PoisonStep, record_of, restore
from dailies.domain.job.job import Job
from dailies.domain.job.retention import lease_goes
from dailies.engine.platform import Platform
from dailies.planning.retry import MEDIA_RETRY
from dailies.planning.waiting import Waiting
from dailies.ports.documents import Snapshot, Transaction, Where

MAX_ATTEMPTS = 3
MAX_TRANSIENT_FAILURES = MEDIA_RETRY.attempts
_NOTHING: dict[str, Any] = {"attempts": 0, "failures": 0}
# Of a step that is refused fifty times the last ten are told.
_MOST_TOLD = 10
_LONGEST_REASON = 300
_WORKER_LOST = {"code": "worker_lost", "message": "Its worker ended without a word."}
Ending = Literal["done", "released", "failed", "crashed"]


@dataclass(frozen=True, slots=True)
class Lease:
    """``attempts``: of the run, this one included, without those that had an orderly end; ``failures``: those before it
    that could have passed.

    ``given_back`` is set before its holder gives the step back: whoever takes it from then on takes it from nobody.
    """

    path: str
    owner: str
    token: int
    attempts: int = 1
    failures: int = 0
    tried: tuple[Mapping[str, str], ...] = ()
    """Why the latest of those before it came to nothing: code and message of each."""
    external_id: str | None = None
    """What the step waits for, if it does."""
    wait_ends: datetime | None = None
    """From when on it waits no more for that."""
    given_back: threading.Event = field(default_factory=threading.Event, compare=False, repr=False)

    def last_chance(self, tries: int) -> bool:
        """Whether one more end of that kind, of the worker or by an error, gives up a step that has so many tries."""
        return self.attempts == MAX_ATTEMPTS or self.failures == tries - 1


@dataclass(frozen=True, slots=True)
class LeaseRecord:
    """``token`` grows with each claim; ``failures`` are those of the run that could have passed.

    ``held``: somebody has the step who is not known to be dead; ``free_in`` is how many seconds it can't be claimed.
    """

    token: int
    failures: int
    held: bool = False
    free_in: float = 0.0


def claim(platform: Platform, job: Job, step_id: str, key: str) -> Lease | None:
    """Take the step, or None when a live worker has it, or it has to rest. Counts the attempt in the same transaction.

    That the job has ended since it was read, the worker hears as it would in the midst of the step; that the step was
    finished since, it has to find out when the lease's token says that somebody had it before. Raises PoisonStep when
    the step has taken its worker down MAX_ATTEMPTS times, and what it was refused with in this run.
    """
    path = _path(job, key)
    me = platform.owners.me()

    def take(transaction: Transaction) -> Lease | None:
        held = transaction.get(path)
        if held is not None and not _free(platform, held):
            return None
        before = held.data if held is not None and held.data.get("run") == job.run else _NOTHING
        if _rests(platform, before):
            return None
        if "refusal" in before:
            raise restore(before["refusal"])
        if before["attempts"] >= MAX_ATTEMPTS:
            raise PoisonStep(
                f"The step {step_id} was killed, or its worker, {before['attempts']} times: the source may need more"
                " memory than there is; see the worker's log.",
                step=step_id,
                attempts=before["attempts"],
            )
        tried = list(before.get("tried", ()))
        if held is not None and held.data.get("run") == job.run and held.data["owner"]:
            tried.append(_WORKER_LOST)
        token, attempts = 1 + (held.data["token"] if held else 0), before["attempts"] + 1
        lease = {
            "owner": me,
            "token": token,
            "expires": platform.now() + timedelta(seconds=platform.settings.lease_seconds),
            "remove_after": lease_goes(platform.now(), job.deadline),
            "step": step_id,
            "run": job.run,
            "attempts": attempts,
            "failures": before["failures"],
            "tried": tried[-_MOST_TOLD:],
        }
        external_id, wait_ends = before.get("external_id"), before.get("wait_ends")
        if external_id is not None:
            lease |= {"external_id": external_id, "wait_ends": wait_ends}
        transaction.set(path, lease)
        return Lease(path, me, token, attempts, before["failures"], tuple(tried[-_MOST_TOLD:]), external_id, wait_ends)

    return platform.documents.transaction(take)


def renew(platform: Platform, lease: Lease) -> None:
    """Put the expiry off, unless the step was given back. Raises LeaseLost when somebody else has taken it."""

    def put_off(transaction: Transaction) -> None:
        held = transaction.get(lease.path)
        if lease.given_back.is_set():
            # While the others of its run go on. Another worker may have it already: one whose look at the plan is
            # older than what was committed claims it once more.
            return
        _check(lease, held)
        expires = platform.now() + timedelta(seconds=platform.settings.lease_seconds)
        transaction.update(lease.path, {"expires": expires})

    platform.documents.transaction(put_off)


def check(platform: Platform, lease: Lease) -> None:
    """Raise LeaseLost unless the lease is still ours."""
    _check(lease, platform.documents.get(lease.path))


def settle(
    platform: Platform,
    lease: Lease,
    how: Ending,
    *,
    pause_seconds: float = 0.0,
    error: DailiesError | None = None,
    waiting: Waiting | None = None,
) -> None:
    """Give the step back after an orderly end: the attempt no longer counts, a failure that may pass does.

    Nobody claims it for ``pause_seconds``; the next to do so learns of ``error``, and of what it is ``waiting`` for.

    ``crashed`` is no orderly end of the step, though its worker lives: the attempt counts. A lease that was lost
    meanwhile is left to its new owner.
    """
    lease.given_back.set()

    def give_back(transaction: Transaction) -> None:
        held = transaction.get(lease.path)
        if held is None or held.data["owner"] != lease.owner or held.data["token"] != lease.token:
            return
        attempts, failures = held.data["attempts"] - (how != "crashed"), held.data["failures"] + (how == "failed")
        if how == "done":
            attempts = failures = 0
        tried = [*held.data.get("tried", ()), *([reason_of(error)] if error is not None else [])]
        # The document stays, expired: its token is what keeps later claims' tokens growing.
        given_back = {"expires": platform.now(), "owner": "", "attempts": attempts, "failures": failures}
        given_back["tried"] = [] if how == "done" else tried[-_MOST_TOLD:]
        if how == "done" and lease.external_id is not None:
            given_back["external_id"] = None
        pause = pause_seconds
        if waiting is not None:
            known = waiting.external_id == lease.external_id
            ends = lease.wait_ends if known and lease.wait_ends is not None else platform.now() + waiting.most
            given_back |= {"external_id": waiting.external_id, "wait_ends": ends}
            pause = min(waiting.check_after, (ends - platform.now()).total_seconds())
        if pause > 0:
            given_back["not_before"] = platform.now() + timedelta(seconds=pause)
        transaction.update(lease.path, given_back)

    platform.documents.transaction(give_back)


def reason_of(error: DailiesError) -> dict[str, str]:
    """Why an attempt came to nothing, short enough to be kept with its step."""
    return {"code": error.error_code, "message": error.message[:_LONGEST_REASON]}


def wake(platform: Platform, uid: str, key: str) -> tuple[str, str] | None:
    """Let the step that waits be claimed at once; returns the job's run and its id, None where none waits there."""
    path = f"leases/{uid}_{key}"

    def let(transaction: Transaction) -> tuple[str, str] | None:
        held = transaction.get(path)
        if held is None or held.data.get("external_id") is None or held.data["owner"] or "refusal" in held.data:
            return None
        transaction.update(path, {"not_before": platform.now()})
        return held.data["run"], held.data["step"]

    return platform.documents.transaction(let)


def refuse(platform: Platform, job: Job, key: str, error: PermanentError, lease: Lease | None = None) -> None:
    """Let the job's workers know that the step failed for good in this run, and give it back if this worker has it."""
    path, me = _path(job, key), platform.owners.me()
    if lease is not None:
        lease.given_back.set()

    def note(transaction: Transaction) -> None:
        held = transaction.get(path)
        if held is None or held.data["run"] != job.run or (held.data["owner"] != me and not _free(platform, held)):
            # Another job's worker runs it now: what that finds counts.
            return
        # Failures that led to it are told by it, and are no more a reason to end the job.
        refused = {"expires": platform.now(), "owner": "", "failures": 0, "refusal": record_of(error)}
        transaction.update(path, refused)

    platform.documents.transaction(note)


def refused_in(platform: Platform, job: Job) -> dict[str, dict[str, Any]]:
    """The steps that failed for good in the job's present run, by id, with their errors' records."""
    if not any(output.optional for output in job.recipe.outputs.values()):
        # Only with an output that may be missing does a job go on after a step has failed.
        return {}
    return {held.data["step"]: held.data["refusal"] for held in _of_run(platform, job) if "refusal" in held.data}


def claimed_in(platform: Platform, job: Job) -> dict[str, LeaseRecord]:
    """The steps that were claimed in the job's present run, by id."""
    found = _of_run(platform, job)
    return {held.data["step"]: _record(platform, held) for held in found}


def record_for(platform: Platform, job: Job, key: str) -> LeaseRecord | None:
    """What is known of the step under ``key``, whichever job has claimed it last."""
    held = platform.documents.get(_path(job, key))
    return None if held is None else _record(platform, held)


def lapsed_owners(platform: Platform, job: Job) -> set[str]:
    """Who claimed steps in the job's present run, and neither renewed the lease in time nor gave it back."""
    now, found = platform.now(), _of_run(platform, job)
    return {str(held.data["owner"]) for held in found if held.data["owner"] and held.data["expires"] <= now}


def _path(job: Job, key: str) -> str:
    return f"leases/{job.uid}_{key}"


def _of_run(platform: Platform, job: Job) -> list[Snapshot]:
    """The leases of what was claimed last in the job's present run."""
    return platform.documents.query("leases", where=[Where("run", "==", job.run)])


def _free(platform: Platform, held: Snapshot) -> bool:
    owner = held.data["owner"]
    return not owner or held.data["expires"] <= platform.now() or platform.owners.is_dead(owner)


def _rests(platform: Platform, data: Mapping[str, Any]) -> bool:
    return "not_before" in data and data["not_before"] > platform.now()


def _record(platform: Platform, held: Snapshot) -> LeaseRecord:
    now, data = platform.now(), held.data
    busy = not _free(platform, held)
    until = data["expires"] if busy else data.get("not_before", now)
    return LeaseRecord(data["token"], data["failures"], busy, max(0.0, (until - now).total_seconds()))


def _check(lease: Lease, held: Snapshot | None) -> None:
    if held is None or held.data["owner"] != lease.owner or held.data["token"] != lease.token:
        raise LeaseLost("Another worker took the step over; this attempt is dropped.")
