"""What a file says of itself (tags, chapters, a cover), and what of it an output carries on. Pure.

The words in it are a stranger's: names come from a list of ours, values lose what is no text, and both have bounds.
A place, a camera and its software are in a list of their own, which nothing is carried of unless a recipe asks for all.
"""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, replace

from dailies.domain.model import Model

#: By FFmpeg's names, which it translates for each container; the second line are the texts of several lines.
_WORDS = (
    *("title", "artist", "album", "album_artist", "composer", "performer", "publisher", "copyright", "genre", "date"),
    *("track", "disc", "grouping", "compilation", "isrc", "show", "episode_id", "episode_sort", "season_number"),
)
_TEXTS = ("comment", "description", "synopsis", "lyrics")
TAG_NAMES = (*_WORDS, *_TEXTS)
#: By our names, what files call them, of which the first that is there counts.
_PRIVATE = {
    "location": ("location", "com.apple.quicktime.location.iso6709", "location-eng"),
    "make": ("make", "com.apple.quicktime.make", "com.android.manufacturer"),
    "model": ("model", "com.apple.quicktime.model", "com.android.model"),
    "software": ("software", "com.apple.quicktime.software"),
    "creation_time": ("creation_time", "com.apple.quicktime.creationdate"),
}
PRIVATE_NAMES = tuple(_PRIVATE)
#: What a probe has to look for.
LOOKED_FOR = (*TAG_NAMES, *(name for names in _PRIVATE.values() for name in names))
#: Latitude and longitude (ISO 6709), in degrees.
_PLACE = re.compile(r"([+-]\d{1,2}(?:\.\d{1,9})?)([+-]\d{1,3}(?:\.\d{1,9})?)(?![\d.])")
#: Characters: of a value, of all values and of a chapter's title.
MOST_VALUE, MOST_TEXT, MOST_TITLE = 2_000, 16_000, 200
#: Nero's list of chapters, which MP4 players read, counts them in a byte.
MOST_CHAPTERS = 255
#: Marks that turn the direction of all text after them.
_TURNING = frozenset("\u202a\u202b\u202c\u202d\u202e\u2066\u2067\u2068\u2069")
#: Seconds: what is left of a chapter by a cut is none below it.
_SHORTEST = 0.1
#: Seconds that a chapter's start may be off in a file: MP3's clock has milliseconds, others less.
_NEAR = 0.05


class Chapter(Model):
    """Seconds from the source's start, or an output's."""

    start: float
    end: float
    title: str = ""


@dataclass(frozen=True, slots=True)
class Span:
    """What is shown of a source from ``start`` to ``end``, and ``at`` which second of the film."""

    start: float
    end: float | None = None
    at: float = 0.0


@dataclass(frozen=True, slots=True)
class Carried:
    """What an output is to carry. ``lost`` says in sentences what of the source it does not."""

    tags: Mapping[str, str]
    chapters: tuple[Chapter, ...]
    cover: bool
    lost: tuple[str, ...] = ()

    def __bool__(self) -> bool:
        return bool(self.tags or self.chapters or self.cover)


@dataclass(frozen=True, slots=True)
class _Container:
    """What a muxer has fields for. ``comments``: Vorbis comments, whose DESCRIPTION is FFmpeg's comment."""

    tags: frozenset[str] = frozenset((*TAG_NAMES, *PRIVATE_NAMES))
    chapters: bool = True
    cover: bool = True
    comments: bool = False


_MP4 = _Container(tags=frozenset((*TAG_NAMES, "location")) - {"performer", "publisher", "isrc"})
_VORBIS = _Container(comments=True)
_CONTAINERS = {
    "mp3": _Container(),
    "mp4": _MP4,
    "ipod": _MP4,
    "flac": _VORBIS,
    "ogg": _VORBIS,
    "opus": _VORBIS,
    # The INFO list of RIFF.
    "wav": _Container(
        frozenset({"title", "artist", "album", "copyright", "genre", "date", "track", "comment"}),
        chapters=False,
        cover=False,
    ),
}


def in_comments(muxer: str) -> bool:
    """Whether the muxer keeps everything in Vorbis comments, chapters and cover too."""
    return _CONTAINERS[muxer].comments


def holds_covers(muxer: str) -> bool:
    """Whether the muxer has a place for a picture."""
    return _CONTAINERS[muxer].cover


def clean_tags(found: Iterable[tuple[str, str]]) -> dict[str, str]:
    """The tags that may be carried, in our order; of a name that is there twice the first."""
    known: dict[str, str] = {}
    for name, value in found:
        known.setdefault(name.lower(), value)
    cleaned: dict[str, str] = {}
    left = MOST_TEXT
    for name in TAG_NAMES:
        value = clean_text(known.get(name, ""), min(MOST_VALUE, left), lines=name in _TEXTS)
        if value:
            cleaned[name] = value
            left -= len(value)
    return cleaned


