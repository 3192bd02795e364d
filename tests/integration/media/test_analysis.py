"""What is said becomes what it is about."""

from __future__ import annotations

import json
from pathlib import Path

from dailies.media.ffmpeg import FFmpeg
from dailies.operations import Ports, operation_of
from dailies.planning.operation import Registry
from dailies.ports.transcriber import SpeechChoice
from tests.fakes.scripted_engine import ScriptedEngine
from tests.fakes.sounds import bursts, write_wav
from tests.integration.media.conftest import Make
from tests.integration.media.films import WHOLE, bench_of, file_of
from tests.integration.media.test_transcript import syllables


def test_an_analysis_is_of_the_jobs_own_transcript(bundled: FFmpeg, make: Make, tmp_path: Path) -> None:
    sound = write_wav(tmp_path / "said.wav", bursts(12.0, syllables(2.0, 8.0)))
    talk = make("talk.mkv", "-i", str(sound), "-ac", "2", "-ar", "48000", "-c:a", "flac", "-y")
    bench = bench_of(bundled, tmp_path)
    choice = SpeechChoice(ScriptedEngine(spoken=("Solar", "panels", "make", "cheap", "electricity.")), "")
    bench.registry = Registry(lambda kind: operation_of(kind, Ports(bench.toolbox, lambda: choice)))

    made, _ = bench.make_all(talk, WHOLE, {"words": {"kind": "transcript"}, "about": {"kind": "analysis"}})

    words, about = (json.loads(file_of(made[name]).read_text(encoding="utf-8")) for name in ("words", "about"))
    assert about["language"] == words["language"]
    assert about["key_moments"]
    said = " ".join(segment["text"] for segment in words["segments"])
    assert all(moment["text"] in said for moment in about["key_moments"])
    assert "electricity" in " ".join(about["topics"])
    assert made["about"].data["method"] == "extractive"
