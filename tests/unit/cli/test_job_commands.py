"""``dailies jobs …`` of a job that is there."""

from __future__ import annotations

import json
from pathlib import Path

import jsonschema
import pytest

from dailies.bootstrap import LOCAL_UID, local
from dailies.cli.schemas import schema_texts
from dailies.domain.errors import SourceRefused
from dailies.domain.job.job import FileSource, Job
from dailies.domain.recipe.recipe import parse_recipe
from dailies.engine.store.jobs import fail_job
from dailies.engine.store.progress import operation_path
from dailies.operations import KINDS
from dailies.services.jobs import create_job
from tests.unit.cli.typed import Typed

RECIPE = {"outputs": {"podcast": {"kind": "audio", "format": "mp3"}}}


@pytest.fixture
def job(dailies: Typed, tmp_path: Path) -> Job:
    """Queued; nobody works on it."""
    source = FileSource(path=str(tmp_path / "talk.mp4"), size=1, mtime_ns=1, inode=1, digest="blake3:00")
    with local() as built:
        return create_job(built.platform, LOCAL_UID, source, parse_recipe(RECIPE, KINDS)).job


def test_jobs_are_listed_and_shown(dailies: Typed, job: Job) -> None:
    """As text for people and as documents for programs."""
    [listed] = dailies("jobs", "--json").document("jobs")
    assert (listed["job_id"], listed["status"], listed["outputs"]) == (job.id, "queued", ["podcast"])
    assert "talk.mp4 → podcast.mp3" in dailies("jobs").out
    shown = dailies("jobs", "show", job.id, "--json").document("job")
    assert shown["recipe"]["outputs"]["podcast"]["format"] == "mp3"


def test_a_job_s_events_are_told_in_their_order(dailies: Typed, job: Job) -> None:
    """Each change of its state, numbered without a gap; --after leaves out what is known."""
    dailies("jobs", "cancel", job.id)
    events = dailies("jobs", "events", job.id, "--json").document("events")
    assert [(event["sequence"], event["eventType"]) for event in events] == [(1, "job.created"), (2, "job.cancelled")]
    lines = dailies("jobs", "events", job.id).out.splitlines()
    assert [line.split()[0] for line in lines] == ["1", "2"]
    assert "job.cancelled" in lines[1]
    assert dailies("jobs", "events", job.id, "--after", "1", "--json").document("events") == events[1:]
    assert dailies("jobs", "events", job.id, "--after", "2").out == "Nothing has happened behind event 2.\n"


@pytest.mark.parametrize("job_id", ["1a2b", "../x", ""])
def test_events_of_no_job_are_not_found(dailies: Typed, job_id: str) -> None:
    """No string that a user types is more than an id that is not found."""
    answer = dailies("jobs", "events", "--json", "--", job_id)
    assert (answer.code, answer.error["code"]) == (2, "not_found")


def test_a_failed_job_says_why(dailies: Typed, job: Job) -> None:
    """Its document is as the schemas of job and operation say."""
    with local() as built:
        fail_job(built.platform, job.id, SourceRefused("It is no media.", code="not_media"))
        operation = built.documents.get(operation_path(LOCAL_UID, job.id))
    assert operation is not None
    document = json.loads(json.dumps(dict(operation.data), default=lambda moment: moment.isoformat()))
    jsonschema.validate(document, json.loads(schema_texts()["operation.schema.json"]))
    assert dailies("jobs", "show", job.id, "--json").document("job")["error"]["code"] == "not_media"
    assert "not_media: It is no media." in dailies("jobs", "show", job.id).out
