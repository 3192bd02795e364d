"""Terraform itself over infra/terraform: every root is valid, and the modules' own tests hold.

On a provider that makes nothing. What Google says to it all only a real project can tell (docs/deploy.md).
"""

from __future__ import annotations

import os
import shutil
import subprocess
from collections.abc import Iterator, Mapping
from pathlib import Path

import pytest

from tests.emulators import missing
from tests.fakes.terraform_provider import google_provider
from tests.unit.infra.terraform_text import ROOT, TERRAFORM, environments, examples, modules

TESTED = [path for path in modules() if (path / "tests").is_dir()]

pytestmark = pytest.mark.slow


@pytest.fixture(scope="module")
def environment() -> Iterator[Mapping[str, str]]:
    if shutil.which("terraform") is None:
        missing("terraform (https://developer.hashicorp.com/terraform/install)")
    with google_provider() as told:
        # Nobody's own configuration, and no word to the makers of Terraform.
        yield {
            **os.environ,
            **told,
            "TF_CLI_CONFIG_FILE": os.devnull,
            "CHECKPOINT_DISABLE": "1",
            "TF_IN_AUTOMATION": "1",
        }


@pytest.fixture
def infra(tmp_path: Path) -> Path:
    """A copy, with something staged: what `terraform init` leaves belongs into no checkout. The path has a space."""
    archive = tmp_path / "a copy" / "dist" / "stage" / "functions.zip"
    archive.parent.mkdir(parents=True)
    archive.write_bytes(b"what is deployed")
    table = tmp_path / "a copy" / "functions" / "functions.json"
    table.parent.mkdir()
    shutil.copyfile(ROOT / "functions" / "functions.json", table)
    return Path(
        shutil.copytree(ROOT / "infra", tmp_path / "a copy" / "infra", ignore=shutil.ignore_patterns(".terraform*"))
    )


def terraform(environment: Mapping[str, str], folder: Path, *arguments: str) -> None:
    ended = subprocess.run(
        ["terraform", *arguments, "-no-color"], cwd=folder, env=environment, capture_output=True, text=True, check=False
    )
    assert ended.returncode == 0, ended.stdout + ended.stderr


@pytest.mark.parametrize("root", [*environments(), *examples()], ids=lambda path: path.name)
def test_every_root_is_valid(environment: Mapping[str, str], infra: Path, root: Path) -> None:
    """Each argument is one that the provider knows, of its type, and none is missing."""
    folder = infra / "terraform" / root.relative_to(TERRAFORM)
    terraform(environment, folder, "init", "-backend=false")
    terraform(environment, folder, "validate")


@pytest.mark.parametrize("module", TESTED, ids=lambda path: path.name)
def test_what_a_module_says_of_itself_holds(environment: Mapping[str, str], infra: Path, module: Path) -> None:
    folder = infra / "terraform" / module.relative_to(TERRAFORM)
    terraform(environment, folder, "init", "-backend=false")
    terraform(environment, folder, "test")


def test_an_argument_that_the_provider_lacks_is_found(environment: Mapping[str, str], infra: Path) -> None:
    """Or the tests above would pass whatever is written."""
    folder = infra / "terraform" / "modules" / "queue"
    path = folder / "main.tf"
    path.write_text(path.read_text().replace("rate_limits {", "rate_limits {\n    max_dispatches_per_day = 1", 1))
    terraform(environment, folder, "init", "-backend=false")
    with pytest.raises(AssertionError, match="max_dispatches_per_day"):
        terraform(environment, folder, "validate")
