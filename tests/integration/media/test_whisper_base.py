"""The weights that the extra ``speech`` brings hear a voice, on this machine and by themselves."""

from __future__ import annotations

import shutil
import subprocess
import wave
from pathlib import Path

import pytest

from dailies.adapters.whisper.transcriber import WhisperTranscriber
from dailies.domain.stop import StopToken
from dailies.media.ffmpeg import FFmpeg
from dailies.ports.transcriber import Ask

SENTENCE = "The director sees in the morning what was filmed the day before, and decides what to do again."


@pytest.fixture
def voice(bundled: FFmpeg, tmp_path: Path) -> Path:
    """A synthetic one, as CI has it."""
    if shutil.which("espeak-ng") is None:
        pytest.skip("there is no espeak-ng")
    subprocess.run(["espeak-ng", "-v", "en-us", "-s", "140", "-w", str(tmp_path / "said.wav"), SENTENCE], check=True)
    path = tmp_path / "voice.wav"
    command = [
        str(bundled.path),
        "-v",
        "error",
        "-i",
        str(tmp_path / "said.wav"),
        "-ar",
        "16000",
        "-ac",
        "1",
        str(path),
    ]
    subprocess.run(command, check=True)
    return path


def test_a_voice_is_heard_with_its_words_in_time(voice: Path, tmp_path: Path) -> None:
    heard = WhisperTranscriber(tmp_path / "cache", threads=2).transcribe(Ask(voice), StopToken(), lambda _: None)
    with wave.open(str(voice), "rb") as sound:
        seconds = sound.getnframes() / sound.getframerate()
    words = [word for segment in heard.segments for word in segment.words]
    said = {word.text.strip(".,").casefold() for word in words}
    wanted = {word.strip(".,").casefold() for word in SENTENCE.split()}
    # A synthetic voice misleads it now and then; nonsense shares no words with the sentence.
    assert len(wanted & said) >= 0.7 * len(wanted), heard.text
    assert heard.language == "en"
    assert words[-1].end > 0.7 * seconds
    assert all(word.start <= word.end <= seconds for word in words)
