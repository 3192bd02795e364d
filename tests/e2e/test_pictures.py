"""Thumbnails and timelapses through the real command, on media made for it."""

from __future__ import annotations

import json
import re
import subprocess
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest

from dailies.media.probe.probe_host import ProbeHost
from tests.e2e.command import Dailies
from tests.e2e.in_process import another, dailies as dailies  # noqa: PLC0414 - a fixture
from tests.made import FFMPEG, ffmpeg, generated

Clips = Callable[[str], Path]


def run(dailies: Dailies, source: Path, folder: Path, **outputs: dict[str, Any]) -> Any:
    recipe = folder / "recipe.json"
    recipe.write_text(json.dumps({"outputs": outputs}))
    return dailies("run", source, "--recipe", recipe, "--out", folder / "out")["outputs"]


def pictures(path: Path) -> list[str]:
    """A checksum of each decoded frame, by FFmpeg itself."""
    command = [FFMPEG, "-v", "error", "-i", str(path), "-map", "0:v", "-f", "framemd5", "-"]
    ended = subprocess.run(command, capture_output=True, text=True, check=True, timeout=100)
    return [line.rsplit(",", 1)[1] for line in ended.stdout.splitlines() if not line.startswith("#")]


def least_similarity(one: Path, other: Path, report: Path) -> float:
    """SSIM of the two frames that differ most."""
    both = f"[0:v]settb=1/1000,setpts=N[a];[1:v]settb=1/1000,setpts=N[b];[a][b]ssim=stats_file={report}"
    ffmpeg("-i", one, "-i", other, "-lavfi", both, "-f", "null", "-")
    return min(float(found) for found in re.findall(r"All:([\d.]+)", report.read_text()))


def film(path: Path, seconds: int, gop: int, *options: str) -> Path:
    source = ["-f", "lavfi", "-i", f"testsrc2=size=320x180:rate=30:duration={seconds}"]
    encoder = ["-c:v", "libx264", "-preset", "ultrafast", "-g", str(gop), "-pix_fmt", "yuv420p"]
    generated(*source, *options, *encoder, path)
    return path


def test_thumbnails_come_in_each_format_and_size(dailies: Dailies, tmp_path: Path) -> None:
    """At a time or the best one; black at the start is not it. Turned upright."""
    plain = film(tmp_path / "plain.mp4", 6, 30, "-vf", "fade=in:0:90")
    source = tmp_path / "turned.mp4"
    ffmpeg("-display_rotation", "90", "-i", plain, "-c", "copy", source)
    made = run(
        dailies, source, tmp_path,
        best={"kind": "thumbnail"},
        small={"kind": "thumbnail", "at": 4.5, "format": "png", "height": 160},
        web={"kind": "thumbnail", "at": 4.5, "format": "webp"},
    )  # fmt: skip
    assert made["best"]["picture"]["at_seconds"] > 2
    assert {name: (output["picture"]["width"], output["picture"]["height"]) for name, output in made.items()} == {
        "best": (180, 320),
        "small": (90, 160),
        "web": (180, 320),
    }
    assert {Path(output["path"]).name for output in made.values()} == {"best.jpg", "small.png", "web.webp"}
    assert all(check["passed"] for output in made.values() for check in output["checks"])
    assert all(len(pictures(Path(output["path"]))) == 1 for output in made.values())
    assert dailies.leftovers() == []


def test_a_timelapse_decodes_keyframes_when_they_are_close_enough(dailies: Dailies, tmp_path: Path) -> None:
    """As many frames as asked, every one another picture; the audio-less source is no obstacle."""
    made = run(
        dailies, film(tmp_path / "film.mp4", 20, 10), tmp_path,
        quick={"kind": "timelapse", "duration": 1.5, "fps": 30},
        fine={"kind": "timelapse", "speed": 4, "fps": 24, "height": 90, "deflicker": True},
    )  # fmt: skip
    quick, fine = made["quick"], made["fine"]
    assert (quick["sampling"]["decode"], quick["sampling"]["decoded_frames"]) == ("keyframes", 60)
    assert fine["sampling"]["decode"] != "keyframes"
    assert quick["duration_seconds"] == 1.5
    assert fine["duration_seconds"] == 5.0
    for output, frames in ((quick, 45), (fine, 120)):
        found = pictures(Path(output["path"]))
        assert len(found) == frames
        assert len(set(found)) == frames
        assert all(check["passed"] for check in output["checks"])
    assert (fine["video"]["width"], fine["video"]["height"]) == (160, 90)


