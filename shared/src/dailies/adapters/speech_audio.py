"""Reads the one form of sound that transcribers are handed, and checks requests against an engine's limits."""

from __future__ import annotations

import wave
from collections.abc import Sequence
from contextlib import contextmanager
from pathlib import Path
from typing import TYPE_CHECKING

from dailies.domain.errors import PermanentError, SourceRefused
from dailies.ports.transcriber import RATE_HZ, Ask, Capabilities

if TYPE_CHECKING:
    from collections.abc import Iterator


def checked_seconds(ask: Ask, can: Capabilities) -> float:
    """The file's length. Raises what the port's contract says of files and of asks that go over ``can``."""
    with _opened(ask.audio) as sound:
        seconds = sound.getnframes() / RATE_HZ
    size = ask.audio.stat().st_size
    if seconds > can.max_seconds or size > can.max_bytes:
        raise PermanentError(
            f"{can.engine} takes {can.max_seconds:g} s and {can.max_bytes / 1e6:g} MB at once, not {seconds:.0f} s and "
            f"{size / 1e6:.1f} MB.",
            code="over_engine_limits",
        )
    can.check(
        ask.language,
        translate=ask.translate,
        speakers=ask.speakers,
        prompt=ask.prompt,
        vocabulary=ask.vocabulary,
    )
    return seconds


def samples_of(path: Path, start: float = 0.0, end: float | None = None) -> bytes:
    """The 16-bit samples from ``start`` to ``end``, in seconds. Raises SourceRefused ``not_speech_audio``."""
    with _opened(path) as sound:
        frames = sound.getnframes()
        first = min(round(start * RATE_HZ), frames)
        last = frames if end is None else min(round(end * RATE_HZ), frames)
        sound.setpos(first)
        return sound.readframes(max(last - first, 0))


def windows_of(ask: Ask, seconds: float, window_seconds: float) -> Sequence[tuple[float, float]]:
    """Those of the ask; without any, the file from one end to the other."""
    if ask.windows:
        return ask.windows
    count = max(1, -int(-seconds // window_seconds))
    return [(number * seconds / count, (number + 1) * seconds / count) for number in range(count) if seconds > 0]


@contextmanager
def _opened(path: Path) -> Iterator[wave.Wave_read]:
    try:
        sound = wave.open(str(path), "rb")  # noqa: SIM115 # what it raises here is another's fault than what follows
    except (wave.Error, EOFError, OSError) as error:
        raise SourceRefused("The sound for speech recognition can't be read.", code="not_speech_audio") from error
    with sound:
        if (sound.getframerate(), sound.getnchannels(), sound.getsampwidth()) != (RATE_HZ, 1, 2):
            raise SourceRefused(f"Speech recognition takes WAV, 16 bits, mono, {RATE_HZ} Hz.", code="not_speech_audio")
        yield sound
