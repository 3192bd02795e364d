"""What transcriber and aligner do alike with PocketSphinx: say which it is, hand it sound, read what it found."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from importlib.metadata import PackageNotFoundError
from typing import Any

from dailies.adapters.installed import release_of
from dailies.domain.errors import Misconfigured
from dailies.domain.stop import StopToken
from dailies.ports.transcriber import RATE_HZ

ENGINE, MODEL = "pocketsphinx", "en-us"
#: What its model knows.
LANGUAGES = frozenset({"en"})
#: Frames a second of its acoustic model.
_FRAMES = 100
_PIECE_BYTES = RATE_HZ  # half a second


def pocketsphinx_release() -> str:
    """Raises Misconfigured ``no_engine`` where it is not installed."""
    try:
        return release_of("pocketsphinx")
    except PackageNotFoundError as error:
        raise Misconfigured(
            "pocketsphinx is not installed (Python 3.12 has none): pip install 'dailies-media[pocketsphinx]'.",
            code="no_engine",
        ) from error


def decoded(
    decoder: Any, samples: bytes, stop: StopToken, progress: Callable[[float], None] = lambda _part: None
) -> Iterator[tuple[str, float, float]]:
    """The words as they stand in its dictionary, with their starts and ends in seconds of ``samples``.

    ``progress`` takes the part that was handed over, 0–1. Raises what ``stop`` says.
    """
    decoder.start_utt()
    try:
        for place in range(0, len(samples), _PIECE_BYTES):
            stop.check()
            decoder.process_raw(samples[place : place + _PIECE_BYTES], False, False)
            progress(min(place + _PIECE_BYTES, len(samples)) / len(samples))
    finally:
        decoder.end_utt()
    for one in decoder.seg() or () if decoder.hyp() is not None else ():
        # <s>, <sil> and [NOISE] are no words.
        if one.word[:1] not in "<[":
            yield one.word, one.start_frame / _FRAMES, (one.end_frame + 1) / _FRAMES
