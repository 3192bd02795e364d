"""What is left to gcloud after Terraform, with a gcloud that writes down what it is asked."""

from __future__ import annotations

import json
import os
import re
import shlex
import shutil
import subprocess
from collections.abc import Mapping
from pathlib import Path

import pytest

from tests.emulators import missing

ROOT = Path(__file__).parents[2]
OUTPUTS: dict[str, object] = {
    "upload_trigger": "projects/p/locations/r/triggers/onupload-1",
    "dead_letter_topic": "projects/p/topics/dailies-upload-dead-letter",
    "unchecked_services": [],
}
GCLOUD = """#!/bin/sh
printf '%s\\n' "$*" >>"$CALLS"
case "$*" in
*"triggers describe"*) echo projects/p/subscriptions/eventarc-1 ;;
*"projects describe"*) echo 42 ;;
*"subscriptions update"*) exit "${UPDATE_EXIT:-0}" ;;
esac
"""


@pytest.fixture
def calls(tmp_path: Path) -> Path:
    (tmp_path / "bin").mkdir()
    program = tmp_path / "bin" / "gcloud"
    program.write_text(GCLOUD)
    program.chmod(0o755)
    (tmp_path / "calls").touch()
    return tmp_path / "calls"


def _run(calls: Path, outputs: Mapping[str, object], **environment: str) -> int:
    path = calls.parent / "outputs.json"
    path.write_text(json.dumps({name: {"value": value} for name, value in outputs.items()}))
    return subprocess.run(
        [str(ROOT / "infra" / "after-apply"), str(path), "p", "r"],
        env={"PATH": f"{calls.parent / 'bin'}:{os.environ['PATH']}", "CALLS": str(calls), **environment},
        capture_output=True,
        check=False,
    ).returncode


def _said(calls: Path) -> dict[str, set[str]]:
    """Each call by its words, with its flags."""
    said = {}
    for line in calls.read_text().splitlines():
        words = shlex.split(line)
        said[" ".join(word for word in words if not word.startswith("--"))] = {w for w in words if w.startswith("--")}
    return said


def test_uploads_that_fail_for_good_go_to_the_dead_letter(calls: Path) -> None:
    assert _run(calls, OUTPUTS) == 0
    said = _said(calls)
    update = said["pubsub subscriptions update projects/p/subscriptions/eventarc-1"]
    assert "--dead-letter-topic=projects/p/topics/dailies-upload-dead-letter" in update
    binding = said["pubsub subscriptions add-iam-policy-binding projects/p/subscriptions/eventarc-1"]
    assert "--member=serviceAccount:service-42@gcp-sa-pubsub.iam.gserviceaccount.com" in binding


def test_callables_are_opened_where_everybody_may_not_be_named(calls: Path) -> None:
    """An organisation's policy forbids allUsers: the services check no caller, and the functions their tokens."""
    assert _run(calls, {**OUTPUTS, "unchecked_services": ["createupload", "getresult"]}) == 0
    said = _said(calls)
    for service in ("createupload", "getresult"):
        assert "--no-invoker-iam-check" in said[f"run services update {service}"]


def test_callables_stay_as_they_are_where_they_are_open_already(calls: Path) -> None:
    assert _run(calls, OUTPUTS) == 0
    assert not [call for call in _said(calls) if call.startswith("run ")]


def test_the_real_gcloud_knows_every_command_and_flag(calls: Path) -> None:
    """By its own help, which needs no network."""
    gcloud = shutil.which("gcloud")
    if gcloud is None:
        missing("gcloud (the Google Cloud CLI)")
        raise AssertionError
    assert _run(calls, {**OUTPUTS, "unchecked_services": ["createupload"]}) == 0
    said = _said(calls)
    assert len(said) == 5
    for call, flags in said.items():
        command = call.split()[:-1]
        help_text = subprocess.run(
            [gcloud, *command, "--help"], capture_output=True, text=True, check=True, env={**os.environ, "PAGER": "cat"}
        ).stdout
        known = set(re.findall(r"--[a-z][a-z-]+", re.sub(r"\x1b\[[0-9;]*m", "", help_text)))
        assert {flag.partition("=")[0] for flag in flags} - known == set(), call


def test_nothing_is_asked_of_google_when_an_output_is_missing(calls: Path) -> None:
    assert _run(calls, {"upload_trigger": "t"}) != 0
    assert calls.read_text() == ""


def test_a_failed_update_fails_the_deployment(calls: Path) -> None:
    assert _run(calls, OUTPUTS, UPDATE_EXIT="3") == 3


def test_the_image_expects_the_disk_where_it_is_mounted() -> None:
    """A disk, at the place that the image writes to: anything else of Cloud Run's is memory."""
    job = (ROOT / "infra" / "terraform" / "modules" / "worker" / "main.tf").read_text()
    assert re.search(r'volume_mounts \{\s+name += "scratch"\s+mount_path = "/scratch"', job)
    disk = r'volumes \{\s+name = "scratch"\s+empty_dir \{\s+medium += "DISK"\s+size_limit = var.scratch'
    assert re.search(disk, job)
    dockerfile = (ROOT / "worker" / "Dockerfile").read_text()
    assert "DAILIES_HOME=/scratch/" in dockerfile
    assert "TMPDIR=/scratch" in dockerfile
