"""A job's source as it still is in the store: to be heard beside what was made of it, or worked on again."""

from __future__ import annotations

import mimetypes

from dailies.domain.errors import NotFound
from dailies.domain.job.job import Job, ObjectSource
from dailies.domain.loudness.loudness import Blocks, integrated
from dailies.engine.plan_state import plan_state_of
from dailies.engine.platform import Platform
from dailies.engine.store.artifacts import Artifacts
from dailies.operations.steps.measure import BLOCKS, MeasureOperation
from dailies.ports.signed_urls import MAX_DOWNLOAD_TIME
from dailies.services.jobs import owned_job
from dailies.services.result import Download, signed_download

# Four bytes each 100 ms: those of a month.
_MAX_BLOCKS_BYTES = 1 << 27


def source_download(platform: Platform, uid: str, job_id: str) -> Download:
    """The upload itself. Raises NotFound (no such job of this user; ``source_gone`` when it isn't kept any more)."""
    job = owned_job(platform, uid, job_id)
    name = stored_source(platform, job).name
    # A stranger's file: it is never shown as anything but media, whatever its name says.
    guessed = mimetypes.guess_type(job.file_name or "")[0] or ""
    media_type = guessed if guessed.startswith(("audio/", "video/")) else "application/octet-stream"
    return signed_download(platform, name, job.file_name or "source", media_type, MAX_DOWNLOAD_TIME)


def source_loudness(platform: Platform, uid: str, job_id: str) -> float | None:
    """Of the whole source, LUFS (ITU-R BS.1770-4): of the track that was measured first. None where none was.

    Raises NotFound.
    """
    job = owned_job(platform, uid, job_id)
    artifacts = Artifacts(platform.objects, uid)
    found = plan_state_of(job, artifacts, platform.registry, platform.toolchain()).artifacts.values()
    measured = next((each for each in found if each.kind == MeasureOperation.kind and BLOCKS in each.files), None)
    if measured is None:
        return None
    data = platform.objects.get_bytes(measured.files[BLOCKS].object, max_bytes=_MAX_BLOCKS_BYTES)
    return integrated(Blocks.from_bytes(data))


def stored_source(platform: Platform, job: Job) -> ObjectSource:
    """The job's upload. Raises NotFound ``source_gone``."""
    source = job.source
    if isinstance(source, ObjectSource) and source.generation:
        found = platform.objects.stat(source.name)
        if found is not None and found.generation == source.generation:
            return source
    raise NotFound(f"The source of job {job.id} is no longer in the store: upload it again.", code="source_gone")
