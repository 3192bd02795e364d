"""Every setting, read from the environment once.

==============================  =======================================================================
``DAILIES_HOME``                 folder of the store; default: the platform's user-data folder
``DAILIES_FFMPEG``               path of the FFmpeg to use; default: a full build on PATH or the wheel's
``DAILIES_SANDBOX``              ``auto`` (bubblewrap where it works), ``off`` or ``required``
``DAILIES_STORE_MAX_BYTES``      size cap of the store's artifacts; the least recently used go first
``DAILIES_OUTPUT_RETENTION_HOURS``  how long finished outputs stay in the store (default 24)
``DAILIES_MAX_SOURCE_HOURS``     longest source that is accepted (default 24)
``DAILIES_MAX_SOURCE_BYTES``     largest source that is accepted (default 100 GB)
``DAILIES_MAX_PIXELS``           largest picture that is decoded (default 36 million: 8K UHD fits)
``DAILIES_JOB_MAX_HOURS``        a job that takes longer is failed (default 48)
``DAILIES_THREADS``              threads of each decoder; default: FFmpeg decides
``DAILIES_WORKERS``              workers that share one job: processes here (default 1), tasks in the cloud (default 10)
``DAILIES_LIGHT_CONCURRENCY``    light steps that run at once here (default 8); in the cloud the queue has the limit
``DAILIES_CHUNK_ABOVE_SECONDS``  CPU seconds of encoding from which on a film is encoded in chunks (default 180)
``DAILIES_CHUNK_SECONDS``        length of a chunk (default 45)
``DAILIES_PROJECT``              Google Cloud project; set, it makes this the cloud, which also needs those below
``DAILIES_REGION``               where its functions, queue and worker job are
``DAILIES_BUCKET``               Cloud Storage bucket of uploads and artifacts
``DAILIES_DATABASE``             Firestore database (default ``(default)``)
``DAILIES_QUEUE``                Cloud Tasks queue of the advance function
``DAILIES_ADVANCE_URL``          https URL of the advance function
``DAILIES_STEPS_QUEUE``          Cloud Tasks queue of the runStep function
``DAILIES_RUN_STEP_URL``         https URL of the runStep function
``DAILIES_TASK_SERVICE_ACCOUNT``  e-mail of the service account that calls both
``DAILIES_WORKER_JOB``           Cloud Run job of the worker
``DAILIES_UPLOAD_START_MINUTES``  a job expires whose upload has not begun by then, where that is seen (default 20)
``DAILIES_UPLOAD_WAIT_HOURS``    a job whose upload has not come by then expires (default 24)
``DAILIES_QUOTA_JOBS_PER_DAY``   per user and day, UTC (default 200)
``DAILIES_QUOTA_BYTES_PER_DAY``  uploaded, per user and day (default 200 GB)
``DAILIES_QUOTA_SOURCE_MINUTES_PER_DAY``  length of the sources, once probed (default 1440)
``DAILIES_QUOTA_CONCURRENT_JOBS``  jobs under way per user (default 10)
``DAILIES_QUOTA_WAITING_UPLOADS``  announced uploads per user that have not come yet (default 50)
``DAILIES_QUOTA_CPU_SECONDS_PER_DAY``  of workers, per user: estimated while a job runs, then as it ran (default 100000)
``DAILIES_QUOTA_USD_PER_DAY``    what workers cost, likewise (default 5)
``DAILIES_MAX_RUNNING_JOBS``     jobs of all users that run at once, the others wait for their turn (default: all; in
                                 the cloud 10)
``DAILIES_JOB_MAX_USD``          what one job of an upload may cost (default 1)
``DAILIES_ALL_USD_PER_DAY``      what the jobs of all users together may cost (default 50)
``DAILIES_ALLOW_ANONYMOUS``      whether users who signed in anonymously may have jobs (default: in the cloud not)
``DAILIES_REQUIRE_APP_CHECK``    whether callables refuse clients without App Check (default: in the cloud)
==============================  =======================================================================
"""

from __future__ import annotations

import os
from collections.abc import Mapping
from pathlib import Path
from typing import Literal

from pydantic import BaseModel, ConfigDict, Field, ValidationError

from dailies.domain.errors import Misconfigured

_PREFIX = "DAILIES_"


def _default_home() -> Path:
    import platformdirs

    return Path(platformdirs.user_data_dir("dailies", appauthor=False))


