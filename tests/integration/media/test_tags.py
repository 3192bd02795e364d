"""Tags, chapters and cover arrive in every format, whatever is in them; places and devices in none."""

from __future__ import annotations

import json
import subprocess
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest

from dailies.domain.edit.chunking import ChunkRules
from dailies.domain.source.tags import Chapter
from dailies.media.ffmpeg import FFmpeg
from dailies.media.graphs.film.ffmetadata import ffmetadata
from tests.integration.media.conftest import Make
from tests.integration.media.films import WHOLE, Bench, bench_of

TAGS = {
    "title": 'Folge 1; #2 = \\x\' "%s"',
    "artist": "Björk, 音楽",
    "album": "[CHAPTER]",
    "date": "2024-05-01",
    "track": "3/12",
    "comment": "one\nlocation=+52.5+13.4/\n;two",
}
PRIVATE = {"location": "+52.5000+013.4000/", "make": "Apple", "model": "iPhone", "encoded_by": "me", "serial": "S1"}
CHAPTERS = (
    Chapter(start=0, end=1, title="Anfang = ä"),
    Chapter(start=1, end=2, title="Ende"),
)
FILM = ["-f", "lavfi", "-i", "testsrc2=s=64x48:r=25:d=2", "-f", "lavfi", "-i", "sine=d=2:r=48000"]


@pytest.fixture
def talk(make: Make, tmp_path: Path) -> Callable[..., Path]:
    """A film, or its sound, with all of it; ``cover`` is a picture's file."""

    def made(name: str, *options: str, cover: Path | None = None, tags: dict[str, str] = TAGS) -> Path:
        text = tmp_path / f"{name}.txt"
        text.write_text(ffmetadata({**tags, **PRIVATE}, CHAPTERS), encoding="utf-8")
        picture = cover or make("cover.png", "-f", "lavfi", "-i", "testsrc2=s=90x60:d=1", "-frames:v", "1")
        return make(
            name, *FILM, "-f", "ffmetadata", "-i", str(text), "-i", str(picture), "-map_metadata", "2",
            "-map_chapters", "2", *options,
        )  # fmt: skip

    return made


WITH_PICTURES = ["-map", "0", "-map", "1", "-map", "3", "-c:v:0", "libx264", "-pix_fmt:v:0", "yuv420p",
                 "-c:v:1", "copy", "-disposition:v:1", "attached_pic", "-c:a", "aac"]  # fmt: skip
SOUND_ALONE = ["-map", "1", "-map", "3", "-c:v", "copy", "-disposition:v:0", "attached_pic"]


def streams(bundled: FFmpeg, file: Path) -> str:
    """What FFmpeg says of the file, all tags included."""
    return subprocess.run(
        [bundled.path, "-hide_banner", "-i", file], check=False, capture_output=True, text=True, timeout=60
    ).stderr


def kept(bench: Bench, file: Path) -> tuple[dict[str, str], list[tuple[float, str]], bool]:
    info = bench.look(file)
    return info.tags, [(round(each.start, 2), each.title) for each in info.chapters], info.cover() is not None


EVERYTHING = (TAGS, [(0.0, CHAPTERS[0].title), (1.0, CHAPTERS[1].title)], True)


@pytest.mark.parametrize("form", ["mp3", "m4a", "ogg", "opus", "flac", "wav"])
def test_every_audio_format_keeps_what_it_can(
    bench: Bench, talk: Callable[..., Path], bundled: FFmpeg, form: str
) -> None:
    """And the certificate lists it, read from the file; normalised and not."""
    source = talk("talk.mp4", *WITH_PICTURES)
    file, certificate, _ = bench.make(source, WHOLE, kind="audio", format=form, normalize={})
    assert kept(bench, file) == (EVERYTHING if form != "wav" else (TAGS, [], False))
    facts = certificate["metadata"]
    assert set(facts["tags"]) == set(TAGS)
    assert (facts["chapters"], facts["cover"]) == ((2, True) if form != "wav" else (0, False))
    assert facts["left_out"] == ([] if form != "wav" else ["chapters: wav has none", "cover: wav has none"])
    assert [check["passed"] for check in certificate["checks"] if check["name"] == "metadata"] == [True]
    assert not [value for value in PRIVATE.values() if f": {value}" in streams(bundled, file)]


@pytest.mark.parametrize(
    ("source", "options", "wish"),
    [
        ("talk.mp3", ["-c:a", "libmp3lame", "-id3v2_version", "3"], {"format": "mp3"}),
        ("talk.m4a", ["-c:a", "aac"], {"format": "m4a"}),
        ("talk.flac", ["-c:a", "flac"], {"format": "flac"}),
    ],
)
def test_a_copied_stream_keeps_them_too(
    bench: Bench, talk: Callable[..., Path], source: str, options: list[str], wish: dict[str, Any]
) -> None:
    media = talk(source, *SOUND_ALONE, *options)
    file, certificate, _ = bench.make(media, WHOLE, kind="audio", quality=None, **wish)
    assert certificate["copied"]
    tags, chapters, cover = kept(bench, file)
    assert (tags, cover) == (TAGS, True)
    # FFmpeg writes none into a FLAC: the source has none.
    assert chapters == ([] if source == "talk.flac" else EVERYTHING[1])


