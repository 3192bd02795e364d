"""What a deployment's worker gets to run: its disk, its sandbox, the dead letter of uploads, and what quotas allow."""

from __future__ import annotations

import re
import secrets
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from typing import Any

from dailies.ports.inspection import Inspector
from dailies.services.diagnosis.doctor import Finding
from dailies.services.diagnosis.worker_report import REPORT_VARIABLE, report_path

_SCRATCH = "/scratch"
_CPU = "run.googleapis.com/cpu_allocation"
# A container begins within seconds, pulling its image within a minute or two.
_LOOKS = 60
_PAUSE_SECONDS = 3.0
_QUOTAS_PAGE = "https://console.cloud.google.com/iam-admin/quotas"


@dataclass(frozen=True, slots=True)
class Deployed:
    """Where things are, and what they are told. ``functions`` are as Cloud Functions describes them, by name."""

    project: str
    region: str
    database: str
    worker_job: str
    workers: int
    functions: Mapping[str, Mapping[str, Any]]

    @property
    def job_path(self) -> str:
        return f"v2/projects/{self.project}/locations/{self.region}/jobs/{self.worker_job}"


def scratch(inspector: Inspector, deployed: Deployed) -> Finding:
    """A video that a worker writes to memory ends it."""
    template = inspector.describe("run", deployed.job_path).data["template"]["template"]
    disks = {
        each["name"]: each["emptyDir"].get("sizeLimit", "?")
        for each in template.get("volumes", [])
        if each.get("emptyDir", {}).get("medium") == "DISK"
    }
    mounted = {each["mountPath"]: each["name"] for each in template["containers"][0].get("volumeMounts", [])}
    size = disks.get(mounted.get(_SCRATCH, ""))
    if size is not None:
        return Finding("scratch", True, f"a disk of {size} at {_SCRATCH}")
    return Finding(
        "scratch", False, f"no disk at {_SCRATCH}: workers write to memory", "apply Terraform (docs/deploy.md)"
    )


def dead_letter(inspector: Inspector, deployed: Deployed) -> Finding:
    """Without one an upload that can't be taken in is lost after a day, and nobody hears of it."""
    trigger = str(deployed.functions["onUpload"]["eventTrigger"]["trigger"])
    subscription = inspector.describe("eventarc", f"v1/{trigger}").data["transport"]["pubsub"]["subscription"]
    found = inspector.describe("pubsub", f"v1/{subscription}").data.get("deadLetterPolicy", {}).get("deadLetterTopic")
    if found and found != "_deleted-topic_":
        return Finding("dead letter", True, str(found).rpartition("/")[2])
    fix = "infra/after-apply OUTPUTS PROJECT REGION, which the build does last (docs/deploy.md)"
    return Finding("dead letter", False, "uploads that fail for good are dropped", fix)


def sandbox(inspector: Inspector, deployed: Deployed, pause: Callable[[float], object]) -> Finding:
    """One execution of the worker's job that takes no job and writes down what it found. Some cents of a cent."""
    name = secrets.token_hex(8)
    execution = inspector.start(deployed.job_path, {REPORT_VARIABLE: name})
    for _ in range(_LOOKS):
        if inspector.describe("run", f"v2/{execution}").data.get("completionTime"):
            break
        pause(_PAUSE_SECONDS)
    else:
        seconds = _LOOKS * _PAUSE_SECONDS
        return Finding("sandbox", False, f"no worker reported within {seconds:.0f} s", f"see the log of {execution}")
    path = f"v1/projects/{deployed.project}/databases/{deployed.database}/documents/{report_path(name)}"
    fields = inspector.describe("firestore", path).data["fields"]
    free = int(fields["scratch_bytes"]["integerValue"]) / 1e9
    found = (
        f"{fields['sandbox_reason']['stringValue']}; {free:.1f} GB of scratch; FFmpeg {fields['ffmpeg']['stringValue']}"
    )
    if fields["sandbox_active"]["booleanValue"]:
        return Finding("sandbox", True, found)
    fix = "without it allow-lists and limits alone hold hostile media: deploy the image of worker/Dockerfile"
    return Finding("sandbox", False, found, fix)


def quotas(inspector: Inspector, deployed: Deployed) -> Finding:
    """What one function and one job ask of Cloud Run, against what the project may have in the region."""
    limits = _limits(inspector, deployed)
    template = inspector.describe("run", deployed.job_path).data["template"]["template"]
    cpu = _number(template["containers"][0]["resources"]["limits"]["cpu"])
    asked = {"one job's workers": deployed.workers * cpu}
    for name, function in deployed.functions.items():
        config = function["serviceConfig"]
        asked[f"the function {name}"] = int(config.get("maxInstanceCount", 1)) * _number(
            config.get("availableCpu", "1")
        )
    most = limits.get(_CPU)
    if most is None:
        return Finding("quotas", True, "Cloud Run names no CPU limit for this region")
    over = {what: wanted for what, wanted in asked.items() if wanted * 1000 > most}
    if not over:
        return Finding("quotas", True, f"{most / 1000:g} CPUs allowed, {max(asked.values()):g} asked for at most")
    wanted = ", ".join(f"{what} {count:g}" for what, count in over.items())
    lower = "DAILIES_WORKERS, worker_cpu or max_instances"
    fix = f"ask for more at {_QUOTAS_PAGE}?project={deployed.project}, or lower {lower}"
    return Finding("quotas", False, f"{most / 1000:g} CPUs allowed; over it: {wanted}", fix)


def _limits(inspector: Inspector, deployed: Deployed) -> dict[str, int]:
    """The limits that hold in the region, by metric: Cloud Run counts thousandths of a CPU."""
    path = f"v1beta1/projects/{deployed.project}/services/run.googleapis.com/consumerQuotaMetrics"
    metrics = inspector.describe("serviceusage", path, query={"view": "FULL"}).data.get("metrics", [])
    found: dict[str, int] = {}
    for metric in metrics:
        buckets = [each for limit in metric.get("consumerQuotaLimits", []) for each in limit.get("quotaBuckets", [])]
        # The bucket without a region is the default, which one of the region's own overrides.
        for bucket in sorted(buckets, key=lambda each: bool(each.get("dimensions"))):
            here = bucket.get("dimensions", {}).get("region", deployed.region) == deployed.region
            limit = int(bucket.get("effectiveLimit", -1))
            if here and limit >= 0:
                found[metric["metric"]] = limit
    return found


def _number(cpu: str) -> float:
    """CPUs as Cloud Run writes them: ``2`` or ``2000m``."""
    found = re.fullmatch(r"([\d.]+)(m?)", str(cpu))
    return 1.0 if found is None else float(found[1]) / (1000 if found[2] else 1)
