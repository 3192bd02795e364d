"""``package``: what the job's other outputs are: each file's digest, how good each output is, what each step took."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from typing import ClassVar, Literal

from pydantic import Field

from dailies.domain.errors import DailiesError, InvalidRecipe
from dailies.domain.job.manifest import Manifest
from dailies.domain.job.result import Facts
from dailies.domain.recipe.fields import Output, Requested
from dailies.domain.recipe.recipe import OutputName
from dailies.domain.source.media_info import MediaInfo
from dailies.operations.checks.certificate import certified
from dailies.operations.packing import Member, PackageParams, manifest_of, member_step, members_needs
from dailies.planning.beside import ALONE, Beside
from dailies.planning.operation import Estimate, Known, Needs, Placement, Produced, Request, StepRun
from dailies.planning.wishes import dispensable

_COST = 0.05
EXAMPLE = {"outputs": {"package": {"kind": "package"}}}


class PackageOutput(Requested):
    """A manifest of the job's other outputs, or all of them in one ZIP file with it."""

    kind: Literal["package"] = "package"
    format: Literal["json", "zip"] = "json"
    outputs: tuple[OutputName, ...] | None = Field(
        None, min_length=1, description="names of those that belong to it; all but other packages when absent"
    )


class PackageResult(Facts):
    kind: Literal["package"] = "package"
    quality_score: int = Field(ge=0, le=100, description="of all outputs: see docs/transcripts.md")
    outputs: int
    packed_files: int
    packed_bytes: int


class PackageOperation:
    """Answers outputs of kind ``package``: the manifest alone, without opening a file."""

    kind: ClassVar[str] = "package"
    version: ClassVar[str] = "1"
    placement: ClassVar[Placement] = Placement.LIGHT
    uses_ffmpeg: ClassVar[bool] = False
    filters: ClassVar[frozenset[str]] = frozenset()
    encoders: ClassVar[frozenset[str]] = frozenset()
    output: ClassVar[type[Output]] = PackageOutput
    facts: ClassVar[type[Facts]] = PackageResult
    ports: ClassVar[tuple[str, ...]] = ()

    def request(self, field: str, output: PackageOutput, info: MediaInfo) -> Request:
        return self.request_beside(field, output, info, ALONE)

    def request_beside(self, field: str, output: PackageOutput, info: MediaInfo, beside: Beside) -> Request:
        members = []
        for name in self._wanted(field, output, beside):
            other = beside.output(name)
            try:
                step = beside.request(name)
            except DailiesError as error:
                if dispensable(other, error):
                    continue
                raise
            members.append(
                Member(
                    name=name,
                    file_name=beside.file_name(name),
                    optional=other.optional,
                    made_by=member_step(step),
                )
            )
        kind = self.kind if output.format == "json" else "package-archive"
        return Request(kind, PackageParams(members=tuple(members)))

    def _wanted(self, field: str, output: PackageOutput, beside: Beside) -> list[str]:
        known = beside.names()
        for name in output.outputs or ():
            if name not in known:
                place = f"{field}.outputs"
                raise InvalidRecipe(f"{place}: there is no other output {name!r} in the recipe.", field=place)
        if output.outputs is not None:
            return sorted(set(output.outputs))
        return [name for name in known if beside.output(name).kind != self.kind]

    def file_name(self, name: str, output: PackageOutput) -> str:
        return f"{name}.{output.format}"

    def estimate(self, params: PackageParams, info: MediaInfo) -> Estimate:
        return Estimate(cpu_seconds=_COST)

    def fuse(self, params: PackageParams) -> str | None:
        return None

    def needs(self, params: PackageParams, known: Known) -> Needs:
        return members_needs(params)

    def run(self, batch: Sequence[StepRun]) -> Iterator[tuple[StepRun, Produced]]:
        for run in batch:
            manifest = manifest_of(run)
            path = run.scratch / "package.json"
            path.write_text(manifest.model_dump_json(indent=1) + "\n", encoding="utf-8")
            yield run, certified(path, "application/json", [], package_facts(manifest))


def package_facts(manifest: Manifest) -> PackageResult:
    """What a certificate says of a package."""
    files = [file for output in manifest.outputs.values() for file in output.files]
    return PackageResult(
        quality_score=manifest.quality,
        outputs=len(manifest.outputs),
        packed_files=len(files),
        packed_bytes=sum(file.bytes for file in files),
    )