@pytest.mark.parametrize(
    ("name", "decode", "decoded"),
    # AVI's frames have no times of display, and can't be picked by them.
    [("film.mp4", "picked", 15), ("film.mkv", "picked", 15), ("film.ts", "picked", 15), ("film.avi", "keyframes", 60)],
)
def test_keyframes_that_are_not_taken_are_not_decoded(
    dailies: Dailies, tmp_path: Path, name: str, decode: str, decoded: int
) -> None:
    """The frames are those that are taken of a full decode, whatever the container's clock."""
    tags = "setparams=range=tv:color_primaries=bt709:color_trc=bt709:colorspace=bt709"
    source = film(tmp_path / name, 20, 10, "-vf", tags)
    wish = {"kind": "timelapse", "duration": 0.5, "fps": 30, "quality": "high"}
    lapse = run(dailies, source, tmp_path, lapse=wish)["lapse"]
    assert (lapse["sampling"]["decode"], lapse["sampling"]["decoded_frames"]) == (decode, decoded)
    assert all(check["passed"] for check in lapse["checks"])
    plain = tmp_path / "plain.mp4"
    select = "select='gte(t+0.002,selected_n*20/15)*eq(pict_type,I)',setpts=N/30/TB"
    ffmpeg("-i", source, "-vf", select, "-c:v", "libx264", "-preset", "fast", "-crf", "18", "-r", "30", plain)
    assert least_similarity(Path(lapse["path"]), plain, tmp_path / "ssim.txt") > 0.98


def test_frames_that_nothing_refers_to_are_not_decoded(dailies: Dailies, tmp_path: Path) -> None:
    """x264's own choice of B frames, in an MP4 that says nothing of it; every frame another picture."""
    source = film(tmp_path / "film.mp4", 20, 250, "-bf", "3")
    lapse = run(dailies, source, tmp_path, lapse={"kind": "timelapse", "duration": 2, "fps": 30})["lapse"]
    sampling = lapse["sampling"]
    assert sampling["decode"] == "reference"
    assert sampling["decoded_frames"] <= 0.7 * sampling["source_frames"]
    assert sampling["distinct_frames"] == sampling["frames"] == 60
    assert all(check["passed"] for check in lapse["checks"])


def test_a_variable_frame_rate_gives_even_spacing(dailies: Dailies, tmp_path: Path) -> None:
    """Half of the film has a tenth of the frames; the timelapse has them at one rate."""
    source = film(tmp_path / "v.mkv", 20, 30, "-vf", "select='lt(t,10)+not(mod(n,10))'", "-fps_mode", "vfr")
    output = run(dailies, source, tmp_path, lapse={"kind": "timelapse", "speed": 10, "fps": 10})["lapse"]
    assert abs(output["sampling"]["frames"] - 20) <= 1
    assert {check["name"]: check["passed"] for check in output["checks"]}["frame spacing"]


def test_sound_alone_has_no_pictures(dailies: Dailies, clips: Clips, tmp_path: Path) -> None:
    """The refusal says what to ask for instead."""
    for kind in ({"kind": "thumbnail"}, {"kind": "timelapse", "speed": 2}):
        recipe = tmp_path / "recipe.json"
        recipe.write_text(json.dumps({"outputs": {"a": kind}}))
        code, message = dailies.error("run", clips("quiet.wav"), "--recipe", recipe, "--out", tmp_path / "out", code=3)
        assert code == "no_video"
        assert "kind audio" in message


def test_a_waveform_is_a_picture_or_peaks(dailies: Dailies, clips: Clips, tmp_path: Path) -> None:
    """Eight seconds of a tone 20 dB down: both agree with the sound, as a player reads them."""
    made = run(
        dailies, clips("quiet.wav"), tmp_path,
        shape={"kind": "waveform", "width": 300, "height": 101},
        peaks={"kind": "waveform", "format": "json", "points_per_second": 10},
    )  # fmt: skip
    document = json.loads(Path(made["peaks"]["path"]).read_text())
    assert (document["version"], document["bits"], document["sample_rate"]) == (2, 8, 44100)
    assert (document["length"], len(document["data"])) == (80, 160)
    assert set(document["data"][0::2]) == {-document["data"][1]}  # as audiowaveform rounds
    assert len(pictures(Path(made["shape"]["path"]))) == 1
    assert (made["shape"]["picture"]["width"], made["shape"]["picture"]["height"]) == (300, 101)


def test_a_waveform_rides_on_the_measurement(
    dailies: Dailies, probe_host: ProbeHost, clips: Clips, tmp_path: Path
) -> None:
    """One decode for both: the same bytes as each alone, and an output that is normalised all the same."""
    wanted: dict[str, dict[str, Any]] = {
        "shape": {"kind": "waveform", "width": 300},
        "peaks": {"kind": "waveform", "format": "json"},
        "loud": {"kind": "audio", "format": "flac", "normalize": {}},
    }
    source = clips("talk.mp4")
    for part in ("together", *wanted):
        (tmp_path / part).mkdir()
    together = run(dailies, source, tmp_path / "together", **wanted)
    assert dailies.sharers().items() >= {"measure": 3, "shape": 3, "peaks": 3}.items()
    for name, output in wanted.items():
        alone = run(another(tmp_path / f"home-{name}", probe_host), source, tmp_path / name, **{name: output})
        assert alone[name]["sha256"] == together[name]["sha256"]
