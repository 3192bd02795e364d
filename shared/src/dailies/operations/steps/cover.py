"""``cover``: the picture attached to a source, decoded in the sandbox and encoded anew: small, and a picture alone.

A picture that can't be decoded is no reason to fail: the step then says why there is none.
"""

from __future__ import annotations

from pathlib import Path
from typing import ClassVar

from dailies.domain.errors import PermanentError
from dailies.domain.model import Model
from dailies.domain.source.media_info import MediaInfo
from dailies.media.graphs.film.ffmetadata import jpeg_size
from dailies.media.graphs.pictures.still import cover_arguments
from dailies.operations.media_step import MediaStep
from dailies.planning.operation import MAIN_FILE, Estimate, Produced, StepRun

COVER = "cover"
_NAME = "cover.jpg"
#: A JPEG of noise at the largest size has 3 MB.
_MOST_BYTES = 4_000_000
_COST = 0.2


class CoverParams(Model):
    """``stream``: the attached picture's index."""

    stream: int


class CoverFacts(Model):
    """``reason``: why there is no picture."""

    reason: str | None = None


class CoverOperation(MediaStep):
    """Takes the cover out of a source for all outputs that carry it."""

    kind: ClassVar[str] = COVER
    version: ClassVar[str] = "1"

    def estimate(self, params: CoverParams, info: MediaInfo) -> Estimate:
        return Estimate(cpu_seconds=_COST)

    def make(self, run: StepRun) -> Produced:
        path = run.scratch / _NAME
        try:
            self.ffmpeg(run, cover_arguments(run.params.stream, _NAME), media_seconds=0.0)
        except PermanentError as error:
            if not error.of_output:
                raise
            return _none(f"it can't be decoded ({error.error_code})")
        return _none("it can't be decoded") if not _is_cover(path) else _some(path)


def _is_cover(path: Path) -> bool:
    try:
        return path.stat().st_size <= _MOST_BYTES and min(jpeg_size(path.read_bytes())) > 0
    except (OSError, ValueError):
        return False


def _some(path: Path) -> Produced:
    return Produced(data=CoverFacts().model_dump(), files={MAIN_FILE: (path, "image/jpeg")})


def _none(reason: str) -> Produced:
    return Produced(data=CoverFacts(reason=reason).model_dump())
