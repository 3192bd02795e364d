"""Deliveries: each event arrives, signed, under one id, or is shown as given up, whatever its receiver does."""

from __future__ import annotations

import json
from datetime import UTC, datetime, timedelta
from email.utils import format_datetime
from typing import Any

import pytest
from standardwebhooks.webhooks import Webhook, WebhookVerificationError

from dailies.domain.errors import Conflict, Interrupted, NotFound
from dailies.domain.job.webhook import SCHEDULE_SECONDS
from dailies.domain.stop import StopToken
from dailies.engine.advance import advance
from dailies.engine.advance_queue import QUEUE
from dailies.engine.store.webhooks import change_delivery
from dailies.services.event_readers import relay_events
from dailies.services.jobs import cancel_job
from dailies.services.webhooks.deliver import deliver
from dailies.services.webhooks.deliveries import MAX_ROUNDS, replay_delivery
from dailies.services.webhooks.endpoints import enable_endpoint, list_endpoints, remove_endpoint, rotate_secret
from tests.fakes.web_site import Asked, page
from tests.unit.conftest import UID
from tests.unit.services.webhooks.conftest import Hooks

OK = page(b"", "200 OK")


def verified(asked: Asked, secret: str) -> Any:
    """As a receiver does, with Standard Webhooks' own library; but for the clock, which is the world's."""
    verifier = Webhook(secret)
    verifier._Webhook__verify_timestamp = _moment  # type: ignore[attr-defined] # its only clock
    return verifier.verify(asked.body, dict(asked.headers))


def _moment(text: str) -> datetime:
    return datetime.fromtimestamp(int(text), UTC)


def test_events_arrive_signed_and_in_their_order(hooks: Hooks) -> None:
    """Each is what it says of itself, under the id that it has in the list."""
    made = hooks.add()
    hooks.site.pages["/hook"] = OK
    job = hooks.ended()
    hooks.run_due()
    bodies = [verified(asked, made.shown) for asked in hooks.received()]
    assert [body["type"] for body in bodies] == ["job.created", "job.processing", "job.completed"]
    assert [body["data"]["jobId"] for body in bodies] == [job.id] * 3
    assert bodies[-1]["data"]["outputs"] == ["a"]
    sequences = [body["data"]["sequence"] for body in bodies]
    assert sequences == sorted(set(sequences))
    assert [asked.headers["webhook-id"] for asked in hooks.received()] == [each.id for each in hooks.all()]
    assert {each.state for each in hooks.all()} == {"delivered"}
    for asked in hooks.received():
        assert (asked.method, asked.headers["content-type"]) == ("POST", "application/json")
        assert len(asked.body) < 20_000


def test_a_changed_message_is_no_message(hooks: Hooks) -> None:
    """Nor is one of another secret, or another id: or the test above would prove nothing."""
    made = hooks.add(events=["job.completed"])
    hooks.site.pages["/hook"] = OK
    hooks.ended()
    hooks.run_due()
    [asked] = hooks.received()
    for wrong in (
        Asked(asked.method, asked.target, asked.headers, asked.body + b" "),
        Asked(asked.method, asked.target, {**asked.headers, "webhook-id": "msg_other"}, asked.body),
    ):
        with pytest.raises(WebhookVerificationError):
            verified(wrong, made.shown)
    with pytest.raises(WebhookVerificationError):
        verified(asked, hooks.add("/other").shown)


def test_both_secrets_verify_while_one_takes_over(hooks: Hooks) -> None:
    made = hooks.add(events=["job.completed"])
    renewed = rotate_secret(hooks.platform, UID, made.endpoint.id, timedelta(hours=1))
    hooks.site.pages["/hook"] = OK
    hooks.ended()
    hooks.run_due()
    [asked] = hooks.received()
    assert verified(asked, made.shown) == verified(asked, renewed.shown)


