"""What ports/aligner.py promises, of every aligner."""

from __future__ import annotations

from importlib.util import find_spec
from itertools import pairwise
from pathlib import Path

import pytest

from dailies.adapters.pocketsphinx.aligner import PocketsphinxAligner
from dailies.adapters.whisper.aligner import WhisperAligner
from dailies.adapters.whisper.transcriber import WhisperTranscriber
from dailies.domain.errors import Cancelled, SourceRefused
from dailies.domain.stop import StopToken
from dailies.ports.aligner import AlignAsk, Aligner
from tests.fakes.sounds import bursts, write_wav
from tests.fakes.tiny_whisper import make_tiny_whisper

WORDS = ["Hello,", "Qwertzu!", "\u2014", "1984"]


@pytest.fixture(scope="module")
def tiny_whisper(tmp_path_factory: pytest.TempPathFactory) -> Path:
    return make_tiny_whisper(tmp_path_factory.mktemp("models") / "tiny")


@pytest.fixture(params=["whisper", "pocketsphinx"])
def aligner(request: pytest.FixtureRequest, tmp_path: Path) -> Aligner:
    if request.param == "whisper":
        folder: Path = request.getfixturevalue("tiny_whisper")
        return WhisperAligner(WhisperTranscriber(tmp_path / "cache", folder=folder, threads=1))
    if find_spec("pocketsphinx") is None:
        pytest.skip("there is no pocketsphinx for this Python")
    return PocketsphinxAligner()


def _ask(folder: Path) -> AlignAsk:
    sound = bursts(3.0, [(0.3, 0.8), (1.0, 1.6), (1.8, 2.8)])
    return AlignAsk(write_wav(folder / "speech.wav", sound), WORDS, "en", ((0.0, 1.5), (1.5, 3.0)))


def test_each_word_has_its_place_in_the_file_or_none_has(aligner: Aligner, tmp_path: Path) -> None:
    progress: list[float] = []
    found = aligner.align(_ask(tmp_path), StopToken(), progress.append)
    assert progress == sorted(progress)
    assert progress[-1] == 1.0
    if found is not None:
        assert len(found) == len(WORDS)
        assert all(0 <= start <= end <= 3.01 for start, end in found)
        assert all(a[0] <= b[0] for a, b in pairwise(found))


def test_two_answers_to_one_request_are_alike(aligner: Aligner, tmp_path: Path) -> None:
    first = aligner.align(_ask(tmp_path), StopToken(), lambda _: None)
    assert aligner.align(_ask(tmp_path), StopToken(), lambda _: None) == first


def test_sound_of_another_form_is_refused(aligner: Aligner, tmp_path: Path) -> None:
    path = write_wav(tmp_path / "other.wav", [0] * 1600, rate_hz=8000)
    with pytest.raises(SourceRefused) as refusal:
        aligner.align(AlignAsk(path, WORDS, "en"), StopToken(), lambda _: None)
    assert refusal.value.error_code == "not_speech_audio"


def test_it_stops_when_told_to(aligner: Aligner, tmp_path: Path) -> None:
    stop = StopToken()
    stop.set("cancelled")
    with pytest.raises(Cancelled):
        aligner.align(_ask(tmp_path), stop, lambda _: None)
