"""What is on screen at a moment is the last frame at or before it, however long ago it came."""

from __future__ import annotations

import subprocess
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest

from dailies.media.ffmpeg import FFmpeg
from dailies.media.storyboard import read_vtt
from tests.integration.media.conftest import Make
from tests.integration.media.films import SOUND, WHOLE, Bench, bench_of

# Luma that rises by 16 a second from 32: a picture's brightness is its time.
DARKEST, BRIGHTER = 32, 16
RATE = 25
CLOCK = f"color=s=64x36:r={RATE}:d=11,geq=lum='{DARKEST}+{BRIGHTER}*T':cb=128:cr=128"
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
