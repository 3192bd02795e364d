"""E-mails in the document store: ``mail_outbox/{id}``, which no user's rules lead to."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from datetime import timedelta
from typing import Any

from dailies.domain.job.mail import Mail
from dailies.domain.job.retention import record_goes
from dailies.engine.platform import Platform
from dailies.ports.documents import Transaction, Where, Writes


def mail_writes(made: Sequence[Mail]) -> Writes:
    """What writes them, new."""
    return {_path(each.id): _document(each) for each in made}


def find_mail(platform: Platform, mail_id: str) -> Mail | None:
    snapshot = platform.documents.get(_path(mail_id))
    return None if snapshot is None else Mail.model_validate(snapshot.data)


def change_mails(platform: Platform, mails: Sequence[Mail], change: Callable[[Mail], Mail]) -> list[Mail]:
    """Write what ``change`` makes of each, unless it is the same, all at once; it may raise.

    Those that are gone are left out.
    """

    def write(transaction: Transaction) -> list[Mail]:
        found = [transaction.get(_path(each.id)) for each in mails]
        known = [Mail.model_validate(each.data) for each in found if each is not None]
        changed = [change(each) for each in known]
        for before, each in zip(known, changed, strict=True):
            if each is not before:
                transaction.set(_path(each.id), _document(each))
        return changed

    return platform.documents.transaction(write)


def pending_mails(platform: Platform, uid: str, limit: int) -> list[Mail]:
    """The user's that are yet to be sent, due or not."""
    where = [Where("uid", "==", uid), Where("state", "==", "pending")]
    found = platform.documents.query("mail_outbox", where=where, limit=limit)
    return [Mail.model_validate(each.data) for each in found]


def mails_of(platform: Platform, uid: str, limit: int) -> list[Mail]:
    """The user's newest, newest first."""
    found = platform.documents.query(
        "mail_outbox", where=[Where("uid", "==", uid)], order_by="created", descending=True, limit=limit
    )
    return [Mail.model_validate(each.data) for each in found]


def late_mails(platform: Platform, age: timedelta, limit: int) -> list[Mail]:
    """Those that somebody should have looked at so long ago: their task was lost."""
    late = platform.now() - age
    found = platform.documents.query("mail_outbox", where=[Where("due", "<", late)], order_by="due", limit=limit)
    return [Mail.model_validate(each.data) for each in found]


def _document(mail: Mail) -> dict[str, Any]:
    """``due`` is there while something is to be done: what has ended is in no index of it."""
    due = {"due": mail.next_at} if mail.open else {}
    return {**mail.model_dump(mode="json"), "created": mail.created, "remove_after": record_goes(mail.created), **due}


def _path(mail_id: str) -> str:
    return f"mail_outbox/{mail_id}"
