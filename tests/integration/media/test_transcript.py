"""A transcript of a real file: only its speech is sent, and the words stand where they were said."""

from __future__ import annotations

import json
import math
from collections.abc import Callable, Sequence
from pathlib import Path
from typing import Any

import pytest

from dailies.domain.transcript.transcript import Transcript
from dailies.media.ffmpeg import FFmpeg
from dailies.operations import Ports, operation_of
from dailies.operations.speech.answers import TranscriptParams
from dailies.operations.speech.asking import AskParams
from dailies.planning.operation import Operation, Registry
from dailies.ports.aligner import Aligner
from dailies.ports.transcriber import SpeechChoice
from tests.fakes.scripted_engine import ScriptedAligner, ScriptedEngine
from tests.fakes.sounds import bursts, write_wav
from tests.integration.media.conftest import Make
from tests.integration.media.films import WHOLE, Bench, bench_of
from tests.made import once

#: Syllables: five a second, as speech has them, a breath after each dozen.
SYLLABLE, PERIOD = 0.12, 0.2


def syllables(start: float, seconds: float) -> list[tuple[float, float]]:
    places = [start + PERIOD * number for number in range(int(seconds / PERIOD)) if number % 14 < 12]
    return [(round(place, 3), round(place + SYLLABLE, 3)) for place in places]


def spoken_sound(seconds: float, words: Sequence[tuple[float, float]]) -> Path:
    """A sound with those bursts of tone, written once in a run: what is made of it is then made once, too."""
    return once("said.wav", f"{seconds} {words}", lambda path: write_wav(path, bursts(seconds, words)))


Say = Callable[..., Path]


@pytest.fixture
def say(make: Make) -> Say:
    """Makes a film of so many seconds in which syllables are heard between two moments, several times."""

    def said(seconds: float, *talks: tuple[float, float]) -> Path:
        words = [one for start, length in talks for one in syllables(start, length)]
        return make(f"said-{seconds:g}-{len(words)}.mkv", "-i", str(spoken_sound(seconds, words)), "-c:a", "flac", "-y")

    return said


def hear(
    binary: FFmpeg, folder: Path, engine: ScriptedEngine, source: Path, *aligners: Aligner, **wish: Any
) -> tuple[Transcript, list[str]]:
    file, certificate, kinds = bench(binary, folder, engine, *aligners).make(source, WHOLE, kind="transcript", **wish)
    transcript = Transcript.model_validate_json(file.read_text(encoding="utf-8"))
    assert certificate["words"] == len(transcript.words)
    assert certificate["coverage"] == transcript.coverage
    return transcript, kinds


def bench(binary: FFmpeg, folder: Path, engine: ScriptedEngine, *aligners: Aligner) -> Bench:
    made = bench_of(binary, folder)

    def choice() -> SpeechChoice:
        return SpeechChoice(engine, "", aligners)

    def operation(kind: str) -> Operation:
        return operation_of(kind, Ports(made.toolbox, choice))

    made.registry = Registry(operation)
    return made


def stands(transcript: Transcript, expected: Sequence[tuple[float, float]]) -> None:
    assert len(transcript.words) == len(expected)
    for word, (start, end) in zip(transcript.words, expected, strict=True):
        assert math.isclose(word.start, start, abs_tol=0.03), (word, start)
        assert math.isclose(word.end, end, abs_tol=0.03), (word, end)


def test_words_stand_where_they_were_said_and_silence_is_not_sent(binary: FFmpeg, tmp_path: Path, say: Say) -> None:
    engine = ScriptedEngine()
    transcript, kinds = hear(binary, tmp_path, engine, say(60.0, (5.0, 8.0), (40.0, 6.0)))
    stands(transcript, [*syllables(5.0, 8.0), *syllables(40.0, 6.0)])
    assert kinds.count("transcribe") == 1
    ((_, sent),) = engine.asked
    assert 14.0 <= sent <= 17.0
    assert (transcript.language, transcript.timing, transcript.remarks) == ("en", "measured", ())
    assert transcript.coverage is not None
    assert transcript.coverage >= 0.98


def test_nobody_is_asked_about_silence(binary: FFmpeg, tmp_path: Path, say: Say) -> None:
    engine = ScriptedEngine()
    transcript, _ = hear(binary, tmp_path, engine, say(20.0))
    assert engine.asked == []
    assert (transcript.segments, transcript.coverage, transcript.language) == ((), None, None)


def test_a_long_talk_is_cut_in_pauses_and_loses_no_word(binary: FFmpeg, tmp_path: Path, say: Say) -> None:
    engine = ScriptedEngine(window_seconds=5.0, max_seconds=12.0)
    transcript, kinds = hear(binary, tmp_path, engine, say(50.0, (2.0, 44.0)))
    stands(transcript, syllables(2.0, 44.0))
    assert kinds.count("transcribe") == len(engine.asked) >= 4
    assert all(sent <= 12.0 for _, sent in engine.asked)
    # Three say what the language is, the others are told.
    assert [ask.language for ask, _ in engine.asked].count(None) == 3


def test_what_comes_back_without_words_is_heard_once_more_alone(binary: FFmpeg, tmp_path: Path, say: Say) -> None:
    engine = ScriptedEngine(window_seconds=5.0, max_seconds=12.0, deaf=lambda number: number == 1)
    transcript, _ = hear(binary, tmp_path, engine, say(50.0, (2.0, 44.0)))
    stands(transcript, syllables(2.0, 44.0))


