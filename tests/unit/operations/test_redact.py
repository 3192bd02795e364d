"""Sound is written over to the sample."""

from __future__ import annotations

import array
import struct
from pathlib import Path

import pytest

from dailies.operations.steps.redact import write_over

RATE_HZ, CHANNELS, FRAMES = 8000, 2, 800


def _wav(path: Path, *, rf64: bool) -> Path:
    """Of samples that are all 1, with a chunk of odd length before them, as FFmpeg writes either."""
    samples = array.array("f", [1.0] * FRAMES * CHANNELS).tobytes()
    form = b"fmt " + struct.pack("<IHHIIHH", 16, 3, CHANNELS, RATE_HZ, RATE_HZ * 8, 8, 32)
    odd = b"JUNK" + struct.pack("<I", 3) + b"abc\0"
    size = 0xFFFFFFFF if rf64 else len(samples)
    body = (b"RF64" if rf64 else b"RIFF") + struct.pack("<I", 0) + b"WAVE" + form + odd
    path.write_bytes(body + b"data" + struct.pack("<I", size) + samples)
    return path


def _read(path: Path) -> list[float]:
    found = array.array("f")
    found.frombytes(path.read_bytes()[-FRAMES * CHANNELS * 4 :])
    return list(found)


@pytest.mark.parametrize("rf64", [False, True])
def test_silence_stands_from_sample_to_sample(tmp_path: Path, rf64: bool) -> None:
    path = _wav(tmp_path / "a.wav", rf64=rf64)
    before = path.read_bytes()
    write_over(path, 100, 200, RATE_HZ, CHANNELS, "mute")
    assert [place for place, value in enumerate(_read(path)) if value != 1.0] == list(range(200, 400))
    assert path.read_bytes()[: -FRAMES * CHANNELS * 4] == before[: -FRAMES * CHANNELS * 4]


def test_a_tone_is_the_same_in_all_channels(tmp_path: Path) -> None:
    path = _wav(tmp_path / "a.wav", rf64=False)
    write_over(path, 700, 5000, RATE_HZ, CHANNELS, "bleep")
    found = _read(path)
    assert set(found[:1400]) == {1.0}
    assert found[1400::2] == found[1401::2]
    assert max(found[1400:]) == pytest.approx(0.1, abs=1e-3)
    # Nothing is longer than it was.
    assert len(path.read_bytes()) == len(_wav(tmp_path / "b.wav", rf64=False).read_bytes())
    write_over(path, 900, 1000, RATE_HZ, CHANNELS, "mute")