def test_it_is_tried_by_the_schedule_and_then_given_up(hooks: Hooks) -> None:
    """Ten tries over three days, ten per cent around the times that Standard Webhooks has; then it is said."""
    hooks.add(events=["job.completed"])
    hooks.site.pages["/hook"] = page(b"", "500 Internal Server Error")
    hooks.ended()
    for seconds in SCHEDULE_SECONDS:
        assert len(hooks.run_due()) == 1
        [delivery] = hooks.all()
        wait = (delivery.next_at - hooks.world.clock()).total_seconds()
        assert wait == pytest.approx(seconds, rel=0.101)
        hooks.world.clock.pass_by(seconds=wait - 3)
        assert hooks.run_due() == []
        hooks.world.clock.pass_by(seconds=3.01)
    hooks.run_due()
    [delivery] = hooks.all()
    assert (delivery.state, len(delivery.attempts)) == ("given_up", len(SCHEDULE_SECONDS) + 1)
    assert delivery.reason == "It failed 10 times: see its attempts."
    assert len({asked.headers["webhook-id"] for asked in hooks.received()}) == 1
    hooks.world.clock.pass_by(days=2)
    assert hooks.run_due() == []


@pytest.mark.parametrize("form", ["seconds", "date", "nonsense", "a year"])
def test_a_receiver_may_ask_for_time(hooks: Hooks, form: str) -> None:
    """By Retry-After, a day at most; what can't be read is as nothing."""
    hooks.add(events=["job.completed"])
    date = format_datetime(hooks.world.clock() + timedelta(minutes=10), usegmt=True)
    said = {"seconds": "600", "date": date, "nonsense": "soon", "a year": "31536000"}[form]
    hooks.site.pages["/hook"] = page(b"", "503 Service Unavailable", Retry_After=said)
    hooks.ended()
    hooks.run_due()
    [delivery] = hooks.all()
    wait = (delivery.next_at - hooks.world.clock()).total_seconds()
    assert wait == pytest.approx({"nonsense": 5, "a year": 86_400}.get(form, 600), rel=0.11)


@pytest.mark.parametrize("moment", ["9" * 20 + " 00:00:00", "2027 " + "9" * 20 + ":00:00"], ids=["year", "hour"])
def test_a_time_that_there_is_not_is_none(hooks: Hooks, moment: str) -> None:
    """The try is noted all the same: a queue that repeats it would send the message without an end."""
    hooks.add(events=["job.completed"])
    hooks.site.pages["/hook"] = page(b"", "503 Service Unavailable", Retry_After=f"Mon, 01 Jan {moment} GMT")
    hooks.ended()
    hooks.run_due()
    [delivery] = hooks.all()
    assert (delivery.state, [attempt.status for attempt in delivery.attempts]) == ("pending", [503])


def test_who_is_gone_is_sent_nothing_more_until_enabled(hooks: Hooks) -> None:
    made = hooks.add(events=["job.completed"])
    hooks.site.pages["/hook"] = page(b"", "410 Gone")
    hooks.ended(a=1)
    hooks.run_due()
    [disabled] = list_endpoints(hooks.platform, UID)
    assert disabled.disabled == "It answered 410: it is gone."
    missed = hooks.ended(a=2)
    assert hooks.run_due() == []
    [shown] = [each for each in hooks.all() if each.job_id == missed.id]
    assert (shown.state, shown.attempts) == ("given_up", ())
    assert shown.reason == "The endpoint was disabled: It answered 410: it is gone."
    enable_endpoint(hooks.platform, UID, made.endpoint.id)
    hooks.site.pages["/hook"] = OK
    hooks.ended(a=3)
    assert len(hooks.run_due()) == 1
    replay_delivery(hooks.platform, UID, shown.id)
    assert hooks.run_due() == [shown.id]
    assert {each.state for each in hooks.all() if each.job_id == missed.id} == {"delivered"}


