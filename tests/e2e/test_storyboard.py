"""Storyboards through the real command: every tile shows its moment, and a player finds it."""

from __future__ import annotations

import json
import re
import subprocess
from pathlib import Path
from typing import Any

import pytest

from dailies.media.graphs.pictures.storyboard import Cue, read_vtt
from tests.e2e.command import Dailies
from tests.e2e.in_process import dailies as dailies  # noqa: PLC0414 - a fixture
from tests.made import FFMPEG, ffmpeg, generated

# Luma that rises by 8 a second from 40: a tile's brightness is its time.
LUMA_AT_0, LUMA_PER_SECOND = 40, 8


def film(path: Path, seconds: float, gop: int, *options: str, size: str = "64x36") -> Path:
    """A film of 10 frames a second that brightens with time."""
    clock = f"geq=lum='{LUMA_AT_0}+{LUMA_PER_SECOND}*T':cb=128:cr=128"
    tags = "setparams=range=tv:color_primaries=bt709:color_trc=bt709:colorspace=bt709"
    source = ["-f", "lavfi", "-i", f"color=s={size}:r=10:d={seconds:g},{clock},{tags}"]
    encoder = ["-c:v", "libx264", "-preset", "ultrafast", "-crf", "10", "-g", str(gop), "-sc_threshold", "0"]
    generated(*source, *options, *encoder, "-pix_fmt", "yuv420p", path)
    return path


def board(dailies: Dailies, source: Path, folder: Path, **wish: Any) -> Any:
    recipe = folder / "recipe.json"
    recipe.write_text(json.dumps({"outputs": {"board": {"kind": "storyboard", "format": "png", **wish}}}))
    made = dailies("run", source, "--recipe", recipe, "--out", folder / "out")["outputs"]["board"]
    assert all(check["passed"] for check in made["checks"])
    return made


def moments(folder: Path, cues: list[Cue], clock: str = "") -> list[float]:
    """The time that each tile shows, read from its brightness as a viewer would see it."""
    found = []
    for cue in cues:
        x, y, width, height = cue.area
        crop = f"crop={width}:{height}:{x}:{y},{clock}scale=1:1:flags=area,format=gray"
        command = [FFMPEG, "-v", "error", "-i", str(folder / cue.file), "-vf", crop, "-f", "rawvideo", "-"]
        [grey] = subprocess.run(command, capture_output=True, check=True, timeout=100).stdout
        found.append((16 + grey * 219 / 255 - LUMA_AT_0) / LUMA_PER_SECOND)
    return found


@pytest.mark.parametrize(
    ("gop", "options", "decode"),
    [
        (10, (), "keyframes"),
        (200, (), "full"),
        # A hole of four seconds: what was on screen then is the last frame before it.
        (10, ("-vf", "select='lt(t,6)+gte(t,10)'", "-fps_mode", "vfr"), "full"),
    ],
)
def test_each_tile_is_the_picture_on_screen_at_its_time(
    dailies: Dailies, tmp_path: Path, gop: int, options: tuple[str, ...], decode: str
) -> None:
    """By brightness, from keyframes or from all frames, at a constant rate or not."""
    source = film(tmp_path / "film.mkv", 20, gop, *options)
    made = board(dailies, source, tmp_path, interval=1.5, columns=4)
    folder = Path(made["path"]).parent
    assert Path(made["path"]) == tmp_path / "out" / "board" / "storyboard.vtt"
    assert [file["name"] for file in made["files"]] == ["sheet-1.png"]
    assert made["sampling"]["decode"] == decode
    cues = read_vtt(Path(made["path"]).read_text())
    assert len(cues) == 14
    assert (cues[0].start, cues[-1].end) == (0.0, 20.0)
    assert [cue.area[:2] for cue in cues[:5]] == [(0, 0), (64, 0), (128, 0), (192, 0), (0, 36)]
    hole = range(4, 7) if options else range(0)
    for number, (cue, moment) in enumerate(zip(cues, moments(folder, cues), strict=True)):
        shown = 5.95 if number in hole and cue.start > 6 else cue.start
        # A keyframe may be a second old; the frame on screen is never a later one.
        oldest = 1.0 if decode == "keyframes" else 0.1
        assert shown - oldest - 0.2 <= moment <= shown + 0.2, (number, cue, moment)


