"""A world that may ask one web site of this machine."""

from __future__ import annotations

from dataclasses import dataclass, replace
from typing import Any

import pytest

from dailies.adapters.local.objects.partials import LocalPartials
from dailies.adapters.web.dialing import Dialer
from dailies.adapters.web.egress import GuardedEgress
from dailies.domain.errors import DailiesError, SourceRefused
from dailies.domain.job.job import Job
from dailies.domain.stop import StopToken
from dailies.engine.advance import advance
from dailies.engine.platform import Platform
from dailies.engine.store.jobs import load_job
from dailies.engine.worker_loop import drain
from dailies.ports.egress import Egress
from dailies.services.create_from_url import create_from_url
from tests.fakes.certificates import Authority
from tests.fakes.web_site import Site
from tests.unit.adapters.web.conftest import authority as authority, site as site  # noqa: PLC0414 - fixtures
from tests.unit.conftest import UID, World

RECIPE = {"outputs": {"a": {"kind": "audio", "format": "mp3"}}}


@pytest.fixture
def egress(site: Site, authority: Authority) -> Egress:
    dialer = Dialer({443, site.port}, resolve=site.resolve(), also={site.endpoint})
    return GuardedEgress(dialer, authority.trust())


@dataclass
class Web:
    """The world, with a platform that fetches."""

    world: World
    platform: Platform
    site: Site

    def with_settings(self, **changes: Any) -> Web:
        settings = self.platform.settings.model_copy(update=changes)
        return Web(self.world, replace(self.platform, settings=settings), self.site)

    def new_job(self, path: str = "/a.mp4") -> Job:
        return load_job(
            self.platform, create_from_url(self.platform, UID, url=self.site.url(path), recipe=RECIPE).job_id
        )

    def work(self, job: Job, stop: StopToken | None = None) -> Job:
        """What the queue and one worker do for the job, once."""
        advance(self.platform, job.id)
        drain(self.platform, job.id, stop or StopToken())
        return load_job(self.platform, job.id)

    def operation(self, job: Job) -> dict[str, Any]:
        found = self.platform.documents.get(f"users/{UID}/operations/{job.id}")
        assert found is not None
        return found.data

    def left(self) -> list[str]:
        """Partial files that are there."""
        folder = self.platform.settings.home / "fetching"
        return sorted(path.name for path in folder.iterdir()) if folder.exists() else []


def no_pages(head: bytes, size: int | None) -> DailiesError | None:
    return SourceRefused("This is a web page.", code="not_media") if head.startswith(b"<html") else None


@pytest.fixture
def web(world: World, site: Site, egress: Egress) -> Web:
    settings = world.platform.settings.model_copy(update={"fetch_ports": (443, site.port)})
    partials = LocalPartials(settings.home / "fetching")
    platform = replace(world.platform, settings=settings, egress=egress, partials=partials, recognise=no_pages)
    return Web(world, platform, site)
