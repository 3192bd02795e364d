"""Short outputs: what is heard of one and of its source costs one run, and is what runs of their own would hear."""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path
from typing import Any

import pytest

from dailies.media.ffmpeg import FFmpeg, RunReport
from dailies.operations.checks import scoring
from tests.integration.media.conftest import Make
from tests.integration.media.films import WHOLE, bench_of

WISHES: dict[str, dict[str, Any]] = {
    "mp3": {"kind": "audio", "format": "mp3", "normalize": {}},
    "part": {"kind": "audio", "format": "opus", "normalize": {}, "start": 0.5, "end": 1.9},
    "unlevelled": {"kind": "audio", "format": "flac", "quality": "lossless", "channels": 1},
    "film": {"kind": "video", "quality": "low", "normalize": {}},
}


@pytest.mark.parametrize("wish", WISHES)
def test_one_run_hears_what_three_did(
    binary: FFmpeg, talk: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch, wish: str
) -> None:
    """The same certificate, its score included, from the same bytes; corrections included."""
    bench = bench_of(binary, tmp_path)
    runs: list[Sequence[str]] = []
    run = bench.toolbox.run

    def counted(arguments: Sequence[str], **options: Any) -> RunReport:
        runs.append(arguments)
        return run(arguments, **options)

    monkeypatch.setattr(bench.toolbox, "run", counted)
    file, certificate, _ = bench.make(talk, WHOLE, **WISHES[wish])
    assert list(file.parent.glob("*heard*.txt")) == []
    together = len(runs)
    monkeypatch.setattr(scoring, "TOGETHER_SECONDS", 0.0)
    runs.clear()
    alone, expected, _ = bench.make(talk, WHOLE, **WISHES[wish])
    assert (certificate, file.read_bytes()) == (expected, alone.read_bytes())
    assert certificate["quality_score"] is not None
    assert len(runs) - together >= 2


@pytest.mark.parametrize("quality", ["medium", "high"])
def test_a_mono_mp3_reaches_its_loudness_with_its_first_encode(
    binary: FFmpeg, make: Make, tmp_path: Path, monkeypatch: pytest.MonkeyPatch, quality: str
) -> None:
    """LAME makes it quieter by what its table says of the whole bit rate, and not of a channel's."""
    tone = make("tone.flac", "-f", "lavfi", "-i", "sine=d=3:r=48000", "-y")
    bench = bench_of(binary, tmp_path)
    encodes: list[Sequence[str]] = []
    run = bench.toolbox.run

    def counted(arguments: Sequence[str], **options: Any) -> RunReport:
        encodes.extend([arguments] if "libmp3lame" in arguments else [])
        return run(arguments, **options)

    monkeypatch.setattr(bench.toolbox, "run", counted)
    wish: dict[str, Any] = {"kind": "audio", "format": "mp3", "quality": quality, "channels": 1, "normalize": {}}
    _, certificate, _ = bench.make(tone, WHOLE, **wish)
    assert certificate["loudness"]["integrated_lufs"] == pytest.approx(-16, abs=0.1)
    assert len(encodes) == 1
