"""Endpoints: whose they are, what may be named, and the secrets that they are signed with."""

from __future__ import annotations

from datetime import timedelta

import pytest

from dailies.domain.errors import DailiesError, InvalidRequest, NotFound, PermanentError, QuotaExceeded
from dailies.domain.job.webhook import EVENT_TYPES, JOB_EVENTS
from dailies.domain.web.signature import read_secret, shown_secret
from dailies.engine.store.webhooks import endpoints_of
from dailies.services.webhooks.endpoints import (
    MAX_ENDPOINTS,
    check_webhook,
    create_endpoint,
    list_endpoints,
    remove_endpoint,
    rotate_secret,
)
from tests.unit.conftest import UID
from tests.unit.services.webhooks.conftest import Hooks


def test_an_endpoint_is_its_user_s_alone(hooks: Hooks) -> None:
    made = hooks.add(events=["job.completed"])
    assert [each.id for each in list_endpoints(hooks.platform, UID)] == [made.endpoint.id]
    assert list_endpoints(hooks.platform, "bob") == []
    with pytest.raises(NotFound):
        remove_endpoint(hooks.platform, "bob", made.endpoint.id)
    with pytest.raises(NotFound):
        rotate_secret(hooks.platform, "bob", made.endpoint.id, timedelta(0))
    remove_endpoint(hooks.platform, UID, made.endpoint.id)
    assert list_endpoints(hooks.platform, UID) == []


def test_who_asks_twice_has_one(hooks: Hooks) -> None:
    """With an id set aside: a caller that died may have made it."""
    assert hooks.add(new_id="abc") == hooks.add(new_id="abc")
    assert len(list_endpoints(hooks.platform, UID)) == 1


@pytest.mark.parametrize(
    ("url", "code"),
    [
        ("http://media.test/hook", "url_scheme"),
        ("https://user:secret@media.test/hook", "url_credentials"),
        ("https://media.test:22/hook", "url_port"),
        ("https://2130706433/hook", "url_address"),
        ("file:///etc/passwd", "url_scheme"),
        ("no url", "url_invalid"),
    ],
)
def test_what_can_t_be_called_is_refused_at_once(hooks: Hooks, url: str, code: str) -> None:
    """With the field that it stood in."""
    for ask, field in (
        (lambda: create_endpoint(hooks.platform, UID, url=url), "url"),
        (lambda: check_webhook(hooks.platform, UID, url), "webhook_url"),
    ):
        with pytest.raises(DailiesError) as refused:
            ask()
        assert (refused.value.error_code, refused.value.details["field"]) == (code, field)


def test_events_are_those_that_there_are(hooks: Hooks) -> None:
    """All of a job's unless some are named; none is no wish."""
    assert hooks.add().endpoint.events == JOB_EVENTS
    assert hooks.add(events=[*EVENT_TYPES, "step.done"]).endpoint.events == EVENT_TYPES
    for wrong in ([], ["job.done"]):
        with pytest.raises(InvalidRequest, match=r"step\.done"):
            hooks.add(events=wrong)


def test_there_is_an_end_of_endpoints(hooks: Hooks) -> None:
    for number in range(MAX_ENDPOINTS):
        hooks.add(f"/{number}")
    rotate_secret(hooks.platform, UID, "jobs", timedelta(0))
    with pytest.raises(QuotaExceeded):
        hooks.add("/more")


def test_a_job_s_own_url_needs_a_secret(hooks: Hooks) -> None:
    """It is made by the first rotation, and stands in no list of endpoints."""
    with pytest.raises(PermanentError) as refused:
        check_webhook(hooks.platform, UID, hooks.site.url("/hook"))
    assert refused.value.error_code == "webhook_secret_missing"
    read_secret(rotate_secret(hooks.platform, UID, "jobs", timedelta(0)).shown)
    check_webhook(hooks.platform, UID, hooks.site.url("/hook"))
    assert list_endpoints(hooks.platform, UID) == []


def test_an_old_secret_signs_for_a_while(hooks: Hooks) -> None:
    """The overlap never grows by another rotation."""
    made = hooks.add()
    first = made.shown
    second = rotate_secret(hooks.platform, UID, made.endpoint.id, timedelta(hours=1)).shown
    third = rotate_secret(hooks.platform, UID, made.endpoint.id, timedelta(hours=24)).shown
    assert len({first, second, third}) == 3

    def now() -> list[str]:
        return endpoints_of(hooks.platform, UID)[made.endpoint.id].secrets_at(hooks.world.clock())

    assert now() == [third, second, first]
    hooks.world.clock.pass_by(hours=1)
    assert now() == [third, second]
    hooks.world.clock.pass_by(hours=23)
    assert now() == [third]
    with pytest.raises(InvalidRequest):
        rotate_secret(hooks.platform, UID, made.endpoint.id, timedelta(days=31))


@pytest.mark.parametrize("shown", ["", "whsec_", "whsec_!!", "whsec_YWJj", "YWJjYWJjYWJjYWJjYWJjYWJjYWJjYWJj"])
def test_what_is_no_secret_is_none(shown: str) -> None:
    with pytest.raises(ValueError, match="signing secret"):
        read_secret(shown)


def test_a_secret_is_read_as_it_is_shown() -> None:
    assert read_secret(shown_secret(bytes(range(32)))) == bytes(range(32))
