"""A film's sound is held against its source's at many points along it, whatever made the film."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path
from typing import Any

import ffmpeg
import pytest

from dailies.domain.edit.chunking import ChunkRules
from dailies.domain.errors import QualityNotReached
from dailies.media.graphs.film import editing, ladder, rendering
from tests.integration.media.films import WHOLE, X264, Bench

Make = Callable[..., Path]

SECONDS = 24
#: A beep of 0.1 s with each flash, one each second.
FLASHES = f"color=c=black:s=128x72:r=25:d={SECONDS},geq=lum='if(lt(mod(T+0.001,1),0.1),220,30)':cb=128:cr=128"
BEEPS = (
    f"aevalsrc=exprs='0.4*sin(2*PI*1000*t)*lt(mod(t,1),0.1)+0.2*sin(2*PI*300*t)*lt(mod(t,7),0.3)':s=48000:d={SECONDS}"
)
FILM = ["-f", "lavfi", "-i", FLASHES, "-f", "lavfi", "-i", BEEPS, *X264, "-g", "25"]
PARTS = [{"start": 2, "end": 8}, {"start": 10, "end": 18}, {"start": 19.5, "end": 23}]
#: Of the pictures nothing is asked here.
QUICK: dict[str, Any] = {"preset": "superfast"}
#: Each way in which a film with sound comes about.
WAYS: dict[str, tuple[ChunkRules, dict[str, Any]]] = {
    "copied pictures": (WHOLE, {"quality": None, "normalize": {}}),
    "one piece": (WHOLE, QUICK),
    "trimmed": (WHOLE, {"start": 3.2, "end": 22.7, **QUICK}),
    "levelled": (WHOLE, {"normalize": {"integrated_lufs": -30}, **QUICK}),
    "in chunks": (ChunkRules(above_seconds=0, seconds=9), QUICK),
    "edit": (WHOLE, {"segments": PARTS, **QUICK}),
    "edit in chunks": (ChunkRules(above_seconds=0, seconds=9), {"segments": PARTS, **QUICK}),
    "ladder": (WHOLE, {"kind": "abr", "format": "hls"}),
}


def checks_of(facts: dict[str, Any], name: str) -> list[dict[str, Any]]:
    return [check for check in facts["checks"] if check["name"] == name]


def late_from_the_middle(select: Callable[..., Any], moment: float, seconds: float) -> Callable[..., Any]:
    """As ``select``, and from ``moment`` on so much later: what was held back pushes the rest out at the end."""

    def faulty(stream: Any, selection: Any) -> Any:
        parts = select(stream, selection).filter_multi_output("asplit", 2)
        before = parts[0].filter("atrim", end=moment)
        behind = parts[1].filter("atrim", start=moment).filter("asetpts", "PTS-STARTPTS")
        behind = behind.filter("adelay", f"{seconds * 1000:g}", all=1)
        return ffmpeg.concat(before, behind, v=0, a=1).filter("atrim", end=SECONDS)

    return faulty


@pytest.mark.parametrize("way", WAYS)
def test_sound_is_measured_at_many_points(bench: Bench, make: Make, way: str) -> None:
    """In every way in which a film comes about."""
    rules, wish = WAYS[way]
    _, facts, _ = bench.make(make("flashes.mp4", *FILM), rules, **wish)
    [check] = checks_of(facts, "A/V offset along the film")
    assert check["passed"]
    assert int(check["measured"].split(" at ")[1].split(" of ")[0]) >= 3, check["measured"]


@pytest.mark.parametrize("way", WAYS)
def test_sound_that_is_late_from_the_middle_on_fails_its_film(
    bench: Bench, make: Make, monkeypatch: pytest.MonkeyPatch, way: str
) -> None:
    """By 100 ms: its start, its length and its loudness are what they should be."""
    for module in (rendering, ladder, editing):
        late = late_from_the_middle(module.select, 4 if module is editing else 12, 0.1)
        monkeypatch.setattr(module, "select", late)
    rules, wish = WAYS[way]
    with pytest.raises(QualityNotReached, match="A/V offset along the film") as failed:
        bench.make(make("flashes.mp4", *FILM), rules, **wish)
    assert "ms" in failed.value.message


@pytest.mark.parametrize(
    ("name", "change"),
    [
        ("gap", "asetnsamples=960,aselect='not(between(n,278,281)+eq(n,430))'"),  # 80 ms, and 20 ms
        ("slow", "asetpts=PTS*1.01"),
        ("fast", "asetpts=PTS*0.99"),
    ],
)
def test_a_film_that_keeps_its_sources_clock_passes(bench: Bench, make: Make, name: str, change: str) -> None:
    """80 ms missing, or a clock that drifts by 1 %."""
    source = make(f"{name}.mkv", *FILM, "-af", change, "-c:a", "pcm_s16le")
    _, facts, _ = bench.make(source, WHOLE, **QUICK)
    [check] = checks_of(facts, "A/V offset along the film")
    assert check["passed"], check["measured"]


def test_what_tells_no_time_is_not_claimed(bench: Bench, make: Make) -> None:
    """A steady tone sounds the same at any moment."""
    tone = ["-f", "lavfi", "-i", "testsrc2=s=128x72:r=25:d=9", "-f", "lavfi", "-i", "sine=d=9:r=48000", *X264]
    _, facts, _ = bench.make(make("tone.mp4", *tone), WHOLE, **QUICK)
    assert not checks_of(facts, "A/V offset along the film")
