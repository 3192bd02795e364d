"""Frame accuracy of edits: every source frame carries its number in 16 black and white blocks."""

from __future__ import annotations

import json
import subprocess
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import pytest

from tests.e2e.command import Dailies
from tests.e2e.in_process import dailies as dailies  # noqa: PLC0414 - a fixture
from tests.made import FFMPEG, generated

BITS = 16
NUMBERED = "geq=lum='235*mod(floor(N/pow(2,floor(X/10))),2)+16*(1-mod(floor(N/pow(2,floor(X/10))),2))':cb=128:cr=128"
ENCODED = ["-c:v", "libx264", "-preset", "ultrafast", "-bf", "2", "-g", "50", "-crf", "18", "-pix_fmt", "yuv420p"]
VARIABLE = "select='not(eq(mod(n,7),3))*not(between(mod(n,40),20,23))'"


@dataclass(frozen=True)
class Shown:
    """A frame of a file: when it is shown, and the number that was burnt into it."""

    seconds: float
    number: int


def shown(path: Path) -> list[Shown]:
    """All frames of ``path``, decoded one by one without doubling or dropping any."""
    reading = [FFMPEG, "-v", "error", "-i", str(path), "-map", "0:v:0", "-fps_mode", "passthrough"]
    small = ["-vf", f"crop=160:ih,scale={BITS}:1:flags=area,format=gray"]
    raw = subprocess.run([*reading, *small, "-f", "rawvideo", "-"], check=True, capture_output=True).stdout
    listed = subprocess.run(
        [*reading, "-enc_time_base", "1/90000", "-f", "framecrc", "-"], check=True, capture_output=True, text=True
    ).stdout
    over, under = next(line for line in listed.splitlines() if line.startswith("#tb 0:")).split(":")[1].split("/")
    ticks = [int(line.split(",")[2]) for line in listed.splitlines() if line[:1].isdigit()]
    frames = [raw[n : n + BITS] for n in range(0, len(raw), BITS)]
    numbers = [sum((value > 125) << bit for bit, value in enumerate(frame)) for frame in frames]
    return [Shown(tick * int(over) / int(under), number) for tick, number in zip(ticks, numbers, strict=True)]


def numbered(path: Path, rate: str, seconds: int = 12, extra: tuple[str, ...] = (), filters: str = "") -> Path:
    chain = ",".join(part for part in (NUMBERED, filters) if part)
    picture = ["-f", "lavfi", "-i", f"nullsrc=size=160x90:rate={rate}:duration={seconds}"]
    sound = ["-f", "lavfi", "-i", f"sine=frequency=440:sample_rate=48000:duration={seconds}"]
    generated(*picture, *sound, "-vf", chain, "-fps_mode", "vfr", *ENCODED, "-c:a", "aac", *extra, path)
    return path


def edited(dailies: Dailies, source: Path, out: Path, segments: list[dict[str, Any]]) -> Any:
    recipe = out.with_suffix(".json")
    reel = {"kind": "video", "segments": segments, "crf": 10, "preset": "ultrafast"}
    recipe.write_text(json.dumps({"outputs": {"reel": reel}}))
    return dailies("run", source, "--recipe", recipe, "--out", out)["outputs"]["reel"]


def expected(frames: list[Shown], start: float, end: float) -> tuple[int, int]:
    """Numbers of the first frame at or after ``start`` and of the last before ``end``; 2 ms for rounded clocks."""
    inside = [frame.number for frame in frames if start - 0.002 <= frame.seconds < end - 0.002]
    return inside[0], inside[-1]


CUTS = [(7.3, 8.45), (1.0, 2.5), (2.0, 3.337), (10.01, 11.2)]


def check(dailies: Dailies, source: Path, out: Path) -> None:
    """Backwards, overlapping and touching segments: the first and last frame of each, and no other in between."""
    output = edited(dailies, source, out, [{"start": start, "end": end} for start, end in CUTS])
    frames, film = shown(source), shown(out / "reel.mp4")
    assert len(film) == sum(segment["frames"] for segment in output["segments"])
    position = 0
    for (start, end), segment in zip(CUTS, output["segments"], strict=True):
        part = [frame.number for frame in film[position : position + segment["frames"]]]
        assert (part[0], part[-1]) == expected(frames, start, end)
        assert part == sorted(part)
        position += segment["frames"]
    assert [check for check in output["checks"] if not check["passed"] and not check["advisory"]] == []
    assert any(check["name"] == "A/V offset at the end" for check in output["checks"])


