"""Tags are a stranger's text: what of it is carried, how long it may be, and where chapters go."""

from __future__ import annotations

import unicodedata
from itertools import pairwise

import pytest
from hypothesis import given, strategies as st

from dailies.domain.source.tags import (
    MOST_CHAPTERS,
    MOST_TEXT,
    MOST_VALUE,
    TAG_NAMES,
    Chapter,
    Span,
    carried,
    chapters_through,
    clean_chapters,
    clean_tags,
    found_again,
    private_tags,
)

ONE = Chapter(start=0, end=10, title="one")
TWO = Chapter(start=10, end=30, title="two")


def test_places_and_devices_have_no_name_here() -> None:
    """Whatever a phone calls them; nor has the software that wrote the file."""
    private = [
        *(
            "location",
            "location-eng",
            "com.apple.quicktime.location.iso6709",
            "©xyz",
            "xyz",
            "make",
            "model",
            "encoder",
        ),
        *("com.apple.quicktime.make", "com.apple.quicktime.model", "com.apple.quicktime.software", "creation_time"),
        *(
            "com.android.version",
            "com.apple.quicktime.camera.identifier",
            "serial_number",
            "encoded_by",
            "handler_name",
        ),
    ]
    assert clean_tags([*((name, "Berlin") for name in private), ("Title", "A walk")]) == {"title": "A walk"}


@given(st.lists(st.tuples(st.sampled_from([*TAG_NAMES, "location"]), st.text(max_size=3000)), max_size=40))
def test_values_are_text_of_a_bounded_length(found: list[tuple[str, str]]) -> None:
    """No control characters but a newline, in the texts that have lines; nothing that turns the direction."""
    tags = clean_tags(found)
    assert set(tags) <= set(TAG_NAMES)
    assert sum(map(len, tags.values())) <= MOST_TEXT
    for name, value in tags.items():
        assert 0 < len(value) <= MOST_VALUE
        allowed = {"\n"} if name in ("comment", "description", "synopsis", "lyrics") else set()
        assert {c for c in value if unicodedata.category(c) in ("Cc", "Cs")} <= allowed
        assert not any("\u202a" <= c <= "\u202e" or "\u2066" <= c <= "\u2069" for c in value)


def test_a_terminal_is_told_nothing_by_a_title() -> None:
    assert clean_tags([("title", "\x1b[31mred\x07\u202eder\x00\r\nnext\ttab")]) == {"title": "[31mredder next tab"}
    assert clean_tags([("comment", "one\r\ntwo\rthree\x0b")]) == {"comment": "one\ntwo\nthree"}


def test_a_trim_shifts_chapters_and_cuts_them() -> None:
    """One that the cut leaves nothing of is gone."""
    assert chapters_through([ONE, TWO], [Span(4, 20)]) == (
        Chapter(start=0, end=6, title="one"),
        Chapter(start=6, end=16, title="two"),
    )
    assert chapters_through([ONE, TWO], [Span(10.0)]) == (Chapter(start=0, end=20, title="two"),)
    assert chapters_through([ONE, TWO], [Span(9.95, 30)]) == (Chapter(start=0.05, end=20.05, title="two"),)


def test_an_edit_takes_chapters_along() -> None:
    """In the film's order; a crossfade begins the next one, and a chapter that goes on is one."""
    spans = [Span(20, 25, at=0), Span(2, 6, at=4.5), Span(6, 8, at=8.5)]
    assert chapters_through([ONE, TWO], spans) == (
        Chapter(start=0, end=4.5, title="two"),
        Chapter(start=4.5, end=10.5, title="one"),
    )


@given(st.lists(st.tuples(st.floats(0, 1e4), st.floats(0, 1e4)), max_size=300), st.floats(0, 50), st.floats(0.2, 50))
def test_chapters_of_any_file_stay_in_order_and_within(
    times: list[tuple[float, float]], start: float, length: float
) -> None:
    chapters = clean_chapters(Chapter(start=begin, end=end) for begin, end in times)
    assert len(chapters) <= MOST_CHAPTERS
    shown = chapters_through(chapters, [Span(start, start + length)])
    assert all(-0.01 <= each.start < each.end <= length + 0.01 for each in shown)
    assert all(one.end <= other.start + 0.01 for one, other in pairwise(shown))


@pytest.mark.parametrize(
    ("muxer", "tags", "lost"),
    [
        ("mp3", {"title", "comment", "description", "performer"}, ()),
        ("ipod", {"title", "comment", "description"}, ("performer: ipod has no such field",)),
        ("opus", {"title", "comment", "performer"}, ("description: it shares its field with the comment",)),
        (
            "wav",
            {"title", "comment"},
            ("performer, description: wav has no such field", "chapters: wav has none", "cover: wav has none"),
        ),
    ],
)
def test_each_container_carries_what_it_has_a_place_for(muxer: str, tags: set[str], lost: tuple[str, ...]) -> None:
    said = {"title": "T", "performer": "P", "comment": "C", "description": "D"}
    wanted = carried(muxer, said, [ONE], cover=True)
    assert (set(wanted.tags), wanted.lost) == (tags, lost)
    assert (bool(wanted.chapters), wanted.cover) == (muxer != "wav", muxer != "wav")


def test_a_description_alone_is_a_vorbis_comment() -> None:
    assert carried("flac", {"description": "D"}, [], cover=False).tags == {"comment": "D"}


def test_what_did_not_arrive_is_named() -> None:
    """A chapter elsewhere is none, a text that was changed neither."""
    wanted = carried("mp3", {"title": "T", "track": "A1"}, [ONE], cover=True)
    there = found_again(wanted, {"title": "T", "track": "0"}, [ONE.model_copy(update={"start": 1.0})], cover=False)
    assert there.lost == (
        "track: not in the file as it was",
        "chapters: 1 of 1 are in the file as they were",
        "cover: not in the file",
    )
    assert not found_again(wanted, wanted.tags, [ONE], cover=True).lost


def test_a_place_and_a_device_have_one_name_each_for_who_asks() -> None:
    """Whatever a phone calls them; of a place its position is kept, and no words."""
    found = [
        ("com.apple.quicktime.location.ISO6709", "+52.5200+013.4050+034.000/Home\x1b[31m"),
        ("com.apple.quicktime.make", "Apple\x07"),
        ("com.android.model", "Pixel"),
        ("serial_number", "S1"),
        ("title", "A walk"),
    ]
    assert private_tags(found) == {"location": "+52.5200+013.4050/", "make": "Apple", "model": "Pixel"}
    assert private_tags([("location", "my house, +52.52"), ("xyz", "+1+2/")]) == {}
