"""Every setting, read from the environment once: a field's variable is its name in capitals behind ``DAILIES_``.

Descriptions are for docs/settings.md, which ``python -m dailies.cli.settings_page`` writes; a field without one is a
knob of tests and of the engine's own timing. ``json_schema_extra`` has a default in words that the value doesn't say.
"""

from __future__ import annotations

import os
from collections.abc import Mapping
from pathlib import Path
from typing import Annotated, Literal

from pydantic import BaseModel, BeforeValidator, ConfigDict, Field, SecretStr, ValidationError

from dailies.domain.errors import Misconfigured
from dailies.domain.wording import sentence_of

_PREFIX = "DAILIES_"


def _default_home() -> Path:
    import platformdirs

    return Path(platformdirs.user_data_dir("dailies", appauthor=False))


def _numbers(value: object) -> object:
    return value.split(",") if isinstance(value, str) else value


class Settings(BaseModel):
    """Frozen; build it with :func:`read_settings`."""

    model_config = ConfigDict(frozen=True, defer_build=True)

    home: Path = Field(
        default_factory=_default_home,
        json_schema_extra={"default": "the platform's user-data folder, on Linux `~/.local/share/dailies`"},
        description="the store: everything Dailies remembers. Deleting it is a reset",
    )
    ffmpeg: str | None = Field(
        None,
        json_schema_extra={"default": "the newer of the one on PATH and imageio-ffmpeg's"},
        description="the FFmpeg to use; it must have every filter and encoder that Dailies names",
    )
    sandbox: Literal["auto", "off", "required"] = Field(
        "auto",
        description="bubblewrap around FFmpeg and the probe: where it works (`auto`), never (`off`), or refuse to run "
        "without (`required`)",
    )
    store_max_bytes: int = Field(
        20_000_000_000,
        ge=0,
        description="cap of the store's artifacts; the least recently used go first",
    )
    output_retention_hours: float = Field(
        24.0,
        ge=0,
        description="how long finished outputs stay in the store, so that a second run only copies them",
    )
    max_source_hours: float = Field(24.0, gt=0, description="longest source that is accepted")
    max_source_bytes: int = Field(
        100_000_000_000,
        gt=0,
        description="largest source that is accepted, and largest file that FFmpeg may write",
    )
    fetch_max_bytes: int = Field(20_000_000_000, gt=0, description="largest file that is fetched from a URL")
    fetch_max_minutes: float = Field(
        60.0, gt=0, description="a file that has not come from its URL by then is given up, however often it was tried"
    )
    fetch_ports: Annotated[tuple[int, ...], BeforeValidator(_numbers)] = Field(
        (443,), json_schema_extra={"default": "`443`"}, description="ports that URLs may name, with commas between them"
    )
    max_pixels: int = Field(36_000_000, gt=0, description="largest picture that is decoded; 8K UHD fits")
    job_max_hours: float = Field(48.0, gt=0, description="a job that is not finished by then is failed")
    threads: int | None = Field(
        None,
        ge=1,
        le=256,
        json_schema_extra={"default": "FFmpeg decides; with several workers their part of the processors"},
        description="threads of each decoder; the video encoder has six on every machine, as its bytes depend on them",
    )
    workers: int | None = Field(
        None,
        ge=1,
        le=500,
        json_schema_extra={"default": "`1` here, `10` in the cloud"},
        description="workers that share one job: processes of this machine, or tasks of a Cloud Run execution; "
        "`--workers` sets it",
    )
    light_concurrency: int = Field(
        8,
        ge=1,
        le=500,
        description="light steps that run at once on this machine; in the cloud the queue `steps` has the limit",
    )
    chunk_above_seconds: float = Field(
        180.0,
        ge=0,
        description="CPU seconds of encoding from which on a film is encoded in chunks; in the cloud the same for "
        "functions and worker",
    )
    chunk_seconds: float = Field(45.0, ge=1, description="length of a chunk; likewise")
    speech_engine: Literal["auto", "openai", "faster-whisper", "pocketsphinx"] = Field(
        "auto",
        description="what recognises speech; `auto`: the server where its key or URL is set, else what is here",
    )
    whisper_model: Path | None = Field(
        None,
        json_schema_extra={"default": "Whisper base, from the extra `speech`"},
        description="folder of a Whisper model for CTranslate2: larger ones err less and take longer",
    )
    openai_api_key: SecretStr | None = Field(None, description="the key of the speech server; set, sound is sent there")
    openai_base_url: str | None = Field(
        None,
        json_schema_extra={"default": "`https://api.openai.com/v1`"},
        description="a speech server that speaks OpenAI's protocol",
    )
    openai_speech_model: str = Field("gpt-transcribe", description="its model")
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
    share_url: str | None = Field(
        None,
        json_schema_extra={"default": "of `dailies up` its own"},
        description="the https URL of the share function: what links to results begin with",
    )
    task_service_account: str | None = Field(None, description="the service account that calls both")
    worker_job: str | None = Field(
        None,
        description="the Cloud Run job of the worker; each execution gets its job's id in `DAILIES_JOB`",
    )
    tasks_endpoint: str | None = None
    run_endpoint: str | None = None
    emulated_project: str | None = None
    upload_start_minutes: float = Field(
        20.0,
        gt=0,
        description="a job whose upload has not begun by then expires; in the cloud the sweeper asks the "
        "upload's session, in its next round",
    )
    upload_wait_hours: float = Field(24.0, gt=0, description="a job whose upload has not come by then expires")
    quota_jobs_per_day: int = Field(
        200,
        ge=0,
        description="jobs per user and day (UTC); failed, cancelled and expired ones are given back",
    )
    quota_bytes_per_day: int = Field(200_000_000_000, ge=0, description="bytes uploaded, likewise")
    quota_source_minutes_per_day: float = Field(
        1440.0,
        ge=0,
        description="length of the sources of jobs completed or under way; counted once the source was probed",
    )
    quota_concurrent_jobs: int = Field(
        10,
        ge=0,
        description="jobs under way per user; what waits for its upload is none",
    )
    quota_waiting_uploads: int = Field(50, ge=0, description="jobs per user that wait for their upload")
    quota_cpu_seconds_per_day: float = Field(
        100_000.0,
        ge=0,
        description="CPU seconds of workers per user and day: what ran, also of jobs that came to nothing, and what "
        "is still expected of those under way",
    )
    quota_usd_per_day: float = Field(
        5.0,
        ge=0,
        description="what workers cost, likewise: a machine's time is paid for with all its processors",
    )
    max_running_jobs: int | None = Field(
        None,
        ge=1,
        json_schema_extra={"default": "all; in the cloud 10"},
        description="jobs of all users that run at once, each on up to `DAILIES_WORKERS` workers; the others wait, "
        "the next is of whoever has the fewest running, and their progress has the `position`",
    )
    job_max_usd: float = Field(
        1.0,
        ge=0,
        description="what the job of an upload may cost: one that is estimated above it is refused before anything is "
        "made, one that comes to cost more is stopped",
    )
    all_usd_per_day: float = Field(
        50.0,
        ge=0,
        description="what the jobs of all users together may cost in a day; then uploads and jobs that have not begun "
        "are refused",
    )
    allow_anonymous: bool = Field(
        True,
        json_schema_extra={"default": "here `true`, in the cloud `false`"},
        description="whether users who signed in anonymously may have jobs: anybody can be any number of them",
    )
    require_app_check: bool = Field(
        False,
        json_schema_extra={"default": "here `false`, in the cloud `true`"},
        description="whether callables refuse clients that App Check does not attest",
    )
    api_key_requests_per_minute: int = Field(
        300,
        ge=1,
        le=1_000_000,
        description="requests that one API key may make, all of them at once if it waited before",
    )
    api_user_requests_per_minute: int = Field(
        600, ge=1, le=1_000_000, description="requests that a user may make, with all keys and without, likewise"
    )
    api_stream_seconds: float = Field(
        240.0,
        gt=0,
        description="a stream of events ends after that, before the function's limit; its reader goes on with another",
    )
    progress_interval_seconds: float = Field(0.1, ge=0)
    lease_seconds: float = Field(90.0, gt=0)
    heartbeat_seconds: float = Field(15.0, gt=0)

    def require_cloud(self) -> None:
        """Raise Misconfigured that names every setting of the cloud that is missing."""
        missing = [f"{_PREFIX}{name.upper()}" for name in CLOUD if getattr(self, name) is None]
        if missing:
            raise Misconfigured("The cloud needs these settings: " + ", ".join(missing), missing=missing)


#: What the cloud can't do without.
CLOUD = (
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
        problems = [f"{_PREFIX}{str(problem['loc'][0]).upper()} {sentence_of(problem)}" for problem in error.errors()]
        raise Misconfigured("Wrong settings: " + "; ".join(problems), problems=problems) from error
