"""A job delivers what can be made, and says what could not be and why; what is required still ends it."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import pytest

from dailies.domain.errors import (
    DailiesError,
    Misconfigured,
    PermanentError,
    PoisonStep,
    QualityNotReached,
    SourceRefused,
    TransientError,
)
from dailies.domain.job.job import Job, JobState
from dailies.domain.job.result import JobResult, result_of
from dailies.domain.recipe.recipe import Recipe
from dailies.domain.stop import StopToken
from dailies.engine.advance import advance
from dailies.engine.store.leases import MAX_ATTEMPTS, MAX_TRANSIENT_FAILURES
from dailies.engine.store.progress import operation_path
from dailies.engine.worker_loop import drain, may_retry
from dailies.operations.deliverables.audio import AudioOutput
from dailies.services.delivery import Destinations, deliver
from dailies.services.jobs import create_job
from dailies.services.result import get_result
from tests.unit.conftest import UID, FakeAudio, World

REFUSED = SourceRefused("The sound of b is damaged.", code="decode_failed")


def optional_job(world: World, *required: str, **starts: float) -> Job:
    """A job whose outputs are optional but the ``required`` ones; ``b`` is a folder of files."""
    outputs = {
        name: AudioOutput(format="flac" if name == "b" else "mp3", start=start, optional=name not in required)
        for name, start in starts.items()
    }
    recipe = Recipe(outputs=dict[str, Any](outputs))
    return create_job(world.platform, UID, world.sources.identify(world.source), recipe).job


def operation(world: World, job: Job) -> dict[str, Any]:
    snapshot = world.platform.documents.get(operation_path(UID, job.id))
    assert snapshot is not None
    return snapshot.data


def made_of(job: Job) -> JobResult:
    assert job.state is JobState.COMPLETED, job.error
    return result_of(job.result, job.recipe)


@pytest.mark.parametrize(
    "error",
    [
        REFUSED,
        QualityNotReached("The output failed its verification."),
        PermanentError("FFmpeg failed for a reason that isn't the media's.", code="ffmpeg_failed"),
    ],
    ids=lambda error: error.error_code,
)
def test_a_step_that_fails_for_good_leaves_its_output_out(world: World, tmp_path: Path, error: DailiesError) -> None:
    """Also one that shared its run; the result, the progress document and what is delivered agree."""
    world.ledger.fail["2.0"] = [error, error]
    job = world.finish(optional_job(world, "a", a=1, b=2, c=3))
    result = made_of(job)
    assert sorted(result.outputs) == ["a", "c"]
    assert result.model_dump()["left_out"] == {"b": {"code": error.error_code, "message": error.message}}
    assert [step.name for step in result.steps] == ["probe", "measure", "a", "c"]
    shown = operation(world, job)
    assert shown["leftOut"] == result.model_dump()["left_out"]
    assert shown["message"] == "Done, without b"
    folder = tmp_path / "out"
    places = Destinations(
        {"a": folder / "a.mp3", "b": folder / "b" / "main.flac", "c": folder / "c.mp3"}, (folder, folder / "b")
    )
    assert sorted(deliver(world.platform, job, places, overwrite=False).outputs) == ["a", "c"]
    assert sorted(path.name for path in folder.iterdir()) == ["a.mp3", "c.mp3"]


def test_a_result_that_left_something_out_can_be_fetched(world: World, monkeypatch: pytest.MonkeyPatch) -> None:
    """Of what was made: the rest has no file that could have expired."""
    world.ledger.fail["2.0"] = [REFUSED, REFUSED]
    job = world.finish(optional_job(world, a=1, b=2))
    urls: Any = type("Urls", (), {"download": lambda *_, **__: None})()
    monkeypatch.setattr(type(world.platform), "urls", urls, raising=False)
    assert set(get_result(world.platform, UID, job.id).downloads) == {"a"}


def test_a_step_before_it_takes_all_outputs_that_need_it(world: World) -> None:
    """Where that is all of them the job fails, with each output's reason."""
    world.ledger.fail["measure"] = [REFUSED]
    with pytest.raises(SourceRefused) as failed:
        world.finish(optional_job(world, a=1, b=2))
    assert failed.value.error_code == "decode_failed"
    assert "a: The sound of b is damaged; b: The sound of b is damaged." in failed.value.message


def test_what_is_required_ends_the_job(world: World) -> None:
    world.ledger.fail["1.0"] = [REFUSED, REFUSED]
    with pytest.raises(SourceRefused):
        world.finish(optional_job(world, "a", a=1, b=2))


