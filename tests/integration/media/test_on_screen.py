"""What is on screen at a moment is the last frame at or before it, however long ago it came."""

from __future__ import annotations

import subprocess
from collections.abc import Callable
from pathlib import Path
from statistics import fmean
from typing import Any

import pytest

from dailies.domain.edit.chunking import ChunkRules
from dailies.domain.pictures.poster import FRAME_BYTES, candidate_times
from dailies.domain.stop import StopToken
from dailies.media.ffmpeg import FFmpeg
from dailies.media.graphs.pictures.still import Moment, candidate_arguments, candidates_arguments
from dailies.media.graphs.pictures.storyboard import read_vtt
from dailies.operations.deliverables.thumbnail import ThumbnailOutput
from dailies.operations.pictures import choose_picture
from tests.integration.media.conftest import Make
from tests.integration.media.films import WHOLE, Bench, bench_of, times

# Luma that rises by 16 a second from 32: a picture's brightness is its time.
DARKEST, BRIGHTER = 32, 16
RATE = 25
CLOCK = f"color=s=64x36:r={RATE}:d=11,geq=lum='{DARKEST}+{BRIGHTER}*T':cb=128:cr=128"
SOUND = ["-f", "lavfi", "-i", "sine=d=11:r=48000"]
TAGS = "setparams=range=tv:color_primaries=bt709:color_trc=bt709:colorspace=bt709"
VP8 = ["-c:v", "libvpx", "-crf", "4", "-b:v", "2M", "-c:a", "libvorbis"]
X264 = ["-c:v", "libx264", "-crf", "8", "-preset", "veryfast", "-c:a", "aac"]
# When frames come: a still of six seconds in between; one that lasts to the end; slides; none missing.
HELD = {
    "still.mp4": ("lt(t,2)+gte(t,8)", X264),
    "still.webm": ("lt(t,2)+gte(t,8)", VP8),
    "last.mp4": ("lt(t,2)", X264),
    "slides.mkv": ("not(mod(n,75))", X264),
    "plain.ts": ("1", X264),
}
PIECES = ChunkRules(above_seconds=0, seconds=2)
NEAR = 0.1  # seconds; two frames are 0.04 apart, and codecs are off by a level or two


def shown(name: str, at: float) -> float:
    """The time of the frame that is on screen ``at`` in the file of that name."""
    if name == "slides.mkv":
        return at // 3 * 3.0
    still = (2.0, 8.0) if name.startswith("still") else (2.0, 99.0) if name == "last.mp4" else (99.0, 99.0)
    return 2.0 - 1 / RATE if still[0] <= at < still[1] else at


def moments(bundled: FFmpeg, path: Path, graph: str = "") -> list[float]:
    """The time that each frame of a film, or a picture, shows."""
    words = ["-i", str(path), "-fps_mode", "passthrough", "-vf", f"{graph}scale=1:1:flags=area,format=gray"]
    raw = subprocess.run(
        [bundled.path, "-v", "error", *words, "-f", "rawvideo", "-"], check=True, capture_output=True, timeout=60
    ).stdout
    return [(16 + grey * 219 / 255 - DARKEST) / BRIGHTER for grey in raw]


@pytest.fixture
def film(make: Make) -> Callable[[str], Path]:
    """One of ``HELD``: eleven seconds, the sound without a gap."""

    def of(name: str) -> Path:
        taken, codec = HELD[name]
        source = ["-f", "lavfi", "-i", f"{CLOCK},{TAGS}", *SOUND]
        return make(name, *source, "-vf", f"select='{taken}'", "-fps_mode", "vfr", *codec, "-y")

    return of


def passed(certificate: dict[str, Any]) -> bool:
    return all(check["passed"] for check in certificate["checks"])