@pytest.mark.parametrize("rate", ["24000/1001", "25", "30000/1001", "30", "60000/1001"])
def test_segments_begin_and_end_with_the_frames_that_were_asked_for(
    dailies: Dailies, tmp_path: Path, rate: str
) -> None:
    source = numbered(tmp_path / "source.mp4", rate)
    check(dailies, source, tmp_path / "out")
    # At a constant rate each source frame is in the film once.
    frames = shown(source)
    first, last = expected(frames, *CUTS[0])
    film = [frame.number for frame in shown(tmp_path / "out" / "reel.mp4")]
    assert film[: last - first + 1] == list(range(first, last + 1))


@pytest.mark.parametrize("name", ["slides.mp4", "slides.mkv"])
def test_a_still_lasts_as_long_as_was_asked_for(dailies: Dailies, tmp_path: Path, name: str) -> None:
    """A picture that stands from 1 to 9.4 s: segments that end in it, lie in it and begin in it, sound with them."""
    media = numbered(tmp_path / name, "25", filters="select='lte(n,25)+gte(n,235)'")
    wish = [(0.6, 6.0), (4.0, 6.52), (8.2, 10.0)]
    output = edited(dailies, media, tmp_path / "out", [{"start": start, "end": end} for start, end in wish])
    assert [(segment["source_start"], segment["source_end"]) for segment in output["segments"]] == [
        pytest.approx(times) for times in wish
    ]
    film = [frame.number for frame in shown(tmp_path / "out" / "reel.mp4")]
    standing = [25]
    assert film == [*range(15, 25), *standing * 125, *standing * 63, *standing * 30, *range(235, 250)]
    assert [check["name"] for check in output["checks"] if not check["passed"] and not check["advisory"]] == []


@pytest.mark.parametrize(("name", "rate", "filters"), [("ntsc.mp4", "30000/1001", ""), ("phone.mkv", "30", VARIABLE)])
def test_cuts_are_exact_in_chunks(dailies: Dailies, tmp_path: Path, name: str, rate: str, filters: str) -> None:
    """Joints between segments and within them: no frame is lost at one, or shown twice."""
    dailies.environment |= {"DAILIES_CHUNK_ABOVE_SECONDS": "0", "DAILIES_CHUNK_SECONDS": "1"}
    check(dailies, numbered(tmp_path / name, rate, filters=filters), tmp_path / "out")


@pytest.mark.parametrize(
    ("name", "rate", "extra", "filters"),
    [
        ("phone.mp4", "30", (), VARIABLE),
        ("screen.mkv", "60", (), VARIABLE),
        ("late.mp4", "30", ("-output_ts_offset", "7.5", "-movflags", "+negative_cts_offsets"), ""),
        ("camera.mkv", "24000/1001", (), ""),
        ("broadcast.ts", "25", ("-output_ts_offset", "900"), ""),
        ("slow.mp4", "120", (), ""),
    ],
)
def test_cuts_are_exact_whatever_the_clock_of_the_source(
    dailies: Dailies, tmp_path: Path, name: str, rate: str, extra: tuple[str, ...], filters: str
) -> None:
    """Variable rates, clocks of milliseconds, starts other than 0, a container without an index."""
    source = numbered(tmp_path / name, rate, extra=extra, filters=filters)
    if name == "slow.mp4":
        # Twice the highest rate of a film: every other frame, so the last may be the one before.
        output = edited(dailies, source, tmp_path / "out", [{"start": 3, "end": 4.5}])
        film = [frame.number for frame in shown(tmp_path / "out" / "reel.mp4")]
        assert (output["video"]["frame_rate"], film[0], len(film)) == ("60/1", 360, 90)
        assert film[-1] in (538, 539)
    else:
        check(dailies, source, tmp_path / "out")
