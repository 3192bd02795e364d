"""How long documents are kept. Each that may go carries the time: Firestore's TTL removes it, `dailies gc` here."""

from __future__ import annotations

from datetime import datetime, timedelta

RECORDS_AGE = timedelta(days=30)
"""Ended jobs with their progress, and what a user who has none has used."""
LEASES_AGE = timedelta(hours=48)
"""After the last job that can claim the step has ended: until then the fencing token has to go on growing."""


def record_goes(last_needed: datetime) -> datetime:
    """When the record of what was over at that time may be removed."""
    return last_needed + RECORDS_AGE


def lease_goes(now: datetime, deadline: datetime) -> datetime:
    """When a lease claimed now, by a job that ends by ``deadline``, may be removed."""
    return max(now, deadline) + LEASES_AGE
