"""Subtitles for another output of the recipe: where a word is heard in the film, its subtitle says it."""

from __future__ import annotations

import array
import re
import subprocess
from pathlib import Path
from typing import Any

import pytest

from dailies.domain.errors import InvalidRecipe
from dailies.domain.recipe.recipe import parse_recipe
from dailies.domain.transcript.transcript import Transcript
from dailies.media.ffmpeg import FFmpeg
from dailies.operations import KINDS
from dailies.planning.compiler import compile_plan
from dailies.planning.operation import Artifact
from tests.fakes.scripted_engine import ScriptedEngine
from tests.fakes.sounds import RATE_HZ, bursts_in
from tests.integration.media.conftest import Make
from tests.integration.media.films import WHOLE, Bench, file_of
from tests.integration.media.test_transcript import bench as scripted, spoken_sound, syllables

SECONDS = 24.0
#: Lines of one word: each subtitle's start is when its word is said.
WORDS = {"kind": "subtitles", "format": "ass", "word_highlight": True, "for": "reel"}
#: A frame of sound on its way through AAC, and the scripted engine's ear.
_AS_HEARD_MS = 30


@pytest.fixture
def bench(bundled: FFmpeg, tmp_path: Path) -> Bench:
    return scripted(bundled, tmp_path, ScriptedEngine())


@pytest.fixture
def talk(make: Make) -> Path:
    """Pictures of 25 frames a second, and syllables from the second second on: the scripted engine's words."""
    sound = spoken_sound(SECONDS, syllables(2.0, 20.0))
    return make("talk.mkv", "-f", "lavfi", "-i", f"testsrc2=s=64x64:r=25:d={SECONDS:g}", "-i", str(sound),
                "-c:v", "libx264", "-pix_fmt", "yuv420p", "-c:a", "flac", "-y")  # fmt: skip


def heard(binary: FFmpeg, film: Path) -> list[tuple[float, float]]:
    """When tones are heard in a film, in seconds."""
    sound = subprocess.run(
        [binary.path, "-v", "error", "-i", film, "-map", "0:a", "-ac", "1", "-ar", f"{RATE_HZ}", "-f", "s16le", "-"],
        check=True, capture_output=True, timeout=60,
    ).stdout  # fmt: skip
    return bursts_in(array.array("h", sound))


def said(artifact: Artifact) -> list[int]:
    """When each word of the subtitles lights up, in milliseconds, as a player counts it."""
    found = []
    for start, text in re.findall(
        r"^Dialogue: 0,(\S+?),(?:[^,]*,){7}(.*)$", file_of(artifact).read_text(), re.MULTILINE
    ):
        hours, minutes, seconds = start.split(":")
        at = 10 * round((int(hours) * 3600 + int(minutes) * 60 + float(seconds)) * 100)
        for lasts, word in re.findall(r"\{\\k(\d+)\}([^{]*)", text):
            if word:
                found.append(at)
            at += 10 * int(lasts)
    return found


def both(bench: Bench, source: Path, reel: dict[str, Any], **wish: Any) -> tuple[Artifact, Artifact]:
    made, _ = bench.make_all(source, WHOLE, {"subtitles": {**WORDS, **wish}, "reel": reel})
    failed = [
        check for each in made.values() for check in each.data["checks"] if not (check["passed"] or check["advisory"])
    ]
    assert failed == []
    return made["reel"], made["subtitles"]


#: Each cuts a word, or begins between frames.
REELS = {
    "trimmed": {"kind": "video", "start": 3.37, "end": 17.11},
    "cut": {"kind": "video", "segments": [{"start": 15.03, "end": 19.5}, {"start": 1.0, "end": 5.49}]},
    "sound": {"kind": "audio", "format": "m4a", "start": 4.123},
    "carried": {"kind": "video", "start": 2.5, "text_track": {}},
}


@pytest.mark.parametrize("reel", [pytest.param(wish, id=name) for name, wish in REELS.items()])
def test_words_stand_where_they_are_heard(bench: Bench, bundled: FFmpeg, talk: Path, reel: dict[str, Any]) -> None:
    film, subtitles = both(bench, talk, reel)
    sounds = [(start * 1000, end * 1000) for start, end in heard(bundled, file_of(film)) if end - start > 0.06]
    words = said(subtitles)
    # Of a word that a cut goes through less may be left than half, which is not written.
    assert len(sounds) - 2 <= len(words) <= len(sounds) + 2
    for start in words[1:-1]:
        assert min(abs(start - each) for each, _ in sounds) <= _AS_HEARD_MS, start


