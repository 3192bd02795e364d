"""The plan: the steps that make a recipe's outputs from one source, and the keys of their artifacts."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field, replace
from functools import cached_property
from typing import Any

from dailies.domain.errors import PermanentError, restore
from dailies.domain.model import Model, digest_of
from dailies.planning.operation import Estimate, MayCome, Operation, Placement

PROBE = "probe"


class NoParams(Model):
    """For a step that depends on the source alone."""


def reads_source(operation: Operation) -> bool:
    """Whether its steps open the source that they have: what the operation states, or the default of its sort."""
    stated: bool = getattr(operation, "reads_source", operation.placement is Placement.MEDIA)
    return stated


def most_of(steps: Sequence[Step]) -> Estimate:
    """What the steps take, and at most what they may need yet."""
    estimates = [step.estimate for step in steps]
    estimates += [possible.estimate for step in steps for possible in step.may_come]
    return sum(estimates, Estimate(0.0))


def kind_of(step_id: str) -> str:
    """The kind of the step whose id it is."""
    return step_id.partition("_")[0]


@dataclass(frozen=True, slots=True)
class StepFile:
    """The file of that role which another step of the plan makes."""

    step_id: str
    role: str


@dataclass(frozen=True)
class Step:
    """A node of the plan. ``needs`` maps roles to the ids of other steps.

    ``asked`` are the ids of those whose artifacts decide what it needs, ``waits_for`` those of them that are not there
    yet: until then ``needs`` is a part, and ``may_come`` the upper bound of the rest. ``source`` is the file that it
    reads in place of the job's source, ``spared`` are the roles without which it goes on where they can't be made.
    """

    id: str
    label: str
    operation: Operation
    params: Model
    needs: Mapping[str, str]
    estimate: Estimate
    asked: frozenset[str] = frozenset()
    waits_for: frozenset[str] = frozenset()
    may_come: tuple[MayCome, ...] = ()
    source: StepFile | None = None
    spared: frozenset[str] = frozenset()

    @property
    def rests_on(self) -> frozenset[str]:
        """The ids of all steps that come before this one."""
        fed = set() if self.source is None else {self.source.step_id}
        return self.asked.union(self.needs.values(), fed)

    @property
    def reads_job_source(self) -> bool:
        """Whether it opens the job's own source, which is then part of its key."""
        return self.source is None and reads_source(self.operation)

    @property
    def kind(self) -> str:
        return self.operation.kind

    @property
    def placement(self) -> Placement:
        return self.operation.placement

    @cached_property
    def fuse(self) -> str | None:
        """Ready steps of the same key share a run; None: it has one of its own."""
        fuse = self.operation.fuse(self.params)
        # What shares a decode reads the same file.
        return fuse if fuse is None or self.source is None else f"{self.source.step_id}/{self.source.role}/{fuse}"


#: An error in its stored form (``record_of``).
Record = Mapping[str, Any]


