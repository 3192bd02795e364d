"""The attacks, through the front door: refused within seconds with a specific code, nothing opened, nothing left."""

from __future__ import annotations

import json
import os
import random
import shutil
import time
import zipfile
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import pytest

from tests.e2e.command import Dailies
from tests.e2e.in_process import InProcess
from tests.integration.media.test_attacks import LISTS, wav
from tests.kinds import PICTURED, SOUNDING, recipe
from tests.made import ffmpeg

Clips = Callable[[str], Path]

# Enough for two commands on a busy machine; the probe's own limit is 30 s.
IN_SECONDS = 45
BROKEN = {"decode_failed", "not_media", "source_truncated", "empty"}


SIDES = {
    "sound": {"heard": {"kind": "audio", "format": "mp3", "normalize": {}}, **SOUNDING},
    "pictures": {"film": {"kind": "video", "format": "mp4", "normalize": {}}, **PICTURED},
}


@pytest.fixture
def dailies(home: Path) -> Iterator[InProcess]:
    """Each file is probed by a process of its own."""
    found = InProcess(home)
    yield found
    found.end()


@pytest.fixture
def attack(dailies: InProcess, tmp_path: Path) -> Callable[[Path], list[Any]]:
    """Ask for all that can be made of a source's sound, then of its pictures; returns both documents.

    None may leave anything in the one store.
    """

    def both(source: Path) -> list[Any]:
        started = time.monotonic()
        documents = []
        for side, outputs in SIDES.items():
            (tmp_path / side).mkdir(exist_ok=True)
            out = tmp_path / side / "out"
            shutil.rmtree(out, ignore_errors=True)
            wanted = recipe(tmp_path / side, outputs)
            documents.append(read(*dailies.run("run", source, "--recipe", wanted, "--out", out, "--json")))
            assert out.exists() == ("error" not in documents[-1])
        assert time.monotonic() - started < IN_SECONDS
        dailies.end()
        assert dailies.leftovers() == []
        return documents

    return both


def read(code: int, out: str, log: str) -> Any:
    """The one document of a command that may end well or refuse, and nothing else."""
    assert "Traceback" not in log
    assert out.count("\n") == 1
    document = json.loads(out)
    assert code == (3 if "error" in document else 0), document
    return document


def finish(process: Any) -> Any:
    """As above, of a process."""
    with process:
        out, log = process.communicate(timeout=110)
    return read(process.returncode, out, log)


def codes(documents: list[Any]) -> set[str]:
    return {document["error"]["code"] if "error" in document else "accepted" for document in documents}


@pytest.mark.parametrize("name", LISTS)
def test_a_text_that_names_another_file(
    attack: Callable[[Path], list[Any]], clips: Clips, tmp_path: Path, name: str
) -> None:
    """Playlists and descriptions under a media name are refused, and the good file they name is not read."""
    other = tmp_path / "other.mp4"
    other.write_bytes(clips("late.mp4").read_bytes())
    accessed = 1_000_000_000
    os.utime(other, ns=(accessed, accessed))
    source = tmp_path / name
    source.write_text(LISTS[name].format(path=other, url=f"file://{other}"))
    assert codes(attack(source)) <= {"playlist", "not_media"}
    # relatime: reading a file whose access time is not newer than its change sets it.
    assert other.stat().st_atime_ns == accessed


def test_a_picture_of_256_megapixels(attack: Callable[[Path], list[Any]], tmp_path: Path) -> None:
    """Refused by its size, before the gigabyte it would decode to."""
    source = tmp_path / "png.mov"
    ffmpeg("-f", "lavfi", "-i", "color=s=16000x16000", "-frames:v", "1", "-c:v", "png", "-pix_fmt", "monob", source)
    assert codes(attack(source)) == {"too_many_pixels"}


def test_forty_frames_an_hour_apart(attack: Callable[[Path], list[Any]], tmp_path: Path) -> None:
    """Three kilobytes that would fill any disk at a constant frame rate are refused as too long."""
    source = tmp_path / "sparse.mkv"
    ffmpeg(
        "-f", "lavfi", "-i", "color=s=16x16:r=1:d=40", "-vf", "setpts=N*3500/TB", "-fps_mode", "passthrough",
        "-c:v", "ffv1", source,
    )  # fmt: skip
    assert codes(attack(source)) == {"too_long"}


