"""`dailies doctor --project` against the answers that Google's REST references document."""

from __future__ import annotations

import copy
import re
from collections.abc import Iterator
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from email.utils import format_datetime
from pathlib import Path
from typing import Any

import pytest
import requests

from dailies.adapters.gcp.inspection import CloudInspector, authorized_session
from dailies.domain.errors import DailiesError, Misconfigured
from dailies.services.diagnosis.deployment import APIS, DeploymentCheck
from dailies.services.diagnosis.doctor import Finding
from dailies.services.functions_table import deployed_functions
from tests.fakes.http_server import FakeService, Request, Response, as_json, refusal, serving

PLATFORM = Path(__file__).parents[3] / "infra" / "terraform" / "modules" / "platform" / "main.tf"
P = "shop-dev"
R = "europe-west1"
RULES = "rules_version = '2';\n"
NOW = datetime(2026, 1, 1, tzinfo=UTC)
SETTINGS = {
    "DAILIES_REGION": R,
    "DAILIES_BUCKET": "shop-media",
    "DAILIES_QUEUE": "dailies-advance",
    "DAILIES_STEPS_QUEUE": "dailies-steps",
    "DAILIES_DELIVERIES_QUEUE": "dailies-deliveries",
    "DAILIES_WORKER_JOB": "dailies-worker",
}
TEMPLATE: dict[str, Any] = {
    "containers": [
        {
            "resources": {"limits": {"cpu": "2", "memory": "4Gi"}},
            "volumeMounts": [{"name": "s", "mountPath": "/scratch"}],
        }
    ],
    "volumes": [{"name": "s", "emptyDir": {"medium": "DISK", "sizeLimit": "10Gi"}}],
}
TRIGGER = f"projects/{P}/locations/{R}/triggers/onupload-1"
PLACE = f"projects/{P}/locations/{R}"
EXECUTION = f"{PLACE}/jobs/dailies-worker/executions/dailies-worker-abc"
SUBSCRIPTION = f"projects/{P}/subscriptions/eventarc-1"
SIGNERS = ("create-upload", "get-result", "api", "share")


def function(name: str) -> dict[str, Any]:
    account = f"dailies-{deployed_functions()[name].account}@{P}.iam.gserviceaccount.com"
    trigger = {"eventTrigger": {"triggerRegion": R, "trigger": TRIGGER}} if name == "onUpload" else {}
    return {
        "name": f"{PLACE}/functions/{name}",
        "state": "ACTIVE",
        "serviceConfig": {
            "serviceAccountEmail": account,
            "environmentVariables": SETTINGS,
            "maxInstanceCount": 20,
            "availableCpu": "1",
        },
        **trigger,
    }


def report(reason: str, *, active: bool = True) -> dict[str, Any]:
    return {
        "fields": {
            "sandbox_active": {"booleanValue": active},
            "sandbox_reason": {"stringValue": reason},
            "ffmpeg": {"stringValue": "7.1"},
            "scratch_bytes": {"integerValue": "9900000000"},
        }
    }


def limits(milli_cpus: int) -> dict[str, Any]:
    """As Service Usage lists them: a default, and the region's own."""
    buckets = [{"effectiveLimit": "1000000"}, {"effectiveLimit": str(milli_cpus), "dimensions": {"region": R}}]
    other = {"effectiveLimit": "1", "dimensions": {"region": "us-central1"}}
    limit = {"unit": "1/min/{project}/{region}", "quotaBuckets": [*buckets, other]}
    return {"metrics": [{"metric": "run.googleapis.com/cpu_allocation", "consumerQuotaLimits": [limit]}]}


def policy(account: str) -> dict[str, Any]:
    member = f"serviceAccount:dailies-{account}@{P}.iam.gserviceaccount.com"
    return {"bindings": [{"role": "roles/iam.serviceAccountTokenCreator", "members": [member]}]}