def private_tags(found: Iterable[tuple[str, str]]) -> dict[str, str]:
    """Where, when and with what it was recorded, under one name each; a place without its height and its words."""
    known = {name.lower(): value for name, value in found}
    tags: dict[str, str] = {}
    for name, spellings in _PRIVATE.items():
        value = clean_text(next((known[spelling] for spelling in spellings if spelling in known), ""), MOST_TITLE)
        if name == "location":
            place = _PLACE.match(value)
            value = "" if place is None else f"{float(place[1]):+08.4f}{float(place[2]):+09.4f}/"
        if value:
            tags[name] = value
    return tags


def clean_text(text: str, most: int, *, lines: bool = False) -> str:
    """``text`` without control characters and turning marks, in one line unless ``lines``, of ``most`` characters."""
    kept = []
    for character in text.replace("\r\n", "\n").replace("\r", "\n")[: 4 * MOST_VALUE]:
        if character in "\n\t\u2028\u2029":
            kept.append("\n" if lines and character != "\t" else " ")
        elif character not in _TURNING and unicodedata.category(character) not in ("Cc", "Cs"):
            kept.append(character)
    return "".join(kept).strip()[:most].strip()


def clean_chapters(found: Iterable[Chapter]) -> tuple[Chapter, ...]:
    """In order of time, those that last, at most as many as every container takes."""
    ordered = sorted((chapter for chapter in found if chapter.end > chapter.start), key=lambda each: each.start)
    return tuple(
        chapter.model_copy(update={"title": clean_text(chapter.title, MOST_TITLE)})
        for chapter in ordered[:MOST_CHAPTERS]
    )


def chapters_through(chapters: Sequence[Chapter], spans: Sequence[Span]) -> tuple[Chapter, ...]:
    """The chapters on an output's clock: cut where it is, gone where nothing of them is shown.

    Of spans that overlap (a crossfade) the next one begins where the one before it ends.
    """
    found: list[Chapter] = []
    for span in spans:
        for chapter in chapters:
            start = max(chapter.start, span.start)
            end = chapter.end if span.end is None else min(chapter.end, span.end)
            begin = start - span.start + span.at
            if end - start < _SHORTEST:
                continue
            if found and found[-1].end > begin:
                found[-1] = found[-1].model_copy(update={"end": begin})
            shown = Chapter(start=round(begin, 3), end=round(end - span.start + span.at, 3), title=chapter.title)
            if found and found[-1].title == shown.title and shown.start - found[-1].end < _SHORTEST:
                found[-1] = found[-1].model_copy(update={"end": shown.end})
            else:
                found.append(shown)
    return tuple(chapter for chapter in found if chapter.end > chapter.start)[:MOST_CHAPTERS]


def carried(
    muxer: str, tags: Mapping[str, str], chapters: Sequence[Chapter], *, cover: bool, lost: Sequence[str] = ()
) -> Carried:
    """What of these the muxer has a place for; ``lost`` is already."""
    container = _CONTAINERS[muxer]
    # In an order of ours, whatever the document's was: the same tags give the same bytes.
    kept = {name: tags[name] for name in (*TAG_NAMES, *PRIVATE_NAMES) if name in tags and name in container.tags}
    missing = [name for name in tags if name not in kept]
    lost = [*lost, *([f"{', '.join(missing)}: {muxer} has no such field"] if missing else [])]
    if container.comments and "description" in kept:
        # They are one field there: FFmpeg would write both, and read them as one text.
        description = kept.pop("description")
        if "comment" in kept:
            lost.append("description: it shares its field with the comment")
        kept.setdefault("comment", description)
    if chapters and not container.chapters:
        lost.append(f"chapters: {muxer} has none")
    if cover and not container.cover:
        lost.append(f"cover: {muxer} has none")
    return Carried(kept, tuple(chapters) if container.chapters else (), cover and container.cover, tuple(lost))


def found_again(wanted: Carried, tags: Mapping[str, str], chapters: Sequence[Chapter], *, cover: bool) -> Carried:
    """What of ``wanted`` a file with these has, ``lost`` being what it should have had."""
    kept = {name: value for name, value in wanted.tags.items() if tags.get(name) == value}
    same = len(chapters) == len(wanted.chapters) and all(
        there.title == here.title and abs(there.start - here.start) <= _NEAR
        for there, here in zip(chapters, wanted.chapters, strict=True)
    )
    lost = [f"{name}: not in the file as it was" for name in wanted.tags if name not in kept]
    lost += [] if same else [f"chapters: {len(chapters)} of {len(wanted.chapters)} are in the file as they were"]
    lost += ["cover: not in the file"] if wanted.cover and not cover else []
    return replace(
        wanted, tags=kept, chapters=wanted.chapters if same else (), cover=wanted.cover and cover, lost=tuple(lost)
    )
