"""What every deliverable's step ends with: its files and the certificate, or the refusal to hand them over."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from pathlib import Path

from dailies.domain.errors import QualityNotReached
from dailies.domain.job.result import Check, Facts, OutputResult
from dailies.planning.operation import MAIN_FILE, Produced

# What the store knows of a file (size, hash, place) is not a fact of the step.
_OF_THE_STORE = {"path", "bytes", "sha256", "files"}


def certified(
    path: Path,
    media_type: str,
    checks: Sequence[Check],
    facts: Facts,
    *,
    sha256: Mapping[str, str] | None = None,
    beside: Mapping[str, tuple[Path, str]] | None = None,
    duration_seconds: float = 0.0,
) -> Produced:
    """The output at ``path`` with its certificate, the checks and the facts of its kind.

    ``beside`` has the other files of an output that is a folder: name → path and media type; ``sha256`` are known
    already, by role.

    Raises QualityNotReached when a check failed that is not advisory.
    """
    failed = [check for check in checks if not check.passed and not check.advisory]
    if failed:
        said = "; ".join(f"{check.name} is {check.measured}, expected {check.expected}" for check in failed)
        raise QualityNotReached(
            f"The output was made but failed its verification: {said}.",
            checks=[check.model_dump(mode="json") for check in checks],
        )
    result = OutputResult(
        path=None,
        media_type=media_type,
        bytes=0,
        sha256="",
        duration_seconds=round(duration_seconds, 3),
        facts=facts,
        checks=tuple(checks),
    )
    data = result.model_dump(mode="json", exclude=_OF_THE_STORE)
    return Produced(data=data, files={MAIN_FILE: (path, media_type), **(beside or {})}, sha256=sha256 or {})
