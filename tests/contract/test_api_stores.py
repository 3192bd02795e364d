"""What REST keeps, on every store of documents: keys, how often somebody asked, and answers that are given once."""

from __future__ import annotations

from concurrent.futures import ThreadPoolExecutor
from dataclasses import replace
from datetime import timedelta

import pytest

from dailies.domain.errors import Conflict, NotFound, RateLimited, Unauthenticated
from dailies.domain.job.rate import Rate
from dailies.engine.platform import Platform
from dailies.engine.store.idempotency import KEPT, Begun, Kept, KeyReused, begin, finish, release
from dailies.engine.store.rates import Rates
from dailies.ports.documents import DocumentStore
from dailies.services.api_keys import create_key, key_shown, list_keys, revoke_key, rotate_key
from tests.unit.conftest import World, world as world  # noqa: PLC0414 - a fixture

UID = "ann"


@pytest.fixture
def platform(world: World, documents: DocumentStore) -> Platform:
    return replace(world.platform, documents=documents)


def test_a_key_is_shown_once_and_known_by_its_digest(platform: Platform, documents: DocumentStore) -> None:
    made = create_key(platform, UID, name="ci", scopes=["jobs:read"], valid=timedelta(days=1))
    secret = made.shown.rpartition("_")[2]
    [stored] = documents.query("api_keys")
    assert secret not in str(stored.data)
    assert made.shown not in str(stored.data)
    known = key_shown(platform, made.shown)
    assert (known.uid, known.scopes) == (UID, ("jobs:read",))
    assert [key.id for key in list_keys(platform, UID)] == [made.key.id]
    assert list_keys(platform, "bob") == []


def test_a_key_s_last_use_is_written_once_an_hour(world: World, platform: Platform) -> None:
    made = create_key(platform, UID, name="ci")
    first = world.clock.now
    key_shown(platform, made.shown)
    world.clock.pass_by(minutes=59)
    key_shown(platform, made.shown)
    assert list_keys(platform, UID)[0].last_used == first
    world.clock.pass_by(minutes=2)
    key_shown(platform, made.shown)
    assert list_keys(platform, UID)[0].last_used == world.clock.now


def test_both_secrets_open_a_rotated_key_for_a_while(world: World, platform: Platform) -> None:
    made = create_key(platform, UID, name="ci")
    again = rotate_key(platform, UID, made.key.id, timedelta(hours=1))
    for shown in (made.shown, again.shown):
        assert key_shown(platform, shown).id == made.key.id
    world.clock.pass_by(hours=1)
    assert key_shown(platform, again.shown).id == made.key.id
    with pytest.raises(Unauthenticated):
        key_shown(platform, made.shown)


def test_a_key_that_has_ended_opens_nothing(world: World, platform: Platform) -> None:
    ended = create_key(platform, UID, name="a", valid=timedelta(hours=1))
    revoked = create_key(platform, UID, name="b")
    rotate_key(platform, UID, revoked.key.id)
    revoke_key(platform, UID, revoked.key.id)
    world.clock.pass_by(hours=1)
    for shown in (ended.shown, revoked.shown, "dly_0123456789abcdef_" + "x" * 43, "dly_" + "x" * 4000, ""):
        with pytest.raises(Unauthenticated):
            key_shown(platform, shown)
    with pytest.raises(NotFound):
        revoke_key(platform, "bob", ended.key.id)


def test_a_limit_is_exact_whoever_asks_at_once(platform: Platform, world: World) -> None:
    """Each thread as a process of its own; the clock stands."""
    limits = {"key-a": Rate(10, 60)}

    def ask(_: int) -> bool:
        try:
            Rates(platform).ask(limits)
        except RateLimited:
            return False
        return True

    with ThreadPoolExecutor(4) as pool:
        assert sum(pool.map(ask, range(24))) == 10
    world.clock.pass_by(seconds=12)
    with ThreadPoolExecutor(4) as pool:
        assert sum(pool.map(ask, range(6))) == 2


def test_what_one_limit_refuses_is_counted_by_none(platform: Platform) -> None:
    limits = {"key-a": Rate(1, 60), "user-ann": Rate(3, 60)}
    rates = Rates(platform)
    assert rates.ask(limits).left == 0
    with pytest.raises(RateLimited) as refused:
        rates.ask(limits)
    assert (refused.value.details["limit"], refused.value.retry_after) == (1, 60.0)
    assert rates.ask({"user-ann": Rate(3, 60)}).left == 1


def test_in_the_cloud_a_process_takes_some_at_once_and_never_more_than_there_are(
    platform: Platform, world: World
) -> None:
    cloud = replace(platform, settings=platform.settings.model_copy(update={"project": "p"}))
    limits = {"key-a": Rate(40, 60)}
    processes = [Rates(cloud) for _ in range(3)]
    granted = 0
    for n in range(60):
        try:
            processes[n % 3].ask(limits)
            granted += 1
        except RateLimited:
            continue
    assert granted == 40


def test_an_answer_is_kept_for_a_day(platform: Platform, world: World) -> None:
    begun = begin(platform, UID, "k", "a")
    assert isinstance(begun, Begun)
    with pytest.raises(Conflict) as early:
        begin(platform, UID, "k", "a")
    assert early.value.error_code == "idempotency_in_flight"
    finish(platform, begun, Kept(202, "{}", {"Location": "/x"}))
    assert begin(platform, UID, "k", "a") == Kept(202, "{}", {"Location": "/x"})
    with pytest.raises(KeyReused):
        begin(platform, UID, "k", "b")
    assert isinstance(begin(platform, "bob", "k", "b"), Begun)
    world.clock.pass_by(seconds=KEPT.total_seconds())
    later = begin(platform, UID, "k", "b")
    assert isinstance(later, Begun)
    assert later.new_id != begun.new_id


def test_whoever_goes_on_behind_a_dead_caller_has_its_id(platform: Platform, world: World) -> None:
    first = begin(platform, UID, "k", "a")
    assert isinstance(first, Begun)
    world.owners.dead.add(world.owners.me())
    assert begin(platform, UID, "k", "a") == first
    world.owners.dead.clear()
    with pytest.raises(Conflict):
        begin(platform, UID, "k", "a")
    world.clock.pass_by(minutes=2)
    assert begin(platform, UID, "k", "a") == first
    release(platform, first)
    assert begin(platform, UID, "k", "a") == first


def test_of_many_callers_at_once_one_begins(platform: Platform) -> None:
    def ask(_: int) -> bool:
        try:
            return isinstance(begin(platform, UID, "k", "a"), Begun)
        except Conflict:
            return False

    with ThreadPoolExecutor(8) as pool:
        assert sum(pool.map(ask, range(20))) == 1