def test_speech_that_never_has_words_is_said(binary: FFmpeg, tmp_path: Path, say: Say) -> None:
    engine = ScriptedEngine(deaf=lambda _: True)
    transcript, _ = hear(binary, tmp_path, engine, say(20.0, (5.0, 8.0)))
    assert len(engine.asked) == 2
    assert [remark.kind for remark in transcript.remarks] == ["no_words"]
    assert transcript.coverage == 0.0


def test_a_guess_against_the_others_is_asked_for_in_their_language(binary: FFmpeg, tmp_path: Path, say: Say) -> None:
    engine = ScriptedEngine(
        window_seconds=5.0, max_seconds=12.0, language=lambda number: ("cy", 0.4) if number == 0 else ("de", 0.95)
    )
    transcript, _ = hear(binary, tmp_path, engine, say(50.0, (2.0, 44.0)))
    assert transcript.language == "de"
    assert [remark.kind for remark in transcript.remarks] == []
    assert {ask.language for ask, _ in engine.asked} == {None, "de"}


def test_text_without_times_is_estimated_within_the_speech(binary: FFmpeg, tmp_path: Path, say: Say) -> None:
    engine = ScriptedEngine(timed=False)
    transcript, _ = hear(binary, tmp_path, engine, say(60.0, (5.0, 8.0), (40.0, 6.0)))
    assert transcript.timing == "estimated"
    assert all(
        4.9 <= word.start <= word.end <= 13.1 or 39.9 <= word.start <= word.end <= 46.1 for word in transcript.words
    )


def test_text_without_times_is_found_in_the_sound(binary: FFmpeg, tmp_path: Path, say: Say) -> None:
    engine, aligner = ScriptedEngine(timed=False), ScriptedAligner()
    source = say(60.0, (5.0, 8.0), (40.0, 6.0))
    transcript, kinds = hear(binary, tmp_path, engine, source, aligner, language="nl")
    stands(transcript, [*syllables(5.0, 8.0), *syllables(40.0, 6.0)])
    assert transcript.timing == "aligned"
    assert (kinds.count("transcribe"), kinds.count("align")) == (1, 1)
    ((language, windows),) = [(ask.language, ask.windows) for ask in aligner.asked]
    assert language == "nl"
    assert windows


def test_an_aligner_is_asked_about_its_languages_and_another_where_it_fails(
    binary: FFmpeg, tmp_path: Path, say: Say
) -> None:
    english, failing = ScriptedAligner("english", frozenset({"en"})), ScriptedAligner("failing", refuses=True)
    last = ScriptedAligner("last")
    engine = ScriptedEngine(timed=False, language=lambda _: ("de", 0.9))
    transcript, _ = hear(binary, tmp_path, engine, say(20.0, (5.0, 8.0)), english, failing, last)
    assert transcript.timing == "aligned"
    assert [len(one.asked) for one in (english, failing, last)] == [0, 1, 1]


def test_what_no_aligner_finds_is_estimated(binary: FFmpeg, tmp_path: Path, say: Say) -> None:
    engine, failing = ScriptedEngine(timed=False), ScriptedAligner(refuses=True)
    transcript, _ = hear(binary, tmp_path, engine, say(20.0, (5.0, 8.0)), failing)
    assert transcript.timing == "estimated"
    assert len(failing.asked) == 1


def test_words_that_a_text_left_out_are_missed_once_it_is_aligned(binary: FFmpeg, tmp_path: Path, say: Say) -> None:
    engine, aligner = ScriptedEngine(timed=False, cut=lambda number: 20 if number == 0 else None), ScriptedAligner()
    transcript, _ = hear(binary, tmp_path, engine, say(20.0, (5.0, 10.0)), aligner)
    assert len(engine.asked) == 2
    assert transcript.timing == "aligned"
    assert transcript.coverage is not None
    assert transcript.coverage >= 0.98


def test_a_given_language_is_asked_for_at_once_and_txt_is_text(binary: FFmpeg, tmp_path: Path, say: Say) -> None:
    engine = ScriptedEngine()
    wish: dict[str, Any] = {
        "kind": "transcript",
        "format": "txt",
        "language": "nl",
        "vocabulary": ["Dailies"],
        "prompt": "A talk",
    }
    file, certificate, _ = bench(binary, tmp_path, engine).make(say(20.0, (5.0, 8.0)), WHOLE, **wish)
    ((ask, _),) = engine.asked
    assert (ask.language, ask.prompt, tuple(ask.vocabulary)) == ("nl", "A talk", ("Dailies",))
    assert file.read_text(encoding="utf-8").startswith("w0 w1")
    assert certificate["media_type"].startswith("text/plain")
    assert json.dumps(certificate)


def test_what_is_heard_is_told_while_it_is_heard(
    binary: FFmpeg, tmp_path: Path, say: Say, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Chunk by chunk; nothing of an answer that is to be masked before anybody reads it, which is the same answer."""
    told: list[str] = []
    made = bench(binary, tmp_path, ScriptedEngine(window_seconds=5.0, max_seconds=12.0))
    made.say = told.append
    source = say(50.0, (2.0, 44.0))
    made.make(source, WHOLE, kind="transcript")
    assert len(told) >= 4
    assert all(text.startswith("w0 w1 w2") for text in told)
    told.clear()
    ask = TranscriptParams.ask

    def private(*wish: Any) -> AskParams:
        return ask(*wish).model_copy(update={"private": True})

    monkeypatch.setattr(TranscriptParams, "ask", private)
    made.make(source, WHOLE, kind="transcript")
    assert told == []
    assert AskParams.model_fields["private"].exclude
