"""The deployment's build: its order, and that whoever starts it can look up what it asks for."""

from __future__ import annotations

import re
from typing import Any

import pytest
import yaml  # type: ignore[import-untyped]

from .terraform_text import ROOT

TEXT = (ROOT / "cloudbuild.yaml").read_text()
BUILD: dict[str, Any] = yaml.safe_load(TEXT)
STEPS: dict[str, dict[str, Any]] = {step["id"]: step for step in BUILD["steps"]}
#: What Cloud Build fills in by itself.
BUILT_IN = {"BUILD_ID", "PROJECT_ID"}
_SUBSTITUTION = re.compile(r"(?<!\$)\$\{?([A-Za-z_][A-Za-z0-9_]*)")


def _without_comments(text: str) -> str:
    return "\n".join(line for line in text.splitlines() if not line.lstrip().startswith("#"))


def _words(step: str) -> str:
    return " ".join([str(STEPS[step].get("entrypoint", "")), *map(str, STEPS[step]["args"])])


def test_nothing_is_deployed_that_was_not_checked_and_staged_first() -> None:
    order = ["check", "stage", "build-worker", "push-worker", "variables", "plan", "apply", "after-apply"]
    assert list(STEPS) == order
    assert [name for name, step in STEPS.items() if "waitFor" in step] == []


def test_every_substitution_in_use_is_declared_and_every_declared_one_is_used() -> None:
    used = set(_SUBSTITUTION.findall(_without_comments(TEXT)))
    assert used - BUILT_IN == set(BUILD["substitutions"])


@pytest.mark.parametrize("name", BUILD["substitutions"])
def test_every_substitution_is_explained(name: str) -> None:
    row = re.search(rf"^\| `{name}` \|.*\| (.+) \|$", (ROOT / "docs" / "deploy.md").read_text(), re.MULTILINE)
    assert row
    assert len(row[1]) > 20


def test_what_has_no_default_is_asked_for_before_anything_runs() -> None:
    empty = {name for name, default in BUILD["substitutions"].items() if not default}
    assert set(re.findall(r":\?give (\w+)\}", _words("check"))) == {"_STATE_BUCKET"}
    assert empty == {"_STATE_BUCKET", "_FFMPEG_SOURCE", "_FFMPEG_SHA256"}  # without one the image brings its own


def test_the_steps_call_what_is_there() -> None:
    called = {
        path for name in STEPS for path in re.findall(r"(?:^|[ \n])(?:\./)?((?:scripts|infra)/[\w-]+)", _words(name))
    }
    assert {"scripts/check", "scripts/test", "scripts/stage", "infra/after-apply"} == called
    assert [path for path in called if not (ROOT / path).is_file()] == []


def test_the_check_runs_what_needs_no_tools() -> None:
    """Contract tests hold the adapters to their ports; those on an emulator are skipped where there is none."""
    assert _words("check").endswith("./scripts/check\n./scripts/test tests/unit tests/contract\n")


def test_nothing_changes_in_the_cloud_unless_asked() -> None:
    assert BUILD["substitutions"]["_APPLY"] == "false"
    assert all('"${_APPLY}"' in _words(step) for step in ("apply", "after-apply"))


def test_terraform_gets_the_image_by_its_digest() -> None:
    assert "RepoDigests" in _words("push-worker")
    assert 'worker_image="$$(cat /workspace/dist/worker_image)"' in _words("plan")


def test_every_builder_can_be_given_by_its_digest() -> None:
    """Whoever can move a tag could build as the account that deploys."""
    assert [step["name"] for step in BUILD["steps"] if not re.fullmatch(r"\$\{_[A-Z]+\}", step["name"])] == []


def test_the_images_arguments_are_those_of_the_dockerfile() -> None:
    declared = set(re.findall(r"^ARG (\w+)", (ROOT / "worker" / "Dockerfile").read_text(), re.MULTILINE))
    assert set(re.findall(r"--build-arg=(\w+)=", _words("build-worker"))) == declared


def test_a_build_from_a_checkout_has_what_the_checks_ask_git_for() -> None:
    """Without this file gcloud uploads no .git."""
    rules = [line for line in (ROOT / ".gcloudignore").read_text().splitlines() if not line.startswith("# ")]
    assert rules == ["#!include:.gitignore"]
