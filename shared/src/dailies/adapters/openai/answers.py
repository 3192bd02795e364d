"""Reads the answers of OpenAI-compatible speech servers, which differ: no field is believed before it was looked at."""

from __future__ import annotations

import json
import math
from collections.abc import Iterator, Sequence
from typing import Any

from dailies.domain.errors import TransientError
from dailies.domain.transcript.clean_text import clean_text
from dailies.domain.transcript.languages import language_code
from dailies.domain.transcript.transcript import Segment, Word
from dailies.ports.transcriber import Heard

_SLACK_SECONDS = 1.0
#: Hyphens and apostrophes, at which servers divide words.
_HYPHENS = frozenset("-\u2010\u2011'\u2019")


def read_answer(body: bytes, seconds: float, asked: str | None, usd: float) -> Heard:
    """``seconds``: the file's length; ``asked``: the language that was asked for, if any.

    Times that can't be (outside the file, backwards) make it an answer of text only. Raises TransientError
    ``engine_answer`` for what is no transcript.
    """
    try:
        value = json.loads(body)
    except (ValueError, RecursionError) as error:
        raise _unreadable("no JSON") from error
    if not isinstance(value, dict) or not isinstance(value.get("text"), str):
        raise _unreadable("no text")
    text = clean_text(_spoken(value))
    language = _language(value) or asked
    words = _as_written(_words(value, seconds), text)
    segments = _segments(value, words, seconds)
    if text and not segments:
        return Heard((Segment(text=text, start=0.0, end=round(seconds, 3)),), None, language, None, usd)
    measured = bool(words) or not text
    return Heard(tuple(segments), "measured" if measured else None, language, None, usd)


def _spoken(value: dict[str, Any]) -> str:
    """Its text; of an answer with speakers, whose text has their labels, that of its segments."""
    turns = [one for one in _list(value, "segments") if isinstance(one, dict) and isinstance(one.get("speaker"), str)]
    texts = [turn["text"] for turn in turns if isinstance(turn.get("text"), str)]
    text: str = value["text"]
    return " ".join(texts) if texts else text


def _unreadable(why: str) -> TransientError:
    return TransientError(f"The speech engine's answer can't be read: {why}.", code="engine_answer")


def _language(value: dict[str, Any]) -> str | None:
    named = value.get("languages") if isinstance(value.get("languages"), list) else [value.get("language")]
    for one in named or ():
        # gpt-transcribe lists objects or codes, Whisper's servers write a name or a code.
        found = one.get("language") or one.get("code") if isinstance(one, dict) else one
        if isinstance(found, str) and (code := language_code(found)) is not None:
            return code
    return None


def _words(value: dict[str, Any], seconds: float) -> list[Word]:
    """At the top, as OpenAI has them, or in the segments, as whisper.cpp does. Empty if one of them can't be."""
    listed = _list(value, "words") or [word for one in _list(value, "segments") for word in _list(one, "words")]
    words: list[Word] = []
    for one in listed:
        text = one.get("word", one.get("text")) if isinstance(one, dict) else None
        times = _times(one, seconds)
        if not isinstance(text, str) or times is None or (words and times[0] < words[-1].start):
            return []
        if clean := clean_text(text):
            words.append(Word(text=clean, start=times[0], end=times[1], confidence=_part(one)))
    return words


def _as_written(words: Sequence[Word], text: str) -> list[Word]:
    """With the text's punctuation, and one word where it has one: servers split "ill-disposed", and leave commas out.

    As they are where the two differ in anything else.
    """
    found: list[Word] = []
    place = 0
    for written in text.split():
        wanted, got, first = _letters(written), "", place
        while place < len(words) and len(got) < len(wanted):
            got += _letters(words[place].text)
            place += 1
        if got != wanted or (place - first > 1 and not _HYPHENS & set(written)):
            return list(words)
        if place > first:
            found.append(_one(words[first:place], written))
    return found if place == len(words) else list(words)


def _one(words: Sequence[Word], text: str) -> Word:
    sure = [word.confidence for word in words if word.confidence is not None]
    ends = {"end": max(word.end for word in words), "confidence": min(sure) if sure else None}
    return words[0].model_copy(update={"text": text, **ends})


def _letters(text: str) -> str:
    return "".join(filter(str.isalnum, text.casefold()))


def _segments(value: dict[str, Any], words: Sequence[Word], seconds: float) -> list[Segment]:
    listed: list[tuple[str, tuple[float, float], str | None]] = []
    for one in _list(value, "segments"):
        times = _times(one, seconds)
        if times is None or not isinstance(one.get("text"), str) or (listed and times[0] < listed[-1][1][0]):
            listed = []
            break
        if text := clean_text(one["text"]):
            speaker = one.get("speaker")
            listed.append((text, times, clean_text(speaker)[:80] if isinstance(speaker, str) else None))
    if not listed and words:
        text = clean_text(value["text"])
        return [Segment(text=text, start=words[0].start, end=max(word.end for word in words), words=tuple(words))]
    return list(_filled(listed, words))


def _filled(listed: Sequence[tuple[str, tuple[float, float], str | None]], words: Sequence[Word]) -> Iterator[Segment]:
    """Each word goes to the last segment that begins before its middle."""
    place = 0
    for number, (text, (start, end), speaker) in enumerate(listed):
        following = listed[number + 1][1][0] if number + 1 < len(listed) else math.inf
        own = []
        while place < len(words) and (words[place].start + words[place].end) / 2 < following:
            own.append(words[place].model_copy(update={"speaker": speaker}))
            place += 1
        first = min((word.start for word in own), default=start)
        last = max((word.end for word in own), default=end)
        yield Segment(text=text, start=min(start, first), end=max(end, last), words=tuple(own), speaker=speaker)


def _list(value: Any, name: str) -> list[Any]:
    found = value.get(name) if isinstance(value, dict) else None
    return found if isinstance(found, list) else []


def _times(value: Any, seconds: float) -> tuple[float, float] | None:
    if not isinstance(value, dict):
        return None
    start, end = _number(value.get("start")), _number(value.get("end"))
    if start is None or end is None or not 0 <= start <= end <= seconds + _SLACK_SECONDS:
        return None
    return round(min(start, seconds), 3), round(min(end, seconds), 3)


def _number(value: Any) -> float | None:
    """Also of a string: vLLM writes figures as such."""
    try:
        number = float(value)
    except (TypeError, ValueError):
        return None
    return number if math.isfinite(number) and not isinstance(value, bool) else None


def _part(value: dict[str, Any]) -> float | None:
    number = _number(value.get("probability", value.get("confidence")))
    return round(number, 3) if number is not None and 0 <= number <= 1 else None
