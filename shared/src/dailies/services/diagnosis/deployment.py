"""Checks a deployment on Google Cloud, and names the fix for what is wrong with it.

What belongs together is read from the functions themselves: their settings name bucket, queue and worker job.
"""

from __future__ import annotations

import time
from collections.abc import Callable, Mapping
from datetime import datetime
from typing import Any

from dailies.domain.errors import DailiesError, NotFound
from dailies.ports.inspection import Inspector
from dailies.services.diagnosis import deployment_runs
from dailies.services.diagnosis.deployment_runs import Deployed
from dailies.services.diagnosis.doctor import Finding
from dailies.services.functions_table import deployed_functions

APIS = (
    "artifactregistry", "billingbudgets", "cloudbuild", "cloudfunctions", "cloudscheduler", "cloudtasks", "eventarc",
    "firebaserules", "firestore", "iam", "iamcredentials", "identitytoolkit", "logging", "monitoring", "pubsub", "run",
    "secretmanager", "storage",
)  # fmt: skip
_TOKEN_CREATOR = "roles/iam.serviceAccountTokenCreator"  # noqa: S105 -- a role's name
# Google refuses tokens that are five minutes from its own clock: less than one is worth a word in time.
_MOST_SKEW_SECONDS = 60.0
_APPLY = "apply Terraform (docs/deploy.md)"


