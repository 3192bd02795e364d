"""E-mail about the end of a job: what arrives, what a server's faults come to, and that nothing arrives twice."""

from __future__ import annotations

from contextlib import suppress
from dataclasses import replace
from pathlib import Path

import pytest

from dailies.domain.errors import PermanentError
from dailies.domain.job.mail import SCHEDULE_SECONDS
from dailies.domain.job.notification import TOLD_EVENTS
from dailies.services.event_readers import relay_events
from dailies.services.notifications.inbox import list_notifications
from dailies.services.notifications.mailing import send_mail
from dailies.services.notifications.preferences import set_preferences
from dailies.services.upkeep.housekeeping import collect_garbage, sweep
from tests.fakes.certificates import Authority, make_authority
from tests.fakes.smtp_server import HANG_UP, SILENCE, smtp_server
from tests.unit.conftest import UID
from tests.unit.services.dying import Killed, dying
from tests.unit.services.notifications.conftest import ADDRESS, Post, mailer


def test_an_end_arrives_as_text_and_as_html(post: Post) -> None:
    """Both escaped as they must be, under one id, and nothing in clear."""
    link = "https://app.example/jobs/{job}?a=1&b=2"
    settings = post.platform.settings.model_copy(update={"mail_link": link})
    post.platform = replace(post.platform, settings=settings)
    job = post.ended("<b>.talk & “more”\r\nBcc: eve@example.org")
    assert post.run_due() == 1
    [taken], [letter], [mail] = post.server.taken, post.read(), post.all()
    assert (taken.sender, taken.to) == ("post@dailies.example", ADDRESS)
    assert (letter["To"], letter["Bcc"], letter["Auto-Submitted"]) == (ADDRESS, None, "auto-generated")
    assert letter["Subject"] == "“<b>.talk & “more” Bcc: eve@example.org” is ready"
    assert letter["Message-ID"] == f"<{mail.id}@dailies.example>"
    text, html = (letter.get_body((kind,)) for kind in ("plain", "html"))
    assert text is not None
    assert html is not None
    assert f"https://app.example/jobs/{job.id}?a=1&b=2" in text.get_content()
    content = html.get_content()
    assert "&lt;b&gt;.talk &amp;" in content
    assert f'href="https://app.example/jobs/{job.id}?a=1&amp;b=2"' in content
    assert "<b>" not in content
    assert set(post.server.clear) == {"EHLO", "STARTTLS"}
    assert (mail.state, mail.tries) == ("sent", 1)


@pytest.mark.parametrize("line", [".", "..", ".hidden"])
def test_a_line_that_begins_with_a_dot_ends_no_message(post: Post, line: str) -> None:
    post.ended(line)
    post.run_due()
    [letter] = post.read()
    body = letter.get_body(("plain",))
    assert body is not None
    assert f"“{line}”" in body.get_content()


#: What a server does, and the state, the tries and the messages that come of it when the next is let through.
FAULTS = {
    "greets with no": ("CONNECT", "421 busy", "pending"),
    "hangs up at once": ("CONNECT", HANG_UP, "pending"),
    "hangs up at the name": ("EHLO", HANG_UP, "pending"),
    "has no TLS now": ("STARTTLS", "454 later", "pending"),
    "hangs up at TLS": ("STARTTLS", HANG_UP, "pending"),
    "refuses the password": ("AUTH", "535 no", "pending"),
    "refuses the sender": ("MAIL", "550 no", "given_up"),
    "is busy": ("MAIL", "451 later", "pending"),
    "has no such user": ("RCPT", "550 who?", "given_up"),
    "puts it off": ("RCPT", "450 greylisted", "pending"),
    "hangs up at the address": ("RCPT", HANG_UP, "pending"),
    "takes no data": ("DATA", "451 later", "pending"),
    "hangs up at the data": ("DATA", HANG_UP, "pending"),
    "says nothing at the data": ("DATA", SILENCE, "pending"),
    "refuses what it read": (".", "554 spam", "given_up"),
    "can't keep what it read": (".", "452 full", "pending"),
    "hangs up behind it": (".", HANG_UP, "unconfirmed"),
    "says nothing behind it": (".", SILENCE, "unconfirmed"),
}


@pytest.mark.parametrize("fault", FAULTS)
def test_what_a_server_does_decides(post: Post, fault: str) -> None:
    """What was surely not taken is sent again; what may have been is not."""
    verb, does, state = FAULTS[fault]
    post.platform = replace(post.platform, mailer=mailer(post.server, answer_seconds=0.5 if does == SILENCE else 10.0))
    post.server.faults[verb] = does
    post.ended()
    post.run_due()
    [mail] = post.all()
    assert (mail.state, mail.tries, bool(mail.reason)) == (state, 1, True)
    [shown] = list_notifications(post.platform, UID, 10, channel="email")
    assert (shown.id, shown.state, shown.reason) == (mail.id, state, mail.reason)
    assert post.server.taken == []
    for _ in range(3):
        post.world.clock.pass_by(minutes=61)
        sweep(post.platform)
        post.run_due()
    [mail] = post.all()
    assert mail.state == ("sent" if state == "pending" else state)
    assert len(post.server.taken) == (state == "pending")


