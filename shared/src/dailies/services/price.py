"""What a job would take and cost, before there is one: of a source that was looked at, or of one that is described."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from dailies.domain.errors import Conflict
from dailies.domain.job.result import LeftOut
from dailies.domain.source.media_info import AudioStream, MediaInfo, VideoStream
from dailies.engine.platform import Platform
from dailies.planning.compiler import compile_plan
from dailies.planning.operation import Estimate
from dailies.planning.plan import Plan, reasons_of
from dailies.services.create_upload import wanted_recipe
from dailies.services.jobs import owned_job
from dailies.services.planning import (
    Estimated,
    PlannedStep,
    PossibleSteps,
    imagined_state,
    may_come_of,
    steps_of,
    still_to_take,
)

_RATE_HZ = 48_000


@dataclass(frozen=True, slots=True)
class Price(Estimated):
    """``estimate`` is of what is not made yet, and of what may come with it."""

    steps: Sequence[PlannedStep]
    may_come: Sequence[PossibleSteps]
    left_out: Mapping[str, LeftOut]
    estimate: Estimate


def price_of_job_source(platform: Platform, uid: str, job_id: str, recipe: Any = None) -> Price:
    """Of another recipe for the source of the user's job; what exists of it costs nothing.

    Raises NotFound, Conflict ``not_probed`` before a worker has looked at the source, InvalidRecipe, SourceRefused,
    OverBudget.
    """
    wanted = wanted_recipe(recipe)
    job = owned_job(platform, uid, job_id)
    state = None if job.source.kind == "url" else imagined_state(platform, uid, job.source, wanted)
    if state is None or state.info is None:
        raise Conflict(f"Nobody has looked at the source of job {job_id} yet: ask again later.", code="not_probed")
    return _price(state.plan, steps_of(state))


def price_of_described(
    platform: Platform,
    recipe: Any = None,
    *,
    duration_seconds: float,
    channels: int,
    width: int | None,
    height: int | None,
    frame_rate: float,
) -> Price:
    """Of a source that is H.264 and AAC as described: 0 channels are no sound, no width is no film.

    Raises InvalidRecipe, SourceRefused, OverBudget.
    """
    sound = AudioStream(
        index=1, track=0, codec="aac", sample_rate_hz=_RATE_HZ, channels=channels, layout=None,
        duration_seconds=duration_seconds,
    )  # fmt: skip
    rate = f"{round(frame_rate * 1000)}/1000"
    film = VideoStream(
        index=0, track=0, codec="h264", coded_width=width or 0, coded_height=height or 0, width=width or 0,
        height=height or 0, frame_rate=rate, steady_rate=rate,
        pixel_format="yuv420p", duration_seconds=duration_seconds,
    )  # fmt: skip
    info = MediaInfo(
        container="mp4",
        duration_seconds=duration_seconds,
        duration_from="header",
        size_bytes=0,
        audio=(sound,) if channels else (),
        video=(film,) if width and height else (),
    )
    return price_of_source(platform, recipe, info)


def price_of_source(platform: Platform, recipe: Any, info: MediaInfo) -> Price:
    """Of a source of which nothing is made yet. Raises InvalidRecipe, SourceRefused, OverBudget."""
    plan = compile_plan(wanted_recipe(recipe), info, platform.registry)
    steps = [
        PlannedStep(step.label, step.kind, "waiting" if step.rests_on else "ready", None, step.estimate)
        for step in plan.steps
    ]
    return _price(plan, steps)


def _price(plan: Plan, steps: Sequence[PlannedStep]) -> Price:
    may_come = may_come_of(plan)
    left_out = {name: LeftOut(**reason) for name, reason in reasons_of(plan.left_out).items()}
    return Price(steps, may_come, left_out, still_to_take(steps, may_come))
