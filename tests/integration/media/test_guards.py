"""What is sent to an engine, and what is believed of it, on sound that misleads engines."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, replace
from pathlib import Path

import pytest

from dailies.domain.stop import StopToken
from dailies.domain.transcript.transcript import Segment, Word
from dailies.media.ffmpeg import FFmpeg
from dailies.ports.transcriber import Ask, Heard
from tests.fakes.scripted_engine import ScriptedEngine
from tests.integration.media.conftest import Make
from tests.integration.media.test_transcript import (
    Say,
    hear,
    say as say,  # noqa: PLC0414 - a fixture
    spoken_sound,
    stands,
    syllables,
)

#: As engines write over what nobody says (openai/whisper#928).
PHANTOM = "Thanks for watching!"
CHORD = "0.2*(sin(2*PI*t*(220+55*floor(mod(t,4))))+sin(2*PI*t*(277+55*floor(mod(t,4)))))"
NOT_SPOKEN = {
    "silence": "anullsrc=r=16000:cl=mono",
    "hum": "sine=frequency=50:sample_rate=16000",
    "white noise": "anoisesrc=r=16000:c=white:a=0.3:seed=1",
    "pink noise": "anoisesrc=r=16000:c=pink:a=0.5:seed=1",
    "chords": f"aevalsrc='{CHORD}':s=16000",
}


@dataclass
class Inventor(ScriptedEngine):
    """Hears bursts as others do, and thanks whoever watched wherever it hears nothing for a second."""

    def transcribe(self, ask: Ask, stop: StopToken, progress: Callable[[float], None]) -> Heard:
        heard = super().transcribe(ask, stop, progress)
        (_, seconds) = self.asked[-1]
        words = [word for one in heard.segments for word in one.words]
        edges = [0.0, *(word.end for word in words)], [*(word.start for word in words), seconds]
        phantoms = [_phantom(end, start) for end, start in zip(*edges, strict=True) if start - end > 1]
        found = sorted([*_singly(words), *phantoms], key=lambda one: one.start)
        return replace(heard, segments=tuple(found))


def _phantom(start: float, end: float) -> Segment:
    step = (end - start) / 3
    words = tuple(
        Word(text=text, start=start + step * place, end=start + step * (place + 1))
        for place, text in enumerate(PHANTOM.split())
    )
    return Segment(text=PHANTOM, start=start, end=end, words=words)


def _singly(words: list[Word]) -> list[Segment]:
    return [Segment(text=word.text, start=word.start, end=word.end, words=(word,)) for word in words]


@dataclass
class Looper(ScriptedEngine):
    """Says the same four words over and over, until it is asked about a stretch alone."""

    def transcribe(self, ask: Ask, stop: StopToken, progress: Callable[[float], None]) -> Heard:
        self.spoken = () if self.asked else ("and", "so", "we", "go")
        return super().transcribe(ask, stop, progress)


@pytest.mark.parametrize("sound", NOT_SPOKEN)
def test_nobody_is_asked_about_what_is_no_speech(bundled: FFmpeg, tmp_path: Path, make: Make, sound: str) -> None:
    """An engine would write something all the same."""
    engine = Inventor()
    source = make(f"{sound}.flac", "-f", "lavfi", "-i", NOT_SPOKEN[sound], "-t", "30", "-y")
    transcript, _ = hear(bundled, tmp_path, engine, source)
    assert engine.asked == []
    assert (transcript.segments, transcript.language, transcript.coverage) == ((), None, None)


def test_music_beside_speech_is_not_sent(bundled: FFmpeg, tmp_path: Path, make: Make) -> None:
    """An intro of chords, a talk, and chords again: the talk is sent, and a second around it."""
    engine = Inventor()
    said = spoken_sound(40.0, syllables(15.0, 10.0))
    chords = f"{NOT_SPOKEN['chords']}:d=40,volume='1-between(t,14.5,25.5)':eval=frame"
    mixed = ("-filter_complex", "amix=inputs=2:normalize=0", "-t", "40", "-y")
    source = make("beside.flac", "-i", str(said), "-f", "lavfi", "-i", chords, *mixed)
    transcript, _ = hear(bundled, tmp_path, engine, source)
    assert sum(seconds for _, seconds in engine.asked) <= 15
    assert transcript.coverage is not None
    assert transcript.coverage >= 0.9


def test_a_phantom_in_a_pause_is_no_text(bundled: FFmpeg, tmp_path: Path, say: Say) -> None:
    """The pause is sent, as it is short; nobody is heard in it."""
    engine = Inventor()
    transcript, _ = hear(bundled, tmp_path, engine, say(30.0, (5.0, 8.0), (14.8, 6.0)))
    assert PHANTOM not in transcript.text
    stands(transcript, [*syllables(5.0, 8.0), *syllables(14.8, 6.0)])
    assert {remark.kind for remark in transcript.remarks} == {"phantom_removed"}


def test_a_loop_is_cut_and_what_it_covered_is_heard_again(bundled: FFmpeg, tmp_path: Path, say: Say) -> None:
    transcript, _ = hear(bundled, tmp_path, Looper(), say(30.0, (5.0, 16.0)))
    assert transcript.text.count("and so we go") == 1
    assert [remark.kind for remark in transcript.remarks] == ["loop_removed"]
    assert transcript.coverage is not None
    assert transcript.coverage >= 0.98
