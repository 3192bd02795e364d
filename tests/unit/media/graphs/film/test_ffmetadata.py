"""The file that tags come by, and the arguments that name it: the first has strangers' words, the others ours alone."""

from __future__ import annotations

import base64

import pytest

from dailies.domain.source.tags import Chapter
from dailies.media.graphs.film.ffmetadata import TagFiles, ffmetadata, jpeg_size, vorbis_comments, with_tags
from dailies.media.graphs.film.muxing import film_arguments
from dailies.media.run.ffmpeg_flags import guarded

#: A JPEG's start, and a frame header that says 3 × 2 pixels.
JPEG = b"\xff\xd8\xff\xe0\x00\x04ab\xff\xc0\x00\x11\x08\x00\x02\x00\x03\x03" + bytes(12)
CHAPTERS = [Chapter(start=0, end=1.5, title="[CHAPTER]"), Chapter(start=3661.25, end=3700, title="b\nSTART=9")]


def test_a_value_can_begin_nothing_of_its_own() -> None:
    """Neither a tag, a section, a comment nor a line."""
    tags = {"title": "a=b;c#d\\e", "comment": "one\nlocation=here\n[CHAPTER]"}
    assert ffmetadata(tags, CHAPTERS[:1]) == (
        ";FFMETADATA1\n"
        "title=a\\=b\\;c\\#d\\\\e\n"
        "comment=one\\\nlocation\\=here\\\n[CHAPTER]\n"
        "[CHAPTER]\nTIMEBASE=1/1000\nSTART=0\nEND=1500\ntitle=[CHAPTER]\n"
    )


def test_vorbis_comments_have_chapters_and_cover_in_fields() -> None:
    comments = vorbis_comments({"title": "T"}, CHAPTERS, JPEG)
    picture = base64.b64decode(comments.pop("METADATA_BLOCK_PICTURE"))
    assert comments == {
        "title": "T",
        "CHAPTER000": "00:00:00.000",
        "CHAPTER000NAME": "[CHAPTER]",
        "CHAPTER001": "01:01:01.250",
        "CHAPTER001NAME": "b\nSTART=9",
    }
    assert picture.startswith(b"\0\0\0\3\0\0\0\x0aimage/jpeg\0\0\0\0\0\0\0\3\0\0\0\2")
    assert picture.endswith(JPEG)


@pytest.mark.parametrize("broken", [b"", b"GIF89a", JPEG[:12], b"\xff\xd8\xff\xff\xff\xff" + bytes(20)])
def test_what_is_no_jpeg_has_no_size(broken: bytes) -> None:
    assert jpeg_size(JPEG) == (3, 2)
    with pytest.raises(ValueError, match="no frame header"):
        jpeg_size(broken)


def test_each_output_gets_its_own_tags_from_inputs_behind_the_others() -> None:
    """Maps of the others stay what they were; an output without tags stays as it is."""
    plain = ["-map_metadata", "-1", "-map_chapters", "-1"]
    arguments = ["-vn", "-i", "file:source", "-map", "0:1", *plain, "file:a.mp3", "-map", "0:1", *plain, "file:b.flac",
                 "-map", "0:1", *plain, "file:c.wav"]  # fmt: skip
    tagged = with_tags(arguments, {"a.mp3": TagFiles("a.txt", "a.jpg"), "c.wav": TagFiles("c.txt")})
    inputs = [word for place, word in enumerate(tagged) if tagged[place - 1] == "-i"]
    assert inputs == ["file:source", "file:a.txt", "file:a.jpg", "file:c.txt"]
    assert tagged[tagged.index("file:c.txt") + 1 :] == [
        *("-map", "0:1", "-map_metadata", "1", "-map_chapters", "1", "-map", "2:0", "-c:v:0", "copy"),
        *("-disposition:v:0", "attached_pic", "-metadata:s:v:0", "comment=Cover (front)", "file:a.mp3"),
        *("-map", "0:1", *plain, "file:b.flac"),
        *("-map", "0:1", "-map_metadata", "3", "-map_chapters", "3", "file:c.wav"),
    ]
    assert guarded(tagged, names={"source", "a.txt", "a.jpg", "c.txt"}).count("-format_whitelist") == 4
    assert with_tags(arguments, {}) == arguments


def test_a_films_encoder_is_not_the_covers() -> None:
    words = ["-i", "file:source", "-map", "0:0", "-c:v", "libx264", "-profile:v", "high", "-crf", "23",
             "-map_metadata", "-1", "-map_chapters", "-1", "file:f.mp4"]  # fmt: skip
    tagged = with_tags(words, {"f.mp4": TagFiles("t.txt", "c.jpg", film=True)})
    assert tagged[tagged.index("-c:v:0") :][:4] == ["-c:v:0", "libx264", "-profile:v:0", "high"]
    assert tagged[tagged.index("-c:v:1") + 1] == "copy"


def test_a_joined_film_is_tagged_alike() -> None:
    tagged = with_tags(film_arguments("p.mp4", "s.m4a", "f.mp4"), {"f.mp4": TagFiles("t.txt", "c.jpg", film=True)})
    assert tagged[-9:] == [
        *("-map", "3:0", "-c:v:1", "copy", "-disposition:v:1", "attached_pic"),
        *("-metadata:s:v:1", "comment=Cover (front)", "file:f.mp4"),
    ]
    assert tagged[tagged.index("-map_metadata") + 1] == "2"
