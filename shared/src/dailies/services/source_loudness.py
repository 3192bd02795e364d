"""How loud a job's source is as a whole: to be heard beside what was made of it."""

from __future__ import annotations

from dailies.domain.loudness.loudness import Blocks, integrated
from dailies.engine.plan_state import plan_state_of
from dailies.engine.platform import Platform
from dailies.engine.store.artifacts import Artifacts
from dailies.operations.steps.measure import BLOCKS, MeasureOperation
from dailies.services.jobs import owned_job

# Four bytes each 100 ms: those of a month.
_MAX_BLOCKS_BYTES = 1 << 27


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
