"""Takes out of a text what no subtitle can show and what commands a terminal or a player. Pure."""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Iterator

from dailies.domain.subtitles.widths import chopped

# ECMA-48: CSI and its one-character form, OSC up to its end, other escapes with their intermediates.
_ESCAPES = re.compile(
    r"(?:\x1b\[|\x9b)[0-?]*[ -/]*[@-~]"
    r"|(?:\x1b[\]PX^_]|[\x9d\x90\x98\x9e\x9f])[^\x07\x1b\x9c]*(?:\x07|\x1b\\|\x9c)?"
    r"|\x1b[ -/]*[0-~]?"
)
# Unicode's C0 and C1 controls but for white space, orders that turn the direction of what follows (UAX 9), tags,
# interlinear marks, byte order marks and halves of pairs. Marks of direction (200E, 200F, 061C) and joiners stay.
_NEVER_SHOWN = re.compile(
    "[\x00-\x08\x0e-\x1b\x7f-\x84\x86-\x9f\u202a-\u202e\u2066-\u2069\u2060\u206a-\u206f\ufeff\ufff0-\ufffb\ufffe\uffff"
    "\U000e0000-\U000e007f\ud800-\udfff]"
)
_SPACES = re.compile(r"[\s\x1c-\x1f\x85\u2028\u2029\u2800]+")
#: More marks on one letter than any script has (Vietnamese and Hebrew have two or three) cover the lines above.
MOST_MARKS = 6
#: A longer line is several: FFmpeg's reader of SubRip holds 4096 bytes of one and drops the rest.
MOST_COLUMNS = 200


def plain_line(text: str) -> str:
    """One line of text that only says something: no controls, no line ends, white space once."""
    if text.isascii() and text.isprintable():
        return " ".join(text.split())
    text = _ESCAPES.sub("", text)
    text = _SPACES.sub(" ", _NEVER_SHOWN.sub("", text))
    return "".join(_few_marks(unicodedata.normalize("NFC", text))).strip(" ")


def _few_marks(text: str) -> Iterator[str]:
    marks = 0
    for character in text:
        marks = marks + 1 if unicodedata.category(character)[0] == "M" else 0
        if marks <= MOST_MARKS:
            yield character


def plain_lines(text: str) -> list[str]:
    """The same for several lines; those that are empty are left out, as they would end a cue."""
    lines = (plain_line(line) for line in re.split(r"\r\n|[\n\r\v\f\x85\u2028\u2029]", text))
    return [piece for line in lines if line for piece in chopped(line, MOST_COLUMNS)]