def test_four_hundred_flipped_bytes(attack: Callable[[Path], list[Any]], clips: Clips, tmp_path: Path) -> None:
    """A damaged file is refused as such, or comes out whole with every check passed: never short and silent."""
    data = bytearray(clips("talk.mp4").read_bytes())
    chance = random.Random(1)
    for _ in range(400):
        data[chance.randrange(4096, len(data))] ^= 0xFF
    source = tmp_path / "flipped.mp4"
    source.write_bytes(data)
    documents = attack(source)
    assert codes(documents) <= BROKEN | {"accepted"}
    for document in documents:
        for output in document.get("outputs", {}).values():
            assert all(check["passed"] for check in output["checks"])
            if output["video"] is not None or output["audio"] is not None:
                assert abs(output["duration_seconds"] - (6 if output["sampling"] else 12)) < 0.5


@pytest.mark.parametrize("tenths", range(10))
def test_a_video_that_was_cut_off(
    attack: Callable[[Path], list[Any]], clips: Clips, tmp_path: Path, tenths: int
) -> None:
    """Whatever is missing, and however little, the answer is a refusal and not half a video."""
    whole = tmp_path / "whole.mp4"
    ffmpeg("-i", clips("talk.mp4"), "-c", "copy", "-movflags", "+faststart", whole)
    data = whole.read_bytes()
    source = tmp_path / "cut.mp4"
    source.write_bytes(data[: len(data) * tenths // 10])
    assert codes(attack(source)) <= BROKEN


def test_sixty_audio_streams(attack: Callable[[Path], list[Any]], tmp_path: Path) -> None:
    """Counted and refused: each would cost a decoder."""
    source = tmp_path / "sixty.mka"
    maps = [word for _ in range(60) for word in ("-map", "0:a")]
    ffmpeg("-f", "lavfi", "-i", "sine=d=1", *maps, "-c:a", "flac", source)
    assert codes(attack(source)) == {"too_many_streams"}


def test_a_wav_that_says_ten_hours(attack: Callable[[Path], list[Any]], tmp_path: Path) -> None:
    """One whose data chunk lies has the second that it has; one whose file size lies is cut off."""
    source = tmp_path / "lies.wav"
    source.write_bytes(wav(36_000, riff_too=False))
    sound, pictures = attack(source)
    # An MP3 lasts whole frames of 72 ms at 8 kHz, two of them the encoder's delay.
    assert abs(sound["outputs"]["heard"]["duration_seconds"] - 1) < 0.2
    assert pictures["error"]["code"] == "no_video"
    source.write_bytes(wav(36_000, riff_too=True))
    assert codes(attack(source)) == {"source_truncated"}


def test_a_zip(attack: Callable[[Path], list[Any]], clips: Clips, tmp_path: Path) -> None:
    """An archive is called one, although there is a video in it."""
    source = tmp_path / "talk.mp4"
    with zipfile.ZipFile(source, "w") as archive:
        archive.write(clips("late.mp4"), "late.mp4")
    assert codes(attack(source)) == {"archive"}


def test_a_name_is_only_a_name(dailies: Dailies, clips: Clips, tmp_path: Path) -> None:
    """Options, patterns, commands and protocols in a name mean nothing: the output lies beside the source."""
    names = ["-i.mp4", "%d.mp4", "%03d.mp4", "$(id).mp4", "a\nb.mp4", "file:x.mp4", "a'b;c|d.mp4"]
    for name in names:
        shutil.copy(clips("late.mp4"), tmp_path / name)
    document = finish(dailies.start("convert", "--to", "flac", "--no-normalize", "--json", "--", *names, cwd=tmp_path))
    made = [output for file in document["files"] for output in file["result"]["outputs"].values()]
    expected = [name.replace(".mp4", ".flac") for name in names]
    assert [Path(output["path"]).name for output in made] == expected
    assert sorted(path.name for path in tmp_path.iterdir()) == sorted([*names, *expected])


def test_a_name_that_is_no_text(dailies: Dailies, clips: Clips, tmp_path: Path) -> None:
    """A name that isn't UTF-8 has no place in JSON: it is refused with what to do about it."""
    source = tmp_path / os.fsdecode(b"caf\xe9.mp4")
    source.write_bytes(clips("late.mp4").read_bytes())
    document = finish(dailies.start("convert", source, "--to", "flac", "--json"))
    assert document["error"]["code"] == "path_not_utf8"
    assert "rename" in document["error"]["message"]
