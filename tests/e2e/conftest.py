"""The real command in its own process and home, and media made on the spot."""

from __future__ import annotations

import json
import os
import re
import subprocess
import sys
from collections.abc import Callable
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import pytest

from dailies.media.locate import locate

FFMPEG = str(locate(explicit=None, cache_dir=None).path)


def ffmpeg(*arguments: str | Path) -> None:
    """Run FFmpeg for the test itself."""
    subprocess.run([FFMPEG, "-v", "error", "-nostdin", "-y", *map(str, arguments)], check=True, timeout=100)


@dataclass(frozen=True)
class Loudness:
    integrated: float
    true_peak: float


def ebur128(path: Path) -> Loudness:
    """What an independent meter says: FFmpeg's ``ebur128=peak=true`` on the file as delivered."""
    ended = subprocess.run(
        [FFMPEG, "-nostdin", "-hide_banner", "-i", str(path), "-vn", "-af", "ebur128=peak=true", "-f", "null", "-"],
        capture_output=True, text=True, check=True, timeout=100,
    )  # fmt: skip
    summary = ended.stderr[ended.stderr.rindex("Summary:") :]
    integrated = re.search(r"I:\s+(\S+) LUFS", summary)
    peak = re.search(r"Peak:\s+(\S+) dBFS", summary)
    assert integrated is not None
    assert peak is not None
    return Loudness(float(integrated[1]), float(peak[1]))


@dataclass
class Dailies:
    """``./dailies`` with a store of its own."""

    home: Path
    environment: dict[str, str] = field(default_factory=dict)

    def environ(self) -> dict[str, str]:
        return {**os.environ, "DAILIES_HOME": str(self.home), **self.environment}

    def start(self, *arguments: str | Path, **options: Any) -> subprocess.Popen[str]:
        return subprocess.Popen(
            [sys.executable, "-P", "-m", "dailies", *map(str, arguments)],
            env=self.environ(), stdout=subprocess.PIPE, stderr=subprocess.PIPE, stdin=subprocess.DEVNULL,
            text=True, **options,
        )  # fmt: skip

    def __call__(self, *arguments: str | Path, code: int = 0) -> Any:
        """Run with --json, expect the exit code, return the one document on stdout."""
        with self.start(*arguments, "--json") as process:
            out, err = process.communicate(timeout=110)
        assert process.returncode == code, f"exit {process.returncode}\n{out}\n{err}"
        assert "Traceback" not in err
        assert out.count("\n") == 1
        return json.loads(out)

    def leftovers(self) -> list[str]:
        scratch = self.home / "scratch"
        return [str(path.relative_to(scratch)) for path in scratch.rglob("*")] if scratch.exists() else []


@pytest.fixture
def dailies(tmp_path: Path) -> Dailies:
    return Dailies(tmp_path / "home")


@pytest.fixture(scope="session")
def clips(tmp_path_factory: pytest.TempPathFactory) -> Callable[[str], Path]:
    """Named sources, each made once."""
    folder = tmp_path_factory.mktemp("clips")

    def make(name: str) -> Path:
        path = folder / name
        if not path.exists():
            ffmpeg(*CLIPS[name], path)
        return path

    return make


_PEAKY = (  # speech-like bursts over a quiet bed: a crest factor that −16 LUFS can't have without a limiter
    "aevalsrc='0.5*sin(2*PI*180*t)*pow(max(0,sin(2*PI*1.7*t)),12)+0.02*sin(2*PI*440*t)"
    "+0.3*(random(0)-0.5)*pow(max(0,sin(2*PI*0.9*t)),24)':s=48000:d={d}"
)
_PICTURE = "testsrc2=size=320x180:rate=30:duration={d}"

CLIPS: dict[str, list[str]] = {
    "talk.mp4": [
        "-f", "lavfi", "-i", _PICTURE.format(d=12), "-f", "lavfi", "-i", _PEAKY.format(d=12),
        "-c:v", "libx264", "-preset", "ultrafast", "-pix_fmt", "yuv420p", "-c:a", "aac", "-b:a", "128k", "-ac", "2",
    ],
    "quiet.wav": ["-f", "lavfi", "-i", "sine=frequency=997:sample_rate=44100:duration=8", "-af", "volume=-20dB"],
    "silence.wav": ["-f", "lavfi", "-i", "anullsrc=sample_rate=48000:channel_layout=stereo:duration=5"],
    "blip.wav": ["-f", "lavfi", "-i", "sine=frequency=997:sample_rate=48000:duration=0.3"],
    "silent_film.mp4": [
        "-f", "lavfi", "-i", _PICTURE.format(d=3), "-c:v", "libx264", "-preset", "ultrafast", "-pix_fmt", "yuv420p",
    ],
    "surround.wav": [
        "-f", "lavfi", "-i", "aevalsrc=0.1*sin(2*PI*300*t)|0.1*sin(2*PI*500*t)|0.2*sin(2*PI*700*t)|0.1*sin(2*PI*60*t)"
        "|0.05*sin(2*PI*900*t)|0.05*sin(2*PI*1100*t):s=48000:c=5.1:d=6",
    ],
    "sixteen.wav": [
        "-f", "lavfi", "-i", "aevalsrc=" + "|".join(f"0.05*sin(2*PI*{200 + 50 * n}*t)" for n in range(16))
        + ":s=48000:d=4",
    ],
    "long.mp4": [
        "-f", "lavfi", "-i", "testsrc2=size=1280x720:rate=30:duration=60", "-f", "lavfi", "-i", _PEAKY.format(d=60),
        "-c:v", "libx264", "-preset", "ultrafast", "-pix_fmt", "yuv420p", "-c:a", "aac", "-ac", "2",
    ],
    "odd.mkv": [
        "-f", "lavfi", "-i", "testsrc2=size=321x181:rate=25:duration=2", "-f", "lavfi", "-i", _PEAKY.format(d=2),
        "-c:v", "ffv1", "-pix_fmt", "yuv444p", "-c:a", "flac",
    ],
    "late.mp4": [  # audio starts 1.5 s after the pictures
        "-f", "lavfi", "-i", _PICTURE.format(d=5), "-itsoffset", "1.5", "-f", "lavfi", "-i", _PEAKY.format(d=3),
        "-c:v", "libx264", "-preset", "ultrafast", "-pix_fmt", "yuv420p", "-c:a", "aac",
    ],
    "tracks.mkv": [
        "-f", "lavfi", "-i", "sine=frequency=300:duration=4", "-f", "lavfi", "-i", "sine=frequency=3000:duration=4",
        "-map", "0:a", "-map", "1:a", "-c:a", "flac",
    ],
}  # fmt: skip
