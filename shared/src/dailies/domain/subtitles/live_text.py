"""What a job's screen shows of a text while it is being made: the last of it. Pure."""

from __future__ import annotations

from dailies.domain.subtitles.plain_text import plain_line

#: Characters: the progress document is written once a second, and read by every page that is open.
MOST_CHARACTERS = 300


def last_of(text: str, more: str) -> str:
    """``text`` and what came after it as one line without commands, cut before a word where it is too long."""
    whole = plain_line(f"{text} {more}")
    if len(whole) <= MOST_CHARACTERS:
        return whole
    kept = whole[1 - MOST_CHARACTERS :]
    head, space, rest = kept.partition(" ")
    # A word without an end is cut all the same; a mark without its letter would sit on the sign before it.
    return plain_line(f"… {rest}" if space and len(head) < MOST_CHARACTERS // 2 else f"…{kept}")[:MOST_CHARACTERS]
