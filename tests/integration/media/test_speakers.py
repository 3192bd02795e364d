"""Who says what in a recording: by the channel that each has, or by an engine that tells voices apart."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest

from dailies.domain.errors import SourceRefused
from dailies.domain.stop import StopToken
from dailies.domain.transcript.spans import Span
from dailies.media.ffmpeg import FFmpeg
from dailies.ports.transcriber import Ask, Heard
from tests.fakes.scripted_engine import ScriptedAligner, ScriptedEngine
from tests.fakes.sounds import bursts, write_wav
from tests.integration.media.conftest import Make
from tests.integration.media.films import WHOLE
from tests.integration.media.test_transcript import (
    Say,
    bench,
    hear,
    say as say,  # noqa: PLC0414 - a fixture
    stands,
    syllables,
)
from tests.made import once


class VoicesWithoutTimes(ScriptedEngine):
    """Knows who says what, and when, but for the single words."""

    def transcribe(self, ask: Ask, stop: StopToken, progress: Callable[[float], None]) -> Heard:
        heard = super().transcribe(ask, stop, progress)
        return replace(
            heard, timing=None, segments=tuple(one.model_copy(update={"words": ()}) for one in heard.segments)
        )


@pytest.fixture
def call(make: Make) -> Callable[..., Path]:
    """A recording of two channels, in which each has talks of its own; ``leak``: of the first in the second."""

    def recorded(seconds: float, first: Span, second: Span, leak: float = 0.0) -> Path:
        left, right = (bursts(seconds, syllables(*talk)) for talk in (first, second))
        both = [sample for a, b in zip(left, right, strict=True) for sample in (a, round(b + leak * a))]
        name = f"call-{seconds:g}-{first}-{second}-{leak:g}.wav"
        sound = once(name, name, lambda path: write_wav(path, both, channels=2))
        return make(f"{abs(hash(name))}.flac", "-i", str(sound), "-y")

    return recorded


def test_each_channel_of_a_call_is_a_speaker(binary: FFmpeg, tmp_path: Path, call: Callable[..., Path]) -> None:
    engine = ScriptedEngine()
    wish: dict[str, Any] = {"speakers": "channels", "speaker_names": ["Ann", "Bob"], "language": "nl"}
    transcript, kinds = hear(binary, tmp_path, engine, call(60.0, (5.0, 8.0), (20.0, 6.0)), **wish)
    stands(transcript, [*syllables(5.0, 8.0), *syllables(20.0, 6.0)])
    assert [word.speaker for word in transcript.words] == ["Ann"] * len(syllables(5.0, 8.0)) + ["Bob"] * len(
        syllables(20.0, 6.0)
    )
    assert (kinds.count("voice"), kinds.count("transcribe")) == (2, 2)
    assert transcript.coverage is not None
    assert transcript.coverage >= 0.98
    path, certificate, _ = bench(binary, tmp_path / "txt", engine).make(
        call(60.0, (5.0, 8.0), (20.0, 6.0)), WHOLE, kind="transcript", format="txt", **wish
    )
    assert certificate["speakers"] == ["Ann", "Bob"]
    assert path.read_text(encoding="utf-8").splitlines()[0].startswith("Ann: w0 w1")


def test_a_softer_echo_on_the_other_channel_is_nobody(
    binary: FFmpeg, tmp_path: Path, call: Callable[..., Path]
) -> None:
    source = call(60.0, (5.0, 8.0), (20.0, 8.0), leak=0.2)
    transcript, _ = hear(binary, tmp_path, ScriptedEngine(), source, speakers="channels")
    assert transcript.speakers == ("Speaker 1", "Speaker 2")
    stands(transcript, [*syllables(5.0, 8.0), *syllables(20.0, 8.0)])
    assert [remark.kind for remark in transcript.remarks] == ["echo_removed"]


def test_one_sound_on_both_channels_is_heard_once(binary: FFmpeg, tmp_path: Path, make: Make, say: Say) -> None:
    engine = ScriptedEngine()
    source = make("twice.flac", "-i", str(say(20.0, (5.0, 8.0))), "-ac", "2", "-y")
    transcript, kinds = hear(binary, tmp_path, engine, source, speakers="channels")
    assert (kinds.count("voice"), len(engine.asked)) == (2, 1)
    assert transcript.speakers == ()
    assert [remark.kind for remark in transcript.remarks] == ["same_sound"]


def test_a_recording_of_one_channel_has_no_sides(binary: FFmpeg, tmp_path: Path, say: Say) -> None:
    with pytest.raises(SourceRefused, match="1 channel") as refusal:
        hear(binary, tmp_path, ScriptedEngine(), say(20.0, (5.0, 8.0)), speakers="channels")
    assert refusal.value.error_code == "no_sides"


def test_voices_that_the_engine_tells_apart_have_names(binary: FFmpeg, tmp_path: Path, say: Say) -> None:
    """In requests as long as it takes, as nobody knows a voice again in the next."""
    engine = ScriptedEngine(voices=True, window_seconds=5.0, max_seconds=900.0)
    source = say(60.0, (5.0, 8.0), (15.0, 6.0), (23.0, 8.0))
    transcript, _ = hear(binary, tmp_path, engine, source, speakers="voices", speaker_names=["Ann"])
    assert [one.speaker for one in transcript.segments] == ["Ann", "Speaker 2", "Ann"]
    assert transcript.dialogue.startswith("Ann: w0 w1")
    ((ask, _),) = engine.asked
    assert ask.speakers


def test_words_that_are_found_in_the_sound_keep_their_speaker(binary: FFmpeg, tmp_path: Path, say: Say) -> None:
    """A diarising server has no times of words; its turns are aligned as any text is."""
    engine = VoicesWithoutTimes(voices=True)
    source = say(60.0, (5.0, 8.0), (15.0, 6.0))
    transcript, _ = hear(binary, tmp_path, engine, source, ScriptedAligner(), speakers="voices", language="nl")
    assert transcript.timing == "aligned"
    stands(transcript, [*syllables(5.0, 8.0), *syllables(15.0, 6.0)])
    assert [word.speaker for word in transcript.words] == ["Speaker 1"] * len(syllables(5.0, 8.0)) + [
        "Speaker 2"
    ] * len(syllables(15.0, 6.0))


def test_a_voice_is_known_again_in_the_next_request(binary: FFmpeg, tmp_path: Path, say: Say) -> None:
    """By a sample of the first: the second, which is asked when that has answered, begins with the other voice."""
    engine = ScriptedEngine(voices=True, window_seconds=6.0, max_seconds=13.0, first=lambda number: number)
    source = say(60.0, (5.0, 4.0), (11.0, 5.0), (22.0, 5.0), (29.0, 4.0))
    transcript, _ = hear(binary, tmp_path, engine, source, speakers="voices", speaker_names=["Ann", "Bob"])
    assert [one.speaker for one in transcript.segments] == ["Ann", "Bob", "Bob", "Ann"]
    assert transcript.remarks == ()
    (first, _), *others = engine.asked
    assert list(first.voices) == []
    assert {tuple(name for name, _ in ask.voices) for ask, _ in others} == {("voice-0", "voice-1")}