@dataclass(frozen=True, slots=True)
class Plan:
    """``steps`` in an order in which each comes after those it needs; ``outputs``: output name → step id.

    ``optional`` are the outputs that the job may do without, ``left_out`` those that it does without, and why.
    """

    steps: tuple[Step, ...]
    outputs: Mapping[str, str]
    optional: frozenset[str] = frozenset()
    left_out: Mapping[str, Record] = field(default_factory=dict)

    def __getitem__(self, step_id: str) -> Step:
        return next(step for step in self.steps if step.id == step_id)

    @property
    def waits_for(self) -> frozenset[str]:
        """The ids of the steps whose artifacts tell what else is in the plan."""
        return frozenset().union(*(step.waits_for for step in self.steps))

    @property
    def estimate(self) -> Estimate:
        """What all of it takes, at most where it unfolds."""
        return most_of(self.steps)

    def without(self, refused: Mapping[str, Record]) -> Plan:
        """The plan without the outputs that need one of the steps ``refused``: step id → the error it met.

        Raises that error for the probe, without which there is no plan, and for an output that is not optional; where
        nothing is left, one with all reasons.
        """
        if PROBE in refused:
            raise restore(refused[PROBE])
        plan = self._spared(refused)
        if plan is not self:
            return plan.without(refused)
        left_out = dict(self.left_out)
        for name, step_id in self.outputs.items():
            met = [refused[needed] for needed in self._needed([step_id]) if needed in refused]
            if met and name not in self.optional:
                raise restore(met[0])
            if met:
                left_out[name] = met[0]
        outputs = {name: step_id for name, step_id in self.outputs.items() if name not in left_out}
        if len(outputs) == len(self.outputs):
            return self
        check_something_is_left(outputs, left_out)
        kept = {PROBE, *self._needed(outputs.values())}
        steps = tuple(step for step in self.steps if step.id in kept)
        return replace(self, steps=steps, outputs=outputs, left_out=left_out)

    def _spared(self, refused: Mapping[str, Record]) -> Plan:
        """With steps that go on without those of their needs that can't be made any more."""
        lost = set(refused)
        steps: dict[str, Step] = {}
        for step in self.steps:
            gone = {role for role in step.spared if step.needs.get(role) in lost}
            kept = {role: needed for role, needed in step.needs.items() if role not in gone}
            steps[step.id] = replace(step, needs=kept) if gone else step
            if steps[step.id].rests_on & lost:
                lost.add(step.id)
        changed = any(steps[step.id] is not step for step in self.steps)
        return replace(self, steps=tuple(steps.values())) if changed else self

    def rested_on(self, step_id: str) -> list[str]:
        """The ids of all steps that come before that one, however far, in the plan's order."""
        return [each for each in self._needed([step_id]) if each != step_id]

    def _needed(self, wanted: Iterable[str]) -> list[str]:
        """The ids of the steps ``wanted`` and of all that they rest on, in the plan's order."""
        needed = set(wanted)
        for step in reversed(self.steps):
            if step.id in needed:
                needed.update(step.rests_on)
        return [step.id for step in self.steps if step.id in needed]


def check_something_is_left(outputs: Mapping[str, str], left_out: Mapping[str, Record]) -> None:
    """Raise what the outputs met, where none is left: of one its own error, of several one with all reasons."""
    if outputs:
        return
    if len(left_out) == 1:
        raise restore(next(iter(left_out.values())))
    said = "; ".join(f"{name}: {record['message'].rstrip('.')}" for name, record in left_out.items())
    message, reasons = f"None of the outputs can be made of this source. {said}.", reasons_of(left_out)
    alike = {(record["class"], record["code"]) for record in left_out.values()}
    if len(alike) == 1:
        [(kind, code)] = alike
        raise restore({"class": kind, "code": code, "message": message, "details": {"left_out": reasons}})
    raise PermanentError(message, code="nothing_possible", left_out=reasons)


def reasons_of(left_out: Mapping[str, Record]) -> dict[str, dict[str, str]]:
    """The public form of what was left out: code and message by output name."""
    return {name: {"code": record["code"], "message": record["message"]} for name, record in left_out.items()}


def step_key(step: Step, *, source_digest: str, toolchain: str, inputs: Mapping[str, str]) -> str:
    """The address of the step's artifact: sha256 over everything that its bytes depend on.

    ``inputs`` maps each role to the digest of that step's artifact; ``source_digest`` is that of the file which it
    reads as its source, and ``toolchain`` the FFmpeg build: each counts only for steps that use it. 64 hexadecimal
    digits.
    """
    return digest_of(
        {
            "kind": step.kind,
            "version": step.operation.version,
            "toolchain": toolchain if step.operation.uses_ffmpeg else None,
            "params": step.params.model_dump(mode="json"),
            "source": source_digest if step.reads_job_source or step.source is not None else None,
            "inputs": dict(inputs),
        }
    )
