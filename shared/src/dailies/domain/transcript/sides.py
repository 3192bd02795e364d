"""Puts together what was heard on each channel of a recording that has a speaker on either. Pure.

A channel often has some of the other in it: what a telephone or a table carries over is softer, and the same words at
the same time.
"""

from __future__ import annotations

import math
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field
from typing import Literal

from dailies.domain.transcript.guards import spelt
from dailies.domain.transcript.sentences import divided, segment_of
from dailies.domain.transcript.spans import Span
from dailies.domain.transcript.speakers import by_speaker, speaker_name
from dailies.domain.transcript.transcript import Remark, Segment, Transcript, Word, weakest

#: Between the same words of two channels, seconds: a line answers with an echo of up to half a second.
_ECHO_SECONDS = 0.5
#: Of a passage so many words are the other channel's, where it is an echo; it is so much softer, dB.
_ECHO_WORDS, _ECHO_DB = 0.6, 6.0
#: Two who say the same at once, as loudly, say few words.
_LEAST_WORDS = 3
#: The share of a channel's words that are as loud on the other where both have the same sound.
_ALIKE_WORDS = 0.8
#: A pause in which another may take a turn, seconds.
_TURN_SECONDS = 0.4


@dataclass(frozen=True, slots=True)
class Side:
    """What was heard on one channel. ``levels_dbfs``: its loudness in each second."""

    transcript: Transcript
    levels_dbfs: Sequence[float] = ()
    _spoken: dict[str, list[Span]] = field(default_factory=dict, init=False, repr=False, compare=False)

    def says(self, word: Word) -> bool:
        """Whether it has the word, too, at about that time."""
        if not self._spoken:
            for own in self.transcript.words:
                self._spoken.setdefault(spelt(own.text), []).append((own.start, own.end))
        # Of a soft word an engine may hear the end alone.
        first, last = word.start - _ECHO_SECONDS, word.end + _ECHO_SECONDS
        return any(start <= last and end >= first for start, end in self._spoken.get(spelt(word.text), ()))

    def level(self, segment: Segment) -> float:
        """The mean loudness of the segment's time on this channel, dBFS."""
        own = self.levels_dbfs[math.floor(segment.start) : max(math.ceil(segment.end), math.floor(segment.start) + 1)]
        power = math.fsum(10 ** (level / 10) for level in own) / len(own) if own else 0.0
        return 10 * math.log10(power) if power > 0 else -math.inf


def together(sides: Sequence[Side], names: Sequence[str] = ()) -> Transcript:
    """One transcript of all sides, a turn after the other, each by the name of its speaker.

    Of one side alone: both channels have the same sound, and nobody is told apart. ``names``: of the channels.
    """
    found = [_without_echoes(place, sides) for place in range(len(sides))]
    alike = len(sides) == 1 or any(one.alike for one in found)
    # One sound on two channels, each encoded its own way: what little was not known as such goes with the rest.
    kept = [[] if one.alike else one.segments for one in found]
    echoes = sum(one.echoes for one in found)
    turns = [
        (segment.start, place, segment)
        for place, own in enumerate(kept)
        for whole in own
        for segment in divided(
            whole, [one.start for other, ones in enumerate(kept) if other != place for one in ones], _TURN_SECONDS
        )
    ]
    if not alike:
        turns = [(start, place, by_speaker(one, speaker_name(place, names))) for start, place, one in turns]
    segments = tuple(segment for _, _, segment in sorted(turns, key=lambda turn: turn[:2]))
    transcripts = [side.transcript for side in sides]
    most = max(transcripts, key=lambda one: len(one.words))
    speech = [one.speech_seconds for one in transcripts]
    return most.model_copy(
        update={
            "segments": segments,
            "timing": weakest(tuple(one.timing for one in transcripts if one.segments)),
            "speech_seconds": round(math.fsum(speech), 3),
            "coverage": _coverage(transcripts),
            "cost_usd": round(math.fsum(one.cost_usd for one in transcripts), 6),
            "remarks": (*_remarks(sides, names, alike=alike), *_of_echoes(echoes, alike=alike)),
        }
    )


@dataclass(frozen=True, slots=True)
class _Kept:
    """What is a side's own. ``echoes``: how many passages are not; ``alike``: nearly all is as loud on another."""

    segments: list[Segment]
    echoes: int
    alike: bool


def _without_echoes(place: int, sides: Sequence[Side]) -> _Kept:
    kept: list[Segment] = []
    echoes = twice = 0
    for segment in sides[place].transcript.segments:
        own: list[list[Word]] = [[]]
        dropped = 0
        for words in _passages(segment):
            source = _echoed(segment_of(words, segment), place, sides)
            twice += len(words) if source == "alike" else 0
            if source is None:
                own[-1] += words
            else:
                dropped += 1
                own.append([])
        echoes += dropped
        kept += [segment_of(words, segment) for words in own if words] if dropped else [segment]
    words_of_all = len(sides[place].transcript.words)
    return _Kept(kept, echoes, twice >= max(_LEAST_WORDS, _ALIKE_WORDS * words_of_all))


def _passages(segment: Segment) -> Iterator[list[Word]]:
    """Its words from pause to pause."""
    begun: list[Word] = []
    for word in segment.words:
        if begun and word.start - begun[-1].end >= _TURN_SECONDS:
            yield begun
            begun = []
        begun.append(word)
    if begun:
        yield begun


def _echoed(passage: Segment, place: int, sides: Sequence[Side]) -> Literal["louder", "alike"] | None:
    """How another channel has the passage, too, where it is that one's."""
    for other, side in enumerate(sides):
        if other == place or sum(map(side.says, passage.words)) < _ECHO_WORDS * len(passage.words):
            continue
        louder = side.level(passage) - sides[place].level(passage)
        if louder >= _ECHO_DB:
            return "louder"
        # As loud as the other: one sound on two channels, of which the first is kept.
        if louder > -_ECHO_DB and other < place and len(passage.words) >= _LEAST_WORDS:
            return "alike"
    return None


def _coverage(transcripts: Sequence[Transcript]) -> float | None:
    known = [(one.coverage, one.speech_seconds) for one in transcripts if one.coverage is not None]
    seconds = math.fsum(length for _, length in known)
    return round(math.fsum(share * length for share, length in known) / seconds, 4) if seconds else None


def _remarks(sides: Sequence[Side], names: Sequence[str], *, alike: bool) -> Iterator[Remark]:
    """Those of each side, by its speaker; what is about the engine once."""
    said: set[str] = set()
    for place, side in enumerate(sides):
        for remark in side.transcript.remarks:
            if remark.start is None and remark.message in said:
                continue
            said.add(remark.message)
            own = remark.start is not None and not alike
            yield remark.model_copy(
                update={"message": f"{speaker_name(place, names)}: {remark.message}" if own else remark.message}
            )


def _of_echoes(echoes: int, *, alike: bool) -> Iterator[Remark]:
    if alike:
        yield Remark(kind="same_sound", message="Both channels have the same sound: nobody is told apart.")
    elif echoes:
        yield Remark(
            kind="echo_removed", message=f"Of one channel, {echoes} passages that the other echoes are left out."
        )
