"""SubRip: written so that no text is a tag, a time or the end of a cue, and read leniently. Pure.

The format has no escapes. What players would obey is taken apart by U+2060, which shows nothing.
"""

from __future__ import annotations

import re
from collections.abc import Sequence

from dailies.domain.subtitles.cues import BOTTOM_CENTER, Cue
from dailies.domain.subtitles.tagged_text import clock, milliseconds, spans_of, tagged

#: Word joiner: no width, no line end.
APART = "\u2060"
# Arrows and times (pysubs2 needs no arrow), HTML's and ASS's tags, MicroDVD's {y:i}, entities, ASS's \N.
_OBEYED = re.compile(r"-->|:\d{1,2}(?=[.,]\d)|<(?=[/!?a-zA-Z])|\{(?=[\\a-zA-Z])|&(?=#?\w{1,12};)|\\(?=\S)")
_CLOCK = r"(?:(\d{1,3}):)?(\d{1,2}):(\d{1,2})[,.](\d{1,3})"
_TIME = re.compile(rf"[ \t]*{_CLOCK}[ \t]*-->[ \t]*{_CLOCK}")
_PLACE = re.compile(r"\{\\an([1-9])\}")
_TAG = re.compile(r"<(/?)([a-zA-Z]+)(?:[ .=][^<>\n]*)?>")


def write_srt(cues: Sequence[Cue]) -> str:
    r"""The cues as SubRip; the place of one that isn't at the bottom as ``{\an8}``, which most players know."""
    return "".join(
        f"{number}\n{clock(cue.start_ms, ',')} --> {clock(cue.end_ms, ',')}\n{_place(cue)}{_text(cue)}\n\n"
        for number, cue in enumerate(cues, 1)
    )


def escape_srt(text: str) -> str:
    """A line's text that no player takes for a tag or a time."""
    return _OBEYED.sub(lambda found: f"--{APART}>" if found[0] == "-->" else f"{found[0]}{APART}", text)


def read_srt(text: str) -> tuple[Cue, ...]:
    """The cues of a SubRip text; what can't be read is skipped."""
    lines = text.lstrip("\ufeff").replace("\r\n", "\n").replace("\r", "\n").split("\n")
    places = [(number, found) for number, line in enumerate(lines) if (found := _TIME.match(line))]
    cues: list[Cue] = []
    for number, (place, found) in enumerate(places):
        last = len(lines) if number + 1 == len(places) else places[number + 1][0]
        body = lines[place + 1 : last]
        if last < len(lines) and body and body[-1].strip().isdigit():
            body.pop()
        start, end = milliseconds(found.groups()[:4]), milliseconds(found.groups()[4:])
        cue = _read(start, end, "\n".join(body))
        if cue.lines and end > start:
            cues.append(cue)
    return tuple(cues)


def _read(start: int, end: int, text: str) -> Cue:
    place = _PLACE.search(text)
    lines = spans_of(_PLACE.sub("", text), _TAG, str)
    return Cue(start, end, lines, align=int(place[1]) if place else BOTTOM_CENTER)


def _place(cue: Cue) -> str:
    return "" if cue.align == BOTTOM_CENTER else f"{{\\an{cue.align}}}"


def _text(cue: Cue) -> str:
    return "\n".join(tagged(line, escape_srt) for line in cue.lines)