def test_films_keep_them_in_one_piece_in_chunks_and_at_another_level(bench: Bench, talk: Callable[..., Path]) -> None:
    """A film's sound is put beside its pictures again where its loudness was off."""
    source = talk("talk.mp4", *WITH_PICTURES)

    def off(kind: str, data: dict[str, Any]) -> None:
        if kind == "level":
            data["gain_db"] += 1.0

    for rules, change in ((WHOLE, lambda kind, data: None), (WHOLE, off), (ChunkRules(0, 1), lambda kind, data: None)):
        film, certificate, kinds = bench.make(source, rules, change, normalize={})
        assert kept(bench, film) == EVERYTHING
        assert [check for check in certificate["checks"] if not check["passed"]] == []
        assert ("assemble" in kinds) == (rules is not WHOLE)
    film, _, _ = bench.make(source, WHOLE, quality=None)
    assert kept(bench, film) == EVERYTHING


def test_a_trim_and_an_edit_take_chapters_along(bench: Bench, talk: Callable[..., Path]) -> None:
    source = talk("talk.mp4", *WITH_PICTURES)
    film, _, _ = bench.make(source, WHOLE, start=0.6)
    assert kept(bench, film)[1] == [(0.0, CHAPTERS[0].title), (0.4, CHAPTERS[1].title)]
    edit, certificate, _ = bench.make(
        source, WHOLE, segments=[{"start": 1, "end": 1.8}, {"start": 0, "end": 0.5}, {"start": 1.5, "end": 2}]
    )
    assert kept(bench, edit) == (TAGS, [(0.0, "Ende"), (0.8, CHAPTERS[0].title), (1.32, "Ende")], True)
    assert certificate["metadata"]["chapters"] == 3


def test_nothing_is_kept_where_it_is_not_wanted(bench: Bench, talk: Callable[..., Path], bundled: FFmpeg) -> None:
    source = talk("talk.mp4", *WITH_PICTURES)
    for wish in ({"kind": "audio", "format": "mp3"}, {}, {"segments": [{"start": 0, "end": 1}]}):
        file, certificate, kinds = bench.make(source, WHOLE, metadata="strip", **wish)
        assert kept(bench, file) == ({}, [], False)
        assert certificate["metadata"] is None
        assert "cover" not in kinds


def test_places_and_devices_are_kept_where_all_is_asked_for(bench: Bench, talk: Callable[..., Path]) -> None:
    source = talk("talk.flac", *SOUND_ALONE, "-c:a", "flac")
    private = {"location": "+52.5000+013.4000/", "make": "Apple", "model": "iPhone"}
    assert bench.look(source).private_tags == private
    for form, kept_there in (("mp3", set(private)), ("opus", set(private)), ("m4a", {"location"}), ("wav", set())):
        file, certificate, _ = bench.make(source, WHOLE, kind="audio", format=form, metadata="all")
        assert set(bench.look(file).private_tags) == kept_there
        assert set(certificate["metadata"]["tags"]) & set(private) == kept_there
        assert [check["passed"] for check in certificate["checks"] if check["name"] == "metadata"] == [True]
        file, _, _ = bench.make(source, WHOLE, kind="audio", format=form)
        assert bench.look(file).private_tags == {}


def test_a_cover_is_decoded_and_encoded_anew(
    bench: Bench, talk: Callable[..., Path], make: Make, bundled: FFmpeg, tmp_path: Path
) -> None:
    """Nothing rides along in it, and it has a size; one that can't be decoded is left out, and said."""
    picture = make("big.jpg", "-f", "lavfi", "-i", "testsrc2=s=2000x1000:d=1", "-frames:v", "1")
    raw = picture.read_bytes()
    secret = b"Exif\0\0MM\0*\0\0\0\x08\0\0" + b"GPS 52.5 13.4"
    carrying = tmp_path / "carrying.jpg"
    carrying.write_bytes(raw[:2] + b"\xff\xe1" + (len(secret) + 2).to_bytes(2, "big") + secret + raw[2:])
    source = talk("talk.mp3", *SOUND_ALONE, "-c:a", "libmp3lame", cover=carrying)
    assert b"GPS 52.5" in source.read_bytes()
    file, _, _ = bench.make(source, WHOLE, kind="audio", format="mp3")
    assert b"GPS 52.5" not in file.read_bytes()
    assert b"Exif" not in file.read_bytes()
    assert "1500x750" in streams(bundled, file)

    broken = source.read_bytes().replace(raw[600:1000], bytes(400)).replace(b"\xff\xc0\x00\x11", b"\xff\xc0\x00\x01")
    hostile = tmp_path / "hostile.mp3"
    hostile.write_bytes(broken)
    file, certificate, _ = bench.make(hostile, WHOLE, kind="audio", format="m4a")
    assert kept(bench, file)[2] is False
    assert "can't be decoded" in json.dumps(certificate["metadata"]["left_out"])
    assert set(certificate["metadata"]["tags"]) == set(TAGS)


def test_an_older_ffmpeg_does_the_same(on_path: FFmpeg, tmp_path: Path, talk: Callable[..., Path]) -> None:
    bench = bench_of(on_path, tmp_path)
    source = talk("talk.mp4", *WITH_PICTURES)
    wishes: list[dict[str, Any]] = [{"kind": "audio", "format": "opus"}, {"kind": "audio", "format": "mp3"}, {}]
    for wish in wishes:
        file, _, _ = bench.make(source, WHOLE, **wish)
        assert kept(bench, file) == EVERYTHING


def test_the_longest_of_everything_fits(bench: Bench, talk: Callable[..., Path]) -> None:
    """A probe's answer is bounded, and so is what is written."""
    tags = dict.fromkeys(("title", "artist", "comment", "lyrics", "synopsis", "genre"), "🎧" * 50000)
    source = talk("talk.mp3", *SOUND_ALONE, "-c:a", "libmp3lame", tags=tags)
    file, certificate, _ = bench.make(source, WHOLE, kind="audio", format="opus")
    assert sum(map(len, kept(bench, file)[0].values())) == 12_000
    assert certificate["metadata"]["left_out"] == []
