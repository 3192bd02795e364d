"""Sound for speech recognition that is made, not recorded: bursts of tone, which the fake engine takes for words."""

from __future__ import annotations

import array
import math
import random
import wave
from collections.abc import Sequence
from pathlib import Path

RATE_HZ = 16_000


def write_wav(path: Path, samples: Sequence[int], *, rate_hz: int = RATE_HZ, channels: int = 1) -> Path:
    """16-bit PCM."""
    with wave.open(str(path), "wb") as sound:
        sound.setnchannels(channels)
        sound.setsampwidth(2)
        sound.setframerate(rate_hz)
        sound.writeframes(array.array("h", samples).tobytes())
    return path


def bursts(seconds: float, words: Sequence[tuple[float, float]]) -> list[int]:
    """Silence with a tone in each of ``words`` (start and end in seconds)."""
    samples = [0] * round(seconds * RATE_HZ)
    for start, end in words:
        for place in range(round(start * RATE_HZ), min(round(end * RATE_HZ), len(samples))):
            samples[place] = round(8000 * math.sin(2 * math.pi * 440 * place / RATE_HZ))
    return samples


def noise(seconds: float, level: int = 3000) -> list[int]:
    """White noise."""
    source = random.Random(3)
    return [source.randint(-level, level) for _ in range(round(seconds * RATE_HZ))]


def bursts_in(samples: Sequence[int]) -> list[tuple[float, float]]:
    """Where tones are, to 10 ms: what :func:`bursts` was given, as far as they lie 30 ms apart."""
    step = RATE_HZ // 100
    loud = [max(map(abs, samples[place : place + step]), default=0) > 1000 for place in range(0, len(samples), step)]
    found: list[tuple[float, float]] = []
    for place, sounds in enumerate(loud):
        if not sounds:
            continue
        if found and place / 100 - found[-1][1] < 0.02:
            found[-1] = (found[-1][0], (place + 1) / 100)
        else:
            found.append((place / 100, (place + 1) / 100))
    return found
