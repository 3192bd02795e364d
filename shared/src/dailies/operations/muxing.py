"""Puts pictures and sound that were encoded apart into one film."""

from __future__ import annotations

from pathlib import Path

from dailies.domain.stop import StopToken
from dailies.media.muxing import film_arguments
from dailies.media.toolbox import Toolbox

_SOUND = "sound.m4a"


def mux(toolbox: Toolbox, stop: StopToken, pictures: Path, sound: Path | None, name: str) -> Path:
    """The ``pictures`` of a file and the ``sound``, both as they are, as an MP4 called ``name`` beside the first."""
    toolbox.run(
        film_arguments(pictures.name, None if sound is None else _SOUND, name),
        scratch=pictures.parent,
        source=pictures,
        stop=stop,
        media_seconds=None,
        extra_sources={} if sound is None else {_SOUND: sound},
    )
    return pictures.parent / name
