"""What a source, a job and a user may take."""

from __future__ import annotations

from pydantic import Field

from dailies.settings.group import SettingGroup


class LimitSettings(SettingGroup):
    """Limits."""

    max_source_hours: float = Field(24.0, gt=0, description="longest source that is accepted")
    max_source_bytes: int = Field(
        100_000_000_000,
        gt=0,
        description="largest source that is accepted, and largest file that FFmpeg may write",
    )
    max_pixels: int = Field(36_000_000, gt=0, description="largest picture that is decoded; 8K UHD fits")
    job_max_hours: float = Field(48.0, gt=0, description="a job that is not finished by then is failed")
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
    batch_jobs_at_once: int = Field(
        5, ge=1, le=100, description="jobs of one batch that are under way at once, beside the user's others"
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
