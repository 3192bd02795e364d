"""The best speech engine that is there is taken, and sound leaves the machine only where somebody said so."""

from __future__ import annotations

from pathlib import Path

import pytest

from dailies.adapters import speech_engine
from dailies.adapters.openai.transcriber import OpenAITranscriber
from dailies.adapters.speech_engine import SpeechEngines
from dailies.adapters.whisper import weights
from dailies.domain.errors import Misconfigured
from dailies.ports.transcriber import Capabilities


class Absent:
    """An engine that is not installed."""

    def __init__(self, *_: object, **__: object) -> None:
        return None

    def capabilities(self) -> Capabilities:
        raise Misconfigured("not installed", code="no_engine")


def _engine(engines: SpeechEngines, named: speech_engine.Engine | None = None) -> str:
    return engines.choose(named).transcriber.capabilities().engine


def test_whisper_is_taken_and_a_larger_model_named_as_better(tmp_path: Path) -> None:
    chosen = SpeechEngines(tmp_path).choose(None)
    assert chosen.transcriber.capabilities().engine == "faster-whisper"
    assert "DAILIES_WHISPER_MODEL" in chosen.better
    assert list(tmp_path.iterdir()) == []


def test_sound_is_sent_to_a_server_only_where_one_was_set(tmp_path: Path) -> None:
    assert _engine(SpeechEngines(tmp_path, key="k")) == "openai"
    assert _engine(SpeechEngines(tmp_path, base_url="http://127.0.0.1:1/v1", usd_per_minute=0.0)) == "openai"
    assert _engine(SpeechEngines(tmp_path, model="whisper-1")) == "faster-whisper"


def test_the_one_that_is_named_is_taken_or_nothing(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    assert _engine(SpeechEngines(tmp_path, key="k"), "faster-whisper") == "faster-whisper"
    monkeypatch.setattr(speech_engine, "WhisperTranscriber", Absent)
    with pytest.raises(Misconfigured, match="not installed"):
        SpeechEngines(tmp_path, key="k").choose("faster-whisper")


def test_without_whisper_the_fallback_names_what_is_better(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(speech_engine, "WhisperTranscriber", Absent)
    monkeypatch.setattr(speech_engine, "PocketsphinxTranscriber", lambda: OpenAITranscriber(None))
    assert "dailies-media[speech]" in SpeechEngines(tmp_path).choose(None).better


def test_whisper_without_weights_is_passed_over(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(weights, "packaged_parts", lambda: None)
    monkeypatch.setattr(speech_engine, "PocketsphinxTranscriber", Absent)
    with pytest.raises(Misconfigured, match=r"dailies-media\[speech\]") as error:
        SpeechEngines(tmp_path).choose(None)
    assert error.value.error_code == "no_engine"


def test_a_model_of_the_users_that_can_not_be_used_is_no_reason_for_another(tmp_path: Path) -> None:
    with pytest.raises(Misconfigured, match="DAILIES_WHISPER_MODEL"):
        SpeechEngines(tmp_path, whisper_model=tmp_path / "nothing").choose(None)


def test_a_server_of_unknown_price_is_neither_free_nor_a_reason_for_another_engine(tmp_path: Path) -> None:
    for engines in (
        SpeechEngines(tmp_path, base_url="http://127.0.0.1:1/v1"),
        SpeechEngines(tmp_path, key="k", model="m"),
    ):
        with pytest.raises(Misconfigured, match="DAILIES_OPENAI_USD_PER_MINUTE"):
            engines.choose(None)


def test_a_servers_words_are_aligned_by_what_is_on_this_machine(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    engines = SpeechEngines(tmp_path, key="k")
    found = [aligner.capabilities() for aligner in engines.choose(None).aligners]
    assert found[-1].engine == "faster-whisper"
    assert [can.engine for can in found if not can.knows("de")] == (["pocketsphinx"] if len(found) > 1 else [])
    assert SpeechEngines(tmp_path).choose(None).aligners == ()
    monkeypatch.setattr(speech_engine, "PocketsphinxAligner", Absent)
    monkeypatch.setattr(speech_engine, "WhisperTranscriber", Absent)
    chosen = engines.choose(None)
    assert chosen.aligners == ()
    assert "times of words" in chosen.better
    with pytest.raises(Misconfigured):
        chosen.aligner("pocketsphinx")
