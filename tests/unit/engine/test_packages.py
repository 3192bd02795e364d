"""A package of a job's outputs: what is in it is what was made, and it goes on without what could not be."""

from __future__ import annotations

import hashlib
import json
import zipfile
from dataclasses import replace
from pathlib import Path
from typing import Any, cast

import pytest

from dailies.domain.errors import InvalidRecipe, SourceRefused
from dailies.domain.job.job import Job, JobState
from dailies.domain.job.manifest import Manifest
from dailies.domain.job.quality import overall, quality_of
from dailies.domain.job.result import result_of
from dailies.domain.recipe.fields import Output
from dailies.domain.recipe.recipe import Recipe
from dailies.domain.stop import StopToken
from dailies.engine.run_step import run_step
from dailies.engine.store.jobs import load_job
from dailies.media.toolbox import Toolbox
from dailies.operations.deliverables.audio import AudioOutput
from dailies.operations.deliverables.package import PackageOperation, PackageOutput
from dailies.operations.steps.package_archive import PackageArchiveOperation
from dailies.planning.compiler import compile_plan
from dailies.planning.operation import Deliverable, Operation, Registry
from dailies.services.delivery import Destinations, deliver
from dailies.services.jobs import create_job
from tests.unit.conftest import UID, World
from tests.unit.engine.test_light_steps import due
from tests.unit.planning.test_keys import INFO

REFUSED = SourceRefused("The sound of b is damaged.", code="decode_failed")
# The annotations are the test here: mypy holds the classes against their protocols.
KIND: type[Deliverable] = PackageOperation
STEP: type[Operation] = PackageArchiveOperation


@pytest.fixture
def packing(world: World) -> World:
    known = world.platform.registry
    own: dict[str, Operation] = {
        "package": PackageOperation(),
        "package-archive": PackageArchiveOperation(cast("Toolbox", None)),
    }
    world.platform = replace(world.platform, registry=Registry(lambda kind: own.get(kind) or known[kind]))
    return world


def packed(world: World, package: PackageOutput, **outputs: Output) -> Job:
    """The job once its light steps were run, too."""
    wish: dict[str, Any] = {**outputs, "all": package}
    job = create_job(world.platform, UID, world.sources.identify(world.source), Recipe(outputs=wish)).job
    world.finish(job)
    for task in due(world):
        run_step(world.platform, task.payload["job"], task.payload["step"], StopToken())
    return load_job(world.platform, job.id)


def delivered(world: World, job: Job, folder: Path, name: str = "all.json") -> Path:
    assert job.state is JobState.COMPLETED, job.error
    deliver(world.platform, job, Destinations({"all": folder / name}, (folder,)), overwrite=False)
    return folder / name


def audio(start: float, *, optional: bool = False, form: str = "mp3") -> AudioOutput:
    return AudioOutput.model_validate({"format": form, "start": start, "optional": optional})


def test_a_manifest_names_every_file_and_what_it_took(packing: World, tmp_path: Path) -> None:
    """With its digest, all steps before it by kind, and the files of an output that is a folder."""
    job = packed(packing, PackageOutput(), a=audio(1), b=audio(2, form="flac"))
    manifest = Manifest.model_validate_json(delivered(packing, job, tmp_path / "out").read_bytes())
    result = result_of(job.result, job.recipe)
    for name in ("a", "b"):
        main, *others = manifest.outputs[name].files
        assert (main.sha256, main.bytes) == (result.outputs[name].sha256, result.outputs[name].bytes)
        assert [file.sha256 for file in others] == [file.sha256 for file in result.outputs[name].files]
    assert {step.kind: step.count for step in manifest.steps} == {"measure": 1, "audio": 2}
    assert manifest.seconds == pytest.approx(sum(step.seconds for step in manifest.steps), abs=0.01)
    assert manifest.left_out == ()
    assert result.model_dump()["outputs"]["all"]["packed_files"] == sum(
        len(output.files) for output in manifest.outputs.values()
    )


def test_what_fails_and_is_optional_is_not_in_it(packing: World, tmp_path: Path) -> None:
    """The package waits for it, learns that it is lost, and says so; what is required ends the job as it does alone."""
    packing.ledger.fail["2.0"] = [REFUSED, REFUSED]
    job = packed(packing, PackageOutput(), a=audio(1), b=audio(2, optional=True))
    manifest = Manifest.model_validate_json(delivered(packing, job, tmp_path / "out").read_bytes())
    assert list(manifest.outputs) == ["a"]
    assert manifest.left_out == ("b",)
    assert list(result_of(job.result, job.recipe).left_out) == ["b"]
    packing.ledger.fail["3.0"] = [REFUSED, REFUSED]
    with pytest.raises(SourceRefused):
        packed(packing, PackageOutput(), a=audio(1), c=audio(3))


def test_it_is_of_the_outputs_that_it_names(packing: World, tmp_path: Path) -> None:
    job = packed(packing, PackageOutput(outputs=("b",)), a=audio(1), b=audio(2))
    manifest = json.loads(delivered(packing, job, tmp_path / "out").read_text())
    assert list(manifest["outputs"]) == ["b"]
    recipe = Recipe(outputs={"all": PackageOutput(outputs=("x",)), "a": audio(1)})
    with pytest.raises(InvalidRecipe, match=r"^outputs\.all\.outputs: there is no other output 'x' in the recipe\.$"):
        compile_plan(recipe, INFO, packing.platform.registry)


def test_all_of_it_comes_out_of_an_archive(packing: World, tmp_path: Path) -> None:
    """Under the names that the outputs are delivered as, the manifest first; made again it is the same bytes."""
    job = packed(packing, PackageOutput(format="zip"), a=audio(1), b=audio(2, form="flac"))
    place = delivered(packing, job, tmp_path / "out", "all.zip")
    with zipfile.ZipFile(place) as archive:
        first, *names = archive.namelist()
        manifest = Manifest.model_validate_json(archive.read(first))
        files = [file for output in manifest.outputs.values() for file in output.files]
        assert names == [file.name for file in files]
        for file in files:
            assert hashlib.sha256(archive.read(file.name)).hexdigest() == file.sha256
    assert first == "manifest.json"


@pytest.mark.parametrize(
    ("certificate", "quality"),
    [
        ({"quality_score": 93, "coverage": 0.1}, 93),
        ({"coverage": 0.987}, 98),
        ({"coverage": None}, 100),
        ({"text": {"coverage": 0.5, "rules": [{"share": 1.0}, {"share": 0.8}]}}, 45),
        ({"quality_score": None, "checks": [{"passed": True}, {"passed": False}]}, 50),
        ({}, 100),
    ],
)
def test_how_good_an_output_is_follows_from_its_certificate(certificate: dict[str, Any], quality: int) -> None:
    assert quality_of(certificate) == quality


def test_one_bad_output_is_seen_in_the_whole() -> None:
    assert overall([100, 90, 95]) == 95
    assert overall([100, 100, 100, 40]) == 50
    assert overall([]) == 100
