"""The routes that tell of jobs, and end them."""

from __future__ import annotations

from datetime import timedelta
from typing import Any

from dailies.domain.errors import InvalidRequest
from dailies.domain.job.job import Job
from dailies.domain.job.result import OutputResult
from dailies.rest import answers, calls
from dailies.rest.route import Asked, Reply
from dailies.services.history import clear_operations
from dailies.services.job_list import JobFilter, kinds_of, list_page
from dailies.services.job_status import JobStatus, job_status, main_download
from dailies.services.jobs import cancel_job as end_job, owned_job
from dailies.services.share import share_link


def list_jobs(asked: Asked) -> Reply:
    query: calls.ListJobs = asked.query
    require_zones(query)
    wanted = JobFilter(query.state, query.kind, query.created_since, query.created_until)
    page = list_page(asked.platform, asked.uid, wanted, query.limit, query.cursor)
    jobs = [answers.JobBrief(**_brief(job)) for job in page.jobs]
    return Reply(answers.JobPageAnswer(jobs=jobs, next_cursor=page.cursor))


def require_zones(call: calls.ListJobs | calls.JobsOf) -> None:
    """Raise InvalidRequest for a time that may be anywhere's."""
    for name in ("created_since", "created_until"):
        if (moment := getattr(call, name)) is not None and moment.tzinfo is None:
            raise InvalidRequest(f"{name}: it needs a zone, such as a Z at its end.", field=name)


def get_job(asked: Asked) -> Reply:
    found = job_status(asked.platform, asked.uid, asked.path["job_id"])
    operation = found.operation
    answer = answers.JobAnswer(
        **_brief(found.job),
        progress=operation.get("progress", 0),
        message=operation.get("message", ""),
        steps={name: answers.StepAnswer(**step) for name, step in operation.get("steps", {}).items()},
        recipe=found.job.recipe.model_dump(mode="json", exclude_none=True),
        result=None if found.result is None else found.result.model_dump(mode="json"),
        error=_error(found.job),
    )
    return Reply(answer)


def get_job_status(asked: Asked) -> Reply:
    found = job_status(asked.platform, asked.uid, asked.path["job_id"])
    answer = answers.StatusAnswer(
        job_id=found.job.id,
        status=found.job.state,
        progress=found.operation.get("progress", 0),
        message=found.operation.get("message", ""),
        created_at=found.job.created,
        completed_at=found.job.finished,
        result=_result(asked, found),
        error=_error(found.job),
    )
    return Reply(answer)


def cancel_job(asked: Asked) -> Reply:
    job = owned_job(asked.platform, asked.uid, asked.path["job_id"])
    return Reply(answers.CancelAnswer(job_id=job.id, status=end_job(asked.platform, job.id).state))


def share_job(asked: Asked) -> Reply:
    call: calls.ShareJob = asked.body
    made = share_link(asked.platform, asked.uid, asked.path["job_id"], timedelta(seconds=call.seconds))
    return Reply(answers.LinkAnswer(url=made.url, expires_at=made.expires))


def clear_jobs(asked: Asked) -> Reply:
    call: calls.ClearJobs = asked.body
    cleared = clear_operations(asked.platform, asked.uid, call.job_ids, cleared=call.cleared)
    return Reply(answers.ClearedAnswer(job_ids=cleared))


def _brief(job: Job) -> dict[str, Any]:
    return {
        "job_id": job.id,
        "status": job.state,
        "kinds": kinds_of(job),
        "file_name": job.file_name,
        "created_at": job.created,
        "completed_at": job.finished,
    }


def _error(job: Job) -> answers.ErrorAnswer | None:
    error = job.error
    return None if error is None else answers.ErrorAnswer(code=error["code"], message=error["message"])


def _result(asked: Asked, found: JobStatus) -> answers.ResultAnswer | None:
    if found.result is None or (made := _first(found)) is None:
        return None
    name, output = made
    download = main_download(asked.platform, found)
    return answers.ResultAnswer(
        output=name,
        download_url=None if download is None else download.request.url,
        file_size=output.bytes,
        duration=output.duration_seconds,
        quality_score=getattr(output.facts, "quality_score", None),
    )


def _first(found: JobStatus) -> tuple[str, OutputResult] | None:
    outputs = {} if found.result is None else found.result.outputs
    return next(((name, outputs[name]) for name in found.job.recipe.outputs if name in outputs), None)