@pytest.mark.parametrize("error", [Misconfigured("No FFmpeg."), TransientError("Busy.")], ids=["machine", "passing"])
def test_what_is_not_the_outputs_fault_is_not_held_against_it(world: World, error: DailiesError) -> None:
    world.ledger.fail["2.0"] = [error, error]
    with pytest.raises(type(error)):
        world.finish(optional_job(world, a=1, b=2))


def test_a_step_whose_failures_never_pass_is_left_out_at_last(world: World) -> None:
    """Each try fails with what could have passed; the others share the first ones, and are made all the same."""
    job = optional_job(world, a=1, b=2, c=3)
    advance(world.platform, job.id)
    world.ledger.fail["2.0"] = [TransientError("The disk stutters.", code="disk_fault") for _ in range(MAX_ATTEMPTS)]
    for _ in range(MAX_TRANSIENT_FAILURES - 1):
        with pytest.raises(TransientError) as raised:
            drain(world.platform, job.id, StopToken())
        assert may_retry(world.platform, job.id, raised.value)
    drain(world.platform, job.id, StopToken())
    result = made_of(advance(world.platform, job.id))
    assert sorted(result.outputs) == ["a", "c"]
    said = {"code": "disk_fault", "message": "Given up after 3 attempts: The disk stutters."}
    assert result.model_dump()["left_out"] == {"b": said}


@pytest.mark.parametrize("required", [("b",), ("a", "b")])
def test_a_required_step_whose_failures_never_pass_ends_the_job(world: World, required: tuple[str, ...]) -> None:
    """With what it met, for whoever runs the worker to record."""
    job = optional_job(world, *required, a=1, b=2)
    advance(world.platform, job.id)
    world.ledger.fail["2.0"] = [TransientError("Busy.") for _ in range(MAX_TRANSIENT_FAILURES)]
    for failures in range(1, MAX_TRANSIENT_FAILURES + 1):
        with pytest.raises(TransientError, match="Busy") as raised:
            drain(world.platform, job.id, StopToken())
        assert may_retry(world.platform, job.id, raised.value) is (failures < MAX_TRANSIENT_FAILURES)


def test_a_step_that_kills_its_worker_is_left_out_at_last(world: World) -> None:
    """Workers that die leave no word: the next one finds the count."""
    job = optional_job(world, a=1, b=2)
    advance(world.platform, job.id)

    def die(name: str) -> None:
        if name == "2.0":
            raise KeyboardInterrupt

    world.ledger.during = die
    for attempt in range(MAX_ATTEMPTS):
        world.owners.name = f"worker-{attempt}"
        with pytest.raises(KeyboardInterrupt):
            drain(world.platform, job.id, StopToken())
        world.owners.dead.add(world.owners.name)
    world.owners.name = "last"
    drain(world.platform, job.id, StopToken())
    result = made_of(advance(world.platform, job.id))
    assert (sorted(result.outputs), result.left_out["b"].code) == (["a"], PoisonStep.code)


def test_another_worker_goes_by_what_the_first_found(world: World) -> None:
    """The step is not tried again in the same run of the job, and tried once more in the next."""
    world.ledger.fail["2.0"] = [REFUSED, REFUSED]
    job = optional_job(world, b=2, c=3)
    advance(world.platform, job.id)
    world.ledger.during = lambda name: (_ for _ in ()).throw(TransientError("Busy.")) if name == "3.0" else None
    with pytest.raises(TransientError):
        drain(world.platform, job.id, StopToken())
    world.ledger.during = lambda _: None
    world.owners.name = "another"
    drain(world.platform, job.id, StopToken())
    assert world.ledger.ran == ["probe", "measure", "3.0"]
    assert sorted(made_of(advance(world.platform, job.id)).outputs) == ["c"]
    again = world.finish(optional_job(world, b=2, c=3))
    assert sorted(made_of(again).outputs) == ["b", "c"]


def test_what_the_plan_refuses_is_said_from_the_first_step_on(world: World, monkeypatch: pytest.MonkeyPatch) -> None:
    """Nothing is run for it, and a user sees why while the rest is made."""
    resolve = FakeAudio.request

    def request(self: FakeAudio, field: str, output: AudioOutput, info: Any) -> Any:
        if field == "outputs.b":
            raise SourceRefused("There is no such track.", code="no_audio")
        return resolve(self, field, output, info)

    monkeypatch.setattr(FakeAudio, "request", request)
    seen: list[Any] = []
    job = optional_job(world, a=1, b=2)
    world.ledger.during = lambda name: seen.append(operation(world, job).get("leftOut")) if name == "1.0" else None
    world.finish(job)
    assert seen == [{"b": {"code": "no_audio", "message": "There is no such track."}}]
    assert "2.0" not in world.ledger.ran