@pytest.mark.parametrize("name", HELD)
def test_a_thumbnail_is_what_is_on_screen(
    bench: Bench, film: Callable[[str], Path], bundled: FFmpeg, name: str
) -> None:
    """Within a still, at its ends, between two frames, and after the last one as long as there is sound."""
    for at in (1.03, 5.0, 10.96):
        picture, certificate, _ = bench.make(film(name), WHOLE, kind="thumbnail", at=at, format="png")
        assert passed(certificate)
        assert moments(bundled, picture) == [pytest.approx(shown(name, at), abs=NEAR)], at


@pytest.mark.parametrize("name", HELD)
def test_candidates_are_the_same_in_one_decode_as_one_by_one(
    bench: Bench, film: Callable[[str], Path], tmp_path: Path, name: str
) -> None:
    """What is on screen at each moment, whether FFmpeg runs once for all of them or once for each."""
    source, wish = film(name), ThumbnailOutput()
    picture = choose_picture(wish, bench.look(source), "outputs.poster")
    at = candidate_times(11.0)
    together, alone = ([tmp_path / f"{kind}-{second:g}" for second in at] for kind in ("together", "alone"))
    runs = [candidates_arguments(picture, at, [path.name for path in together])]
    runs += [candidate_arguments(picture, Moment(second), path.name) for second, path in zip(at, alone, strict=True)]
    for arguments in runs:
        bench.toolbox.run(arguments, scratch=tmp_path, source=source, stop=StopToken(), media_seconds=11.0)
    for second, one, other in zip(at, together, alone, strict=True):
        assert one.read_bytes() == other.read_bytes(), second
        grey = fmean(one.read_bytes()[:FRAME_BYTES])
        assert (16 + grey * 219 / 255 - DARKEST) / BRIGHTER == pytest.approx(shown(name, second), abs=2 * NEAR), second


def test_an_older_ffmpeg_shows_the_same_picture(
    on_path: FFmpeg, film: Callable[[str], Path], bundled: FFmpeg, tmp_path: Path
) -> None:
    """The system's, which is usually years older."""
    picture, _, _ = bench_of(on_path, tmp_path).make(
        film("still.mp4"), WHOLE, kind="thumbnail", at=5.0, format="png"
    )  # fmt: skip
    assert moments(bundled, picture) == [pytest.approx(shown("still.mp4", 5.0), abs=NEAR)]


@pytest.mark.parametrize("name", HELD)
def test_a_timelapse_gives_a_still_its_share(
    bench: Bench, film: Callable[[str], Path], bundled: FFmpeg, name: str
) -> None:
    """Eleven seconds to two: at each moment what a viewer sees who skips through the film."""
    lapse, certificate, _ = bench.make(film(name), WHOLE, kind="timelapse", duration=2, fps=10, quality="high")
    assert passed(certificate)
    found = moments(bundled, lapse)
    step = 11.0 / len(found)
    wanted = [pytest.approx(shown(name, number * step + 0.001), abs=NEAR + 0.04) for number in range(len(found))]
    assert len(found) == certificate["sampling"]["frames"]
    assert found == wanted
    assert certificate["duration_seconds"] == pytest.approx(2.0, abs=0.02)


@pytest.mark.parametrize("name", HELD)
def test_tiles_come_at_the_interval_asked_for(
    bench: Bench, film: Callable[[str], Path], bundled: FFmpeg, name: str
) -> None:
    """However few frames there are; the last cue ends with the source."""
    path, certificate, _ = bench.make(film(name), WHOLE, kind="storyboard", interval=1.5, format="png", width=64)
    assert passed(certificate)
    # Where keyframes are close enough, they are all that is decoded: one may be an interval old.
    old = 0.0 if certificate["sampling"]["decode"] == "full" else 1.5
    cues = read_vtt(path.read_text())
    assert [cue.start for cue in cues] == [pytest.approx(number * 1.5) for number in range(8)]
    assert cues[-1].end == pytest.approx(11.0, abs=0.1)
    for cue in cues:
        x, y, width, height = cue.area
        [moment] = moments(bundled, path.with_name(cue.file), f"crop={width}:{height}:{x}:{y},")
        wanted = shown(name, cue.start + 0.001)
        assert wanted - old - NEAR <= moment <= wanted + NEAR


