"""The result of a completed job with URLs to fetch its files."""

from __future__ import annotations

import re
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import timedelta
from pathlib import PurePosixPath

from dailies.domain.errors import NotFound, PermanentError
from dailies.domain.job.job import Job, JobState
from dailies.domain.job.result import JobResult, result_of
from dailies.engine.plan_state import plan_state_of
from dailies.engine.platform import Platform
from dailies.engine.store.artifacts import Artifacts
from dailies.planning.operation import MAIN_FILE, Artifact, StoredFile
from dailies.ports.signed_urls import MAX_DOWNLOAD_TIME, SignedRequest
from dailies.services.delivery import file_names
from dailies.services.jobs import owned_job

# What a file system, also that of another machine, takes for something else than a letter.
_NO_LETTERS = re.compile(r'[\\/:*?"<>|]+')
_MAX_STEM = 120


@dataclass(frozen=True, slots=True)
class Download:
    """``file_name`` is what it should be called on disk, ``object`` its name in the store."""

    request: SignedRequest
    file_name: str
    media_type: str
    object: str


@dataclass(frozen=True, slots=True)
class ResultFile:
    """A file of an output: its name in the store, and what it should be called on disk."""

    object: str
    file_name: str
    media_type: str


@dataclass(frozen=True, slots=True)
class FetchableResult:
    result: JobResult
    downloads: Mapping[str, Download]
    """By output name, each valid until its ``expires``: 12 hours at most, then ask again."""
    beside: Mapping[str, Mapping[str, Download]]
    """The other files of outputs that have several: by output name, then by the file's."""


def made_by(platform: Platform, uid: str, job_id: str) -> Mapping[str, Artifact]:
    """What a completed job of the user has made, by output name. Raises as :func:`get_result`."""
    return _made(platform, _completed(platform, uid, job_id))


def main_file_of(platform: Platform, uid: str, job_id: str, output: str) -> StoredFile:
    """The main file of an output of the user's job. Raises NotFound ``output_not_found``, and as :func:`made_by`."""
    made = made_by(platform, uid, job_id)
    if output not in made:
        raise NotFound(f"The job {job_id} has no output {output[:64]!r}: see its result.", code="output_not_found")
    return made[output].files[MAIN_FILE]


def _completed(platform: Platform, uid: str, job_id: str) -> Job:
    job = owned_job(platform, uid, job_id)
    if job.state is not JobState.COMPLETED:
        raise PermanentError(
            f"Job {job_id} is {job.state.value}: there is a result once it is completed.",
            code="job_not_completed",
            status=job.state.value,
        )
    return job


def _made(platform: Platform, job: Job) -> Mapping[str, Artifact]:
    state = plan_state_of(job, Artifacts(platform.objects, job.uid), platform.registry, platform.toolchain())
    made: dict[str, Artifact] = {}
    for name in result_of(job.result, job.recipe).outputs:
        artifact = state.artifacts.get(state.plan.outputs[name])
        if artifact is None:
            raise NotFound(f"The output {name} is no longer in the store: upload it again.", code="output_expired")
        made[name] = artifact
    return made


def get_result(platform: Platform, uid: str, job_id: str, valid: timedelta = MAX_DOWNLOAD_TIME) -> FetchableResult:
    """The result, its URLs signed now. Files are called after the source, but for those that name one another.

    Raises NotFound (no such job of this user; ``output_expired`` when retention took a file) and PermanentError
    ``job_not_completed``.
    """
    job = _completed(platform, uid, job_id)
    downloads: dict[str, Download] = {}
    beside: dict[str, dict[str, Download]] = {}
    for name, files in _files(platform, job).items():
        for role, file in files.items():
            if role == MAIN_FILE:
                downloads[name] = sign(platform, file, valid)
            else:
                beside.setdefault(name, {})[role] = sign(platform, file, valid)
    return FetchableResult(result_of(job.result, job.recipe), downloads, beside)


def files_of(platform: Platform, uid: str, job_id: str) -> Mapping[str, Mapping[str, ResultFile]]:
    """By output name and role, for who needs one of them signed: in the cloud each is a request of its own.

    Raises as :func:`get_result`.
    """
    return _files(platform, _completed(platform, uid, job_id))


def _files(platform: Platform, job: Job) -> dict[str, dict[str, ResultFile]]:
    names = file_names(platform, job.recipe.outputs)
    found: dict[str, dict[str, ResultFile]] = {}
    for name, artifact in _made(platform, job).items():
        for role, file in artifact.files.items():
            called = PurePosixPath(names[name]).name if role == MAIN_FILE else role
            if len(artifact.files) == 1:
                called = _after_the_source(job.file_name, called)
            found.setdefault(name, {})[role] = ResultFile(file.object, called, file.media_type)
    return found


def sign(platform: Platform, file: ResultFile, valid: timedelta = MAX_DOWNLOAD_TIME) -> Download:
    """The file as a download that is good for so long."""
    return signed_download(platform, file.object, file.file_name, file.media_type, valid)


def signed_download(platform: Platform, name: str, called: str, media_type: str, valid: timedelta) -> Download:
    """The object as a download that is good for so long."""
    request = platform.urls.download(name, file_name=called, media_type=media_type, valid=valid)
    return Download(request, called, media_type, name)


def _after_the_source(source: str | None, called: str) -> str:
    """``interview-podcast.mp3`` where the source is ``interview.wav``."""
    stem = _NO_LETTERS.sub("_", PurePosixPath(source or "").stem)[:_MAX_STEM].strip(". ")
    return f"{stem}-{called}" if stem else called
