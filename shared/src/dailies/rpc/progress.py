"""ProgressTrackingService: tells how far a job is, once or as it goes on."""

from __future__ import annotations

from collections.abc import Iterator

from dailies.domain.errors import InvalidRequest
from dailies.domain.job.job import Job, JobState
from dailies.rpc import encoding
from dailies.rpc.call import Asked
from dailies.rpc.wire import dailies_pb2 as wire
from dailies.services.follow_job import Progress, follow_job, has_more
from dailies.services.job_status import job_status
from dailies.services.jobs import owned_job


def track_progress(asked: Asked) -> wire.TrackProgressResponse:
    found = job_status(asked.platform, asked.uid, asked.message.job_id)
    steps = {name: step["progress"] for name, step in found.operation.get("steps", {}).items()}
    return wire.TrackProgressResponse(progress=encoding.progress(found.job.state, found.operation), step_percents=steps)


def subscribe_progress(asked: Asked) -> Iterator[wire.SubscribeProgressResponse]:
    message: wire.SubscribeProgressRequest = asked.message
    if message.after_sequence < 0:
        raise InvalidRequest("after_sequence: 0, or the sequence of an event of this job.", field="after_sequence")
    job = owned_job(asked.platform, asked.uid, message.job_id)
    for found in told(asked, job, message.after_sequence):
        if isinstance(found, wire.Progress):
            yield wire.SubscribeProgressResponse(progress=found)
        else:
            yield wire.SubscribeProgressResponse(event=found)


def told(asked: Asked, job: Job, after: int) -> Iterator[wire.JobEvent | wire.Progress]:
    """What happens to the job behind that sequence, until it has ended, the time is over, or nobody listens."""
    if not has_more(asked.platform, job, after):
        return
    following = follow_job(asked.platform, job, after, asked.stream_seconds())
    try:
        for found in following:
            if not asked.listens():
                return
            if isinstance(found, Progress):
                yield encoding.progress(JobState(found.operation["status"]), found.operation)
            elif found is not None:
                yield encoding.event(found)
    finally:
        following.close()
