"""Subtitles begin with the shots of their film, where somebody has looked for them."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import pytest

from dailies.domain.edit.shots import shot_changes
from dailies.domain.errors import InvalidRecipe
from dailies.domain.subtitles.cues import Cue
from dailies.operations.steps.scenes import ScenesOperation
from dailies.operations.text.subtitle_files import read
from dailies.planning.operation import Operation
from tests.integration.media.conftest import Make
from tests.integration.media.films import WHOLE, Bench, file_of
from tests.integration.media.test_spoken_subtitles import bench as bench  # noqa: PLC0414 - a fixture
from tests.integration.media.test_transcript import spoken_sound, syllables

# The annotation is the test here: mypy holds the class against its protocol.
STEP: type[Operation] = ScenesOperation
#: When the pictures change, in seconds of 25 frames: three and ten frames before the first word, and elsewhere.
NEAR, FAR = 4.88, 4.6


def filmed(make: Make, change: float, *encoding: str) -> Path:
    sound = spoken_sound(20.0, syllables(5.0, 13.0))
    film = f"testsrc2=s=160x96:r=25:d={change}[a];mandelbrot=s=160x96:r=25,trim=duration={20 - change}[b];[a][b]concat"
    return make(f"shots-{change}-{len(encoding)}.mkv", "-i", str(sound), "-filter_complex", f"{film}[v]", "-map", "[v]",
                "-map", "0", "-c:v", "libx264", "-pix_fmt", "yuv420p", *encoding, "-c:a", "flac", "-y")  # fmt: skip


def first(bench: Bench, source: Path, others: dict[str, Any] | None = None, **wish: Any) -> tuple[Cue, dict[str, Any]]:
    outputs = {"subtitles": {"kind": "subtitles", "format": "srt", **wish}, **(others or {})}
    made, kinds = bench.make_all(source, WHOLE, outputs)
    subtitles = made["subtitles"]
    assert [check for check in subtitles.data["checks"] if not (check["passed"] or check["advisory"])] == []
    rules = {rule["rule"]: rule for rule in subtitles.data["text"]["rules"]}
    return read(file_of(subtitles), "srt")[0], {"kinds": kinds, "rules": rules}


@pytest.mark.parametrize("change", [NEAR, FAR])
@pytest.mark.parametrize("encoding", [(), ("-x264-params", "scenecut=0:keyint=50:min-keyint=50")])
def test_a_subtitle_begins_with_the_shot_of_its_first_word(
    bench: Bench, make: Make, change: float, encoding: tuple[str, ...]
) -> None:
    """To the frame, however the film is encoded; elsewhere it begins with the word."""
    source = filmed(make, change, *encoding)
    spoken, _ = first(bench, source)
    assert spoken.start_ms == pytest.approx(5000, abs=40)
    shown, told = first(bench, source, shot_changes=True)
    assert shown.start_ms == round(change * 1000)
    assert shown.text == spoken.text
    assert told["rules"]["frames_beside_shot"]["share"] == 1
    trimmed, _ = first(bench, source, shot_changes=True, start=2.5)
    assert trimmed.start_ms == round(change * 1000) - 2500


def test_what_highlights_have_seen_is_used_where_it_is_sure(bench: Bench, make: Make) -> None:
    """Nothing is looked at twice: the keyframe that an encoder put out of its turn is the shot's first frame."""
    reel = {"reel": {"kind": "video", "segments": {"auto": {"count": 1, "min": 3, "max": 6}}}}
    placed, told = first(bench, filmed(make, NEAR), reel)
    assert placed.start_ms == round(NEAR * 1000)
    assert told["kinds"].count("scenes") == 1
    ignored, told = first(bench, filmed(make, NEAR), reel, shot_changes=False)
    assert ignored.start_ms == pytest.approx(5000, abs=40)
    regular = filmed(make, NEAR, "-x264-params", "scenecut=0:keyint=50:min-keyint=50")
    unsure, _ = first(bench, regular, reel)
    assert unsure.start_ms == pytest.approx(5000, abs=40)


def test_a_keyframe_in_its_turn_says_little() -> None:
    assert shot_changes([4.0, 7.5, 12.0], [0.0, 4.0, 7.5, 11.5, 12.0]) == [7.5, 12.0]
    assert shot_changes([4.0, 8.0], [0.0, 4.0, 8.0]) == []
    assert shot_changes([3.0], []) == []


def test_sound_alone_has_no_shots(bench: Bench) -> None:
    sound = spoken_sound(20.0, syllables(5.0, 13.0))
    with pytest.raises(InvalidRecipe, match=r"^outputs\.subtitles\.shot_changes: the source has no pictures"):
        first(bench, sound, shot_changes=True)
