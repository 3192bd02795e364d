"""How far a levelling is, while nobody knows how often it will listen."""

from __future__ import annotations

from pathlib import Path
from types import SimpleNamespace
from typing import Any

import pytest

from dailies.domain.loudness.level import Chain
from dailies.domain.source.audio_selection import AudioSelection, Window
from dailies.media.graphs.film.encoding import AudioEncoding
from dailies.operations.sound import loudness_probe
from dailies.operations.sound.loudness_probe import FFmpegLoudnessProbe, Sound


class Player:
    """A toolbox whose FFmpeg tells of the middle and the end of what it plays."""

    def __init__(self, length: float) -> None:
        self.length = length

    def run(self, _arguments: object, *, on_progress: Any, **_: object) -> Any:
        for seconds in (self.length / 2, self.length, self.length * 2):
            on_progress(seconds)
        return SimpleNamespace(stderr="")


@pytest.fixture
def told() -> list[float]:
    return []


def listening(told: list[float], length: float, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> FFmpegLoudnessProbe:
    meter = SimpleNamespace(line=None, heard=lambda _stderr: SimpleNamespace(blocks=None))
    monkeypatch.setattr(loudness_probe, "MeterReader", lambda _rate: meter)
    encoding = AudioEncoding(
        format="mp3", codec="mp3", copied=False, bitrate_bps=128_000, sample_rate_hz=48_000, channels=2
    )
    selection = AudioSelection(
        stream=0, sample_rate_hz=48_000, source_channels=2, source_layout=("FL", "FR"), layout="stereo"
    )
    sound = Sound(selection=selection, source_rate_hz=48_000, encoding=encoding, muxer="mp3")
    material = SimpleNamespace(window=Window(), excerpts=(Window(start=1.0, end=3.0), Window(start=5.0, end=7.0)))
    run = SimpleNamespace(progress=told.append, scratch=tmp_path, source=tmp_path / "source", stop=None)
    player: Any = Player(length)
    return FFmpegLoudnessProbe(player, run, material, sound, 100.0)  # type: ignore[arg-type]  # what it asks of them is here


def test_each_hearing_moves_the_bar_and_none_takes_it_back(
    told: list[float], tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Excerpts, a pilot and the whole: a bar that stood still until the last of them says nothing."""
    heard = listening(told, 4.0, tmp_path, monkeypatch)
    heard.excerpts(Chain(), true_peak=False)
    assert told[0] == pytest.approx(told[1] / 2)
    assert told[1] == pytest.approx(0.475)
    for _ in range(5):
        heard.pilot(Chain())
        heard.whole(Chain(), true_peak=True)
    assert told == sorted(told)
    assert 0.9 < told[-1] < 0.95
