"""What SubRip and WebVTT have in common: clock times, and tags for italics, bold and underline. Pure."""

from __future__ import annotations

import re
from collections.abc import Callable, Sequence
from dataclasses import replace

from dailies.domain.subtitles.cues import Line, Span
from dailies.domain.subtitles.plain_text import MOST_COLUMNS, plain_line, plain_lines
from dailies.domain.subtitles.widths import columns

_LOOKS = {"i": "italic", "b": "bold", "u": "underline"}


def clock(milliseconds: int, mark: str) -> str:
    """``01:02:03`` and the milliseconds after ``mark``."""
    seconds, rest = divmod(milliseconds, 1000)
    return f"{seconds // 3600:02d}:{seconds // 60 % 60:02d}:{seconds % 60:02d}{mark}{rest:03d}"


def milliseconds(parts: Sequence[str | None]) -> int:
    """Of hours, minutes, seconds and what of a second is behind its mark; absent ones are 0."""
    hours, minutes, seconds = (int(part or 0) for part in parts[:3])
    return ((hours * 60 + minutes) * 60 + seconds) * 1000 + int((parts[3] or "0").ljust(3, "0"))


def tagged(line: Line, escape: Callable[[str], str]) -> str:
    """The line's text between the tags of its looks."""
    parts = []
    for span in joined(line):
        letters = [letter for letter, look in _LOOKS.items() if getattr(span, look)]
        opening = "".join(f"<{letter}>" for letter in letters)
        closing = "".join(f"</{letter}>" for letter in reversed(letters))
        parts.append(f"{opening}{escape(span.text)}{closing}")
    return "".join(parts)


def joined(line: Line) -> list[Span]:
    """The line with neighbours of one look in one span, without the times of words."""
    found: list[Span] = []
    texts: list[str] = []
    for number, span in enumerate(line):
        texts.append(span.text)
        after = line[number + 1] if number + 1 < len(line) else None
        if after is None or (after.italic, after.bold, after.underline) != (span.italic, span.bold, span.underline):
            found.append(Span("".join(texts), span.italic, span.bold, span.underline))
            texts = []
    return found


def spans_of(text: str, tags: re.Pattern[str], decode: Callable[[str], str]) -> tuple[Line, ...]:
    """Lines of spans; ``tags`` has a slash and a name. Those of a look begin and end it, others are left out."""
    looks = dict.fromkeys(_LOOKS.values(), 0)
    lines: list[Line] = []
    for raw in text.split("\n"):
        spans: list[Span] = []
        place = 0
        for found in tags.finditer(raw):
            spans.append(_span(decode(raw[place : found.start()]), looks))
            place = found.end()
            look = _LOOKS.get(found[2].lower())
            if look is not None:
                looks[look] = max(0, looks[look] + (-1 if found[1] else 1))
        spans.append(_span(decode(raw[place:]), looks))
        lines += tidy_lines(spans)
    return tuple(lines)


def tidy_lines(spans: Sequence[Span]) -> list[Line]:
    """The spans as a line, or as none where they say nothing; of one that no screen holds, as several plain ones."""
    line = tidy(spans)
    text = "".join(span.text for span in line)
    return [(Span(piece),) for piece in plain_lines(text)] if columns(text) > MOST_COLUMNS else [line] if line else []


def tidy(spans: Sequence[Span]) -> Line:
    """The spans without controls, and without white space at the line's ends and twice in it."""
    found: list[Span] = []
    space = False
    for span in spans:
        text = plain_line(span.text)
        space = space or span.text[:1].isspace()
        if text:
            if space and found:
                found[-1] = replace(found[-1], text=f"{found[-1].text} ")
            found.append(replace(span, text=text))
            space = span.text[-1:].isspace()
    return tuple(found)


def _span(text: str, looks: dict[str, int]) -> Span:
    return Span(text, *(looks[look] > 0 for look in _LOOKS.values()))