class Settings(BaseModel):
    """Frozen; build it with :func:`read_settings`."""

    model_config = ConfigDict(frozen=True)

    home: Path = Field(default_factory=_default_home)
    ffmpeg: str | None = None
    sandbox: Literal["auto", "off", "required"] = "auto"
    store_max_bytes: int = Field(20_000_000_000, ge=0)
    output_retention_hours: float = Field(24.0, ge=0)
    max_source_hours: float = Field(24.0, gt=0)
    max_source_bytes: int = Field(100_000_000_000, gt=0)
    max_pixels: int = Field(36_000_000, gt=0)
    job_max_hours: float = Field(48.0, gt=0)
    threads: int | None = Field(None, ge=1, le=256)
    workers: int | None = Field(None, ge=1, le=500)
    light_concurrency: int = Field(8, ge=1, le=500)
    chunk_above_seconds: float = Field(180.0, ge=0)
    chunk_seconds: float = Field(45.0, ge=1)
    project: str | None = None
    region: str | None = None
    bucket: str | None = None
    database: str = "(default)"
    queue: str | None = None
    advance_url: str | None = None
    steps_queue: str | None = None
    run_step_url: str | None = None
    task_service_account: str | None = None
    worker_job: str | None = None
    tasks_endpoint: str | None = None
    run_endpoint: str | None = None
    emulated_project: str | None = None
    upload_start_minutes: float = Field(20.0, gt=0)
    upload_wait_hours: float = Field(24.0, gt=0)
    quota_jobs_per_day: int = Field(200, ge=0)
    quota_bytes_per_day: int = Field(200_000_000_000, ge=0)
    quota_source_minutes_per_day: float = Field(1440.0, ge=0)
    quota_concurrent_jobs: int = Field(10, ge=0)
    quota_waiting_uploads: int = Field(50, ge=0)
    quota_cpu_seconds_per_day: float = Field(100_000.0, ge=0)
    quota_usd_per_day: float = Field(5.0, ge=0)
    max_running_jobs: int | None = Field(None, ge=1)
    job_max_usd: float = Field(1.0, ge=0)
    all_usd_per_day: float = Field(50.0, ge=0)
    allow_anonymous: bool = True
    require_app_check: bool = False
    progress_interval_seconds: float = Field(0.1, ge=0)
    lease_seconds: float = Field(90.0, gt=0)
    heartbeat_seconds: float = Field(15.0, gt=0)

    def require_cloud(self) -> None:
        """Raise Misconfigured that names every setting of the cloud that is missing."""
        missing = [f"{_PREFIX}{name.upper()}" for name in _CLOUD if getattr(self, name) is None]
        if missing:
            raise Misconfigured("The cloud needs these settings: " + ", ".join(missing), missing=missing)


_CLOUD = (
    "project", "region", "bucket", "queue", "advance_url", "steps_queue", "run_step_url", "task_service_account",
    "worker_job",
)  # fmt: skip


def _refuse_emulated_sign_in(environment: Mapping[str, str]) -> None:
    deployed = [name for name in ("K_SERVICE", "CLOUD_RUN_JOB") if environment.get(name)]
    if deployed and environment.get("FIREBASE_AUTH_EMULATOR_HOST"):
        raise Misconfigured(
            "FIREBASE_AUTH_EMULATOR_HOST is set on Cloud Run: forged tokens of any user would be believed. Remove it.",
            code="emulated_sign_in",
        )


def read_settings(environment: Mapping[str, str] | None = None) -> Settings:
    """Read the environment. Raises Misconfigured that names every wrong variable at once."""
    environment = os.environ if environment is None else environment
    _refuse_emulated_sign_in(environment)
    values = {
        name: environment[_PREFIX + name.upper()]
        for name in Settings.model_fields
        if environment.get(_PREFIX + name.upper())
    }
    if "project" in values:
        # What anybody on the internet can reach is closed until somebody opens it.
        values = {"allow_anonymous": "false", "require_app_check": "true", **values}
    try:
        return Settings.model_validate(values)
    except ValidationError as error:
        problems = [f"{_PREFIX}{str(problem['loc'][0]).upper()}: {problem['msg']}" for problem in error.errors()]
        raise Misconfigured("Wrong settings: " + "; ".join(problems), problems=problems) from error
