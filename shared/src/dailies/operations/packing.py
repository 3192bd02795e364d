"""What a package is made of: the artifacts of the job's other outputs, and what is said of them."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping
from pathlib import PurePosixPath
from typing import Literal

from pydantic import SerializeAsAny

from dailies.domain.job.manifest import Manifest, PackedFile, PackedOutput, PackedSteps
from dailies.domain.job.quality import overall, quality_of
from dailies.domain.model import Model
from dailies.planning.operation import MAIN_FILE, Artifact, FileOf, Request, StepRun

_ROLE = "output-"


class MemberStep(Model):
    """A request for a step, as parameters hold it: ``source`` as the request has it."""

    step: str
    params: SerializeAsAny[Model]
    source: MemberSource | Literal["job"] | None

    def request(self, *, spared: bool = False) -> Request:
        source = self.source
        file = FileOf(source.of.request(), source.role) if isinstance(source, MemberSource) else source
        return Request(self.step, self.params, file, spared)


class MemberSource(Model):
    """The file of that ``role`` which the step ``of`` makes."""

    of: MemberStep
    role: str


class Member(Model):
    """An output, and the step that makes it."""

    name: str
    file_name: str
    optional: bool
    made_by: MemberStep


class PackageParams(Model):
    members: tuple[Member, ...]


def member_step(request: Request) -> MemberStep:
    """The request as parameters hold it."""
    source = request.source
    file = MemberSource(of=member_step(source.request), role=source.role) if isinstance(source, FileOf) else source
    return MemberStep(step=request.kind, params=request.params, source=file)


def members_needs(params: PackageParams) -> Mapping[str, Request]:
    """The steps of the members; the package goes on without an optional one."""
    return {f"{_ROLE}{member.name}": member.made_by.request(spared=member.optional) for member in params.members}


def packed(run: StepRun) -> Iterator[tuple[Member, Artifact]]:
    """The members that were made, by name."""
    params: PackageParams = run.params
    for member in params.members:
        artifact = run.inputs.get(f"{_ROLE}{member.name}")
        if artifact is not None:
            yield member, artifact


def file_places(member: Member, artifact: Artifact) -> dict[str, str]:
    """Where each file of an output is below the folder of all, by role, the main one first."""
    beside = PurePosixPath(member.file_name).parent
    others = sorted(role for role in artifact.files if role != MAIN_FILE)
    return {MAIN_FILE: member.file_name, **{role: str(beside / role) for role in others}}


def manifest_of(run: StepRun) -> Manifest:
    """What the step's inputs are, and what everything before it took."""
    params: PackageParams = run.params
    outputs = {member.name: _output(member, artifact) for member, artifact in packed(run)}
    before = run.before()
    return Manifest(
        quality=overall(output.quality for output in outputs.values()),
        outputs=outputs,
        left_out=tuple(member.name for member in params.members if member.name not in outputs),
        steps=tuple(_steps(before)),
        seconds=round(sum(artifact.seconds for artifact in before), 3),
        cost_usd=round(sum(artifact.cost_usd for artifact in before), 9),
    )


def _output(member: Member, artifact: Artifact) -> PackedOutput:
    return PackedOutput(
        kind=str(artifact.data.get("kind", member.made_by.step)),
        quality=quality_of(artifact.data),
        seconds=artifact.seconds,
        cost_usd=artifact.cost_usd,
        attempts=artifact.attempts.count,
        files=tuple(
            PackedFile(
                name=place,
                media_type=artifact.files[role].media_type,
                bytes=artifact.files[role].size,
                sha256=artifact.files[role].sha256,
            )
            for role, place in file_places(member, artifact).items()
        ),
        certificate=dict(artifact.data),
    )


def _steps(before: Iterable[Artifact]) -> Iterator[PackedSteps]:
    """By kind, in the order of their firsts: of a hundred chunks one line."""
    by_kind: dict[str, list[Artifact]] = {}
    for artifact in before:
        by_kind.setdefault(artifact.kind, []).append(artifact)
    for kind, made in by_kind.items():
        yield PackedSteps(
            kind=kind,
            count=len(made),
            seconds=round(sum(each.seconds for each in made), 3),
            cost_usd=round(sum(each.cost_usd for each in made), 9),
        )
