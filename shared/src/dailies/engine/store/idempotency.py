"""What a call with an Idempotency-Key came to: ``idempotency/{digest}``, so that repeating it changes nothing more.

Before anything is made, the id that it will have is set aside in the record. Whoever goes on behind a caller that died
makes the thing of that very id, or finds it made: nothing is made twice, wherever the other was killed.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import timedelta

from dailies.domain.errors import Conflict, InvalidRequest
from dailies.domain.model import digest_of
from dailies.engine.platform import Platform
from dailies.engine.store.jobs import new_job_id
from dailies.ports.documents import Snapshot, Transaction

KEPT = timedelta(hours=24)
# A caller of which nobody can tell whether it lives has had its time by then.
_IN_FLIGHT = timedelta(minutes=2)
_ASK_AGAIN_SECONDS = 1.0


class KeyReused(InvalidRequest):
    """The key has been sent with another call."""

    code = "idempotency_key_reused"
    status = 422


@dataclass(frozen=True, slots=True)
class Kept:
    """An answer as it was given."""

    status: int
    text: str
    headers: Mapping[str, str]


@dataclass(frozen=True, slots=True)
class Begun:
    """The call is this process's to make; ``new_id`` is set aside for what it makes."""

    path: str
    new_id: str


def begin(platform: Platform, uid: str, key: str, fingerprint: str) -> Begun | Kept:
    """The answer that is kept for the key, or the right to make the call, until it is finished or released.

    Raises KeyReused where the key came with another ``fingerprint``; Conflict ``idempotency_in_flight`` while another
    makes the call.
    """
    path = f"idempotency/{digest_of([uid, key])}"

    def write(transaction: Transaction) -> Begun | Kept:
        known = transaction.get(path)
        now = platform.now()
        if known is None or known.data["ends"] <= now:
            new_id = new_job_id(now)
        elif known.data["fingerprint"] != fingerprint:
            raise KeyReused("This Idempotency-Key was sent with another call: take a new one.", field="Idempotency-Key")
        elif "text" in known.data:
            return Kept(known.data["status"], known.data["text"], known.data["headers"])
        elif not _abandoned(platform, known):
            raise Conflict(
                "The first call with this Idempotency-Key is still under way: ask again in a moment.",
                code="idempotency_in_flight",
                retry_after=_ASK_AGAIN_SECONDS,
            )
        else:
            new_id = known.data["new_id"]
        record = {"fingerprint": fingerprint, "new_id": new_id, "owner": platform.owners.me(), "begun": now}
        transaction.set(path, {**record, "uid": uid, "ends": now + KEPT, "remove_after": now + KEPT})
        return Begun(path, new_id)

    return platform.documents.transaction(write)


def finish(platform: Platform, begun: Begun, answer: Kept) -> None:
    """Keep the answer for 24 hours from the call's beginning."""
    kept = {"status": answer.status, "text": answer.text, "headers": dict(answer.headers)}
    platform.documents.update(begun.path, kept)


def release(platform: Platform, begun: Begun) -> None:
    """The call came to nothing, or nobody knows: whoever repeats it makes it, with the id set aside. Idempotent."""
    platform.documents.update(begun.path, {"begun": platform.now() - _IN_FLIGHT})


def _abandoned(platform: Platform, known: Snapshot) -> bool:
    owner = str(known.data["owner"])
    if platform.owners.is_dead(owner):
        return True
    age: timedelta = platform.now() - known.data["begun"]
    return age >= _IN_FLIGHT
