"""Which track the operations take that need only the source's pictures."""

from __future__ import annotations

from dailies.domain.errors import SourceRefused
from dailies.domain.media_info import MediaInfo
from dailies.domain.picture_outputs import Pictured
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
