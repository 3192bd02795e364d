"""Tags, chapters and a cover for what FFmpeg writes: the files they come by, and the arguments that name those. Pure.

Values are strangers' text. They go into a file that FFmpeg reads as data (``-f ffmetadata``), escaped, and never into
an argument or a filter; the arguments hold our own file names alone.
"""

from __future__ import annotations

import base64
import re
import struct
from collections.abc import Mapping, Sequence
from dataclasses import dataclass

from dailies.domain.source.tags import Chapter
from dailies.media.run.ffmpeg_flags import input_flags

_SPECIAL = re.compile(r"([\\=;#\n])")
_FRONT_COVER, _JPEG, _BITS = 3, b"image/jpeg", 24


@dataclass(frozen=True, slots=True)
class TagFiles:
    """The names of an output's files in the run's folder. ``cover`` is a JPEG; None where the text has it, or none.

    ``film``: the output has pictures of its own beside the cover.
    """

    text: str
    cover: str | None = None
    film: bool = False


def ffmetadata(tags: Mapping[str, str], chapters: Sequence[Chapter] = ()) -> str:
    """The text of a metadata file (FFmpeg's Formats documentation, section Metadata)."""
    lines = [";FFMETADATA1", *(f"{escaped(name)}={escaped(value)}" for name, value in tags.items())]
    for chapter in chapters:
        lines += ["[CHAPTER]", "TIMEBASE=1/1000", f"START={_ms(chapter.start)}", f"END={_ms(chapter.end)}"]
        lines += [f"title={escaped(chapter.title)}"]
    return "\n".join(lines) + "\n"


def escaped(text: str) -> str:
    """``text`` as a metadata file has it: a backslash before what would end or begin something there."""
    return _SPECIAL.sub(r"\\\1", text)


def vorbis_comments(tags: Mapping[str, str], chapters: Sequence[Chapter], jpeg: bytes | None) -> dict[str, str]:
    """``tags`` with the chapters and the cover, as Ogg and FLAC keep both: in comments of their own names."""
    comments = dict(tags)
    for number, chapter in enumerate(chapters):
        minutes, seconds = divmod(_ms(chapter.start), 60_000)
        hours, minutes = divmod(minutes, 60)
        comments[f"CHAPTER{number:03d}"] = f"{hours:02d}:{minutes:02d}:{seconds // 1000:02d}.{seconds % 1000:03d}"
        comments[f"CHAPTER{number:03d}NAME"] = chapter.title
    if jpeg is not None:
        comments["METADATA_BLOCK_PICTURE"] = base64.b64encode(_picture_block(jpeg)).decode()
    return comments


def with_tags(arguments: Sequence[str], files: Mapping[str, TagFiles]) -> list[str]:
    """The run that has ``arguments``, with each output of ``files`` (by file name) getting its tags.

    Every output in it has ``-map_metadata -1 -map_chapters -1``, and its last words are ``file:NAME``.
    """
    last_input = max((place for place, word in enumerate(arguments) if word == "-i"), default=-2) + 2
    inputs: list[str] = []
    count = list(arguments).count("-i")
    result: list[str] = []
    group: list[str] = []
    for word in arguments[last_input:]:
        group.append(word)
        tagged = files.get(word.removeprefix("file:")) if word.startswith("file:") else None
        if not word.startswith("file:"):
            continue
        if tagged is not None:
            inputs += [*input_flags(demuxers=("ffmetadata",)), "-f", "ffmetadata", "-i", f"file:{tagged.text}"]
            place, count = count, count + 1
            group = _mapped(group, place)
            if tagged.cover is not None:
                inputs += [*input_flags(demuxers=("jpeg_pipe",)), "-f", "jpeg_pipe", "-i", f"file:{tagged.cover}"]
                group, count = _covered(group, count, film=tagged.film), count + 1
        result += group
        group = []
    return [*arguments[:last_input], *inputs, *result, *group]


def _mapped(words: Sequence[str], place: int) -> list[str]:
    """One output's ``words`` with its metadata from the input ``place``."""
    mapped = list(words)
    for option in ("-map_metadata", "-map_chapters"):
        mapped[mapped.index(option) + 1] = str(place)
    return mapped


def _covered(words: Sequence[str], place: int, *, film: bool) -> list[str]:
    """One output's ``words`` with its cover from the input ``place``."""
    # What is said of video means the film: for a cover, which is copied, x264's options are errors.
    own = [f"{word}:0" if word.startswith("-") and word.endswith(":v") else word for word in words]
    stream = f"v:{int(film)}"
    added = ["-map", f"{place}:0", f"-c:{stream}", "copy", f"-disposition:{stream}", "attached_pic"]
    added += [f"-metadata:s:{stream}", "comment=Cover (front)"]  # ID3's name of the kind of picture
    return [*own[:-1], *added, own[-1]]


def jpeg_size(jpeg: bytes) -> tuple[int, int]:
    """Width and height in a JPEG's frame header (ITU-T T.81, B.2.2). Raises ValueError where there is none."""
    place = 2
    while place + 9 <= len(jpeg) and jpeg[place] == 0xFF:
        marker, length = jpeg[place + 1], int.from_bytes(jpeg[place + 2 : place + 4], "big")
        if marker in (0xC0, 0xC1, 0xC2):
            height, width = struct.unpack(">HH", jpeg[place + 5 : place + 9])
            return width, height
        place += 2 + length
    raise ValueError("no frame header")


def _picture_block(jpeg: bytes) -> bytes:
    """FLAC's PICTURE block (RFC 9639, section 8.8), which Ogg has in base 64."""
    width, height = jpeg_size(jpeg)
    named = struct.pack(">II", _FRONT_COVER, len(_JPEG)) + _JPEG + struct.pack(">I", 0)
    return named + struct.pack(">IIIII", width, height, _BITS, 0, len(jpeg)) + jpeg


def _ms(seconds: float) -> int:
    return round(1000 * seconds)
