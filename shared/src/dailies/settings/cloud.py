"""Where the cloud's parts are."""

from __future__ import annotations

from pydantic import Field

from dailies.domain.errors import Misconfigured
from dailies.settings.group import PREFIX, SettingGroup

#: What the cloud can't do without.
CLOUD = (
    "project", "region", "bucket", "queue", "advance_url", "steps_queue", "run_step_url", "deliveries_queue",
    "deliver_url", "task_service_account", "worker_job",
)  # fmt: skip


class CloudSettings(SettingGroup):
    """The cloud, for functions and worker alike (Terraform sets them)."""

    project: str | None = Field(
        None,
        description="the Google Cloud project; set, it makes this the cloud, and all but the database are needed then",
    )
    region: str | None = Field(None, description="where the functions, the queue and the worker job are")
    bucket: str | None = Field(None, description="the Cloud Storage bucket of uploads and artifacts")
    database: str = Field("(default)", description="the Firestore database; Terraform makes one beside the app's own")
    queue: str | None = Field(None, description="the Cloud Tasks queue of the advance function")
    advance_url: str | None = Field(
        None,
        description="the https URL of the advance function, which is also its token's audience",
    )
    steps_queue: str | None = Field(
        None,
        description="the Cloud Tasks queue of the runStep function: its rates are those of whom light steps ask",
    )
    run_step_url: str | None = Field(None, description="the https URL of the runStep function, likewise")
    deliveries_queue: str | None = Field(
        None, description="the Cloud Tasks queue of the deliver function, which sends webhooks and e-mail"
    )
    deliver_url: str | None = Field(None, description="the https URL of the deliver function, likewise")
    share_url: str | None = Field(
        None,
        json_schema_extra={"default": "of `dailies up` its own"},
        description="the https URL of the share function: what links to results begin with",
    )
    task_service_account: str | None = Field(None, description="the service account that calls these")
    worker_job: str | None = Field(
        None,
        description="the Cloud Run job of the worker; each execution gets its job's id in `DAILIES_JOB`",
    )
    tasks_endpoint: str | None = None
    run_endpoint: str | None = None
    emulated_project: str | None = None

    def require_cloud(self) -> None:
        """Raise Misconfigured that names every setting of the cloud that is missing."""
        missing = [f"{PREFIX}{name.upper()}" for name in CLOUD if getattr(self, name) is None]
        if missing:
            raise Misconfigured("The cloud needs these settings: " + ", ".join(missing), missing=missing)