@dataclass
class Google:
    """Answers by ``api/path``; a number is a refusal with that status."""

    answers: dict[str, Any] = field(
        default_factory=lambda: {
            f"serviceusage/v1/projects/{P}/services/iam.googleapis.com": {"state": "ENABLED"},
            f"serviceusage/v1/projects/{P}/services": {
                "services": [{"config": {"name": f"{api}.googleapis.com"}, "state": "ENABLED"} for api in APIS]
            },
            f"cloudfunctions/v2/projects/{P}/locations/-/functions": {
                "functions": [*map(function, deployed_functions())]
            },
            "storage/storage/v1/b/shop-media": {"name": "shop-media", "location": R.upper()},
            f"firestore/v1/projects/{P}/databases/(default)": {"locationId": R, "type": "FIRESTORE_NATIVE"},
            **{
                f"cloudtasks/v2/{PLACE}/queues/dailies-{queue}": {"state": "RUNNING"}
                for queue in ("advance", "steps", "deliveries")
            },
            f"run/v2/{PLACE}/jobs/dailies-worker": {
                "terminalCondition": {"type": "Ready", "state": "CONDITION_SUCCEEDED"},
                "template": {"template": TEMPLATE},
            },
            f"run/v2/{PLACE}/jobs/dailies-worker:run": {"metadata": {"name": EXECUTION}},
            f"run/v2/{EXECUTION}": {"completionTime": "2026-01-01T00:00:00Z"},
            f"firestore/v1/projects/{P}/databases/(default)/documents/reports": report("bubblewrap"),
            f"eventarc/v1/{TRIGGER}": {"transport": {"pubsub": {"subscription": SUBSCRIPTION}}},
            f"pubsub/v1/{SUBSCRIPTION}": {"deadLetterPolicy": {"deadLetterTopic": f"projects/{P}/topics/dead"}},
            f"serviceusage/v1beta1/projects/{P}/services/run.googleapis.com/consumerQuotaMetrics": limits(20_000),
            f"firebaserules/v1/projects/{P}/releases/cloud.firestore": {"rulesetName": f"projects/{P}/rulesets/1"},
            f"firebaserules/v1/projects/{P}/rulesets/1": {"source": {"files": [{"content": RULES}]}},
            **{
                f"iam/v1/projects/{P}/serviceAccounts/dailies-{each}@{P}.iam.gserviceaccount.com:getIamPolicy": policy(
                    each
                )
                for each in SIGNERS
            },
        }
    )
    skew: timedelta = timedelta(0)
    url: str = ""

    def answer(self, request: Request) -> Response:
        # A report has a new name each time.
        found = self.answers.get(re.sub(r"(/reports)/[0-9a-f]+$", r"\1", request.path.lstrip("/")), 404)
        if isinstance(found, list):
            page = int(request.query.get("pageToken", "0"))
            found = {**found[page], **({"nextPageToken": str(page + 1)} if page + 1 < len(found) else {})}
        answer = refusal(found, "no such thing or no right") if isinstance(found, int) else as_json(found)
        answer.headers["Date"] = format_datetime(NOW + self.skew, usegmt=True)
        return answer

    def key(self, words: str) -> str:
        return min((name for name in self.answers if words in name), key=len)

    def change(self, words: str, value: Any) -> None:
        self.answers[self.key(words)] = value

    def functions(self) -> dict[str, dict[str, Any]]:
        """Copies, to be changed and put back."""
        listed = copy.deepcopy(self.answers[self.key("cloudfunctions/")]["functions"])
        return {each["name"].rpartition("/")[2]: each for each in listed}

    def findings(self, rules: str | None = RULES) -> dict[str, Finding]:
        with requests.Session() as session:
            inspector = CloudInspector(session, P, f"{self.url}/{{api}}")
            return {
                found.name: found for found in DeploymentCheck(inspector, P, rules, lambda: NOW, lambda _: None).run()
            }


@pytest.fixture
def google() -> Iterator[Google]:
    found = Google()
    service = FakeService(found.answer)
    with serving(service):
        found.url = service.url
        yield found


def only(findings: dict[str, Finding], name: str) -> Finding:
    """The one check that fails; every failing check names its fix."""
    assert [found.name for found in findings.values() if not found.ok] == [name]
    assert findings[name].fix
    return findings[name]


def test_a_deployment_as_terraform_makes_it_is_healthy(google: Google) -> None:
    findings = google.findings()
    assert all(found.ok and not found.fix for found in findings.values()), findings
    assert list(findings) == [
        "clock", "apis", "functions", "regions", "signing", "queue", "worker", "scratch", "dead letter", "quotas",
        "sandbox", "rules",
    ]  # fmt: skip
    assert google.findings(rules=None)["rules"].ok


def test_the_apis_are_those_that_terraform_enables() -> None:
    assert set(re.findall(r'"(\w+)\.googleapis\.com"', PLATFORM.read_text(encoding="utf-8"))) == set(APIS)


def test_an_api_that_is_off_is_enabled_by_the_named_command(google: Google) -> None:
    """Also when Google gives the list in pages."""
    services = google.answers[f"serviceusage/v1/projects/{P}/services"]["services"]
    kept = [each for each in services if each["config"]["name"] != "iamcredentials.googleapis.com"]
    google.answers[f"serviceusage/v1/projects/{P}/services"] = [{"services": kept[:9]}, {"services": kept[9:]}]
    assert only(google.findings(), "apis").fix == (
        f"gcloud services enable iamcredentials.googleapis.com --project={P}"
    )


