"""``dailies transcribe``: text of what is said. The model behind it hears nonsense, but at the right times."""

from __future__ import annotations

import json
from pathlib import Path

import pysubs2

from dailies.domain.transcript.transcript import Transcript
from tests.e2e.command import Dailies
from tests.fakes.sounds import bursts, write_wav


def talk(folder: Path) -> Path:
    """Three seconds of syllables, from the second second on."""
    said = [(2 + 0.2 * number, 2.12 + 0.2 * number) for number in range(15) if number % 14 < 12]
    return write_wav(folder / "talk.wav", bursts(8.0, said))


def test_what_is_said_becomes_text_then_subtitles_and_is_heard_once(dailies: Dailies, tmp_path: Path) -> None:
    """Text is the default; subtitles asked for later rest on the same answers, none is asked for again."""
    source = talk(tmp_path)
    first = dailies("transcribe", source)
    [output] = first["outputs"].values()
    assert Path(output["path"]) == tmp_path / "talk.txt"
    assert output["kind"] == "transcript"
    asked = [step for step in first["steps"] if step["kind"] == "transcribe"]
    assert len(asked) == 1
    second = dailies("transcribe", source, "-o", tmp_path / "talk.srt")
    assert {step["status"] for step in second["steps"] if step["kind"] in {"voice", "transcribe"}} == {"cached"}
    shown = pysubs2.load(str(tmp_path / "talk.srt"))
    assert all(1500 <= event.start < event.end <= 8000 for event in shown)


def test_several_files_go_to_a_folder_as_json(dailies: Dailies, tmp_path: Path) -> None:
    """Each with the times of its words, within the speech."""
    source = talk(tmp_path)
    silent = write_wav(tmp_path / "silent.wav", bursts(4.0, []))
    document = dailies("transcribe", source, silent, "--to", "json", "--language", "en", "-o", tmp_path / "out")
    assert document["failed"] == 0
    spoken = Transcript.model_validate(json.loads((tmp_path / "out" / "talk.json").read_text(encoding="utf-8")))
    assert spoken.language == "en"
    assert all(1.5 <= word.start <= word.end <= 6 for word in spoken.words)
    unspoken = Transcript.model_validate(json.loads((tmp_path / "out" / "silent.json").read_text(encoding="utf-8")))
    assert unspoken.segments == ()


def test_a_call_of_two_channels_is_written_down_by_its_speakers(dailies: Dailies, tmp_path: Path) -> None:
    """Renamed, nobody is asked again."""
    one, other = ([(at + 0.2 * n, at + 0.12 + 0.2 * n) for n in range(12)] for at in (1, 5))
    both = [sample for pair in zip(bursts(9.0, one), bursts(9.0, other), strict=True) for sample in pair]
    source = write_wav(tmp_path / "call.wav", both, channels=2)
    first = dailies("transcribe", source, "--speakers", "channels", "--to", "json")
    said = Transcript.model_validate(json.loads(Path(first["outputs"]["output"]["path"]).read_text(encoding="utf-8")))
    assert said.speakers == ("Speaker 1", "Speaker 2")
    names = ("--speaker", "Ann", "--speaker", "Bob")
    second = dailies("transcribe", source, "--speakers", "channels", *names, "-o", tmp_path / "call.vtt")
    assert {step["status"] for step in second["steps"] if step["kind"] in {"voice", "transcribe"}} == {"cached"}
    assert "<v Bob>" in (tmp_path / "call.vtt").read_text(encoding="utf-8")
