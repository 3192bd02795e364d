"""A user's endpoints on a site of this machine, and jobs whose events are told to them."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass, replace
from typing import Any

import pytest

from dailies.adapters.local.tasks import LocalTasks
from dailies.domain.job.job import Job
from dailies.domain.job.webhook import Delivery
from dailies.domain.stop import StopToken
from dailies.engine.delivery_queue import DELIVERIES
from dailies.engine.platform import Platform
from dailies.engine.store.jobs import load_job
from dailies.services.event_readers import relay_events
from dailies.services.webhooks.deliver import deliver
from dailies.services.webhooks.deliveries import list_deliveries
from dailies.services.webhooks.endpoints import NewSecret, create_endpoint
from tests.fakes.certificates import Authority, make_authority
from tests.fakes.web_site import Asked, Site, web_site
from tests.unit.adapters.web.asking import egress_to
from tests.unit.conftest import UID, World, world as world  # noqa: PLC0414 - a fixture


@pytest.fixture(scope="package")
def authority(tmp_path_factory: pytest.TempPathFactory) -> Authority:
    return make_authority(tmp_path_factory.mktemp("authority"), "media.test")


@pytest.fixture
def site(authority: Authority) -> Iterator[Site]:
    with web_site(authority) as found:
        yield found


@dataclass
class Hooks:
    """``platform`` sends to the site alone, and its queue goes by the world's clock."""

    platform: Platform
    tasks: LocalTasks
    site: Site
    world: World

    def add(self, path: str = "/hook", **wanted: Any) -> NewSecret:
        return create_endpoint(self.platform, UID, url=self.site.url(path), **wanted)

    def ended(self, **starts: float) -> Job:
        """A job that has ended, and whose events were relayed as the functions do."""
        job = self.world.new_job(**starts)
        relay_events(self.platform, job.id)
        self.world.finish(job)
        relay_events(self.platform, job.id)
        return load_job(self.platform, job.id)

    def run_due(self) -> list[str]:
        """What the queue would do now: which deliveries it was about."""
        taken = []
        while (task := self.tasks.lease(DELIVERIES, seconds=60)) is not None:
            taken.append(str(task.payload["delivery"]))
            deliver(self.platform, taken[-1], StopToken())
            assert self.tasks.ack(task)
        return taken

    def all(self) -> list[Delivery]:
        """In the order of their jobs and events."""
        return sorted(list_deliveries(self.platform, UID, 200), key=lambda each: (each.job_id, each.sequence))

    def received(self, path: str = "/hook") -> list[Asked]:
        return [asked for asked in self.site.asked if asked.target == path]


@pytest.fixture
def hooks(world: World, site: Site, authority: Authority) -> Hooks:
    settings = world.platform.settings.model_copy(update={"fetch_ports": (443, site.port)})
    tasks = LocalTasks(world.database, clock=lambda: world.clock().timestamp())
    platform = replace(world.platform, settings=settings, tasks=tasks, egress=egress_to(site, authority))
    return Hooks(platform, tasks, site, world)
