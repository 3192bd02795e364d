"""Sound stays on the source's clock: whatever is missing in it, however it drifts, whatever it turns into."""

from __future__ import annotations

import subprocess
from array import array
from collections.abc import Callable
from pathlib import Path

import pytest

from dailies.media.ffmpeg import FFmpeg
from tests.integration.media.films import WHOLE, Bench, bench_of

#: A beep of 40 ms each second; a frame of a film at 60 per second is the limit.
BEEPS = "aevalsrc=exprs='0.5*sin(2*PI*1000*t)*lt(mod(t,1),0.04)':s=48000:d=12"
FRAME = 1 / 60
RATE = 8_000

Make = Callable[..., Path]


def onsets(bundled: FFmpeg, film: Path) -> list[float]:
    """When each beep begins, seconds, on the film's clock."""
    command = [str(bundled.path), "-v", "error", "-i", str(film), "-map", "0:a"]
    command += ["-ar", str(RATE), "-ac", "1", "-f", "f32le", "-"]
    samples = array("f", subprocess.run(command, check=True, capture_output=True, timeout=60).stdout)
    found: list[float] = []
    loud = -RATE
    for place, sample in enumerate(samples):
        if abs(sample) > 0.08:
            if place - loud > RATE // 4:
                found.append(place / RATE)
            loud = place
    return found


@pytest.mark.parametrize(
    ("name", "change", "tempo"),
    [
        ("gap", "asetnsamples=960,aselect='not(between(n,278,281)+eq(n,430))'", 1.0),  # 80 ms, and 20 ms
        ("slow", "asetpts=PTS*1.01", 1.01),
        ("fast", "asetpts=PTS*0.99", 0.99),
    ],
)
@pytest.mark.parametrize("version", ["bundled", "on_path"])
def test_sound_is_within_a_frame_of_the_source_s_clock(
    request: pytest.FixtureRequest, tmp_path: Path, make: Make, version: str, name: str, change: str, tempo: float
) -> None:
    """80 ms missing, or a clock that drifts by 1 %: each beep is where the source's timestamps have it."""
    binary: FFmpeg = request.getfixturevalue(version)
    source = make(f"{name}.mkv", "-f", "lavfi", "-i", BEEPS, "-af", change, "-c:a", "pcm_s16le", "-y")
    made, _, _ = bench_of(binary, tmp_path).make(source, WHOLE, kind="audio", format="flac")
    found = onsets(binary, made)
    assert len(found) == 12
    for number, onset in enumerate(found):
        assert onset == pytest.approx(number * tempo, abs=FRAME)


@pytest.fixture
def joined(make: Make, tmp_path: Path) -> Path:
    """Two MP3s, 6 s at 44.1 kHz and stereo, then 6 s at 48 kHz and mono, as ``cat`` joins them."""
    plain = ["-write_xing", "0", "-id3v2_version", "0", "-y"]
    halves = [
        make(f"{rate}.mp3", "-f", "lavfi", "-i", BEEPS, "-t", "6", "-ar", str(rate), "-ac", channels, *plain)
        for rate, channels in ((44_100, "2"), (48_000, "1"))
    ]
    path = tmp_path / "joined.mp3"
    path.write_bytes(b"".join(half.read_bytes() for half in halves))
    return path


@pytest.mark.parametrize("form", ["wav", "m4a"])
def test_sound_that_changes_midway_keeps_its_time(bench: Bench, bundled: FFmpeg, joined: Path, form: str) -> None:
    """Normalised: measured, levelled, encoded and compared, each from the same samples."""
    made, facts, _ = bench.make(joined, WHOLE, kind="audio", format=form, normalize={}, start=1, end=11)
    assert facts["duration_seconds"] == pytest.approx(10.0, abs=0.05)
    assert facts["audio"]["sample_rate_hz"] == 44_100
    found = onsets(bundled, made)
    # Without their headers MP3s begin late by what their encoder needs.
    assert found == pytest.approx(list(range(10)), abs=0.08)


def test_an_edit_of_sound_that_changes_midway_is_as_long_as_its_pictures(
    bench: Bench, bundled: FFmpeg, make: Make, tmp_path: Path
) -> None:
    """A transport stream whose programme goes from stereo to 5.1: parts of both, and one across the change."""
    picture = ["-f", "lavfi", "-i", "color=s=64x36:r=25:d=12", "-f", "lavfi", "-i", BEEPS]
    picture += ["-t", "6", "-c:v", "libx264", "-bf", "0"]
    halves = [
        make(f"{n}.ts", *picture, "-ac", channels, "-c:a", "ac3", "-output_ts_offset", str(6 * n), "-y")
        for n, channels in enumerate(("2", "6"))
    ]
    source = tmp_path / "joined.ts"
    source.write_bytes(b"".join(half.read_bytes() for half in halves))
    segments = [{"start": 1, "end": 3}, {"start": 5, "end": 7}, {"start": 9, "end": 10.9}]
    made, facts, _ = bench.make(source, WHOLE, segments=segments)
    assert facts["duration_seconds"] == pytest.approx(5.9, abs=0.05)
    assert onsets(bundled, made) == pytest.approx([0, 1, 2, 3, 4, 5], abs=0.06)
