"""E-mail that Firebase's extension sends: one document for each message, in the extension's form."""

from __future__ import annotations

from contextlib import suppress
from dataclasses import replace

import pytest

from dailies.bootstrap.parts import mailer
from dailies.domain.job.notification import TOLD_EVENTS
from dailies.engine.platform import Platform
from dailies.services.event_readers import relay_events
from dailies.services.notifications.mailing import send_mail
from dailies.services.notifications.preferences import set_preferences
from dailies.services.upkeep.housekeeping import sweep
from tests.unit.conftest import UID, World, world as world  # noqa: PLC0414 - a fixture
from tests.unit.services.dying import Killed, dying


def by_collection(world: World) -> Platform:
    changes = {"mail": "collection", "mail_to": "me@example.org", "mail_from": "post@dailies.example"}
    settings = world.platform.settings.model_copy(update=changes)
    platform = replace(world.platform, settings=settings, mailer=mailer(settings, world.platform.documents))
    set_preferences(platform, UID, {"email": TOLD_EVENTS})
    return platform


@pytest.mark.parametrize("after", [False, True], ids=["before the write", "behind the write"])
@pytest.mark.parametrize("number", range(3))
def test_each_end_is_one_document(world: World, monkeypatch: pytest.MonkeyPatch, number: int, after: bool) -> None:
    """Whoever is killed at whichever write of sending."""
    platform = by_collection(world)
    job = world.finish(world.new_job())
    relay_events(platform, job.id)
    [outgoing] = platform.documents.query("mail_outbox")
    mail_id = str(outgoing.data["id"])
    documents = type(platform.documents)
    with monkeypatch.context() as patch:
        die = dying(number, after=after)
        for name in ("create", "transaction"):
            patch.setattr(documents, name, die(getattr(documents, name)))
        with suppress(Killed):
            send_mail(platform, mail_id)
    send_mail(platform, mail_id)
    sweep(platform)
    [found] = platform.documents.query("mail")
    assert found.path == f"mail/{mail_id}"
    assert found.data["to"] == ["me@example.org"]
    assert found.data["from"] == "post@dailies.example"
    assert found.data["message"]["subject"] == "Your file is ready"
    assert "<p>" in found.data["message"]["html"]
    [noted] = platform.documents.query("mail_outbox")
    assert (noted.data["state"], "due" in noted.data) == ("sent", False)
