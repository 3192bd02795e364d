"""What the operations that need only the source's pictures share: which track, and what a failed check becomes."""

from __future__ import annotations

from collections.abc import Sequence

from dailies.domain.errors import QualityNotReached, SourceRefused
from dailies.domain.media_info import MediaInfo
from dailies.domain.picture_outputs import Pictured
from dailies.domain.result import Check
from dailies.media.picture import PictureParams, resolve_picture


def choose_picture(output: Pictured, info: MediaInfo, field: str) -> PictureParams:
    """The track a player would show, and its conversion. Raises SourceRefused."""
    stream = info.main_video()
    if stream is None:
        raise SourceRefused("The source has no video track: ask for kind audio.", code="no_video", field=field)
    if not stream.decodable:
        raise SourceRefused(
            f"The video track can't be decoded ({stream.codec}): it is damaged or of an unsupported kind.",
            code="unsupported_codec",
            field=field,
        )
    return resolve_picture(stream, output.height, output.hdr, field)


def passed(checks: Sequence[Check]) -> tuple[Check, ...]:
    """The checks, when none failed. Raises QualityNotReached."""
    failed = [check for check in checks if not check.passed]
    if failed:
        said = "; ".join(f"{check.name} is {check.measured}, expected {check.expected}" for check in failed)
        raise QualityNotReached(
            f"The output was made but failed its verification: {said}.",
            checks=[check.model_dump(mode="json") for check in checks],
        )
    return tuple(checks)
