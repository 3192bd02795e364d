"""The result of a completed job with URLs to fetch its files."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import PurePosixPath

from dailies.domain.errors import NotFound, PermanentError
from dailies.domain.job.job import JobState
from dailies.domain.job.result import JobResult, result_of
from dailies.engine.plan_state import plan_state_of
from dailies.engine.platform import Platform
from dailies.engine.store.artifacts import Artifacts
from dailies.planning.operation import MAIN_FILE
from dailies.ports.signed_urls import MAX_DOWNLOAD_TIME, SignedRequest
from dailies.services.delivery import file_names
from dailies.services.jobs import owned_job


@dataclass(frozen=True, slots=True)
class Download:
    """``file_name`` is what it should be called on disk."""

    request: SignedRequest
    file_name: str
    media_type: str


@dataclass(frozen=True, slots=True)
class FetchableResult:
    result: JobResult
    downloads: Mapping[str, Download]
    """By output name, each valid until its ``expires``: 12 hours at most, then ask again."""
    beside: Mapping[str, Mapping[str, Download]]
    """The other files of outputs that have several: by output name, then by the file's."""


def get_result(platform: Platform, uid: str, job_id: str) -> FetchableResult:
    """The result, its URLs signed now.

    Raises NotFound (no such job of this user; ``output_expired`` when retention took a file) and PermanentError
    ``job_not_completed``.
    """
    job = owned_job(platform, uid, job_id)
    if job.state is not JobState.COMPLETED:
        raise PermanentError(
            f"Job {job_id} is {job.state.value}: there is a result once it is completed.",
            code="job_not_completed",
            status=job.state.value,
        )
    plan_state = plan_state_of(job, Artifacts(platform.objects, uid), platform.registry, platform.toolchain())
    names = file_names(platform, job.recipe.outputs)
    downloads: dict[str, Download] = {}
    beside: dict[str, dict[str, Download]] = {}
    result = result_of(job.result, job.recipe)
    for name in result.outputs:
        artifact = plan_state.artifacts.get(plan_state.plan.outputs[name])
        if artifact is None:
            raise NotFound(f"The output {name} is no longer in the store: upload it again.", code="output_expired")
        for role, file in artifact.files.items():
            called = PurePosixPath(names[name]).name if role == MAIN_FILE else role
            request = platform.urls.download(
                file.object, file_name=called, media_type=file.media_type, valid=MAX_DOWNLOAD_TIME
            )
            download = Download(request, called, file.media_type)
            if role == MAIN_FILE:
                downloads[name] = download
            else:
                beside.setdefault(name, {})[role] = download
    return FetchableResult(result, downloads, beside)
