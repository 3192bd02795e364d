"""WebVTT (W3C): written with its escapes, voices and places, and read. Pure."""

from __future__ import annotations

import html
import re
from collections.abc import Sequence

from dailies.domain.subtitles.cues import BOTTOM_CENTER, Cue
from dailies.domain.subtitles.style import PLACES, SubtitleStyle, rgba
from dailies.domain.subtitles.tagged_text import clock, milliseconds, spans_of, tagged

_CHARACTER = re.compile(r"&(?:amp|lt|gt|nbsp|lrm|rlm|#\d{1,7}|#[xX][0-9a-fA-F]{1,6});")
_TAG = re.compile(r"<(/?)([a-zA-Z]*)[^<>]*>")
_VOICE = re.compile(r"<v(?:\.[^ \t<>]*)?[ \t]+([^<>]+)>")
_CLOCK = r"(?:(\d{2,}):)?([0-5]\d):([0-5]\d)\.(\d{3})"
_TIME = re.compile(rf"[ \t]*{_CLOCK}[ \t]+-->[ \t]+{_CLOCK}(.*)")
_HEADER = re.compile(r"WEBVTT(?:[ \t].*)?")
# The keypad's rows and columns, by what is left of its numbers. At the bottom and in the middle players need no word.
_ROWS = ("", " line:50%", " line:0")
_COLUMNS = {1: " position:0% align:start", 2: "", 0: " position:100% align:end"}


def write_vtt(cues: Sequence[Cue], style: SubtitleStyle | None = None) -> str:
    """The cues as WebVTT, ``style`` as its sheet and, for cues without a place of their own, the place."""
    head = ["WEBVTT"] if style is None else ["WEBVTT", _sheet(style)]
    usual = BOTTOM_CENTER if style is None else PLACES[style.positioning]
    return "\n\n".join([*head, *(_cue(cue, usual) for cue in cues)]) + "\n"


def escape_vtt(text: str) -> str:
    """A text whose characters mean themselves: no tag, no reference, no arrow of a time."""
    return text.replace("&", "&amp;").replace("<", "&lt;").replace(">", "&gt;")


def read_vtt(text: str) -> tuple[Cue, ...]:
    """The cues of a WebVTT text. Raises ValueError for one that is none."""
    text = text.removeprefix("\ufeff").replace("\r\n", "\n").replace("\r", "\n")
    head, *blocks = re.split(r"\n\n+", text)
    if not _HEADER.fullmatch(head.split("\n")[0]):
        raise ValueError("it does not begin with WEBVTT")
    cues: list[Cue] = []
    for block in blocks:
        lines = block.strip("\n").split("\n")
        place = 0 if "-->" in lines[0] else 1
        found = _TIME.fullmatch(lines[place]) if place < len(lines) else None
        if found is None:
            continue
        body = "\n".join(lines[place + 1 :])
        start, end = milliseconds(found.groups()[:4]), milliseconds(found.groups()[4:8])
        spans = spans_of(body, _TAG, _decoded)
        if spans and end > start:
            voice = _VOICE.search(body)
            speaker = _decoded(voice[1]).strip() if voice else None
            cues.append(Cue(start, end, spans, speaker or None, _align(found[9])))
    return tuple(cues)


def _decoded(text: str) -> str:
    return _CHARACTER.sub(lambda found: html.unescape(found[0]).replace("\xa0", " "), text)


def _cue(cue: Cue, usual: int) -> str:
    align = usual if cue.align == BOTTOM_CENTER else cue.align
    place = f"{_ROWS[(align - 1) // 3]}{_COLUMNS[align % 3]}"
    text = "\n".join(tagged(line, escape_vtt) for line in cue.lines)
    voice = "" if cue.speaker is None else f"<v {escape_vtt(cue.speaker)}>"
    return f"{clock(cue.start_ms, '.')} --> {clock(cue.end_ms, '.')}{place}\n{voice}{text}"


def _align(settings: str) -> int:
    row = 1
    line = re.search(r"(?:^|\s)line:(-?\d+(?:\.\d+)?)(%?)", settings)
    if line is not None:
        place = float(line[1])
        row = 1 + (place <= 66) + (place <= 33) if line[2] else 3 if place >= 0 else 1
    column = re.search(r"(?:^|\s)align:(start|left|end|right)", settings)
    return 3 * (row - 1) + (2 if column is None else 1 if column[1] in {"start", "left"} else 3)


def _sheet(style: SubtitleStyle) -> str:
    """The style for players that read one. Of user's words only those that a pattern allows are in it."""
    red, green, blue, alpha = rgba(style.font_color)
    rules = [f"  color: rgba({red}, {green}, {blue}, {alpha / 255:.3g});", f'  font-family: "{style.font_family}";']
    rules.append(f"  font-size: {style.font_size:g}vh;")
    if style.background_color is not None:
        red, green, blue, alpha = rgba(style.background_color)
        rules.append(f"  background-color: rgba({red}, {green}, {blue}, {alpha / 255:.3g});")
    return "\n".join(["STYLE", "::cue {", *rules, "}"])
