"""What is made for `firebase deploy` without Terraform, with a gcloud that writes down what it is asked."""

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

from dailies.settings import read_settings
from tests.emulators import missing

ROOT = Path(__file__).parents[2]
IMAGE = "europe-west1-docker.pkg.dev/my-app/dailies/worker@sha256:" + "0" * 64
GCLOUD = """#!/bin/sh
for word; do printf "'%s' " "$word" >>"$CALLS"; done; echo >>"$CALLS"
case "$*" in
*"projects describe"*) echo 42 ;;
*" describe "*) exit "${ABSENT:-0}" ;;
esac
"""


def run(folder: Path, origins: str | None = None, **environment: str) -> list[list[str]]:
    """The calls of gcloud, each as its words; ``origins`` is written as the pages' own."""
    (folder / "bin").mkdir()
    program = folder / "bin" / "gcloud"
    program.write_text(GCLOUD)
    program.chmod(0o755)
    shutil.copytree(ROOT / "infra", folder / "a checkout" / "infra")
    (folder / "a checkout" / "dist" / "stage" / "functions").mkdir(parents=True)
    if origins is not None:
        cors = folder / "a checkout" / "infra" / "firebase" / "bucket.cors.json"
        cors.write_text(re.sub(r'"origin": \[.*?\]', f'"origin":{origins}', cors.read_text()))
    calls = folder / "calls"
    env = {"PATH": f"{folder / 'bin'}:{os.environ['PATH']}", "CALLS": str(calls), **environment}
    script = folder / "a checkout" / "infra" / "firebase-only"
    subprocess.run([script, "my-app", "europe-west1", IMAGE], env=env, capture_output=True, check=True)
    return [shlex.split(line) for line in calls.read_text().splitlines()]


def settings(folder: Path) -> Mapping[str, str]:
    lines = (folder / "a checkout" / "dist" / "stage" / "functions" / ".env").read_text().splitlines()
    return dict(line.split("=", 1) for line in lines)


def test_the_functions_and_the_worker_are_told_the_same_and_all_of_it(tmp_path: Path) -> None:
    calls = run(tmp_path)
    told = settings(tmp_path)
    read_settings(told).require_cloud()
    [job] = [call for call in calls if call[:4] == ["beta", "run", "jobs", "deploy"]]
    [given] = [word.removeprefix("--set-env-vars=") for word in job if word.startswith("--set-env-vars=")]
    assert dict(each.split("=", 1) for each in given.split(",")) == told
    assert f"--image={IMAGE}" in job
    assert "--add-volume-mount=volume=scratch,mount-path=/scratch" in job


def test_queues_and_addresses_are_those_that_the_firebase_cli_makes(tmp_path: Path) -> None:
    """A queue is called as its function, a service as that in small letters."""
    run(tmp_path)
    told = settings(tmp_path)
    assert (told["DAILIES_QUEUE"], told["DAILIES_STEPS_QUEUE"]) == ("advance", "runStep")
    assert told["DAILIES_RUN_STEP_URL"] == "https://runstep-42.europe-west1.run.app"
    assert told["DAILIES_DELIVERIES_QUEUE"] == "deliver"
    assert told["DAILIES_DELIVER_URL"] == "https://deliver-42.europe-west1.run.app"


def test_what_is_there_is_not_made_again(tmp_path: Path) -> None:
    assert not [call for call in run(tmp_path) if "create" in call]


def test_what_is_missing_is_made_beside_the_app(tmp_path: Path) -> None:
    made = [" ".join(word for word in call if word[0] != "-") for call in run(tmp_path, ABSENT="1") if "create" in call]
    assert made == [
        "firestore databases create", "iam service-accounts create dailies", "storage buckets create gs://my-app-dailies",
    ]  # fmt: skip


@pytest.mark.parametrize(
    ("origins", "own"),
    [
        (None, ["http://localhost:5000", "http://localhost:5173"]),
        (" []", []),
        (" [\n    ]", []),
        ('["https://app.example"]', ["https://app.example"]),
        (' [\n  "https://app.example"\n]', ["https://app.example"]),
    ],
)
def test_the_page_of_links_reads_the_bucket_whatever_pages_there_are(
    tmp_path: Path, origins: str | None, own: list[str]
) -> None:
    run(tmp_path, origins)
    [cors] = json.loads((tmp_path / "a checkout" / "dist" / "stage" / "bucket.cors.json").read_text())
    assert cors["origin"] == ["https://share-42.europe-west1.run.app", *own]


def test_the_bucket_s_ends_and_origins_are_terraform_s() -> None:
    text = (ROOT / "infra" / "terraform" / "modules" / "storage" / "main.tf").read_text()
    [cors] = json.loads((ROOT / "infra" / "firebase" / "bucket.cors.json").read_text())
    for name, key in (("method", "method"), ("response_header", "responseHeader")):
        [listed] = re.findall(rf"^ *{name} += \[(.*)\]$", text, re.MULTILINE)
        assert re.findall(r'"(.*?)"', listed) == cors[key]
    rules = json.loads((ROOT / "infra" / "firebase" / "bucket.lifecycle.json").read_text())["rule"]
    prefixes = [prefix for rule in rules for prefix in rule["condition"].get("matchesPrefix", [])]
    assert prefixes == re.findall(r'matches_prefix = \["(.*?)"\]', text)


@pytest.mark.slow
@pytest.mark.timeout(600)
def test_the_real_gcloud_knows_every_command_and_flag(tmp_path: Path) -> None:
    """By its own help, which needs no network."""
    gcloud = shutil.which("gcloud")
    if gcloud is None:
        missing("gcloud (the Google Cloud CLI)")
        raise AssertionError
    wanted: dict[tuple[str, ...], set[str]] = {}
    for call in run(tmp_path, ABSENT="1"):
        command = tuple(word for word in call if re.fullmatch(r"[a-z-]+", word) and not word.startswith("-"))
        wanted.setdefault(command, set()).update(word.partition("=")[0] for word in call if word.startswith("--"))
    for command, flags in wanted.items():
        words = [word for word in command if word not in {"dailies", "my-app"}]
        # The last word of some is a job's or an account's name.
        words = words[:-1] if words[-1] == "dailies-worker" else words
        shown = subprocess.run(
            [gcloud, *words, "--help"], capture_output=True, text=True, check=True, env={**os.environ, "PAGER": "cat"}
        ).stdout
        known = set(re.findall(r"--[a-z][a-z-]+", re.sub(r"\x1b\[[0-9;]*m", "", shown)))
        known |= {flag.replace("--no-", "--") for flag in known} | {"--quiet", "--project"}
        assert flags - known == set(), words
