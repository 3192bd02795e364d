"""What a worker finds where it runs, for `dailies doctor --project`: one execution that does nothing else."""

from __future__ import annotations

import shutil
from datetime import datetime, timedelta
from pathlib import Path

from dailies.domain.errors import DailiesError
from dailies.media.toolbox import Toolbox
from dailies.ports.documents import DocumentStore

REPORT_VARIABLE = "DAILIES_REPORT"
"""Where an execution is told to report, under which name, and to take no job."""
_KEPT = timedelta(days=1)


def report_path(name: str) -> str:
    return f"reports/{name}"


def publish_report(documents: DocumentStore, toolbox: Toolbox, scratch: Path, name: str, now: datetime) -> None:
    """Write the sandbox's state, the FFmpeg and the free bytes of the scratch disk. Raises what the store raises."""
    try:
        sandbox = toolbox.sandbox()
        active, reason = sandbox.active, sandbox.reason
    except DailiesError as error:
        active, reason = False, error.message
    try:
        ffmpeg = toolbox.ffmpeg().version
    except DailiesError as error:
        ffmpeg = error.message
    scratch.mkdir(parents=True, exist_ok=True)
    report = {
        "sandbox_active": active,
        "sandbox_reason": reason,
        "ffmpeg": ffmpeg,
        "scratch_bytes": shutil.disk_usage(scratch).free,
        "expires": now + _KEPT,
    }
    documents.set(report_path(name), report)
