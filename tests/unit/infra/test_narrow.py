"""What is narrower than Google's defaults: who reaches what, what the build reads, what the image is made of."""

from __future__ import annotations

import json
import re

import yaml  # type: ignore[import-untyped]

from .terraform_text import ROOT, TERRAFORM, blocks, source

DOCKERFILE = (ROOT / "worker" / "Dockerfile").read_text()


def test_only_callables_take_traffic_from_outside() -> None:
    functions = source(TERRAFORM / "modules" / "functions")
    assert re.findall(r"ingress_settings += (.*)", functions) == [
        'each.value.caller == "everybody" ? "ALLOW_ALL" : "ALLOW_INTERNAL_ONLY"'
    ]


def test_the_build_reads_the_functions_sources_and_nothing_else() -> None:
    identity = source(TERRAFORM / "modules" / "identity")
    [reads] = [
        block for block in blocks(TERRAFORM / "modules" / "identity", "resource") if "objectViewer" in block.text
    ]
    assert "condition {" in reads.text
    assert "var.source_buckets" in reads.text
    assert identity.count("roles/storage.") == 1


def test_components_may_use_the_database_that_is_made() -> None:
    calls = {block.name: block for block in blocks(TERRAFORM / "modules" / "platform", "module")}
    assert {calls[name].argument("database") for name in ("identity", "firestore")} == {"var.firestore.database"}


def test_the_firebase_cli_writes_rules_into_no_database_of_an_app() -> None:
    """`firebase deploy` from this checkout would put them in the place of the app's own."""
    configured = json.loads((ROOT / "firebase.json").read_text())["firestore"]["database"]
    [database] = [
        block for block in blocks(TERRAFORM / "modules" / "firestore", "variable") if block.name == "database"
    ]
    assert database.argument("default") == f'"{configured}"' == '"dailies"'


def test_the_worker_reads_media_in_its_sandbox_or_not_at_all() -> None:
    assert re.search(r"^ +DAILIES_SANDBOX=required \\$", DOCKERFILE, re.MULTILINE)


def test_the_worker_is_made_of_a_digest_by_docker_and_by_cloud_build() -> None:
    [base] = re.findall(r"^ARG BASE=(.*)$", DOCKERFILE, re.MULTILINE)
    assert re.fullmatch(r"python:3\.1\d-slim-\w+@sha256:[0-9a-f]{64}", base)
    build = yaml.safe_load((ROOT / "cloudbuild.yaml").read_text())
    assert build["substitutions"]["_BASE"] == base
    assert next(step["name"] for step in build["steps"] if step["id"] == "stage") == "${_BASE}"


def test_old_images_go_and_the_newest_stay() -> None:
    policy = json.loads((ROOT / "infra" / "image-cleanup.json").read_text())
    assert {each["action"]["type"] for each in policy} == {"Keep", "Delete"}
    [kept] = [each["mostRecentVersions"]["keepCount"] for each in policy if each["action"]["type"] == "Keep"]
    assert kept >= 5


def test_every_question_about_firestore_names_the_database() -> None:
    """gcloud asks the app's own where none is named: there is nothing of ours."""
    pages = "\n".join(path.read_text() for path in sorted((ROOT / "docs").glob("*.md")))
    asked = re.findall(r"gcloud firestore [^`\n]*", pages)
    assert asked
    assert [each for each in asked if "--database=dailies" not in each] == []