def test_a_function_that_failed_to_build_is_named(google: Google) -> None:
    functions = google.functions()
    functions["sweep"]["state"] = "FAILED"
    google.change("cloudfunctions/", {"functions": list(functions.values())})
    assert "sweep" in only(google.findings(), "functions").fix


def test_a_project_without_dailies_says_what_is_missing(google: Google) -> None:
    """Nothing else can be known then, and no check raises."""
    google.change("cloudfunctions/", {})
    findings = google.findings()
    assert findings["functions"].found == f"missing: {', '.join(deployed_functions())}"
    for name in ("regions", "signing", "queue", "worker", "scratch", "dead letter", "quotas", "sandbox", "rules"):
        assert (findings[name].ok, bool(findings[name].fix)) == (False, True), name


@pytest.mark.parametrize(
    ("words", "value", "astray"),
    [
        ("storage/storage", {"location": "US"}, "bucket shop-media (us)"),
        ("databases/", {"locationId": "eur3"}, "database (default) (eur3)"),
    ],
)
def test_what_is_in_another_region_is_named(google: Google, words: str, value: dict[str, str], astray: str) -> None:
    google.change(words, value)
    assert only(google.findings(), "regions").found == f"not in {R}: {astray}"


def test_a_trigger_in_another_region_is_named(google: Google) -> None:
    functions = google.functions()
    functions["onUpload"]["eventTrigger"]["triggerRegion"] = "us"
    google.change("cloudfunctions/", {"functions": list(functions.values())})
    assert "trigger of onUpload (us)" in only(google.findings(), "regions").found


@pytest.mark.parametrize("bindings", [{}, {"bindings": [{"role": "roles/viewer", "members": ["user:a@b"]}]}])
def test_an_account_that_may_not_sign_gets_its_binding(google: Google, bindings: dict[str, Any]) -> None:
    google.change("dailies-get-result", bindings)
    found = only(google.findings(), "signing")
    account = f"dailies-get-result@{P}.iam.gserviceaccount.com"
    assert found.found == f"can't sign: {account}"
    assert f"--member=serviceAccount:{account} --role=roles/iam.serviceAccountTokenCreator" in found.fix


def test_a_paused_queue_is_resumed_by_the_named_command(google: Google) -> None:
    google.change("queues/dailies-steps", {"state": "PAUSED"})
    assert only(google.findings(), "queue").fix.startswith("gcloud tasks queues resume dailies-steps")
    google.change("queues/dailies-advance", {"state": "PAUSED"})
    fixes = only(google.findings(), "queue").fix.split("; ")
    assert [fix.split()[4] for fix in fixes] == ["dailies-advance", "dailies-steps"]


def test_a_job_that_is_not_ready_says_why(google: Google) -> None:
    told = {"state": "CONDITION_FAILED", "message": "Image not found"}
    google.change("run/v2", {"terminalCondition": told, "template": {"template": TEMPLATE}})
    assert "Image not found" in only(google.findings(), "worker").fix


@pytest.mark.parametrize(("status", "name"), [(404, "queue"), (403, "queue"), (503, "queue")])
def test_what_is_gone_or_denied_is_a_finding_too(google: Google, status: int, name: str) -> None:
    google.change("queues/", status)
    only(google.findings(), name)


def test_other_rules_than_the_checkouts_are_noticed(google: Google) -> None:
    google.change("rulesets/", {"source": {"files": [{"content": "allow read, write;"}]}})
    assert only(google.findings(), "rules").found == "others than this checkout's"
    google.change("releases/", 404)
    only(google.findings(), "rules")


@pytest.mark.parametrize("minutes", [-2, 2])
def test_a_clock_of_another_time_is_noticed(google: Google, minutes: int) -> None:
    google.skew = timedelta(minutes=minutes)
    assert only(google.findings(), "clock").found == "120 s from Google's"


@pytest.mark.parametrize("status", [401, 403])
def test_without_any_right_there_is_one_clear_error(google: Google, status: int) -> None:
    for name in google.answers:
        google.answers[name] = status
    with pytest.raises(DailiesError) as refused:
        google.findings()
    assert refused.value.error_code == "cloud_denied"


def test_without_credentials_the_fix_is_to_sign_in(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    """No metadata server is asked: its address is one where nobody is."""
    monkeypatch.delenv("GOOGLE_APPLICATION_CREDENTIALS", raising=False)
    monkeypatch.setenv("CLOUDSDK_CONFIG", str(tmp_path))
    monkeypatch.setenv("NO_GCE_CHECK", "true")
    with pytest.raises(Misconfigured, match="application-default"):
        authorized_session(P)
