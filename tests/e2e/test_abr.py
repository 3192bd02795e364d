"""Adaptive streaming through the real command: FFmpeg plays what was made, as a player would."""

from __future__ import annotations

import json
import subprocess
from collections import Counter
from collections.abc import Callable
from pathlib import Path
from typing import Any

from dailies.media.graphs.film.hls import read_master, read_playlist
from tests.e2e.command import Dailies
from tests.e2e.in_process import dailies as dailies  # noqa: PLC0414 - a fixture
from tests.e2e.meter import ebur128
from tests.made import FFMPEG, ffmpeg

Clips = Callable[[str], Path]


def stream(dailies: Dailies, source: Path, folder: Path, **wish: Any) -> Any:
    recipe = folder / "recipe.json"
    recipe.write_text(json.dumps({"outputs": {"s": {"kind": "abr", "quality": "low", **wish}}}))
    made = dailies("run", source, "--recipe", recipe, "--out", folder / "out")["outputs"]["s"]
    assert all(check["passed"] for check in made["checks"])
    assert dailies.leftovers() == []
    return made


def played(master: Path) -> dict[str, int]:
    """Frames of each size, and samples under "audio", that come out of the master playlist."""
    command = [FFMPEG, "-v", "error", "-xerror", "-i", str(master), "-map", "0", "-fps_mode", "passthrough", "-f",
               "framecrc", "-"]  # fmt: skip
    lines = subprocess.run(command, capture_output=True, text=True, check=True, timeout=100).stdout.splitlines()
    kinds = dict(line.split(": ") for line in lines if line.startswith(("#dimensions", "#sample_rate")))
    names = {key.split()[1]: value if key.startswith("#dim") else "audio" for key, value in kinds.items()}
    found: Counter[str] = Counter()
    for line in lines:
        if not line.startswith("#"):
            index, _, _, duration, *_ = (part.strip() for part in line.split(","))
            found[names[index]] += int(duration) if names[index] == "audio" else 1
    return dict(found)


def test_a_ladder_plays_in_every_quality(dailies: Dailies, clips: Clips, tmp_path: Path) -> None:
    """None above the source; segments that line up; a loudness that was asked for; what is declared was measured."""
    made = stream(dailies, clips("talk.mp4"), tmp_path, sides=[1080, 96], segment_seconds=5, normalize={})
    master = Path(made["path"])
    assert master == tmp_path / "out" / "s" / "index.m3u8"
    names = {path.name for path in master.parent.iterdir()}
    assert names == {"index.m3u8", *(f"{n}.{e}" for n in ("180p", "96p", "audio") for e in ("m3u8", "mp4"))}
    frames = played(master)
    assert (frames["320x180"], frames["170x96"]) == (360, 360)
    assert abs(frames["audio"] / made["audio"]["sample_rate_hz"] - 12) < 0.1
    variants, others = read_master(master.read_text())
    assert list(variants) == ["180p.m3u8", "96p.m3u8"]
    assert others == ["audio.m3u8"]
    for name, attributes in variants.items():
        playlist = read_playlist((master.parent / name).read_text())
        assert [round(segment.seconds, 3) for segment in playlist.segments] == [5, 5, 2]
        whole = sum((master.parent / name).with_suffix(".mp4").stat().st_size for name in (name, "audio.m3u8"))
        assert abs(int(attributes["AVERAGE-BANDWIDTH"]) / (8 * whole / 12) - 1) < 0.02
        assert int(attributes["BANDWIDTH"]) >= int(attributes["AVERAGE-BANDWIDTH"])
        assert attributes["FRAME-RATE"] == "30.000"
        assert attributes["CODECS"].startswith("avc1.64")
    assert abs(ebur128(master.parent / "audio.mp4").integrated + 16) <= 0.1
    assert made["loudness"]["mode"] != "unchanged"


def test_a_mute_upright_film_is_named_by_its_shorter_side(dailies: Dailies, clips: Clips, tmp_path: Path) -> None:
    """90p of a phone's film is 90 wide; without sound there is no audio group."""
    source = tmp_path / "turned.mp4"
    ffmpeg("-display_rotation", "90", "-i", clips("silent_film.mp4"), "-c", "copy", source)
    made = stream(dailies, source, tmp_path, sides=[90])
    assert [(r["playlist"], r["width"], r["height"]) for r in made["renditions"]] == [("90p.m3u8", 90, 160)]
    assert "AUDIO" not in Path(made["path"]).read_text()
    assert played(Path(made["path"])) == {"90x160": 90}


def test_pictures_that_start_late_stay_beside_their_sound(dailies: Dailies, clips: Clips, tmp_path: Path) -> None:
    """Whichever starts later, at a rate that no segment length is a multiple of."""
    for name, late in (("sound", ("-i", clips("hd.mp4"), "-itsoffset", "0.7", "-i", clips("hd.mp4"))),
                       ("pictures", ("-itsoffset", "0.7", "-i", clips("hd.mp4"), "-i", clips("hd.mp4")))):  # fmt: skip
        folder = tmp_path / name
        folder.mkdir()
        ffmpeg(*late, "-map", "0:v", "-map", "1:a", "-c", "copy", folder / "late.mkv")
        made = stream(dailies, folder / "late.mkv", folder, sides=[64], segment_seconds=2)
        assert "A/V offset" in {check["name"] for check in made["checks"]}


def test_a_source_that_ends_early_is_refused(dailies: Dailies, clips: Clips, tmp_path: Path) -> None:
    """Half a film is no ladder of a whole one."""
    whole, cut = tmp_path / "whole.mp4", tmp_path / "cut.mp4"
    ffmpeg("-i", clips("talk.mp4"), "-c", "copy", "-movflags", "+faststart", whole)
    cut.write_bytes(whole.read_bytes()[: whole.stat().st_size // 2])
    recipe = tmp_path / "recipe.json"
    recipe.write_text(json.dumps({"outputs": {"s": {"kind": "abr", "sides": [64]}}}))
    code, _ = dailies.error("run", cut, "--recipe", recipe, "--out", tmp_path / "out", code=3)
    assert code in {"source_truncated", "decode_failed"}
    assert not (tmp_path / "out").exists()