class DeploymentCheck:
    """Use :meth:`run`. ``rules`` are the Firestore rules that ought to be deployed; None leaves them unread."""

    def __init__(
        self,
        inspector: Inspector,
        project: str,
        rules: str | None,
        now: Callable[[], datetime],
        pause: Callable[[float], object] = time.sleep,
    ) -> None:
        self._pause = pause
        self._inspector = inspector
        self._project = project
        self._rules = rules
        self._now = now
        self._wanted = deployed_functions()
        self._functions: dict[str, Mapping[str, Any]] = {}

    def run(self) -> list[Finding]:
        """Every check. What can't be read is a finding; raises Misconfigured where there are no credentials at all."""
        checks = {
            "apis": self._apis,
            "functions": self._deployed,
            "regions": self._regions,
            "signing": self._signing,
            "queue": self._queues,
            "worker": self._worker,
            "scratch": lambda: deployment_runs.scratch(self._inspector, self._deployed_worker()),
            "dead letter": lambda: deployment_runs.dead_letter(self._inspector, self._deployed_worker()),
            "quotas": lambda: deployment_runs.quotas(self._inspector, self._deployed_worker()),
            "sandbox": lambda: deployment_runs.sandbox(self._inspector, self._deployed_worker(), self._pause),
            "rules": self._rules_deployed,
        }
        return [self._clock(), *(self._guarded(name, check) for name, check in checks.items())]

    def _guarded(self, name: str, check: Callable[[], Finding]) -> Finding:
        try:
            return check()
        except NotFound as error:
            return Finding(name, False, error.message, _APPLY)
        except DailiesError as error:
            return Finding(name, False, "can't be read", error.message)
        except (LookupError, ValueError) as error:
            return Finding(name, False, f"Google's answer lacks something: {error!r}", _APPLY)

    def _clock(self) -> Finding:
        try:
            there = self._inspector.describe("serviceusage", f"v1/projects/{self._project}/services/iam.googleapis.com")
        except DailiesError as error:
            if error.error_code == "cloud_denied":
                raise
            return Finding("clock", False, "can't be compared", error.message)
        seconds = abs((self._now() - there.at).total_seconds())
        exact = seconds <= _MOST_SKEW_SECONDS
        fix = "" if exact else "set this machine's clock: signatures and tokens of another time are refused"
        return Finding("clock", exact, f"{seconds:.0f} s from Google's", fix)

    def _apis(self) -> Finding:
        query = {"filter": "state:ENABLED", "pageSize": "200"}
        found = self._inspector.describe("serviceusage", f"v1/projects/{self._project}/services", query=query).data
        on = {each["config"]["name"] for each in found.get("services", [])}
        off = [name for api in APIS if (name := f"{api}.googleapis.com") not in on]
        fix = f"gcloud services enable {' '.join(off)} --project={self._project}" if off else ""
        return Finding("apis", not off, f"{len(APIS) - len(off)} of {len(APIS)} enabled", fix)

    def _deployed(self) -> Finding:
        found = self._inspector.describe("cloudfunctions", f"v2/projects/{self._project}/locations/-/functions").data
        self._functions = {str(each["name"]).rpartition("/")[2]: each for each in found.get("functions", [])}
        missing = [name for name in self._wanted if name not in self._functions]
        sick = [name for name in self._wanted if name not in missing and self._functions[name].get("state") != "ACTIVE"]
        if missing:
            return Finding("functions", False, f"missing: {', '.join(missing)}", _APPLY)
        fix = f"see the build's log of {', '.join(sick)}, then {_APPLY}" if sick else ""
        return Finding("functions", not sick, f"{len(self._wanted) - len(sick)} of {len(self._wanted)} active", fix)

    def _regions(self) -> Finding:
        """An event of a bucket elsewhere never arrives, and every byte that crosses regions is billed."""
        region, bucket = self._setting("DAILIES_REGION"), self._setting("DAILIES_BUCKET")
        database = self._setting("DAILIES_DATABASE", "(default)")
        places = {
            name: str(each["name"]).split("/")[3] for name, each in self._functions.items() if name in self._wanted
        }
        places["trigger of onUpload"] = self._functions["onUpload"].get("eventTrigger", {}).get("triggerRegion", "none")
        places[f"bucket {bucket}"] = self._inspector.describe("storage", f"storage/v1/b/{bucket}").data["location"]
        path = f"v1/projects/{self._project}/databases/{database}"
        places[f"database {database}"] = self._inspector.describe("firestore", path).data["locationId"]
        astray = [f"{name} ({place.lower()})" for name, place in places.items() if place.lower() != region]
        if not astray:
            return Finding("regions", True, f"all in {region}")
        return Finding(
            "regions", False, f"not in {region}: {', '.join(astray)}", f"give all of them one region, then {_APPLY}"
        )

    def _signing(self) -> Finding:
        """Signing by IAM: the account has to be allowed to make tokens as itself."""
        unable = []
        signers = [name for name, function in self._wanted.items() if "signs" in function.needs]
        for name in signers:
            account = str(self._function(name)["serviceConfig"]["serviceAccountEmail"])
            bindings = self._inspector.policy(account).data.get("bindings", [])
            members = {member for each in bindings if each["role"] == _TOKEN_CREATOR for member in each["members"]}
            if f"serviceAccount:{account}" not in members:
                unable.append(account)
        if not unable:
            return Finding("signing", True, f"{' and '.join(signers)} sign as themselves")
        fix = "; ".join(
            f"gcloud iam service-accounts add-iam-policy-binding {account} --project={self._project}"
            f" --member=serviceAccount:{account} --role={_TOKEN_CREATOR}"
            for account in unable
        )
        return Finding("signing", False, f"can't sign: {', '.join(unable)}", fix)

    def _queues(self) -> Finding:
        names = [self._setting(f"DAILIES_{queue}") for queue in ("QUEUE", "STEPS_QUEUE", "DELIVERIES_QUEUE")]
        place = f"projects/{self._project}/locations/{self._setting('DAILIES_REGION')}"
        states = {
            name: str(self._inspector.describe("cloudtasks", f"v2/{place}/queues/{name}").data["state"])
            for name in names
        }
        stopped = [name for name, state in states.items() if state != "RUNNING"]
        fix = "; ".join(
            f"gcloud tasks queues resume {name} --location={place.rpartition('/')[2]} --project={self._project}"
            for name in stopped
        )
        found = ", ".join(f"{name} is {state.lower()}" for name, state in states.items())
        return Finding("queue", not stopped, found, fix)

    def _worker(self) -> Finding:
        name = self._setting("DAILIES_WORKER_JOB")
        place = f"projects/{self._project}/locations/{self._setting('DAILIES_REGION')}"
        told = self._inspector.describe("run", f"v2/{place}/jobs/{name}").data.get("terminalCondition", {})
        ready = told.get("state") == "CONDITION_SUCCEEDED"
        fix = "" if ready else f"{told.get('message', 'Cloud Run gives no reason')}: mend it, then {_APPLY}"
        return Finding("worker", ready, f"the job {name} is {'ready' if ready else 'not ready'}", fix)

    def _deployed_worker(self) -> Deployed:
        return Deployed(
            project=self._project,
            region=self._setting("DAILIES_REGION"),
            database=self._setting("DAILIES_DATABASE", "(default)"),
            worker_job=self._setting("DAILIES_WORKER_JOB"),
            workers=int(self._setting("DAILIES_WORKERS", "10")),
            functions={name: self._function(name) for name in self._wanted},
        )

    def _rules_deployed(self) -> Finding:
        database = self._setting("DAILIES_DATABASE", "(default)")
        release = "cloud.firestore" if database == "(default)" else f"cloud.firestore/{database}"
        path = f"v1/projects/{self._project}/releases/{release}"
        ruleset = str(self._inspector.describe("firebaserules", path).data["rulesetName"])
        if self._rules is None:
            return Finding("rules", True, "deployed (not compared: this is no checkout)")
        files = self._inspector.describe("firebaserules", f"v1/{ruleset}").data["source"]["files"]
        same = [each["content"].strip() for each in files] == [self._rules.strip()]
        fix = "" if same else f"deploy infra/firebase/firestore.rules: {_APPLY}"
        return Finding("rules", same, "those of this checkout" if same else "others than this checkout's", fix)

    def _function(self, name: str) -> Mapping[str, Any]:
        if name not in self._functions:
            raise NotFound(f"needs the function {name}, which is not deployed")
        return self._functions[name]

    def _setting(self, name: str, default: str | None = None) -> str:
        """As createUpload has it: all functions get the same."""
        found = self._function("createUpload")["serviceConfig"].get("environmentVariables", {}).get(name, default)
        if not found:
            raise NotFound(f"needs the setting {name}, which createUpload does not have")
        return str(found)
