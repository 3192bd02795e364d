"""How long a job with an edit may take, which its result then says."""

from __future__ import annotations

from dailies.domain.job.result import Check
from dailies.domain.source.media_info import MediaInfo

#: As a multiple of the source's length.
_EDIT_TIME = 1.2


def edit_time(info: MediaInfo, seconds: float) -> tuple[Check, ...]:
    """Whether the job's steps took no longer than an edit of that source may. Nothing for a source of unknown length.

    ``seconds``: what all steps took.
    """
    if info.duration_seconds is None:
        return ()
    most = _EDIT_TIME * info.duration_seconds
    return (
        Check(
            name="time",
            expected=f"≤ {_EDIT_TIME:g} × source ({most:.1f} s)",
            measured=f"{seconds:.1f} s",
            passed=seconds <= most,
            advisory=True,
        ),
    )
