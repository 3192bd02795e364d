"""A job's source as it still is in the store: to be heard beside what was made of it, or worked on again."""

from __future__ import annotations

import mimetypes

from dailies.domain.errors import NotFound
from dailies.domain.job.job import Job, ObjectSource
from dailies.engine.platform import Platform
from dailies.ports.signed_urls import MAX_DOWNLOAD_TIME
from dailies.services.jobs import owned_job
from dailies.services.result import Download, signed_download


def source_download(platform: Platform, uid: str, job_id: str) -> Download:
    """The upload itself. Raises NotFound (no such job of this user; ``source_gone`` when it isn't kept any more)."""
    job = owned_job(platform, uid, job_id)
    name = stored_source(platform, job).name
    # A stranger's file: it is never shown as anything but media, whatever its name says.
    guessed = mimetypes.guess_type(job.file_name or "")[0] or ""
    media_type = guessed if guessed.startswith(("audio/", "video/")) else "application/octet-stream"
    return signed_download(platform, name, job.file_name or "source", media_type, MAX_DOWNLOAD_TIME)


def stored_source(platform: Platform, job: Job) -> ObjectSource:
    """The job's upload. Raises NotFound ``source_gone``."""
    source = job.source
    if isinstance(source, ObjectSource) and source.generation:
        found = platform.objects.stat(source.name)
        if found is not None and found.generation == source.generation:
            return source
    raise NotFound(f"The source of job {job.id} is no longer in the store: upload it again.", code="source_gone")
