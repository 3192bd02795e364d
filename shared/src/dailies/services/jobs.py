"""Making, listing and cancelling jobs."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import timedelta

from dailies.domain.errors import Conflict, NotFound, TransientError
from dailies.domain.job.job import Job, JobState, Source, UrlSource
from dailies.domain.model import digest_of
from dailies.domain.recipe.recipe import Recipe
from dailies.engine.advance_queue import enqueue_advance
from dailies.engine.platform import Platform
from dailies.engine.store.jobs import job_path, load_job, move_job, new_job_id, write_new
from dailies.logs import Logger
from dailies.ports.documents import Transaction, Where

log = Logger(__name__)


@dataclass(frozen=True, slots=True)
class Joined:
    """``created`` is False when an unfinished job for the same wish existed and was joined.

    ``owned``: this process made the job, or took it over from one that has died.
    """

    job: Job
    created: bool
    owned: bool


def create_job(platform: Platform, uid: str, source: Source, recipe: Recipe, file_name: str | None = None) -> Joined:
    """A command's queued job for this source and recipe, or the unfinished one that exists already.

    Safe when called twice at once: both calls get the same job. The job is also put in the queue, again for
    one that was joined. If whoever made that one is dead, the caller takes its place, and what counts against its
    steps is forgotten: that their worker was killed with all the rest says nothing about them.
    """
    wish = digest_of([uid, source.model_dump(mode="json"), recipe.model_dump(mode="json")])
    join_path = f"joins/{wish}"
    now = platform.now()
    job = Job(
        id=new_job_id(now),
        uid=uid,
        state=JobState.QUEUED,
        recipe=recipe,
        source=source,
        file_name=file_name,
        by_command=True,
        created=now,
        updated=now,
        deadline=now + timedelta(hours=platform.settings.job_max_hours),
    )

    def join_or_create(transaction: Transaction) -> Joined:
        joined = transaction.get(join_path)
        if joined is not None:
            known = transaction.get(job_path(joined.data["job"]))
            if known is not None and not JobState(known.data["state"]).terminal:
                owned = platform.owners.is_dead(str(joined.data.get("owner", "")))
                taken = Job.model_validate(known.data)
                if owned:
                    taken = taken.model_copy(update={"resumed": taken.resumed + 1})
                    transaction.update(join_path, {"owner": platform.owners.me()})
                    transaction.update(known.path, {"resumed": taken.resumed})
                return Joined(taken, created=False, owned=owned)
        transaction.set(join_path, {"job": job.id, "created": now, "owner": platform.owners.me()})
        write_new(transaction, job)
        return Joined(job, created=True, owned=True)

    outcome = platform.documents.transaction(join_or_create)
    enqueue_advance(platform, outcome.job.id)
    return outcome


def shown_source(job: Job) -> str:
    """What the job's source is called: a file's path, a URL without its query, else an object's name."""
    if job.fetched is not None:
        return job.fetched.url
    if isinstance(job.source, UrlSource):
        return job.source.url.partition("?")[0]
    return (job.file_name or job.source.path) if job.source.kind == "file" else job.source.name


def list_jobs(platform: Platform, uid: str, limit: int = 50) -> list[Job]:
    """The user's jobs, newest first."""
    found = platform.documents.query(
        "jobs", where=[Where("uid", "==", uid)], order_by="created", descending=True, limit=limit
    )
    return [Job.model_validate(snapshot.data) for snapshot in found]


def owned_job(platform: Platform, uid: str, job_id: str) -> Job:
    """The user's own job. Raises NotFound, also for another's: that it exists is nobody else's business."""
    missing = NotFound(f"There is no job {job_id}: check its id.", job_id=job_id)
    snapshot = platform.documents.get(job_path(job_id))
    if snapshot is None or snapshot.data["uid"] != uid:
        raise missing
    return Job.model_validate(snapshot.data)


def cancel_job(platform: Platform, job_id: str) -> Job:
    """Cancel at any moment: no further step is claimed, running ones are stopped and leave nothing behind.

    Idempotent. Raises NotFound; Conflict ``job_state`` for a job that has ended otherwise.
    """
    job = load_job(platform, job_id)
    if job.state.terminal and job.state is not JobState.CANCELLED:
        raise Conflict(f"Job {job_id} is {job.state.value} already: nothing to cancel.", code="job_state")
    job = move_job(platform, job_id, JobState.CANCELLED)
    try:
        platform.workers.cancel(job_id)
    except TransientError as error:
        # The job has ended all the same, and they watch it.
        log.warning("the workers could not be told", job=job_id, code=error.error_code, error=error.message)
    return job