def test_what_was_given_up_is_replayed_under_its_id(hooks: Hooks) -> None:
    """By the whole schedule again; not while it is tried, not by others, not for ever."""
    hooks.add(events=["job.completed"])
    hooks.site.pages["/hook"] = page(b"", "410 Gone")
    hooks.ended()
    [first] = hooks.run_due()
    [each] = list_endpoints(hooks.platform, UID)
    enable_endpoint(hooks.platform, UID, each.id)
    hooks.site.pages["/hook"] = page(b"", "500 Internal Server Error")
    replay_delivery(hooks.platform, UID, first)
    with pytest.raises(Conflict):
        replay_delivery(hooks.platform, UID, first)
    hooks.run_due()
    [delivery] = hooks.all()
    assert (delivery.state, [attempt.status for attempt in delivery.attempts]) == ("pending", [410, 500])
    assert (delivery.next_at - hooks.world.clock()).total_seconds() == pytest.approx(5, rel=0.101)
    hooks.site.pages["/hook"] = OK
    hooks.world.clock.pass_by(seconds=6)
    hooks.run_due()
    assert [each.state for each in hooks.all()] == ["delivered"]
    assert {asked.headers["webhook-id"] for asked in hooks.received()} == {first}
    with pytest.raises(NotFound):
        replay_delivery(hooks.platform, "bob", first)
    for odd in ("", "msg_", "msg_" + "g" * 32, "../jobs/x", "msg_" + "0" * 32):
        with pytest.raises(NotFound):
            replay_delivery(hooks.platform, UID, odd)
    change_delivery(hooks.platform, first, lambda known: known.model_copy(update={"round": MAX_ROUNDS}))
    with pytest.raises(Conflict):
        replay_delivery(hooks.platform, UID, first)


def test_nothing_of_before_is_told(hooks: Hooks) -> None:
    """An endpoint hears what happens from its making on; a removed one nothing more."""
    job = hooks.world.new_job()
    hooks.world.clock.pass_by(seconds=1)
    made = hooks.add()
    hooks.site.pages["/hook"] = OK
    hooks.world.clock.pass_by(seconds=1)
    relay_events(hooks.platform, job.id)
    hooks.world.finish(job)
    relay_events(hooks.platform, job.id)
    assert [each.event_type for each in hooks.all()] == ["job.processing", "job.completed"]
    remove_endpoint(hooks.platform, UID, made.endpoint.id)
    hooks.run_due()
    assert {each.state for each in hooks.all()} == {"given_up"}
    assert hooks.received() == []


def test_a_job_s_own_url_is_told_of_it_alone(hooks: Hooks) -> None:
    """Signed with the secret for such URLs; 410 gives up this job's alone."""
    secret = rotate_secret(hooks.platform, UID, "jobs", timedelta(0)).shown
    hooks.site.pages["/mine"] = OK
    job = hooks.world.new_job(a=1)
    path = f"jobs/{job.id}"
    hooks.platform.documents.update(path, {"webhook": hooks.site.url("/mine")})
    hooks.world.finish(job)
    relay_events(hooks.platform, job.id)
    hooks.ended(a=2)
    hooks.run_due()
    told = [verified(asked, secret) for asked in hooks.received("/mine")]
    assert {body["data"]["jobId"] for body in told} == {job.id}
    assert told[-1]["type"] == "job.completed"


def test_who_is_cancelled_is_told_of(hooks: Hooks) -> None:
    """Its end asks for an advance where somebody listens, and for none else."""
    quiet = hooks.world.new_job(a=1)
    while (task := hooks.tasks.lease(QUEUE, seconds=60)) is not None:
        hooks.tasks.ack(task)
    cancel_job(hooks.platform, quiet.id)
    assert hooks.tasks.lease(QUEUE, seconds=60) is None
    hooks.add(events=["job.cancelled"])
    hooks.site.pages["/hook"] = OK
    job = hooks.world.new_job(a=2)
    cancel_job(hooks.platform, job.id)
    assert hooks.tasks.lease(QUEUE, seconds=60) is not None
    advance(hooks.platform, job.id)
    relay_events(hooks.platform, job.id)
    hooks.run_due()
    [asked] = hooks.received()
    assert json.loads(asked.body)["type"] == "job.cancelled"


def test_a_stop_breaks_off_and_counts_as_no_try(hooks: Hooks) -> None:
    """The queue delivers the task again."""
    hooks.add(events=["job.completed"])
    hooks.site.pages["/hook"] = OK
    hooks.ended()
    [delivery] = hooks.all()
    stop = StopToken()
    stop.set("interrupted")
    with pytest.raises(Interrupted):
        deliver(hooks.platform, delivery.id, stop)
    [same] = hooks.all()
    assert (same.state, same.attempts) == ("pending", ())
