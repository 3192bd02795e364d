"""E-mail that waits for its user's own time: all that is due then is one message, sent once."""

from __future__ import annotations

from contextlib import suppress
from dataclasses import replace
from typing import Any

import pytest

from dailies.adapters.mail_collection import CollectionMailer
from dailies.domain.errors import InvalidRequest
from dailies.services.event_readers import relay_events
from dailies.services.notifications.mailing import send_mail
from dailies.services.notifications.preferences import set_preferences
from dailies.services.upkeep.housekeeping import sweep
from tests.unit.conftest import UID
from tests.unit.services.dying import Killed, dying
from tests.unit.services.notifications.conftest import ADDRESS, Post


def test_a_day_s_ends_are_one_message(post: Post) -> None:
    """In their order, and each once; the next day's are another."""
    set_preferences(post.platform, UID, {}, "nl", digest="daily")
    names = [f"{number}.mp4" for number in range(3)]
    for name in names:
        post.ended(name)
        post.world.clock.pass_by(seconds=1)
    assert post.run_due() == 0
    post.world.clock.pass_by(hours=8)
    post.run_due()
    post.ended("later.mp4")
    post.world.clock.pass_by(hours=24)
    post.run_due()
    first, second = post.read()
    assert (first["Subject"], second["Subject"]) == ("3 opdrachten zijn afgelopen", "“later.mp4” is klaar")
    body = first.get_body(("plain",))
    assert body is not None
    places = [body.get_content().index(f"“{name}”") for name in names]
    assert places == sorted(places)
    assert {mail.state for mail in post.all()} == {"sent"}


@pytest.mark.parametrize(
    ("wrong", "said"),
    [
        ({"quiet_hours": {"begin": "25:99", "end": "7"}}, "quiet_hours: .* 22:00 and 07:00"),
        ({"digest": "weekly"}, "digest: none, hourly or daily"),
        ({"time_zone": "Mars"}, "time_zone: .* Europe/Amsterdam"),
        ({"time_zone": "x" * 65}, "time_zone: .* Europe/Amsterdam"),
    ],
)
def test_what_is_refused_is_told_in_its_form(post: Post, wrong: dict[str, Any], said: str) -> None:
    with pytest.raises(InvalidRequest, match=said):
        set_preferences(post.platform, UID, {}, **wrong)


def test_quiet_hours_are_quiet(post: Post) -> None:
    """The world's clock begins at midnight. What is chosen later holds for what happens later."""
    set_preferences(post.platform, UID, {}, quiet_hours={"begin": "22:00", "end": "07:00"})
    post.ended()
    assert post.run_due() == 0
    set_preferences(post.platform, UID, {}, quiet_hours={"begin": "00:00", "end": "00:00"})
    post.ended()
    assert post.run_due() == 1
    post.world.clock.pass_by(hours=7)
    assert post.run_due() == 1
    assert len(post.server.taken) == 2


def test_one_message_has_an_end_of_ends(post: Post, monkeypatch: pytest.MonkeyPatch) -> None:
    """The rest go in another."""
    monkeypatch.setattr("dailies.services.notifications.mailing._MOST_IN_ONE", 2)
    set_preferences(post.platform, UID, {}, digest="hourly")
    for _ in range(3):
        post.ended()
    post.world.clock.pass_by(hours=1)
    post.run_due()
    assert sorted(str(letter["Subject"]) for letter in post.read()) == ["2 jobs have ended", "Your file is ready"]


@pytest.mark.parametrize("after", [False, True], ids=["before the write", "behind the write"])
@pytest.mark.parametrize("number", range(3))
@pytest.mark.parametrize("by", ["smtp", "collection"])
def test_nothing_is_sent_twice(post: Post, monkeypatch: pytest.MonkeyPatch, by: str, number: int, after: bool) -> None:
    """Killed at each write of sending, with another end in between: each end is in one message, or unconfirmed."""
    if by == "collection":
        post.platform = replace(
            post.platform, mailer=CollectionMailer(post.platform.documents, None, lambda _: ADDRESS)
        )
    set_preferences(post.platform, UID, {}, digest="hourly")
    post.ended("a.mp4")
    post.world.clock.pass_by(seconds=1)
    post.ended("b.mp4")
    late = post.ended("c.mp4", relayed=False)
    first = post.all()[0].id
    post.world.clock.pass_by(hours=1)
    documents = type(post.platform.documents)
    with monkeypatch.context() as patch:
        die = dying(number, after=after)
        for name in ("create", "transaction"):
            patch.setattr(documents, name, die(getattr(documents, name)))
        with suppress(Killed):
            send_mail(post.platform, first)
    relay_events(post.platform, late.id)
    for _ in range(4):
        post.world.clock.pass_by(minutes=61)
        sweep(post.platform)
        post.run_due()
    texts = [body.get_content() for letter in post.read() if (body := letter.get_body(("plain",)))]
    texts += [str(each.data["message"]["text"]) for each in post.platform.documents.query("mail")]
    for mail in post.all():
        arrived = sum(mail.title in text for text in texts)
        assert (mail.state, arrived) in {("sent", 1), ("unconfirmed", 0), ("unconfirmed", 1)}
        assert mail.state == "sent" or (number, after) != (0, False)
    assert len(post.all()) == 3
