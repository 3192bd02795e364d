"""What sound FFmpeg's filters can work on. Pure."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from dailies.domain.errors import SourceRefused

#: Samples a second: below, meters' filters don't settle; above is nothing that anybody records.
_LOWEST_HZ, _HIGHEST_HZ = 4_000, 768_000
#: ``pan`` has names for no more.
_MOST_CHANNELS = 64

NOT_NUMBERS = "The audio holds samples that are no numbers (NaN or infinite); export it again."


def is_audible(stream: Mapping[str, Any]) -> bool:
    """Whether a track of the probe's has a rate and channels that can be worked on."""
    rate, channels = stream.get("sample_rate") or 0, stream.get("channels") or 0
    return _LOWEST_HZ <= rate <= _HIGHEST_HZ and 0 < channels <= _MOST_CHANNELS


def inaudible(stream: Mapping[str, Any]) -> SourceRefused:
    """The refusal for a track that isn't audible."""
    return SourceRefused(
        f"The audio has {stream.get('channels')} channels of {stream.get('sample_rate')} samples a second; up to "
        f"{_MOST_CHANNELS} channels of {_LOWEST_HZ} to {_HIGHEST_HZ} can be processed.",
        code="unsupported_audio",
    )
