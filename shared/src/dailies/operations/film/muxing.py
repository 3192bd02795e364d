"""Puts pictures and sound that were encoded apart into one film."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING

from dailies.domain.stop import StopToken
from dailies.media.graphs.film.muxing import film_arguments
from dailies.operations.tagging import Tagging

if TYPE_CHECKING:
    from dailies.media.toolbox import Toolbox

_SOUND = "sound.m4a"


def mux(toolbox: Toolbox, stop: StopToken, pictures: Path, sound: Path | None, name: str, tagging: Tagging) -> Path:
    """The ``pictures`` of a file and the ``sound``, both as they are, as a tagged MP4 ``name`` beside the first."""
    arguments = film_arguments(pictures.name, None if sound is None else _SOUND, name)
    toolbox.run(
        tagging.arguments(arguments, pictures.parent, name),
        scratch=pictures.parent,
        source=pictures,
        stop=stop,
        media_seconds=None,
        extra_sources={**tagging.sources, **({} if sound is None else {_SOUND: sound})},
    )
    return pictures.parent / name