def test_one_that_was_taken_without_a_word_is_not_sent_again(post: Post) -> None:
    post.server.after = HANG_UP
    post.ended()
    post.run_due()
    post.world.clock.pass_by(minutes=61)
    sweep(post.platform)
    post.run_due()
    assert [mail.state for mail in post.all()] == ["unconfirmed"]
    assert len(post.server.taken) == 1


def test_a_server_without_tls_is_told_nothing(post: Post) -> None:
    post.server.starttls = False
    post.ended()
    post.run_due()
    assert [mail.state for mail in post.all()] == ["pending"]
    assert set(post.server.verbs) == {"EHLO"}


def test_a_server_may_speak_tls_from_the_start(post: Post, authority: Authority) -> None:
    with smtp_server(authority, tls_first=True) as server:
        post.platform = replace(post.platform, mailer=mailer(server))
        post.ended()
        post.run_due()
        assert (len(server.taken), server.clear) == (1, [])


def test_a_server_of_another_name_is_told_nothing(post: Post, tmp_path: Path) -> None:
    """Its certificate is by nobody who is believed."""
    stranger = make_authority(tmp_path / "stranger", "localhost")
    trusting = post.server.authority
    post.server.authority = stranger
    post.platform = replace(post.platform, mailer=mailer(replace(post.server, authority=trusting)))
    post.ended()
    post.run_due()
    assert [mail.state for mail in post.all()] == ["pending"]
    assert set(post.server.verbs) == {"EHLO", "STARTTLS"}


def test_a_server_that_stays_away_is_given_up(post: Post) -> None:
    """After as many tries as the schedule has, in its times."""
    post.ended()
    for seconds in SCHEDULE_SECONDS:
        post.server.faults["RCPT"] = "450 later"
        assert post.run_due() == 1
        post.world.clock.pass_by(seconds=seconds - 3)
        assert post.run_due() == 0
        post.world.clock.pass_by(seconds=3.01)
    post.server.faults["RCPT"] = "450 later"
    post.run_due()
    assert [(mail.state, mail.tries) for mail in post.all()] == [("given_up", len(SCHEDULE_SECONDS) + 1)]


@pytest.mark.parametrize("address", [None, "a@b.example, c@d.example", "a\r\nBcc: eve@example.org", "ä@b.example", ""])
def test_who_has_no_address_is_sent_none(post: Post, address: str | None) -> None:
    post.platform = replace(post.platform, mailer=mailer(post.server, address=address))
    post.ended()
    post.run_due()
    assert [mail.state for mail in post.all()] == ["given_up"]
    assert post.server.verbs == []


def test_two_who_try_at_once_send_it_once(post: Post) -> None:
    """The second comes while the first has the server's ear."""
    job = post.ended()
    [mail] = post.all()
    assert mail.job_id == job.id
    first = post.platform.mailer

    class Slow:
        def send(self, uid: str, message: object, last_call: object) -> None:
            send_mail(post.platform, mail.id)
            first.send(uid, message, last_call)  # type: ignore[arg-type] # passed on

    assert send_mail(replace(post.platform, mailer=Slow()), mail.id) == []
    assert [each.state for each in post.all()] == ["sent"]
    assert len(post.server.taken) == 1


@pytest.mark.parametrize("after", [False, True], ids=["before the write", "behind the write"])
@pytest.mark.parametrize("number", range(6))
def test_nothing_is_sent_twice(post: Post, monkeypatch: pytest.MonkeyPatch, number: int, after: bool) -> None:
    """Killed at each write of telling and sending: it arrives once, or is unconfirmed and arrives at most once."""
    job = post.ended(relayed=False)
    documents = type(post.platform.documents)
    with monkeypatch.context() as patch:
        die = dying(number, after=after)
        for name in ("transaction", "delete"):
            patch.setattr(documents, name, die(getattr(documents, name)))
        patch.setattr(type(post.tasks), "enqueue", die(type(post.tasks).enqueue))
        with suppress(Killed):
            relay_events(post.platform, job.id)
            post.run_due()
    relay_events(post.platform, job.id)
    for _ in range(3):
        # The queue takes what it delivered to the dead for lost, and the sweep what was never enqueued.
        post.world.clock.pass_by(minutes=61)
        sweep(post.platform)
        post.run_due()
    [mail] = post.all()
    arrived = len(post.server.taken)
    assert (mail.state, arrived) in {("sent", 1), ("unconfirmed", 0), ("unconfirmed", 1)}
    if (number, after) < (3, True):
        assert mail.state == "sent"


def test_where_no_mail_leaves_none_is_promised(post: Post) -> None:
    """And who was promised some before is sent none: nothing piles up."""
    with pytest.raises(PermanentError) as refused:
        set_preferences(post.world.platform, UID, {"email": TOLD_EVENTS})
    assert refused.value.error_code == "mail_off"
    set_preferences(post.world.platform, UID, {"email": []})
    set_preferences(post.platform, UID, {"email": TOLD_EVENTS})
    post.platform = replace(post.platform, settings=post.world.platform.settings)
    post.ended()
    assert post.all() == []


def test_records_go(post: Post) -> None:
    post.ended()
    post.run_due()
    post.world.clock.pass_by(days=32)
    collect_garbage(post.platform)
    assert post.all() == []
