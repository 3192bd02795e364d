"""What a transcript masks is in nothing that is delivered: not in words, subtitles or the sound."""

from __future__ import annotations

import array
import json
import subprocess
from pathlib import Path
from typing import Any

import pytest

from dailies.adapters.private_data import PrivateDataFinder
from dailies.domain.errors import InvalidRecipe
from dailies.media.ffmpeg import FFmpeg
from dailies.operations import Ports, operation_of
from dailies.planning.file_hash import file_sha256
from dailies.planning.operation import Registry
from dailies.ports.transcriber import SpeechChoice
from tests.fakes.scripted_engine import ScriptedEngine
from tests.fakes.sounds import bursts, write_wav
from tests.integration.media.conftest import Make
from tests.integration.media.films import WHOLE, Bench, bench_of, file_of
from tests.integration.media.test_transcript import syllables

NUMBER = "415-555-0132"
SECRET = ("Um", "call", NUMBER, "or", "john@example.com", "today.")
MASK = ["phone", "email"]


@pytest.fixture
def talk(make: Make, tmp_path: Path) -> Path:
    sound = write_wav(tmp_path / "said.wav", bursts(12.0, syllables(2.0, 8.0)))
    return make("talk.mkv", "-i", str(sound), "-ac", "2", "-ar", "48000", "-c:a", "flac", "-y")


@pytest.fixture
def bench(bundled: FFmpeg, tmp_path: Path) -> Bench:
    made = bench_of(bundled, tmp_path)
    choice = SpeechChoice(ScriptedEngine(spoken=SECRET), "", private_data=PrivateDataFinder())
    made.registry = Registry(lambda kind: operation_of(kind, Ports(made.toolbox, lambda: choice)))
    return made


def delivered(bench: Bench, source: Path, outputs: dict[str, Any]) -> dict[str, tuple[Path, dict[str, Any]]]:
    """Each output's file and facts."""
    made, _ = bench.make_all(source, WHOLE, outputs)
    return {name: (file_of(artifact), dict(artifact.data)) for name, artifact in made.items()}


def test_what_is_masked_is_in_no_file_and_in_no_result(bench: Bench, talk: Path) -> None:
    outputs = {
        "words": {"kind": "transcript", "mask": MASK, "remove_fillers": True},
        "text": {"kind": "transcript", "format": "txt", "mask": MASK},
        "subtitles": {"kind": "subtitles", "format": "vtt"},
        # Of a transcript of its own, which is asked for in another language: masked all the same.
        "dutch": {"kind": "subtitles", "format": "srt", "language": "nl"},
    }
    found = delivered(bench, talk, outputs)
    for path, facts in found.values():
        everything = path.read_text(encoding="utf-8") + json.dumps(facts)
        assert NUMBER not in everything
        assert "0132" not in everything
        assert "example.com" not in everything
    words = found["words"][1]
    assert {one["kind"] for one in words["masked"]} == {"phone", "email"}
    assert words["fillers"] > 0
    assert "[phone]" in found["subtitles"][0].read_text()
    assert "[email]" in found["dutch"][0].read_text()


@pytest.mark.parametrize("sound", ["bleep", "mute"])
def test_nobody_hears_what_is_masked(bench: Bench, bundled: FFmpeg, talk: Path, sound: str) -> None:
    outputs = {
        "words": {"kind": "transcript", "mask": ["phone"]},
        "podcast": {"kind": "audio", "format": "wav", "redact": "transcript", "redact_with": sound, "start": 1},
    }
    found = delivered(bench, talk, outputs)
    masked = found["words"][1]["masked"]
    heard = samples(bundled, found["podcast"][0])
    before = samples(bundled, talk)
    assert masked
    for one in masked:
        # The output begins a second later than its source.
        first, last = round((one["start"] - 1) * 16_000), round((one["end"] - 1) * 16_000)
        part = heard[first:last]
        assert max(map(abs, part)) < (10 if sound == "mute" else 4000)
        assert (max(map(abs, part)) > 2000) == (sound == "bleep")
        assert max(map(abs, before[first + 16_000 : last + 16_000])) > 5000
    untouched = slice(round(0.8 * 16_000), round((masked[0]["start"] - 1.25) * 16_000))
    assert max(map(abs, heard[untouched])) > 5000


def test_nobody_hears_it_in_a_levelled_file_of_a_film_nor_in_its_package(
    bench: Bench, bundled: FFmpeg, make: Make, tmp_path: Path
) -> None:
    """Whose sound is its second track."""
    sound = write_wav(tmp_path / "said.wav", bursts(12.0, syllables(2.0, 8.0)))
    pictures = ["-f", "lavfi", "-i", "testsrc2=s=64x36:r=25:d=12"]
    codecs = ["-map", "0", "-map", "1", "-c:v", "libx264", "-preset", "ultrafast", "-pix_fmt", "yuv420p", "-c:a", "aac"]
    film = make("film.mp4", *pictures, "-i", str(sound), *codecs, "-y")
    level = {"integrated_lufs": -16, "true_peak_dbtp": -1}
    outputs = {
        "words": {"kind": "transcript", "mask": ["phone"]},
        "podcast": {
            "kind": "audio",
            "format": "m4a",
            "redact": "transcript",
            "redact_with": "mute",
            "normalize": level,
        },
        "all": {"kind": "package"},
    }
    found = delivered(bench, film, outputs)
    heard = samples(bundled, found["podcast"][0])
    for one in found["words"][1]["masked"]:
        assert max(map(abs, heard[round(one["start"] * 16_000) : round(one["end"] * 16_000)])) < 40
    assert all(check["passed"] for check in found["podcast"][1]["checks"])
    packed = json.loads(found["all"][0].read_text(encoding="utf-8"))["outputs"]["podcast"]["files"]
    assert [file["sha256"] for file in packed] == [file_sha256(found["podcast"][0])]


def samples(binary: FFmpeg, path: Path) -> array.array[int]:
    command = [str(binary.path), "-v", "error", "-i", str(path), "-ac", "1", "-ar", "16000", "-f", "s16le", "-"]
    return array.array("h", subprocess.run(command, check=True, capture_output=True).stdout)


def test_to_redact_takes_a_transcript_that_masks(bench: Bench, talk: Path) -> None:
    for outputs in (
        {"podcast": {"kind": "audio", "format": "mp3", "redact": "transcript"}},
        {
            "podcast": {"kind": "audio", "format": "mp3", "redact": "transcript"},
            "words": {"kind": "transcript"},
        },
    ):
        with pytest.raises(InvalidRecipe) as refusal:
            delivered(bench, talk, outputs)
        assert refusal.value.error_code == "nothing_masked"


def test_without_what_finds_it_nothing_is_made(bundled: FFmpeg, talk: Path, tmp_path: Path) -> None:
    bench = bench_of(bundled, tmp_path)
    choice = SpeechChoice(ScriptedEngine(), "")
    bench.registry = Registry(lambda kind: operation_of(kind, Ports(bench.toolbox, lambda: choice)))
    with pytest.raises(InvalidRecipe, match="masking") as refusal:
        delivered(bench, talk, {"words": {"kind": "transcript", "mask": ["phone"]}})
    assert refusal.value.error_code == "no_masking"
