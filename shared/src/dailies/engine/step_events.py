"""Which of a job's events its steps are."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace
from datetime import datetime

from dailies.domain.job.job import Job, job_of
from dailies.engine.plan_state import PlanState
from dailies.engine.store.events import Happening
from dailies.planning.operation import Artifact
from dailies.planning.plan import Step

STEP_DONE = "step.done"


def step_done(step: Step, made: Artifact, now: datetime) -> Happening:
    data = {"step": step.label, "kind": step.kind, "seconds": made.seconds, "attempts": made.attempts.count}
    return Happening(STEP_DONE, now, data, once=f"{made.run} {step.id}")


def steps_done(job: Job, plan_state: PlanState, now: datetime, told: Sequence[Happening] = ()) -> list[Happening]:
    """The steps that the job has made itself, each behind those that it needs.

    ``told`` are those that this process has made: it knows when.
    """
    known = {each.once: each for each in told}
    made = [(step, plan_state.artifacts[step.id]) for step in plan_state.plan.steps if step.id in plan_state.artifacts]
    mine = [step_done(step, artifact, now) for step, artifact in made if job_of(artifact.run) == job.id]
    in_order = [known.pop(each.once, each) for each in mine]
    # When another made its step nobody knows any more: not after what came behind it.
    for place in range(len(in_order) - 2, -1, -1):
        at = min(in_order[place].timestamp, in_order[place + 1].timestamp)
        in_order[place] = replace(in_order[place], timestamp=at)
    # What was made for an output that is left out by now is in no plan any more.
    return [*known.values(), *in_order]
