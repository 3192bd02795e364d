"""Leases: at most one live worker runs a step, and one that lost its lease commits nothing.

A lease belongs to the step's key, so two jobs that need the same artifact share the work. Its document is
``leases/{uid}_{key}``: owner, fencing token, expiry. The token grows with each claim.
"""

from __future__ import annotations

import threading
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from datetime import timedelta

from dailies.domain.errors import DailiesError, LeaseLost, PoisonStep
from dailies.domain.job import JobState, StepRecord
from dailies.domain.stop import StopToken
from dailies.engine.jobs import job_path, read_job
from dailies.engine.platform import Platform
from dailies.ports.documents import Snapshot, Transaction

MAX_ATTEMPTS = 3


@dataclass(frozen=True, slots=True)
class Lease:
    path: str
    owner: str
    token: int


def claim(
    platform: Platform, job_id: str, step_id: str, uid: str, key: str, seen: StepRecord | None = None
) -> Lease | None:
    """Take the step, or None when a live worker has it or the job is not being processed any more.

    None also when another worker has finished it since the job's record of it was ``seen``. Counts the attempt on the
    job in the same transaction. Raises PoisonStep when the step has taken its worker down MAX_ATTEMPTS times.
    """
    path = f"leases/{uid}_{key}"
    me = platform.owners.me()

    def take(transaction: Transaction) -> Lease | None:
        job = read_job(transaction, job_id)
        held = transaction.get(path)
        if job.state is not JobState.PROCESSING or (held is not None and not _free(platform, held)):
            return None
        record = job.steps.get(step_id, StepRecord())
        if record.status == "done" and seen is not None and record != seen:
            return None
        if record.attempts >= MAX_ATTEMPTS:
            raise PoisonStep(
                f"The step {step_id} ended its worker {record.attempts} times: the source may need more memory"
                " than there is; see the worker's log.",
                step=step_id,
                attempts=record.attempts,
            )
        token = 1 + (held.data["token"] if held else 0)
        expires = platform.now() + timedelta(seconds=platform.settings.lease_seconds)
        transaction.set(path, {"owner": me, "token": token, "expires": expires, "job": job_id, "step": step_id})
        counted = record.model_copy(update={"attempts": record.attempts + 1})
        transaction.update(job_path(job_id), {f"steps.{step_id}": counted.model_dump(mode="json")})
        return Lease(path, me, token)

    return platform.documents.transaction(take)


def renew(platform: Platform, lease: Lease) -> None:
    """Put the expiry off. Raises LeaseLost when somebody else has the step."""

    def put_off(transaction: Transaction) -> None:
        held = transaction.get(lease.path)
        if held is not None and held.data["token"] == lease.token and not held.data["owner"]:
            # Settled a moment ago, while the others of its run go on: nobody has taken it over.
            return
        _check(lease, held)
        expires = platform.now() + timedelta(seconds=platform.settings.lease_seconds)
        transaction.update(lease.path, {"expires": expires})

    platform.documents.transaction(put_off)


def check(platform: Platform, lease: Lease) -> None:
    """Raise LeaseLost unless the lease is still ours."""
    _check(lease, platform.documents.get(lease.path))


def settle(platform: Platform, lease: Lease, job_id: str, step_id: str, record: StepRecord) -> None:
    """Give the step back after an orderly end and keep ``record`` of it. The attempt no longer counts.

    A lease that was lost meanwhile is left to its new owner.
    """

    def give_back(transaction: Transaction) -> None:
        held = transaction.get(lease.path)
        job = transaction.get(job_path(job_id))
        if held is None or held.data["owner"] != lease.owner or held.data["token"] != lease.token:
            return
        # The document stays, expired: its token is what keeps later claims' tokens growing.
        transaction.update(lease.path, {"expires": platform.now(), "owner": ""})
        if job is not None:
            transaction.update(job_path(job_id), {f"steps.{step_id}": record.model_dump(mode="json")})

    platform.documents.transaction(give_back)


@contextmanager
def heartbeat(platform: Platform, leases: list[Lease], stop: StopToken) -> Iterator[None]:
    """Renew ``leases`` while the block runs; a lost one stops the work through ``stop``."""
    done = threading.Event()

    def beat() -> None:
        while not done.wait(platform.settings.heartbeat_seconds):
            try:
                for lease in leases:
                    renew(platform, lease)
            except LeaseLost:
                stop.set("lease_lost")
                return
            except DailiesError:
                # The lease outlives several missed beats; if the store stays away it expires by itself.
                continue

    thread = threading.Thread(target=beat, name="heartbeat", daemon=True)
    thread.start()
    try:
        yield
    finally:
        done.set()
        thread.join()


def _free(platform: Platform, held: Snapshot) -> bool:
    owner = held.data["owner"]
    return not owner or held.data["expires"] <= platform.now() or platform.owners.is_dead(owner)


def _check(lease: Lease, held: Snapshot | None) -> None:
    if held is None or held.data["owner"] != lease.owner or held.data["token"] != lease.token:
        raise LeaseLost("Another worker took the step over; this attempt is dropped.")
