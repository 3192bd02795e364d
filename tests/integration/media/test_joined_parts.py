"""Recordings joined end to end, each with a clock of its own: their length, and what is heard and seen at a time."""

from __future__ import annotations

from array import array
from itertools import pairwise
from pathlib import Path

import pytest

from dailies.domain.edit.chunking import ChunkRules
from dailies.media.ffmpeg import FFmpeg
from dailies.media.probe.probe import probe
from tests.integration.media.conftest import Make
from tests.integration.media.films import Bench, samples

TONES = (300, 600, 1200)


@pytest.fixture
def joined(make: Make, tmp_path: Path) -> Path:
    """Three transport streams of 2 s, each with its tone."""
    path = tmp_path / "joined.ts"
    path.write_bytes(
        b"".join(part(make, tone, "ts", "mpegts", ["-c:v", "libx264", "-g", "25"]).read_bytes() for tone in TONES)
    )
    return path


def part(make: Make, tone: int, extension: str, muxer: str, pictures: list[str]) -> Path:
    film = ["-f", "lavfi", "-i", "testsrc2=d=2:s=64x36:r=25"] if pictures else []
    sound = ["-f", "lavfi", "-i", f"sine=f={tone}:d=2:r=48000"]
    return make(f"{tone}.{extension}", *film, *sound, *pictures, "-f", muxer, "-y")


@pytest.mark.parametrize(
    ("extension", "muxer", "pictures"),
    [
        ("ts", "mpegts", ["-c:v", "libx264"]),
        ("ts", "mpegts", []),
        ("mpg", "vob", ["-c:v", "mpeg2video"]),
        ("ogg", "ogg", []),
    ],
)
def test_all_parts_are_counted(
    extension: str, muxer: str, pictures: list[str], make: Make, scratch: Path, tmp_path: Path
) -> None:
    """Also where a clock goes back by less than the ten seconds that tell a splice from a pause."""
    path = tmp_path / f"joined.{extension}"
    path.write_bytes(b"".join(part(make, tone, extension, muxer, pictures).read_bytes() for tone in TONES))
    info = probe(path, scratch=scratch)
    assert info.clock_jumps
    assert info.duration_seconds == pytest.approx(6.0, abs=0.2)
    assert all(film.duration_seconds == pytest.approx(6.0, abs=0.2) for film in info.video)
    assert not probe(part(make, TONES[0], extension, muxer, pictures), scratch=scratch).clock_jumps


@pytest.mark.parametrize("segments", [False, True], ids=["trim", "edit"])
def test_a_time_is_that_of_the_whole(segments: bool, joined: Path, bench: Bench, bundled: FFmpeg) -> None:
    """A seek by the file's own times would find the first part, or nothing."""
    wanted = {"segments": [{"start": 2.5, "end": 3.5}]} if segments else {"start": 2.5, "end": 3.5}
    film, _, _ = bench.make(joined, ChunkRules(), **wanted)
    heard = array("h", samples(bundled, film))
    assert len(heard) / 48_000 == pytest.approx(1.0, abs=0.1)
    middle = heard[12_000:36_000]
    crossings = sum((before < 0) != (after < 0) for before, after in pairwise(middle))
    assert crossings == pytest.approx(2 * TONES[1] / 2, abs=5)


def test_a_recording_that_begins_midway_is_taken_from_its_first_whole_picture(
    make: Make, tmp_path: Path, bench: Bench
) -> None:
    """Of a broadcast: 75 pictures before it lack those that they rest on, which is no damage."""
    film = ["-f", "lavfi", "-i", "testsrc2=d=6:s=64x36:r=25", "-f", "lavfi", "-i", "sine=d=6:r=48000"]
    coded = ["-c:v", "libx264", "-g", "100", "-x264-params", "scenecut=0", "-c:a", "mp2", "-f", "mpegts", "-y"]
    whole = make("broadcast.ts", *film, *coded).read_bytes()
    path = tmp_path / "midway.ts"
    path.write_bytes(whole[len(whole) // 188 // 6 * 188 :])
    info = bench.look(path)
    (video,) = info.video
    assert (info.begins_midway, video.decodable, info.audio[0].decodable) == (True, True, True)
    assert video.start_seconds > 2.6
    assert video.duration_seconds == pytest.approx(2.0, abs=0.1)
    _, certificate, _ = bench.make(path, ChunkRules())
    assert certificate["duration_seconds"] == pytest.approx(info.duration_seconds or 0, abs=0.2)


def test_sound_is_that_of_the_pictures_programme(make: Make, scratch: Path) -> None:
    """Though another programme's has more channels."""
    film = ["-f", "lavfi", "-i", "testsrc2=d=1:s={}:r=25", "-f", "lavfi", "-i", "sine=d=1:r=48000"]
    inputs = [word.format(size) for size in ("128x72", "64x36") for word in film]
    maps = [word for number in range(4) for word in ("-map", str(number))]
    channels = ["-ac:a:0", "1", "-ac:a:1", "2", "-c:a", "mp2"]
    programmes = ["-program", "program_num=7:st=0:st=1", "-program", "program_num=9:st=2:st=3"]
    info = probe(make("two.ts", *inputs, *maps, *channels, *programmes, "-y"), scratch=scratch)
    picture, sound = info.main_video(), info.main_audio()
    assert picture is not None
    assert sound is not None
    assert (picture.width, picture.programme, sound.programme, sound.channels) == (128, 7, 7, 1)
