"""Has a job's events read by all who make something of them: each with a cursor of its own, and none holds up another.

A reader passes no event twice, and makes what it makes in the transaction that moves its cursor
(:func:`~dailies.engine.store.readers.read_on`). The engine calls none of them.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator

from dailies.domain.errors import DailiesError, NotFound
from dailies.domain.job.job import Job
from dailies.engine.platform import Platform
from dailies.engine.store.jobs import load_job
from dailies.engine.store.readers import heard, unheard_jobs
from dailies.logs import Logger

Reader = Callable[[Platform, Job], bool]
"""Reads on in the job's events, idempotently; whether anybody is to be told of any."""

_MOST_AT_ONCE = 500

log = Logger(__name__)


def relay_events(platform: Platform, job_id: str) -> None:
    """Have everybody told who is to be told of what has happened to the job. Idempotent.

    Raises what a reader has raised, once all have had their turn: TransientError of the store.
    """
    try:
        job = load_job(platform, job_id)
    except NotFound:
        return
    told, failed = False, None
    for reader in _readers():
        try:
            told = reader(platform, job) or told
        except DailiesError as error:
            failed = failed or error
    if failed is not None:
        raise failed
    if told and job.state.terminal:
        heard(platform, job_id)


def resume_relays(platform: Platform) -> None:
    """Relay the ends of jobs that some reader has not passed: who ended them was killed, or has no time. Idempotent."""
    for job_id in unheard_jobs(platform, _MOST_AT_ONCE):
        try:
            relay_events(platform, job_id)
        except DailiesError as error:
            # It holds up no other, and the next round tries it again.
            log.warning("events could not be relayed", job=job_id, code=error.error_code, error=error.message)
        else:
            heard(platform, job_id)


def _readers() -> Iterator[Reader]:
    # Each is imported by who relays, and every command imports this.
    from dailies.services.notifications.telling import tell_person
    from dailies.services.webhooks.telling import tell_endpoints

    yield tell_endpoints
    yield tell_person