@pytest.mark.parametrize("rules", [WHOLE, PIECES], ids=["whole", "chunks"])
@pytest.mark.parametrize("name", ["still.mp4", "last.mp4", "slides.mkv"])
def test_a_trim_begins_with_what_is_on_screen_and_is_as_long_as_asked(
    bench: Bench, film: Callable[[str], Path], bundled: FFmpeg, name: str, rules: ChunkRules
) -> None:
    """From the middle of a still, to the middle of one, and within one; the sound is as long."""
    for start, end in ((1.0, 4.0), (4.0, 10.0)):
        made, certificate, _ = bench.make(film(name), rules, start=start, end=end)
        assert passed(certificate)
        found, ticks = moments(bundled, made), times(bundled, made)
        assert certificate["duration_seconds"] == pytest.approx(end - start, abs=0.1)
        assert ticks[0] == 0
        assert float(ticks[-1]) >= end - start - 0.35  # slides come at the pace of their shortest distance
        wanted = [pytest.approx(shown(name, start + float(tick) + 0.001), abs=NEAR) for tick in ticks]
        assert found == wanted


def test_a_segment_may_lie_after_the_last_frame(bench: Bench, film: Callable[[str], Path], bundled: FFmpeg) -> None:
    """The last picture stays on screen while there is sound, in an edit and in a trim."""
    for wish in ({"segments": [{"start": 5.0, "end": 7.0}]}, {"start": 5.0, "end": 7.0}, {"start": 9.0}):
        made, certificate, _ = bench.make(film("last.mp4"), WHOLE, **wish)
        assert all(check["passed"] or check.get("advisory") for check in certificate["checks"])
        found = moments(bundled, made)
        assert found == [pytest.approx(2.0 - 1 / RATE, abs=NEAR)] * len(found)
        assert certificate["duration_seconds"] == pytest.approx(2.0, abs=0.1)


def test_a_rate_that_rises_midway_loses_no_frame(bench: Bench, make: Make, bundled: FFmpeg, tmp_path: Path) -> None:
    """A live WebM of 12 and then 60 frames a second, whose header says neither: a film, its ladder."""
    frames = ["-f", "lavfi", "-i", f"{CLOCK.replace(f'r={RATE}', 'r=60')},{TAGS}", *SOUND]
    pace = ["-vf", "select='gte(t,5)+not(mod(n,5))'", "-fps_mode", "vfr", "-t", "10"]
    source = make("pace.webm", *frames, *pace, *VP8, "-deadline", "realtime", "-cpu-used", "8", "-y")
    live = without_default_duration(source, tmp_path / "live.webm")
    made, certificate, _ = bench.make(live, WHOLE)
    assert passed(certificate)
    ticks = times(bundled, made)
    assert len(ticks) == pytest.approx(600, abs=6)  # the last lasts as long as the first
    wanted = [float(tick) if tick >= 5 else float(tick) // (1 / 12) / 12 for tick in ticks]
    assert moments(bundled, made) == [pytest.approx(moment, abs=2 * NEAR) for moment in wanted]
    master, certificate, _ = bench.make(live, WHOLE, kind="abr")
    assert passed(certificate)
    rendition = master.with_name(certificate["renditions"][0]["playlist"]).with_suffix(".mp4")
    assert moments(bundled, rendition) == [pytest.approx(moment, abs=2 * NEAR) for moment in wanted]


def without_default_duration(source: Path, path: Path) -> Path:
    """The WebM as a browser records it: DefaultDuration (0x23E383) overwritten by Void (0xEC)."""
    data = bytearray(source.read_bytes())
    place = data.find(b"\x23\xe3\x83")
    assert place > 0
    while 0 <= place < 5000:
        whole = 4 + (data[place + 3] & 0x7F)
        data[place : place + whole] = bytes([0xEC, 0x80 | (whole - 2)]) + bytes(whole - 2)
        place = data.find(b"\x23\xe3\x83", place + whole)
    path.write_bytes(data)
    return path
