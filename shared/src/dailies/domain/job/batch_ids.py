"""Which jobs are items of which batch: their ids tell. Pure."""

from __future__ import annotations

_ID_LENGTH = 19
_INDEX_DIGITS = 4


def job_id_of(batch_id: str, index: int) -> str:
    """The id that the item's job has, whoever makes it."""
    return f"{batch_id}{index:0{_INDEX_DIGITS}x}"


def batch_id_of(job_id: str) -> str | None:
    """Whose item the job is; None of one that was made by itself."""
    return job_id[:_ID_LENGTH] if len(job_id) == _ID_LENGTH + _INDEX_DIGITS else None