def test_found_segments_are_followed(bench: Bench, bundled: FFmpeg, talk: Path) -> None:
    reel = {"kind": "video", "segments": {"auto": {"count": 2, "min": 2, "max": 4}}}
    film, subtitles = both(bench, talk, reel)
    sounds = [start * 1000 for start, end in heard(bundled, file_of(film)) if end - start > 0.06]
    words = said(subtitles)
    assert len(words) > 10
    off = sorted(min(abs(start - each) for each in sounds) for start in words)
    assert off[int(len(off) * 0.9)] <= _AS_HEARD_MS


def test_what_is_sped_up_is_read_faster(bench: Bench, talk: Path) -> None:
    """To the millisecond, whether it was asked for as a speed or as a length."""
    whole, _ = bench.make_all(talk, WHOLE, {"film": {key: WORDS[key] for key in WORDS if key != "for"}})
    spoken = said(whole["film"])
    assert len(spoken) > 50
    for lapse in ({"speed": 4}, {"duration": SECONDS / 4}):
        _, subtitles = both(bench, talk, {"kind": "timelapse", **lapse})
        assert len(spoken) == len(said(subtitles))
        # ASS counts hundredths, from each subtitle's beginning.
        assert max(abs(now - before / 4) for now, before in zip(said(subtitles), spoken, strict=True)) <= 20


def planned(bench: Bench, source: Path, **outputs: Any) -> None:
    compile_plan(parse_recipe({"outputs": outputs}, KINDS), bench.look(source), bench.registry)


@pytest.mark.parametrize(
    ("wish", "message"),
    [
        ({"for": "real"}, "outputs.subtitles.for: there is no other output 'real', did you mean 'reel'?"),
        ({"for": "subtitles"}, "outputs.subtitles.for: there is no other output 'subtitles'"),
        ({"for": "still"}, "outputs.subtitles.for: 'still' is neither a film nor a sound: it has no time."),
        ({"for": "reel", "start": 3}, "outputs.subtitles.for: it has the time of reel: leave out start, end"),
        ({"for": "reel", "speed": 2}, "outputs.subtitles.for: it has the time of reel: leave out start, end"),
        ({"form": "reel"}, "outputs.subtitles.form: unknown field, did you mean"),
    ],
)
def test_what_cannot_be_followed_is_refused(bench: Bench, talk: Path, wish: dict[str, Any], message: str) -> None:
    with pytest.raises(InvalidRecipe) as refused:
        planned(
            bench, talk, reel={"kind": "video", "end": 5}, still={"kind": "thumbnail"},
            subtitles={"kind": "subtitles", **wish},
        )  # fmt: skip
    assert refused.value.message.startswith(message)


def test_what_stops_the_film_stops_its_subtitles(bench: Bench, talk: Path) -> None:
    """And says which output it was."""
    outputs = {"reel": {"kind": "video", "start": 99}, "subtitles": {"kind": "subtitles", "for": "reel"}}
    with pytest.raises(InvalidRecipe, match=r"^outputs\.reel\.start: 99 s is past the source's end"):
        planned(bench, talk, **outputs)


def test_a_stored_recipe_keeps_what_its_subtitles_are_for() -> None:
    recipe = parse_recipe({"outputs": {"a": {"kind": "video"}, "b": {"kind": "subtitles", "for": "a"}}}, KINDS)
    assert recipe.model_dump(mode="json")["outputs"]["b"]["for"] == "a"
    again = parse_recipe(recipe.model_dump(mode="json"), KINDS)
    assert again == recipe


def test_found_clips_keep_whole_the_words_of_the_job_s_transcript(bench: Bench, talk: Path) -> None:
    """Where it has one: no clip begins or ends within a word of it, and it is heard once."""
    reel = {"kind": "video", "segments": {"auto": {"count": 2, "min": 2, "max": 4}}}
    made, kinds = bench.make_all(talk, WHOLE, {"reel": reel, "words": {"kind": "transcript"}})
    spoken = Transcript.model_validate_json(file_of(made["words"]).read_bytes()).words
    edges = [edge for segment in made["reel"].data["segments"] for edge in (segment["start"], segment["end"])]
    assert len(edges) == 4
    assert [edge for edge in edges if any(word.start < edge < word.end for word in spoken)] == []
    assert (kinds.count("voice"), kinds.count("highlights")) == (1, 1)
