"""Holds what an engine wrote against what can be heard: loops, phantom phrases, text without sound, sound without text.

Pure. Nothing is believed or dropped for its words alone: "Thank you." is what people say, and what Whisper writes where
nobody says anything.
"""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Sequence
from itertools import chain

from dailies.domain.transcript.activity import Activity
from dailies.domain.transcript.spans import Span, length, merged, within, without
from dailies.domain.transcript.transcript import Remark, Segment, Word

#: A phrase said so often in a row is a loop of the decoder, if its repetitions make up so many words; a chorus is
#: shorter. Of single words ("no no no no no") more are believed.
_LEAST_REPEATS, _LEAST_WORDS, _LONGEST_PHRASE = 4, 16, 30
#: Around a word: engines cut their ends short. Seconds.
_WORD_EDGE = 0.3
#: Speech without words for so long is missing. Seconds.
_MISSING_SECONDS = 2.5
#: Text over less speech than this, as a part of its time, is doubted; below the second figure it is none.
_LOW_SPEECH, _NO_SPEECH = 0.3, 0.02
#: What models write over silence and music, in the spelling of :func:`spelt` (openai/whisper#928, whisper.cpp#1724).
_PHANTOMS = re.compile(
    r"(thanks?( you)?( so much)?( for (watching|listening))?|you|bye|the end|please subscribe.*|subscribe.*"
    r"|subtitles? by .*|transcribed by .*|transcription by .*|amara org.*|untertitel.*|vielen dank( furs zuschauen)?"
    r"|sous titres?.*|merci d avoir regarde.*|subtitulos .*|gracias por ver.*|sottotitoli .*|legendas .*"
    r"|ご視聴ありがとうございました|字幕.*|请不吝点赞.*|시청해주셔서 감사합니다)"
)


def without_loops(segments: Sequence[Segment]) -> tuple[tuple[Segment, ...], tuple[Remark, ...]]:
    """Keeps a phrase that repeats over and over once; a remark for each stretch that was cut."""
    words = [(number, word) for number, segment in enumerate(segments) for word in segment.words]
    plain = [spelt(word.text) for _, word in words]
    dropped: set[int] = set()
    remarks = []
    place = 0
    while place < len(plain):
        size, count = _repeats(plain, place)
        if count >= _LEAST_REPEATS and size * count >= _LEAST_WORDS:
            first, last = place + size, place + size * count
            dropped.update(range(first, last))
            remarks.append(
                Remark(
                    kind="loop_removed",
                    message=f"The engine wrote the same {size} words {count} times in a row; one is kept.",
                    start=words[first][1].start,
                    end=words[last - 1][1].end,
                )
            )
            place = last
        else:
            place += 1
    if not dropped:
        return tuple(segments), ()
    kept: list[list[Word]] = [[] for _ in segments]
    for index, (number, word) in enumerate(words):
        if index not in dropped:
            kept[number].append(word)
    cut = [_with_words(segment, own) for segment, own in zip(segments, kept, strict=True)]
    return tuple(segment for segment in cut if segment is not None), tuple(remarks)


def _repeats(plain: Sequence[str], place: int) -> tuple[int, int]:
    """The phrase at ``place`` that repeats the most words: its length, and how often it follows itself."""
    best = (1, 1)
    for size in range(1, min(_LONGEST_PHRASE, (len(plain) - place) // _LEAST_REPEATS) + 1):
        phrase = plain[place : place + size]
        count = 1
        while plain[place + size * count : place + size * (count + 1)] == phrase:
            count += 1
        if count >= _LEAST_REPEATS and size * count > best[0] * best[1]:
            best = (size, count)
    return best


def without_phantoms(segments: Sequence[Segment], activity: Activity) -> tuple[tuple[Segment, ...], tuple[Remark, ...]]:
    """Drops text where there is no sound that could be it, and known phantom phrases where there is little of it."""
    kept, remarks = [], []
    said = [merged((word.start, word.end) for word in segment.words) for segment in segments]
    for number, segment in enumerate(segments):
        speech = _speech_part(
            segment, activity, merged(chain(*said[max(number - 1, 0) : number], *said[number + 1 : number + 2]))
        )
        if speech < _NO_SPEECH or (speech < _LOW_SPEECH and _PHANTOMS.fullmatch(spelt(segment.text))):
            remarks.append(
                Remark(
                    kind="phantom_removed",
                    message="The engine wrote text where nobody speaks; it is left out.",
                    start=segment.start,
                    end=segment.end,
                )
            )
        else:
            kept.append(segment)
    return tuple(kept), tuple(remarks)


def _speech_part(segment: Segment, activity: Activity, others: Sequence[Span]) -> float:
    """Of a segment's time, how much is sound within what was found worth hearing.

    What is heard shortly before and after it may be its own, as far as it is no word of the ``others``.
    """
    start, end = segment.start - _WORD_EDGE, segment.end + _WORD_EDGE
    edges = without([(start, segment.start), (segment.end, end)], others)
    own = merged([(segment.start, segment.end), *edges])
    heard = [part for first, last in own for part in within(activity.speech, first, last)]
    return length(without(heard, activity.quiet)) / max(segment.end - segment.start, _WORD_EDGE)


def covered(activity: Activity, words: Sequence[Word]) -> float | None:
    """The share of certain speech that has words; None without any speech."""
    voiced = length(activity.voiced)
    return round(1.0 - min(length(_bare(activity, words)) / voiced, 1.0), 4) if voiced else None


def missed(activity: Activity, words: Sequence[Word]) -> tuple[Span, ...]:
    """The stretches of certain speech that have no words: worth another request of their own.

    From pause to pause where there are pauses; what is shorter than 2.5 s in all may be a cough or a stretched word.
    """
    found = merged(_bare(activity, words), gap=1.0)
    return tuple(
        (max(start - _WORD_EDGE, 0.0), min(end + _WORD_EDGE, activity.seconds))
        for start, end in found
        if activity.voiced_seconds(start, end) >= _MISSING_SECONDS
    )


def _bare(activity: Activity, words: Sequence[Word]) -> list[Span]:
    return without(activity.voiced, merged((word.start - _WORD_EDGE, word.end + _WORD_EDGE) for word in words))


def without_pauses(word: Word, quiet: Sequence[Span]) -> Word:
    """A word lies on one side of a pause: engines begin it where the one before it ended, or stretch it to the next."""
    sounds = without([(word.start, word.end)], quiet)
    if not sounds:
        return word
    # Of two sides the one that has more of it; of equals the later, as engines are early.
    start, end = max(sounds, key=lambda span: (round(span[1] - span[0], 2), span[0]))
    return word.model_copy(update={"start": start, "end": end})


def _with_words(segment: Segment, words: Sequence[Word]) -> Segment | None:
    if len(words) == len(segment.words):
        return segment
    if not words:
        return None
    return segment.model_copy(
        update={
            "words": tuple(words),
            # Some languages have no spaces.
            "text": (" " if " " in segment.text else "").join(word.text for word in words),
            "start": words[0].start,
            "end": max(word.end for word in words),
        }
    )


def spelt(text: str) -> str:
    """Letters and digits in small, without accents, one space between words."""
    plain = unicodedata.normalize("NFKD", text.casefold())
    letters = "".join(c if c.isalnum() else " " for c in plain if not unicodedata.combining(c))
    return unicodedata.normalize("NFC", " ".join(letters.split()))
