"""The infrastructure says of itself what is true: this reads its text, tests/integration/infra runs it."""

from __future__ import annotations

import re
from pathlib import Path

import pytest

from dailies.services.functions_table import deployed_functions
from dailies.settings import Settings, read_settings

from .terraform_text import ROOT, TERRAFORM, Block, blocks, environments, examples, modules, source

FOLDERS = [*modules(), *environments(), *examples()]
BROAD = re.compile(
    r"roles/(owner|editor|viewer|storage\.admin|run\.admin|iam\.serviceAccountKeyAdmin|datastore\.owner)\""
)
by_folder = pytest.mark.parametrize("folder", FOLDERS, ids=lambda path: path.name)
by_module = pytest.mark.parametrize("folder", modules(), ids=lambda path: path.name)


def _called(call: Block) -> Path:
    path = call.argument("source")
    assert path is not None
    return (call.file.parent / path.strip('"')).resolve()


def test_the_modules_of_the_design_are_there() -> None:
    names = {path.name for path in modules()}
    assert {"storage", "firestore", "queue", "functions", "worker", "identity"} <= names
    assert {path.name for path in environments()} == {"dev", "prod"}


def test_every_variable_passed_to_functions_and_worker_is_a_setting() -> None:
    known = {f"DAILIES_{name.upper()}" for name in Settings.model_fields}
    modules_text = "".join(source(TERRAFORM / "modules" / name) for name in ("platform", "functions", "worker"))
    passed = set(re.findall(r"^\s+(DAILIES_[A-Z_]+)\s+=", modules_text, re.MULTILINE))
    passed |= set(re.findall(r"\b(DAILIES_[A-Z_]+)=", (ROOT / "worker" / "Dockerfile").read_text()))
    assert passed - known == set()


def test_production_lets_in_whom_it_knows_and_stops_at_a_sum() -> None:
    """Said in the environment, and not weaker than what the code does by itself."""
    said = dict(
        re.findall(r'^\s+(DAILIES_[A-Z_]+)\s+= "([^"]+)"', source(TERRAFORM / "environments" / "prod"), re.MULTILINE)
    )
    production = read_settings({"DAILIES_PROJECT": "p", **said})
    assert (production.allow_anonymous, production.require_app_check) == (False, True)
    defaults = Settings.model_fields
    for name in ("job_max_usd", "quota_usd_per_day", "all_usd_per_day"):
        assert said[f"DAILIES_{name.upper()}"]
        assert getattr(production, name) <= defaults[name].default


def test_the_cloud_is_told_everything_that_it_asks_for() -> None:
    platform = source(TERRAFORM / "modules" / "platform")
    environment = dict.fromkeys(re.findall(r"^\s+(DAILIES_[A-Z_]+)\s+=", platform, re.MULTILINE), "a value")
    read_settings(environment).require_cloud()


def test_the_bucket_keeps_an_upload_as_long_as_its_job_may_take() -> None:
    """The sweeper knows which jobs are unfinished; the bucket's lifecycle does not, and must be slower."""
    variables = {block.name: block for block in blocks(TERRAFORM / "modules" / "storage", "variable")}
    days = variables["upload_retention_days"].argument("default")
    assert days is not None
    hours = Settings.model_fields["job_max_hours"].default
    assert int(days) * 24 >= hours + 24
    platform = source(TERRAFORM / "modules" / "platform")
    assert f'ceil(tonumber(lookup(var.settings, "DAILIES_JOB_MAX_HOURS", "{hours:g}")) / 24) + 1' in platform


@by_folder
def test_every_variable_is_typed_and_described(folder: Path) -> None:
    variables = blocks(folder, "variable")
    assert variables
    assert [block.name for block in variables if not block.argument("type")] == []
    assert [block.name for block in variables if not block.argument("description")] == []


@by_folder
def test_every_output_is_described(folder: Path) -> None:
    outputs = blocks(folder, "output")
    assert outputs
    assert [block.name for block in outputs if not block.argument("description")] == []


@by_module
def test_every_module_explains_its_variables_and_outputs(folder: Path) -> None:
    readme = (folder / "README.md").read_text().partition("## Variables")[2]
    for block in [*blocks(folder, "variable"), *blocks(folder, "output")]:
        description = (block.argument("description") or "").strip('"')
        row = re.search(rf"^\| `{block.name}` \|.* {re.escape(description)} \|$", readme, re.MULTILINE)
        assert row, f"{block.name}: {description}"
    named = set(re.findall(r"^\| `(\w+)` \|", readme, re.MULTILINE))
    assert named == {block.name for block in [*blocks(folder, "variable"), *blocks(folder, "output")]}


@by_folder
def test_what_is_used_is_declared_and_what_is_declared_is_used(folder: Path) -> None:
    declared = {block.name for block in blocks(folder, "variable")}
    assert set(re.findall(r"\bvar\.(\w+)", source(folder))) == declared


@by_folder
def test_resources_and_modules_that_are_referred_to_exist(folder: Path) -> None:
    text = source(folder)
    there = {".".join(block.labels) for block in blocks(folder, "resource")}
    assert set(re.findall(r"(?<![\w.])(google_\w+\.\w+)", text)) - there == set()
    data = {".".join(block.labels) for block in blocks(folder, "data")}
    assert set(re.findall(r"\bdata\.(\w+\.\w+)", text)) == data


