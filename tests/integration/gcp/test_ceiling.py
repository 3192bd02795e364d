"""The ceiling of all users' day on Firestore itself: jobs that begin at the same moment can't pass it together."""

from __future__ import annotations

from concurrent.futures import ThreadPoolExecutor
from dataclasses import replace

import pytest

from dailies.adapters.gcp.documents.documents import CloudDocuments
from dailies.adapters.local.objects.signed_urls import LocalSignedUrls
from dailies.domain.errors import QuotaExceeded
from dailies.domain.job.quota import Work
from dailies.engine.store.jobs import load_job
from dailies.engine.store.quota import hold_work
from dailies.services.create_upload import create_upload
from dailies.services.jobs import cancel_job
from tests.unit.conftest import World, world as world  # noqa: PLC0414 - a fixture


def test_many_at_once_keep_the_ceiling(world: World, documents: CloudDocuments) -> None:
    """Of ten users' jobs, as many are let in as there is money for; what they give back is there again."""
    settings = world.platform.settings.model_copy(update={"all_usd_per_day": 0.35})
    urls = LocalSignedUrls("http://here", b"key", world.clock)
    platform = replace(world.platform, settings=settings, documents=documents, urls=urls)

    def begin(user: int) -> str:
        ticket = create_upload(platform, f"user{user}", recipe=None, size_bytes=5, content_type="video/mp4")
        job = load_job(platform, ticket.job_id)
        try:
            hold_work(platform, job, 5.0, Work(1.0, 0.1))
        except QuotaExceeded as error:
            return error.error_code
        return job.id

    with ThreadPoolExecutor(5) as pool:
        outcomes = list(pool.map(begin, range(10)))
    begun = [job_id for job_id in outcomes if job_id != "daily_ceiling"]
    assert len(begun) == 3
    spending = f"spending/{world.clock.now.date().isoformat()}"
    found = documents.get(spending)
    assert found is not None
    assert found.data["usd"] == pytest.approx(0.3)
    cancel_job(platform, begun[0])
    assert begin(11) != "daily_ceiling"
