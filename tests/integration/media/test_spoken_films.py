"""A film whose subtitles are what is said in it: as a track of text, drawn into the pictures, and as a file."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import pytest

from dailies.domain.recipe.recipe import parse_recipe
from dailies.media.ffmpeg import FFmpeg
from dailies.operations import KINDS
from dailies.planning.compiler import compile_plan
from dailies.planning.plan import Plan
from tests.integration.media.conftest import Make
from tests.integration.media.films import WHOLE, Bench
from tests.integration.media.test_burn_in import drawn
from tests.integration.media.test_spoken_subtitles import (
    bench as bench,  # noqa: PLC0414 - a fixture
    made,
)
from tests.integration.media.test_text_track import switched_on
from tests.integration.media.test_transcript import spoken_sound, syllables


@pytest.fixture
def talk(make: Make) -> Path:
    """Twenty grey seconds; from the fifth on somebody reads."""
    sound = spoken_sound(20.0, syllables(5.0, 13.0))
    return make("talk.mkv", "-f", "lavfi", "-i", "color=c=gray:s=320x180:r=10:d=20", "-i", str(sound),
                "-c:v", "libx264", "-pix_fmt", "yuv420p", "-c:a", "flac", "-y")  # fmt: skip


def film(bench: Bench, source: Path, **wish: Any) -> tuple[Path, dict[str, Any]]:
    path, certificate, _ = bench.make(source, WHOLE, kind="video", **wish)
    assert [check for check in certificate["checks"] if not (check["passed"] or check["advisory"])] == []
    return path, certificate


def test_a_film_carries_what_is_said_in_it(bench: Bench, bundled: FFmpeg, talk: Path) -> None:
    """The same words at the same times as the file of subtitles has, and the language that was heard."""
    cues, _, _ = made(bench, talk)
    path, _ = film(bench, talk, text_track={})
    assert switched_on(bundled, path) == [(cue.texts[0], cue.start_ms, cue.end_ms) for cue in cues]
    assert [(other.codec, other.language) for other in bench.look(path).other] == [("mov_text", "eng")]


def test_a_trim_and_an_edit_carry_it_in_their_own_time(bench: Bench, bundled: FFmpeg, talk: Path) -> None:
    cues, _, _ = made(bench, talk)
    trimmed, _ = film(bench, talk, text_track={"text_from": "speech"}, start=4.5, end=19)
    assert switched_on(bundled, trimmed) == [
        (cue.texts[0], cue.start_ms - 4500, min(cue.end_ms, 19000) - 4500) for cue in cues
    ]
    edited, _ = film(bench, talk, text_track={}, segments=[{"start": 15, "end": 18}, {"start": 4, "end": 10}])
    first = cues[0]
    assert (first.texts[0], first.start_ms - 1000, first.end_ms - 1000) in switched_on(bundled, edited)


def test_what_is_said_is_drawn_when_it_is_said(bench: Bench, bundled: FFmpeg, talk: Path) -> None:
    """In narrow lines where that is asked for, and nothing before the first word."""
    path, certificate = film(bench, talk, burn_in={"max_line_length": 20, "font_size": 8})
    assert drawn(bundled, path, 2.5) == (0, 0)
    upper, lower = drawn(bundled, path, 7.0)
    assert upper == 0
    assert lower > 0.002
    assert [check["name"] for check in certificate["checks"] if check["name"] == "burnt in"] == ["burnt in"]


def planned(bench: Bench, source: Path, outputs: dict[str, Any]) -> Plan:
    return compile_plan(parse_recipe({"outputs": outputs}, KINDS), bench.look(source), bench.registry)


def test_all_of_a_recipe_that_needs_words_hears_them_once(bench: Bench, talk: Path) -> None:
    """Also where the transcript was told more about them: what it knows is in the subtitles."""
    plan = planned(
        bench,
        talk,
        {
            "film": {"kind": "video", "text_track": {}, "burn_in": {}},
            "subtitles": {"kind": "subtitles", "format": "vtt"},
            "words": {"kind": "transcript", "format": "txt", "vocabulary": ["Dashwood"]},
        },
    )
    kinds = [step.kind for step in plan.steps]
    assert kinds.count("voice") == 1
    # As text, and as JSON for those that go on with it.
    assert kinds.count("transcript") == 2
    assert {step.params.vocabulary for step in plan.steps if step.kind == "transcript"} == {("Dashwood",)}  # type: ignore[attr-defined]


def test_the_words_of_another_track_or_language_are_its_own(bench: Bench, talk: Path) -> None:
    plan = planned(
        bench,
        talk,
        {
            "subtitles": {"kind": "subtitles", "language": "nl-BE"},
            "words": {"kind": "transcript", "language": "en", "vocabulary": ["Dashwood"]},
        },
    )
    told = {(step.params.language, step.params.vocabulary) for step in plan.steps if step.kind == "transcript"}  # type: ignore[attr-defined]
    assert told == {("nl", ()), ("en", ("Dashwood",))}


def test_the_text_of_a_track_is_still_the_first_choice(
    bench: Bench, bundled: FFmpeg, talk: Path, make: Make, tmp_path: Path
) -> None:
    (tmp_path / "t.srt").write_text("1\n00:00:01,000 --> 00:00:02,000\nwritten\n")
    both = make("both.mkv", "-i", str(talk), "-i", str(tmp_path / "t.srt"), "-c", "copy", "-c:s", "subrip", "-y")
    assert switched_on(bundled, film(bench, both, text_track={})[0]) == [("written", 1000, 2000)]
    spoken = switched_on(bundled, film(bench, both, text_track={"text_from": "speech"})[0])
    assert spoken[0][0].startswith("The family of Dashwood")
