"""Asks for :func:`advance`, without what it needs to do it: most who ask do nothing else with a plan."""

from __future__ import annotations

from dailies.engine.platform import Platform

QUEUE = "advance"


def enqueue_batch(platform: Platform, batch_id: str, *, delay_seconds: float = 0) -> None:
    """Ask for a look at the batch; more often than needed is harmless."""
    platform.tasks.enqueue(QUEUE, {"batch": batch_id}, delay_seconds=delay_seconds)


def enqueue_advance(platform: Platform, job_id: str, *, delay_seconds: float = 0) -> None:
    """Ask for :func:`advance`; more often than needed is harmless."""
    platform.tasks.enqueue(QUEUE, {"job_id": job_id}, delay_seconds=delay_seconds)