@by_folder
def test_modules_get_what_they_ask_for_and_give_what_is_taken(folder: Path) -> None:
    for call in blocks(folder, "module"):
        called = _called(call)
        variables = {block.name: block for block in blocks(called, "variable")}
        passed = call.arguments() - {"count", "source", "depends_on"}
        required = {name for name, block in variables.items() if "default" not in block.arguments()}
        assert passed - set(variables) == set(), call.name
        assert required - passed == set(), call.name
        taken = set(re.findall(rf"\bmodule\.{call.name}(?:\[\*\])?\.(\w+)", source(folder)))
        assert taken - {block.name for block in blocks(called, "output")} == set(), call.name


@by_folder
def test_the_provider_is_pinned(folder: Path) -> None:
    """Release 7.34 and later know a scratch disk (DISK) for jobs; 8 may take away what is used."""
    assert 'version = "~> 7.34"' in source(folder)


def test_a_secret_is_given_to_nobody_before_it_has_a_version() -> None:
    """Terraform makes the secret, a person adds its value: until then "latest" is nothing, and no deployment starts."""
    assert '"latest"' not in "".join(source(path) for path in FOLDERS)
    outputs = source(TERRAFORM / "modules" / "identity")
    assert "if contains(wanted.readers, component) && wanted.version != null" in outputs


def test_the_worker_comes_after_the_right_to_read_its_secrets() -> None:
    """Cloud Run refuses a job whose account can't read them."""
    calls = {block.name: block for block in blocks(TERRAFORM / "modules" / "platform", "module")}
    for name in ("worker", "functions"):
        assert "module.identity" in (calls[name].argument("depends_on") or ""), name


def test_what_a_new_project_may_run_is_enough() -> None:
    """Its quota refuses more than 20 CPUs for one function; the queue sends no more than its instances can take."""
    most = [
        int(found)
        for folder in FOLDERS
        for block in [*blocks(folder, "variable"), *blocks(folder, "module")]
        for found in re.findall(r"max_instances += (\d+)", block.text)
        + (re.findall(r"default += (\d+)", block.text) if block.name == "max_instances" else [])
    ]
    assert len(most) == 6
    assert max(most) <= 20
    platform = source(TERRAFORM / "modules" / "platform")
    assert "max_concurrent_dispatches = var.max_instances * local.concurrency" in platform
    assert re.search(r"concurrency += local.concurrency", platform)


def test_no_component_has_the_run_of_the_project() -> None:
    assert [path.name for path in FOLDERS if BROAD.search(source(path))] == []
    assert "google_service_account_key" not in "".join(source(path) for path in FOLDERS)


def test_the_table_of_rights_is_what_is_given() -> None:
    table = (TERRAFORM / "modules" / "identity" / "README.md").read_text().partition("## Variables")[0]
    rows = [[cell.strip() for cell in line.split("|")[1:-1]] for line in table.splitlines() if line.startswith("| `")]
    said = {row[0].strip("`"): row[1:] for row in rows}
    functions = deployed_functions().values()
    # Those that share an account may the same.
    assert len({(each.account, each.bucket, each.caller, each.needs) for each in functions}) == len(said) - 1
    assert {name: row[1] for name, row in said.items() if row[1]} == {
        **{function.account: function.bucket for function in functions if function.bucket},
        "worker": "reads, writes",
    }
    # The worker enqueues for itself what it finds to be ready.
    of_worker = {"enqueues", "enqueues steps"}
    needed = {function.account: {*function.needs} for function in functions} | {"worker": of_worker}
    assert {name for name, row in said.items() if row[0]} == set(needed)
    words = {"enqueues": (2, "enqueues"), "enqueues steps": (2, "steps"), "starts workers": (3, "starts")}
    words |= {"cancels workers": (3, "cancels"), "signs": (4, "loads")}
    words["enqueues deliveries"] = (2, "deliveries")
    for need, (column, word) in words.items():
        assert {name for name, row in said.items() if word in row[column]} == {
            account for account, needs in needed.items() if need in needs
        }, need
    called_by = {function.account: function.caller for function in functions}
    assert {name: row[5].split(";")[0].strip("`") for name, row in said.items() if row[5]} == called_by


def test_only_callables_links_and_the_doors_are_open_to_everybody() -> None:
    public = [
        block
        for folder in FOLDERS
        for block in blocks(folder, "resource")
        if re.search(r"allUsers|allAuthenticatedUsers", block.text)
    ]
    assert [block.labels for block in public] == [("google_cloud_run_v2_service_iam_member", "public")] * 2
    private = {name for name, function in deployed_functions().items() if function.caller != "everybody"}
    assert private == {"onUpload", "advance", "runStep", "deliver", "sweep"}


def test_no_bucket_can_be_made_public() -> None:
    buckets = [
        block
        for folder in FOLDERS
        for block in blocks(folder, "resource")
        if block.labels[0] == "google_storage_bucket"
    ]
    assert len(buckets) == 2
    for bucket in buckets:
        assert bucket.argument("public_access_prevention") == '"enforced"'
        assert bucket.argument("uniform_bucket_level_access") == "true"


def test_every_skipped_check_has_its_reason() -> None:
    skips = [
        line.strip()
        for path in [*TERRAFORM.rglob("*.tf"), ROOT / "worker" / "Dockerfile"]
        for line in path.read_text().splitlines()
        if "checkov:skip" in line
    ]
    assert skips
    assert [line for line in skips if not re.search(r"checkov:skip=CKV2?_\w+: .{20,}", line)] == []


def test_examples_name_every_variable_that_has_no_default() -> None:
    for folder in environments():
        example = (folder / "terraform.tfvars.example").read_text()
        given = set(re.findall(r"^(\w+)\s+=", example, re.MULTILINE))
        declared = {block.name: block for block in blocks(folder, "variable")}
        assert given <= set(declared)
        assert {name for name, block in declared.items() if "default" not in block.arguments()} <= given
