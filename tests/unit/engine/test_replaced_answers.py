"""A step that asks twice, and needs the second answer alone: a transcript whose first guess of a language was wrong."""

from __future__ import annotations

from dataclasses import replace
from typing import Any, ClassVar

from dailies.domain.job.job import JobState
from dailies.domain.source.media_info import MediaInfo
from dailies.domain.stop import StopToken
from dailies.engine.advance import advance
from dailies.engine.plan_state import plan_state_of
from dailies.engine.store.artifacts import Artifacts
from dailies.engine.worker_loop import drain
from dailies.planning.operation import Estimate, Known, MayCome, Needs, Operation, Registry, Request, Unfolding
from tests.unit.conftest import FakeAudio, FakeMeasure, FakeOperation, FakeProbe, Params, World

ASK = "ask"


class Ask(FakeOperation):
    kind: ClassVar[str] = ASK
    reads_source: ClassVar[bool] = False

    def known(self) -> dict[str, Any]:
        return {"sure": False}


class AsksTwice(FakeAudio):
    def needs(self, params: Params, known: Known) -> Needs:
        asked = [Request(ASK, Params(name=name)) for name in ("pauses", "guess", "again")]
        for request in asked:
            if known(request) is None:
                return Unfolding({"answer": request})
        return {"answer": asked[-1]}

    def may_come(self, params: Params, info: MediaInfo, known: Known) -> tuple[MayCome, ...]:
        return (MayCome(ASK, 1, Estimate(cpu_seconds=1)),)


def test_an_answer_that_another_one_replaced_is_remembered(world: World) -> None:
    """Nothing rests on it, but it tells what was asked next, also to whoever looks around one step."""
    made: list[Operation] = [
        FakeProbe(world.ledger), FakeMeasure(world.ledger), Ask(world.ledger), AsksTwice(world.ledger),
    ]  # fmt: skip
    kinds = {operation.kind: operation for operation in made}
    platform = replace(world.platform, registry=Registry(kinds.__getitem__))
    job = advance(platform, world.new_job().id)
    drain(platform, job.id, StopToken())
    ended = advance(platform, job.id)
    assert ended.state is JobState.COMPLETED, ended.error
    assert world.ledger.ran.count(ASK) == 3
    found = plan_state_of(job, Artifacts(platform.objects, job.uid), platform.registry, platform.toolchain())
    last = found.plan.outputs["a"]
    answers = [step.id for step in found.plan.steps if step.kind == ASK]
    assert len(answers) == 3
    for step_id in (last, *answers):
        around = plan_state_of(
            job, Artifacts(platform.objects, job.uid), platform.registry, platform.toolchain(), around=step_id
        )
        assert around.plan == found.plan
