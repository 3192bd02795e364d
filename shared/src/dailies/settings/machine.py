"""What this machine gives to work with."""

from __future__ import annotations

from pathlib import Path
from typing import Literal

from pydantic import Field

from dailies.settings.group import SettingGroup


def _default_home() -> Path:
    import platformdirs

    return Path(platformdirs.user_data_dir("dailies", appauthor=False))


class MachineSettings(SettingGroup):
    """Store, FFmpeg, workers."""

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
