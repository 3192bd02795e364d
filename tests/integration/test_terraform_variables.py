"""Terraform itself reads the variables: the defaults and the examples are taken, what can't work is refused.

Variables need no provider, so this much of a plan works without a registry.
"""

from __future__ import annotations

import json
import re
import shutil
import subprocess
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest

from tests.emulators import missing

ROOT = Path(__file__).parents[2]
TERRAFORM = ROOT / "infra" / "terraform"
IMAGE = f"europe-west1-docker.pkg.dev/p/dailies/worker@sha256:{'0' * 64}"
FUNCTIONS = json.loads((ROOT / "functions" / "functions.json").read_text())
GOOD: dict[str, dict[str, Any]] = {
    "identity": {
        "project": "my-app-dev",
        "region": "europe-west1",
        "functions": FUNCTIONS,
        "source_buckets": ["my-app-source"],
    },
    "storage": {"project": "my-app-dev", "location": "europe-west1", "name": "my-app-media", "grants": {}},
    "firestore": {"project": "my-app-dev", "location": "europe-west1", "indexes_file": "i", "rules_file": "r"},
    "queue": {"project": "my-app-dev", "region": "europe-west1", "enqueuers": {}, "max_concurrent_dispatches": 80},
    "worker": {
        "project": "my-app-dev",
        "region": "europe-west1",
        "image": IMAGE,
        "service_account": "worker@example.com",
        "environment": {"DAILIES_THREADS": "4"},
        "starters": {},
        "cancellers": {},
    },
    "grpc": {
        "project": "my-app-dev",
        "region": "europe-west1",
        "image": IMAGE,
        "service_account": "api@example.com",
        "environment": {},
    },
    "functions": {
        "project": "my-app-dev",
        "project_number": "42",
        "region": "europe-west1",
        "functions": FUNCTIONS,
        "source_archive": "functions.zip",
        "source_bucket": "my-app-media-source",
        "bucket": "my-app-media",
        "service_accounts": {},
        "build_account": "projects/p/serviceAccounts/build@example.com",
        "environment": {},
        "secret_environment": {},
        "notification_channels": [],
    },
    "platform": {
        "project": "my-app-dev",
        "region": "europe-west1",
        "bucket_name": "my-app-media",
        "source_archive": "functions.zip",
        "worker_image": IMAGE,
        "billing_account": "012345-6789AB-CDEF01",
        "budget_per_month": 50,
        "alert_email": "ops@example.com",
    },
}
BAD: list[tuple[str, str, Any]] = [
    ("identity", "project", "My_App"),
    ("identity", "functions", {"share": {**FUNCTIONS["share"], "needs": ["owns"]}}),
    ("identity", "prefix", "a-prefix-of-over-fifteen"),
    ("identity", "secrets", {"key": {"environment": "OPENAI_API_KEY", "readers": ["advance"]}}),
    ("storage", "name", "Media"),
    ("storage", "cors_origins", ["*"]),
    ("storage", "cors_origins", ["https://app.example.com/"]),
    ("storage", "upload_retention_days", 0),
    ("storage", "upload_retention_days", 1.5),
    ("storage", "staging_retention_days", 0),
    ("storage", "artifact_retention_days", 1),
    ("storage", "grants", {"worker": {"role": "roles/storage.admin", "member": "user:me@example.com"}}),
    ("firestore", "database", "Main"),
    ("firestore", "ttl_fields", {"leases": "expires"}),
    ("firestore", "unindexed_fields", ["steps"]),
    ("queue", "name", "a queue"),
    ("queue", "max_attempts", 1),
    ("queue", "max_dispatches_per_second", 501),
    ("queue", "max_concurrent_dispatches", 0),
    ("queue", "max_retry_seconds", 5),
    ("worker", "image", "europe-west1-docker.pkg.dev/p/dailies/worker:latest"),
    ("worker", "name", "Worker"),
    ("worker", "cpu", 3),
    ("worker", "memory_gib", 1),
    ("worker", "timeout_seconds", 700_000),
    ("worker", "max_retries", 11),
    ("worker", "scratch", "5Gi"),
    ("grpc", "image", "europe-west1-docker.pkg.dev/p/dailies/worker:latest"),
    ("grpc", "name", "Grpc"),
    ("grpc", "concurrency", 113),
    ("grpc", "public_access", "everybody"),
    ("functions", "functions", {"share": {**FUNCTIONS["share"], "caller": "anybody"}}),
    ("functions", "runtime", "python27"),
    ("functions", "source_archive", "functions"),
    ("functions", "max_instances", 0),
    ("functions", "concurrency", 0),
    ("functions", "sweep_schedule", "hourly"),
    ("functions", "public_access", "everybody"),
    ("platform", "region", "europe"),
    ("platform", "region", "europe-west1-b"),
    ("platform", "settings", {"HOME": "/root"}),
    ("platform", "billing_account", "my account"),
    ("platform", "budget_per_month", 0.5),
    ("platform", "budget_currency", "euro"),
    ("platform", "alert_email", "ops"),
]
Plan = Callable[[Path, dict[str, Any]], str]


@pytest.fixture
def plan(tmp_path: Path) -> Plan:
    """What Terraform says of the values; empty when it takes them."""
    program = shutil.which("terraform")
    if program is None:
        missing("terraform (1.11 or newer, on the PATH)")

    def run(module: Path, values: dict[str, Any]) -> str:
        shutil.copyfile(module / "variables.tf", tmp_path / "variables.tf")
        (tmp_path / "values.tfvars.json").write_text(json.dumps(values))
        for command in (["init"], ["plan", "-var-file=values.tfvars.json"]):
            done = subprocess.run(
                [program, *command, "-input=false", "-no-color"],
                cwd=tmp_path,
                capture_output=True,
                text=True,
                check=False,
            )
            if done.returncode:
                return done.stderr
        return ""

    return run


def _validated(module: str) -> set[str]:
    text = (TERRAFORM / "modules" / module / "variables.tf").read_text()
    return {
        block[1]
        for block in re.finditer(r'^variable "(\w+)" \{$(.*?)^\}$', text, re.MULTILINE | re.DOTALL)
        if "validation" in block[2]
    }


@pytest.mark.parametrize("module", GOOD)
def test_defaults_and_ordinary_values_are_taken(plan: Plan, module: str) -> None:
    assert plan(TERRAFORM / "modules" / module, GOOD[module]) == ""


@pytest.mark.parametrize(("module", "name", "value"), BAD)
def test_what_can_not_work_is_refused_before_anything_is_made(plan: Plan, module: str, name: str, value: Any) -> None:
    said = plan(TERRAFORM / "modules" / module, {**GOOD[module], name: value})
    assert "Invalid value for variable" in said
    assert f"var.{name}" in said


@pytest.mark.parametrize("environment", ["dev", "prod"])
def test_the_examples_can_be_copied(plan: Plan, environment: str) -> None:
    folder = TERRAFORM / "environments" / environment
    example = (folder / "terraform.tfvars.example").read_text()
    values = {name: json.loads(value) for name, value in re.findall(r"^(\w+)\s+= (.+)$", example, re.MULTILINE)}
    assert plan(folder, values) == ""
    assert plan(TERRAFORM / "modules" / "platform", values) == ""


@pytest.mark.parametrize("module", GOOD)
def test_every_validation_is_tried(module: str) -> None:
    assert _validated(module) == {name for tried, name, _ in BAD if tried == module}


def test_no_module_is_left_out() -> None:
    assert set(GOOD) == {path.name for path in (TERRAFORM / "modules").iterdir()}
