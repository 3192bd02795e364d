"""Of what we made ourselves every frame has to decode."""

from __future__ import annotations

import subprocess
from pathlib import Path

import pytest

from dailies.domain.errors import QualityNotReached
from dailies.domain.stop import StopToken
from dailies.media.toolbox import Toolbox
from dailies.operations.verification import inspect
from dailies.settings import Settings


@pytest.mark.parametrize("name", ["out.mp3", "out.flac", "out.m4a"])
def test_an_output_whose_sound_is_damaged_fails_its_verification(tmp_path: Path, name: str) -> None:
    """Where a source would be let off with a note: the same file is fine before its bytes are flipped."""
    toolbox, path = Toolbox(Settings(home=tmp_path / "home")), tmp_path / "work" / name
    path.parent.mkdir()
    tone = ["-f", "lavfi", "-i", "anoisesrc=d=3:r=48000:a=0.3:seed=1"]
    subprocess.run([toolbox.ffmpeg().path, "-v", "error", *tone, path], check=True, timeout=60)
    assert inspect(toolbox, path, StopToken(), heard_at=48000, media_seconds=3.0).heard is not None
    content = bytearray(path.read_bytes())
    middle = len(content) // 2
    content[middle : middle + 600] = bytes(byte ^ 0xFF for byte in content[middle : middle + 600])
    path.write_bytes(content)
    with pytest.raises(QualityNotReached, match="decoded"):
        inspect(toolbox, path, StopToken(), heard_at=48000, media_seconds=3.0)
