"""Subtitles of what is said: the transcript's words, divided by the rules, in the time of the film."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import pytest

from dailies.domain.stop import StopToken
from dailies.domain.subtitles.cues import Cue
from dailies.domain.transcript.transcript import Segment, Word
from dailies.media.ffmpeg import FFmpeg
from dailies.operations import Ports, operation_of
from dailies.operations.text.subtitle_files import read
from dailies.planning.operation import Registry
from dailies.ports.transcriber import Ask, Heard, SpeechChoice
from tests.fakes.scripted_engine import ScriptedEngine
from tests.integration.media.films import WHOLE, Bench, bench_of
from tests.integration.media.test_speakers import call as call  # noqa: PLC0414 - a fixture
from tests.integration.media.test_transcript import Say, say as say  # noqa: PLC0414 - a fixture

SAID = (
    "The family of Dashwood had long been settled in Sussex. Their estate was large, and their residence was at Norland"
    " Park, in the centre of their property."
)


@dataclass
class Reader(ScriptedEngine):
    """Hears a reading of a text wherever there are syllables: a word for each two."""

    def transcribe(self, ask: Ask, stop: StopToken, progress: Callable[[float], None]) -> Heard:
        heard = super().transcribe(ask, stop, progress)
        bursts = [word for segment in heard.segments for word in segment.words]
        words = tuple(
            Word(text=text, start=one.start, end=other.end)
            for text, one, other in zip(SAID.split(), bursts[::2], bursts[1::2], strict=False)
        )
        said = Segment(text=SAID, start=words[0].start, end=words[-1].end, words=words)
        return Heard((said,), "measured", "en", 0.99)


@pytest.fixture
def bench(bundled: FFmpeg, tmp_path: Path) -> Bench:
    made = bench_of(bundled, tmp_path)

    def choice() -> SpeechChoice:
        return SpeechChoice(Reader(), "")

    made.registry = Registry(lambda kind: operation_of(kind, Ports(made.toolbox, choice)))
    return made


def made(bench: Bench, source: Path, **wish: Any) -> tuple[tuple[Cue, ...], dict[str, Any], Path]:
    path, certificate, _ = bench.make(source, WHOLE, **{"kind": "subtitles", "format": "srt", **wish})
    assert [check for check in certificate["checks"] if not (check["passed"] or check["advisory"])] == []
    return read(path, wish.get("format", "srt")), certificate, path


def test_what_is_said_is_read_in_the_lines_of_a_person(bench: Bench, say: Say) -> None:
    """From the first syllable on, all words, none twice, never two at once."""
    cues, certificate, _ = made(bench, say(30.0, (5.0, 14.0)))
    assert " ".join(" ".join(cue.texts) for cue in cues) == SAID
    assert cues[0].text == "The family of Dashwood\nhad long been settled in Sussex."
    assert cues[0].start_ms == pytest.approx(5000, abs=40)
    assert certificate["text_from"] == "speech"
    assert certificate["language"] == "en"
    assert certificate["text"]["coverage"] == 1
    assert certificate["text"]["overlaps"] == 0
    checks = {check["name"]: check["measured"] for check in certificate["checks"]}
    assert checks["words"] == "100.0 %"


def test_a_trim_shifts_them_exactly(bench: Bench, say: Say) -> None:
    source = say(30.0, (5.0, 14.0))
    whole, _, _ = made(bench, source)
    cut, certificate, _ = made(bench, source, start=5, end=30)
    assert [(cue.text, cue.start_ms + 5000, cue.end_ms + 5000) for cue in cut] == [
        (cue.text, cue.start_ms, cue.end_ms) for cue in whole
    ]
    assert certificate["text"]["coverage"] == 1


def test_words_light_up_when_they_are_said(bench: Bench, say: Say) -> None:
    cues, _, path = made(bench, say(30.0, (5.0, 14.0)), format="ass", word_highlight=True, max_lines_per_subtitle=1)
    assert path.read_text(encoding="utf-8").count("\\k") >= len(SAID.split())
    assert all(len(cue.lines) == 1 for cue in cues)


def test_the_speakers_of_a_call_are_in_its_subtitles(
    bundled: FFmpeg, tmp_path: Path, call: Callable[..., Path]
) -> None:
    """By their names, which WebVTT has a tag for; the recipe's transcript of the same wish is heard once."""
    engine = ScriptedEngine()
    bench = bench_of(bundled, tmp_path)
    bench.registry = Registry(lambda kind: operation_of(kind, Ports(bench.toolbox, lambda: SpeechChoice(engine, ""))))
    source = call(60.0, (5.0, 8.0), (20.0, 6.0))
    names = {"speakers_from": "channels", "speaker_names": ["Ann", "Bob"]}
    cues, _, path = made(bench, source, format="vtt", speakers="labels", text_from="speech", **names)
    assert "<v Ann>Ann: w0" in path.read_text(encoding="utf-8")
    assert {cue.speaker for cue in cues} == {"Ann", "Bob"}
    assert all((cue.speaker == "Ann") == (cue.start_ms < 15_000) for cue in cues)
    assert len(engine.asked) == 2
