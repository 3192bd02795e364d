"""The lines of the log that infra/terraform's alerts count: written in the cloud, and for what an operator can mend."""

from __future__ import annotations

import json
import re
from dataclasses import replace

import pytest

from dailies.domain.errors import DailiesError, OverBudget, PermanentError, PoisonStep, SourceRefused
from dailies.domain.job.job import JobState
from dailies.engine.platform import Platform
from dailies.engine.store.jobs import fail_internally, fail_job, move_job
from dailies.services.upkeep.live_jobs import look_after_jobs
from tests.unit.conftest import World
from tests.unit.infra.terraform_text import TERRAFORM, source


def in_cloud(world: World) -> Platform:
    return replace(world.platform, settings=world.platform.settings.model_copy(update={"project": "p"}))


def lines(capsys: pytest.CaptureFixture[str]) -> list[dict[str, object]]:
    return [json.loads(line) for line in capsys.readouterr().err.splitlines()]


@pytest.mark.parametrize(
    ("error", "fault"),
    [
        (PoisonStep("It took its worker down."), "deployment"),
        (PermanentError("Late.", code="deadline_exceeded"), "deployment"),
        (SourceRefused("No media.", code="not_media"), "user"),
        (OverBudget("Dear."), "user"),
    ],
)
def test_a_failed_job_is_told_with_whose_fault_it_is(
    world: World, capsys: pytest.CaptureFixture[str], error: DailiesError, fault: str
) -> None:
    job = world.new_job()
    capsys.readouterr()
    for _ in range(2):  # the second finds it ended
        fail_job(in_cloud(world), job.id, error)
    [line] = lines(capsys)
    assert (line["event"], line["job"], line["code"], line["fault"]) == (
        "a job has failed",
        job.id,
        error.error_code,
        fault,
    )


def test_a_bug_of_ours_is_the_deployments(world: World, capsys: pytest.CaptureFixture[str]) -> None:
    job = world.new_job()
    capsys.readouterr()
    fail_internally(in_cloud(world), job.id, KeyError("x"))
    assert [line["fault"] for line in lines(capsys)] == ["deployment"]


def test_on_one_machine_the_command_says_it(world: World, capsys: pytest.CaptureFixture[str]) -> None:
    job = world.new_job()
    capsys.readouterr()
    fail_job(world.platform, job.id, PoisonStep("It took its worker down."))
    assert capsys.readouterr().err == ""


def test_who_waits_long_for_a_worker_is_told(world: World, capsys: pytest.CaptureFixture[str]) -> None:
    platform = in_cloud(world)
    waiting, working = world.new_job(), world.new_job(a1=2.0)
    move_job(platform, working.id, JobState.PROCESSING)
    world.clock.pass_by(minutes=14)
    look_after_jobs(platform)
    assert lines(capsys) == []
    world.clock.pass_by(minutes=2)
    look_after_jobs(platform)
    [line] = lines(capsys)
    assert (line["event"], line["jobs"]) == ("jobs wait long", 1)
    assert 16 * 60 <= int(str(line["longest_seconds"])) < 17 * 60
    assert waiting.id != working.id


def test_the_alerts_count_these_lines() -> None:
    counted = set(re.findall(r'jsonPayload\.message=\\"([^"\\]+)\\"', source(TERRAFORM / "modules" / "platform")))
    assert counted == {"a job has failed", "jobs wait long"}
