"""A film whose loudness is off gets its sound encoded again; its pictures are those of the first encode."""

from __future__ import annotations

import subprocess
from collections.abc import Callable, Sequence
from pathlib import Path
from typing import Any

import pytest

from dailies.media.ffmpeg import FFmpeg, RunReport
from tests.integration.media.conftest import Make
from tests.integration.media.films import PICTURE, SOUND, WHOLE, X264, Bench, samples


def off(kind: str, data: dict[str, Any]) -> None:
    """The level is a dB over what it should be."""
    if kind == "level":
        data["gain_db"] += 1.0


def packets(bundled: FFmpeg, film: Path) -> list[str]:
    """Each packet of the pictures: its times and its hash."""
    listed = subprocess.run(
        [bundled.path, "-v", "error", "-copyts", "-i", film, "-map", "0:v", "-c", "copy", "-f", "framemd5", "-"],
        check=True, capture_output=True, text=True, timeout=60,
    ).stdout  # fmt: skip
    return [line for line in listed.splitlines() if line.startswith(("0,", "#tb", "#dimensions"))]


def failed(certificate: dict[str, Any]) -> list[str]:
    return [check["name"] for check in certificate["checks"] if not check["passed"]]


@pytest.fixture
def commands(bench: Bench, monkeypatch: pytest.MonkeyPatch) -> list[Sequence[str]]:
    """What FFmpeg was run with."""
    found: list[Sequence[str]] = []
    run = bench.toolbox.run

    def listed(arguments: Sequence[str], **more: Any) -> RunReport:
        found.append(arguments)
        return run(arguments, **more)

    monkeypatch.setattr(bench.toolbox, "run", listed)
    return found


@pytest.fixture
def tagged(make: Make) -> Path:
    """A film whose pictures are copied when nothing is asked of them."""
    picture = [word.format(rate=25) for word in PICTURE]
    colour = [word for option in ("colorspace", "color_primaries", "color_trc") for word in (f"-{option}", "bt709")]
    return make("tagged.mp4", *picture, *SOUND, *X264, *colour, "-color_range", "tv")


@pytest.mark.parametrize("name", ["vfr.mp4", "late.mp4", "pictures_late.mkv", "copied"])
def test_a_film_at_the_wrong_loudness_keeps_its_pictures(
    bench: Bench, source: Callable[[str], Path], tagged: Path, bundled: FFmpeg, commands: list[Sequence[str]], name: str
) -> None:
    """The same packets at the same times, sound as long, at the right loudness; one encode of the pictures."""
    media, quality = (tagged, None) if name == "copied" else (source(name), "high")
    film, certificate, _ = bench.make(media, WHOLE, quality=quality, normalize={})
    commands.clear()
    levelled, again, _ = bench.make(media, WHOLE, off, quality=quality, normalize={})
    assert failed(certificate) == failed(again) == []
    assert again["loudness"]["gain_db"] == pytest.approx(certificate["loudness"]["gain_db"], abs=0.1)
    assert packets(bundled, levelled) == packets(bundled, film)
    assert len(samples(bundled, levelled)) == len(samples(bundled, film))
    assert sum("aac" in words for words in commands) == 2
    assert sum("libx264" in words for words in commands) == (name != "copied")
