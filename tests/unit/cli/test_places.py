"""Where outputs go."""

from __future__ import annotations

import os
from pathlib import Path

import pytest

from dailies.cli.places import format_of, is_same, place_beside, places_of, refuse_contradictions, target_of
from dailies.cli.source_files import SourceFile
from dailies.domain.errors import Conflict, InvalidRecipe, InvalidRequest


@pytest.mark.parametrize(
    ("to", "output", "form"),
    [
        ("mp3", None, "mp3"), (None, "x.mp3", "mp3"), (None, "a.b/X.OGG", "ogg"), (None, "x.oga", "ogg"),
        (None, "x.m4v", "mp4"), ("opus", "x.opus", "opus"), ("mp3", "x.part", "mp3"), ("mp3", "x", "mp3"),
        ("mp3", "out.ogg/", "mp3"), ("mp3", "-", "mp3"),
    ],
)  # fmt: skip
def test_the_format_is_asked_for_or_read_off_the_output(to: str | None, output: str | None, form: str) -> None:
    """An ending that promises no format says nothing, and a folder may be called what it likes."""
    assert format_of(to, target_of(output, several=False)) == form


@pytest.mark.parametrize(
    ("to", "output", "words"),
    [
        ("mp3", "x.ogg", "mp3 contradicts -o x.ogg"), ("mp4", "x.mkv", "contradicts"), (None, None, "add --to mp3"),
        (None, "x.mkv", "the ending of no format"), (None, "x/", "add --to mp3"), (None, "-", "add --to mp3"),
    ],
)  # fmt: skip
def test_a_contradiction_is_refused(to: str | None, output: str | None, words: str) -> None:
    """A file called .ogg that is an MP3 would fool whoever gets it."""
    with pytest.raises(InvalidRequest if to is None else InvalidRecipe, match=words):
        format_of(to, target_of(output, several=False))


def test_what_is_a_folder(tmp_path: Path) -> None:
    """One that is there, one that is written like one, and what several files go to."""
    assert target_of(str(tmp_path), several=False).is_folder
    assert target_of("new/", several=False).is_folder
    assert not target_of("new", several=False).is_folder
    assert target_of("new", several=True).is_folder
    assert target_of(None, several=True).path is None
    assert target_of("-", several=False).is_stream


def test_an_output_is_never_its_source(tmp_path: Path) -> None:
    """It gets another name, also where another name of the source is in its place."""
    film = tmp_path / "lecture.mp4"
    assert place_beside(film, None, ".mp4") == tmp_path / "lecture-converted.mp4"
    assert place_beside(film, tmp_path, ".mp4") == tmp_path / "lecture-converted.mp4"
    assert place_beside(film, tmp_path / "out", ".mp4") == tmp_path / "out" / "lecture.mp4"
    assert place_beside(film, None, ".mp3") == tmp_path / "lecture.mp3"
    film.touch()
    (tmp_path / "out").mkdir()
    os.link(film, tmp_path / "out" / "lecture.mp4")
    assert place_beside(film, tmp_path / "out", ".mp4") == tmp_path / "out" / "lecture-converted.mp4"
    assert not is_same(film, tmp_path / "other.mp4")


def test_folders_keep_their_shape(tmp_path: Path) -> None:
    """Two episodes of one name in two seasons are two outputs."""
    one = SourceFile(tmp_path / "s1" / "e1.wav", True, Path("s1"))
    two = SourceFile(tmp_path / "s2" / "e1.wav", True, Path("s2"))
    out = tmp_path / "out"
    assert places_of([one, two], out, ".mp3") == {one: out / "s1" / "e1.mp3", two: out / "s2" / "e1.mp3"}
    assert places_of([one], None, ".mp3") == {one: tmp_path / "s1" / "e1.mp3"}


def test_what_a_first_call_made_is_no_source_of_the_second(tmp_path: Path) -> None:
    """Neither beside its source under its name, nor set aside."""
    found = [SourceFile(tmp_path / name, True) for name in ("a.wav", "a.mp3", "b.mp3", "b-converted.mp3")]
    assert [source.path.name for source in places_of(found, None, ".mp3")] == ["a.wav", "b.mp3"]


def test_two_sources_don_t_become_one_output() -> None:
    """Whoever came last would be all that is left."""
    with pytest.raises(Conflict, match=r"a/talk.wav and b/talk.flac would both become out/talk.mp3"):
        places_of([SourceFile(Path("a/talk.wav")), SourceFile(Path("b/talk.flac"))], Path("out"), ".mp3")


def test_an_output_doesn_t_replace_another_source() -> None:
    """Whatever --overwrite says: it is about outputs."""
    with pytest.raises(Conflict, match="is a source itself") as refused:
        places_of([SourceFile(Path("talk.wav")), SourceFile(Path("talk.mp3"))], None, ".mp3")
    assert refused.value.error_code == "output_is_source"


def test_standard_output_takes_one_thing() -> None:
    """One file, or one document."""
    stream = target_of("-", several=False)
    refuse_contradictions(stream, one=True, json=False)
    for one, json in ((False, False), (True, True)):
        with pytest.raises(InvalidRequest):
            refuse_contradictions(stream, one=one, json=json)
