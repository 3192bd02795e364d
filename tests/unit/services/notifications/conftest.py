"""A mail server of this machine, and jobs whose ends are told by e-mail."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass, replace
from email import message_from_bytes
from email.message import EmailMessage
from email.policy import default

import pytest

from dailies.adapters.local.tasks import LocalTasks
from dailies.adapters.smtp.mailer import SmtpMailer, SmtpServer as Server
from dailies.domain.job.job import Job
from dailies.domain.job.mail import Mail
from dailies.domain.job.notification import TOLD_EVENTS
from dailies.domain.stop import StopToken
from dailies.engine.delivery_queue import DELIVERIES
from dailies.engine.platform import Platform
from dailies.services.event_readers import relay_events
from dailies.services.notifications.preferences import set_preferences
from dailies.services.queue_tasks import run_delivery_task
from tests.fakes.certificates import Authority, make_authority
from tests.fakes.smtp_server import SmtpServer, smtp_server
from tests.unit.conftest import UID, World, world as world  # noqa: PLC0414 - a fixture

ADDRESS = "ann@example.org"


@pytest.fixture(scope="package")
def authority(tmp_path_factory: pytest.TempPathFactory) -> Authority:
    return make_authority(tmp_path_factory.mktemp("authority"), "localhost")


@pytest.fixture
def server(authority: Authority) -> Iterator[SmtpServer]:
    with smtp_server(authority) as found:
        yield found


def mailer(server: SmtpServer, *, answer_seconds: float = 10.0, address: str | None = ADDRESS) -> SmtpMailer:
    tls = "tls" if server.tls_first else "starttls"
    return SmtpMailer(
        Server("localhost", server.port, tls, *server.user),  # type: ignore[arg-type] # one of the two
        "Dailies <post@dailies.example>",
        lambda _uid: address,
        server.authority.trust,
        answer_seconds,
    )


@dataclass
class Post:
    """``platform`` sends by the server, and its queue goes by the world's clock."""

    platform: Platform
    tasks: LocalTasks
    server: SmtpServer
    world: World

    def ended(self, file_name: str | None = None, *, relayed: bool = True) -> Job:
        job = self.world.new_job()
        if file_name is not None:
            self.platform.documents.update(f"jobs/{job.id}", {"file_name": file_name})
        self.world.finish(job)
        if relayed:
            relay_events(self.platform, job.id)
        return job

    def run_due(self) -> int:
        """What the queue would do now; how much."""
        done = 0
        while (task := self.tasks.lease(DELIVERIES, seconds=60)) is not None:
            run_delivery_task(self.platform, task.payload, StopToken())
            assert self.tasks.ack(task)
            done += 1
        return done

    def all(self) -> list[Mail]:
        return [Mail.model_validate(each.data) for each in self.platform.documents.query("mail_outbox")]

    def read(self) -> list[EmailMessage]:
        """What the server has taken, as a mail program reads it."""
        return [message_from_bytes(each.data, policy=default) for each in self.server.taken]


@pytest.fixture
def post(world: World, server: SmtpServer) -> Post:
    settings = world.platform.settings.model_copy(update={"mail": "smtp"})
    tasks = LocalTasks(world.database, clock=lambda: world.clock().timestamp())
    platform = replace(world.platform, settings=settings, tasks=tasks, mailer=mailer(server))
    set_preferences(platform, UID, {"email": TOLD_EVENTS})
    return Post(platform, tasks, server, world)
