"""Leaves out the sounds that people make while they think. Pure."""

from __future__ import annotations

from dailies.domain.transcript.guards import spelt
from dailies.domain.transcript.transcript import Segment, Transcript, Word

# Sounds that are no words in their language: "like" and "also" are, and stay. Spelt as :func:`spelt` does.
_EVERYWHERE = frozenset("uh uhh um umm uhm hm hmm hmmm mm mmm".split())
_OF = {
    "en": frozenset("er erm err".split()),
    "de": frozenset("ahm ahem ehm ohm".split()),
    "nl": frozenset("eh euh ehm".split()),
    "fr": frozenset("euh heu".split()),
    "es": frozenset("eh ehm".split()),
    "it": frozenset("ehm eeh".split()),
    "pt": frozenset("hum ahn".split()),
}
#: In these languages one of the sounds above is a word: "um" is "at" in German and "a" in Portuguese.
_WORDS = {"de": frozenset({"um"}), "pt": frozenset({"um"})}


def without_fillers(transcript: Transcript) -> tuple[Transcript, int]:
    """The transcript without them, and how many there were. Times of other words stay."""
    sounds = (_EVERYWHERE | _OF.get(transcript.language or "", frozenset())) - _WORDS.get(
        transcript.language or "", frozenset()
    )
    segments = [_without(segment, sounds) for segment in transcript.segments]
    removed = len(transcript.words) - sum(len(segment.words) for segment in segments)
    if not removed:
        return transcript, 0
    return transcript.model_copy(update={"segments": tuple(one for one in segments if one.words)}), removed


def _without(segment: Segment, sounds: frozenset[str]) -> Segment:
    kept: list[Word] = []
    for word in segment.words:
        if spelt(word.text) in sounds:
            continue
        # The sentence may begin with it now.
        kept.append(_capital(word) if not kept and segment.text[:1].isupper() else word)
    if len(kept) == len(segment.words):
        return segment
    if not kept:
        return segment.model_copy(update={"words": (), "text": ""})
    text = (" " if " " in segment.text else "").join(word.text for word in kept)
    ends = {"start": kept[0].start, "end": max(word.end for word in kept)}
    return segment.model_copy(update={**ends, "words": tuple(kept), "text": text})


def _capital(word: Word) -> Word:
    return word.model_copy(update={"text": word.text[:1].upper() + word.text[1:]})
