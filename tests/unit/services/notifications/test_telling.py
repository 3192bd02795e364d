"""Whom is told what: by their own choice, in their language, once, and as text that can do no harm."""

from __future__ import annotations

import unicodedata
from datetime import timedelta

import pytest

from dailies.domain.errors import Forbidden, InvalidRequest
from dailies.domain.job.job import Job, JobState
from dailies.domain.job.notification import LANGUAGES, MOST_BODY, MOST_TITLE, TOLD_EVENTS, Notification
from dailies.engine.store.jobs import move_job
from dailies.services.event_readers import relay_events
from dailies.services.jobs import cancel_job
from dailies.services.notifications.inbox import list_notifications, mark_read
from dailies.services.notifications.preferences import get_preferences, set_preferences
from dailies.services.upkeep.housekeeping import collect_garbage
from tests.unit.conftest import UID, World


def told(world: World) -> list[Notification]:
    return list_notifications(world.platform, UID, 50)


def ended(world: World, file_name: str | None = None, **starts: float) -> Job:
    job = world.new_job(**starts)
    if file_name is not None:
        world.platform.documents.update(f"jobs/{job.id}", {"file_name": file_name})
    world.finish(job)
    relay_events(world.platform, job.id)
    return job


def test_nobody_is_told_by_default(world: World) -> None:
    """And nothing is written of it."""
    ended(world)
    assert told(world) == []
    assert world.platform.documents.query("unheard") == world.platform.documents.query("relayed") == []


def test_who_wants_to_be_is_told_once(world: World) -> None:
    set_preferences(world.platform, UID, {"in_app": TOLD_EVENTS})
    job = ended(world, "talk.mp4", podcast=1)
    relay_events(world.platform, job.id)
    [only] = told(world)
    assert (only.job_id, only.event_type, only.read) == (job.id, "job.completed", False)
    assert (only.title, only.body) == ("“talk.mp4” is ready", "Made: podcast.")
    assert list_notifications(world.platform, "bob", 50) == []
    assert world.platform.documents.query("unheard") == []


def test_only_of_what_was_chosen_and_from_then_on(world: World) -> None:
    ended(world, a=1)
    set_preferences(world.platform, UID, {"in_app": ["job.cancelled"]})
    ended(world, a=2)
    waiting = world.new_job(a=3)
    cancel_job(world.platform, waiting.id)
    world.clock.pass_by(seconds=1)
    set_preferences(world.platform, UID, {"in_app": TOLD_EVENTS})
    relay_events(world.platform, waiting.id)
    # What was wished for before stays so: its event came in between.
    assert [(each.job_id, each.event_type) for each in told(world)] == [(waiting.id, "job.cancelled")]
    set_preferences(world.platform, UID, {"in_app": []})
    ended(world, a=4)
    assert len(told(world)) == 1


@pytest.mark.parametrize("language", LANGUAGES)
@pytest.mark.parametrize("event_type", TOLD_EVENTS)
def test_each_end_has_its_words_in_each_language(world: World, event_type: str, language: str) -> None:
    set_preferences(world.platform, UID, {"in_app": TOLD_EVENTS}, language)  # type: ignore[arg-type] # one of them
    job = world.new_job()
    state = JobState(event_type.removeprefix("job."))
    if state is JobState.COMPLETED:
        world.finish(job)
    else:
        error = {"code": "no_audio", "message": "There is no audio track."} if state is JobState.FAILED else None
        move_job(world.platform, job.id, state, error=error)
    relay_events(world.platform, job.id)
    [only] = told(world)
    assert (only.event_type, only.language) == (event_type, language)
    assert only.title.startswith("Your file" if language == "en" else "Je bestand")
    assert ("There is no audio track." in only.body) is (state is JobState.FAILED)


@pytest.mark.parametrize(
    "name",
    [
        "a\r\nBcc: x@y",
        "\u202egpj.exe",
        "{name.__class__}{0}",
        "x" * 5000,
        "\x00\x1b[31m",
        "<img src=x onerror=alert(1)>",
    ],
)
def test_a_name_does_no_harm(world: World, name: str) -> None:
    """One line without control characters; what looks like a template or HTML stays text."""
    set_preferences(world.platform, UID, {"in_app": TOLD_EVENTS})
    ended(world, name)
    [only] = told(world)
    for text, most in ((only.title, MOST_TITLE), (only.body, MOST_BODY)):
        assert len(text) <= most
        assert not {unicodedata.category(character) for character in text} & {"Cc", "Cs", "Zl", "Zp"}
        assert "\u202e" not in text
    if name.startswith(("{", "<")):
        assert name in only.title


def test_they_are_read_one_by_one_or_all(world: World) -> None:
    set_preferences(world.platform, UID, {"in_app": TOLD_EVENTS})
    for number in range(3):
        ended(world, a=number)
        world.clock.pass_by(seconds=1)
    newest = told(world)[0]
    assert mark_read(world.platform, UID, [newest.id, newest.id, "ntf_" + "0" * 32]) == [newest.id]
    assert mark_read(world.platform, "bob", [newest.id]) == []
    unread = list_notifications(world.platform, UID, 50, unread=True)
    assert newest.id not in {each.id for each in unread}
    assert mark_read(world.platform, UID) == [each.id for each in unread]
    assert mark_read(world.platform, UID) == []
    assert [each.read for each in told(world)] == [True] * 3


def test_a_choice_is_checked_and_kept(world: World) -> None:
    platform = world.platform
    for wrong in ({"pigeon": TOLD_EVENTS}, {"in_app": ["step.done"]}):
        with pytest.raises(InvalidRequest):
            set_preferences(platform, UID, wrong)  # type: ignore[arg-type] # what comes from a command line
    with pytest.raises(InvalidRequest):
        set_preferences(platform, UID, {}, "tlh")  # type: ignore[arg-type] # likewise
    with pytest.raises(Forbidden):
        get_preferences(platform, "a/b")
    with pytest.raises(Forbidden):
        set_preferences(platform, "a/b", {})
    set_preferences(platform, UID, {"in_app": ["job.failed"]})
    assert set_preferences(platform, UID, {}, "nl") == get_preferences(platform, UID)
    wanted = get_preferences(platform, UID)
    assert (list(wanted.events["in_app"]), wanted.language) == (["job.failed"], "nl")


def test_they_go_with_their_job(world: World) -> None:
    set_preferences(world.platform, UID, {"in_app": TOLD_EVENTS})
    ended(world)
    [document] = world.platform.documents.query(f"users/{UID}/notifications")
    assert document.data["removeAfter"] - world.clock() == timedelta(days=30)
    world.clock.pass_by(days=31)
    collect_garbage(world.platform)
    assert world.platform.documents.query(f"users/{UID}/notifications") == []