def test_many_tiles_are_spread_over_sheets_of_one_size(dailies: Dailies, tmp_path: Path) -> None:
    """No side over 4096 pixels; each cue names the sheet that has its picture."""
    source = film(tmp_path / "film.mp4", 12, 10, size="1024x128")
    made = board(dailies, source, tmp_path, count=110, columns=9, width=1024)
    facts = made["storyboard"]
    assert (facts["columns"], facts["rows"], facts["sheets"], facts["tiles"]) == (4, 28, 1, 110)
    folder = Path(made["path"]).parent
    cues = read_vtt(Path(made["path"]).read_text())
    some = cues[::20]
    assert [abs(moment - cue.start) < 0.4 for cue, moment in zip(some, moments(folder, some), strict=True)]
    tall = film(tmp_path / "tall.mp4", 12, 10, size="64x1024")
    made = board(dailies, tall, tmp_path / "out", count=100, columns=10, width=64)
    facts = made["storyboard"]
    assert (facts["columns"], facts["rows"], facts["sheets"]) == (10, 4, 3)
    assert [file["name"] for file in made["files"]] == ["sheet-1.png", "sheet-2.png", "sheet-3.png"]


def test_a_turned_film_gives_upright_tiles(dailies: Dailies, tmp_path: Path) -> None:
    """As wide as asked, as high as the upright picture's aspect."""
    source = tmp_path / "turned.mp4"
    ffmpeg("-display_rotation", "90", "-i", film(tmp_path / "f.mp4", 4, 10, size="640x360"), "-c", "copy", source)
    facts = board(dailies, source, tmp_path, width=90)["storyboard"]
    assert (facts["tile_width"], facts["tile_height"], facts["tiles"]) == (90, 160, 4)


def test_one_frame_and_a_blink_have_a_storyboard(dailies: Dailies, tmp_path: Path) -> None:
    """No more tiles than frames; the cue lasts as long as the film."""
    one = board(dailies, film(tmp_path / "one.mp4", 0.1, 10), tmp_path)
    assert re.fullmatch(
        r"WEBVTT\n\n00:00:00\.000 --> 00:00:0\d\.\d{3}\nsheet-1\.png#xywh=0,0,64,36\n", Path(one["path"]).read_text()
    )
    (tmp_path / "next").mkdir()
    blink = board(dailies, film(tmp_path / "blink.mp4", 0.5, 10), tmp_path / "next", count=50)
    assert blink["storyboard"]["tiles"] == 5


def test_sound_that_outlasts_the_pictures_is_covered(dailies: Dailies, tmp_path: Path) -> None:
    """The seek bar is as long as the source; its end shows the last picture."""
    source = tmp_path / "late.mp4"
    ffmpeg(
        "-i", film(tmp_path / "f.mp4", 3, 10), "-f", "lavfi", "-i", "sine=d=6", "-c:v", "copy", "-c:a", "aac", source
    )  # fmt: skip
    made = board(dailies, source, tmp_path, interval=1, format="jpeg")
    assert abs(read_vtt(Path(made["path"]).read_text())[-1].end - 6) < 0.1
    assert made["files"][0]["media_type"] == "image/jpeg"


def test_too_many_tiles_are_refused_with_an_interval_that_fits(dailies: Dailies, tmp_path: Path) -> None:
    """The sentence names what to ask for instead."""
    recipe = tmp_path / "recipe.json"
    recipe.write_text(json.dumps({"outputs": {"board": {"kind": "storyboard", "interval": 0.1}}}))
    source = film(tmp_path / "f.mp4", 250, 250, size="16x16")
    code, message = dailies.error("run", source, "--recipe", recipe, "--out", tmp_path / "out", code=3)
    assert code == "invalid_recipe"
    assert "2500 pictures" in message
    assert "ask for 0.2 or more" in message
