"""Tells what a transcript is about from its own sentences and words (TextRank), without a language model. Pure."""

from __future__ import annotations

import math
import re
from collections import Counter, defaultdict
from collections.abc import Sequence
from itertools import pairwise

from pydantic import Field

from dailies.domain.model import Model
from dailies.domain.transcript.sentences import by_sentence
from dailies.domain.transcript.transcript import Segment, Transcript

#: Sentences that are ranked, those with the most to say: the time grows with their square.
_RANKED = 200
#: As PageRank has it; the ranks of 200 sentences have settled by then.
_DAMPING, _ROUNDS = 0.85, 30
#: Shorter words say little in any language, longer ones are sentences of a script without spaces. Characters.
_SHORTEST, _LONGEST = 4, 24
_TOPICS, _TITLE = 5, 70
_WORD = re.compile(r"[^\W\d_]+(?:['\u2019-][^\W\d_]+)*")
#: Frequent words of four letters and more that name no subject; other languages go by length alone.
_EMPTY = {
    "en": frozenset(
        "about after again also always because been before being between both call comes could does done down each"
        " even ever every from going have having here into it's just know like made make many maybe more most much"
        " need once only other over really right same should some something still such take than that that's their"
        " them then there there's these they they're thing things think this those through time under until upon very"
        " want wants well went were what when where which while will with would yeah you're your".split()
    ),
    "nl": frozenset(
        "alle alleen allemaal als altijd andere beetje behalve bijna binnen daar daarom deze door echt eens eigenlijk"
        " even geen gewoon haar heb hebben hebt heeft heel hier hoe iets ieder iedereen jouw kunnen maar meer mensen"
        " moet moeten naar niet niets nog omdat onder onze ook over soms steeds toch toen tussen twee veel verder waar"
        " waarom want waren weer weet welke werd wordt worden zelf zich zien zijn zonder zou zouden zullen".split()
    ),
}


class KeyMoment(Model):
    """A sentence that says much of the whole."""

    text: str
    start: float = Field(ge=0, description="Seconds on the source's clock.")
    end: float = Field(ge=0, description="Seconds on the source's clock.")


class Analysis(Model):
    """What a source is about. All texts are the source's own words, in its language."""

    method: str = Field("extractive", description="extractive: sentences and words that were said, chosen by rank")
    language: str | None = Field(description="ISO 639-1; null where nobody speaks")
    summary: str = Field(description="the key moments' sentences, in order")
    topics: tuple[str, ...] = Field(description="at most five, the weightiest first")
    sentiment: None = Field(None, description="null: this method can't tell")
    category: None = Field(None, description="null: this method can't tell")
    key_moments: tuple[KeyMoment, ...]
    title: str | None = Field(description="a suggestion: the weightiest sentence, cut to 70 characters")
    hashtags: tuple[str, ...] = Field(description="of the topics")


def extracted(transcript: Transcript, sentences: int) -> Analysis:
    """What ``transcript`` is about, in at most that many of its ``sentences``."""
    said = [piece for segment in transcript.segments for piece in by_sentence(segment) if piece.text.strip()]
    empty = _EMPTY.get(transcript.language or "", frozenset())
    words = [_subjects(piece.text, empty) for piece in said]
    fullest = sorted(range(len(said)), key=lambda n: (-len(words[n]), n))[:_RANKED]
    chosen = sorted(fullest)
    ranks = dict(zip(chosen, _ranks([frozenset(words[n]) for n in chosen]), strict=True))
    best = sorted(ranks, key=lambda n: (-ranks[n], n))
    moments = tuple(_moment(said[n]) for n in sorted(best[:sentences]))
    topics = _topics([(words[n], rank) for n, rank in ranks.items()])
    return Analysis(
        language=transcript.language,
        summary=" ".join(moment.text for moment in moments),
        topics=topics,
        key_moments=moments,
        title=_cut(_plain(said[best[0]].text)) if best else None,
        hashtags=tuple(f"#{_joined(topic)}" for topic in topics),
    )


def _subjects(text: str, empty: frozenset[str]) -> tuple[str, ...]:
    found = (word.lower().replace("\u2019", "'") for word in _WORD.findall(text))
    return tuple(word for word in found if _SHORTEST <= len(word) <= _LONGEST and word not in empty)


def _ranks(sentences: Sequence[frozenset[str]]) -> list[float]:
    """How much each has in common with the others, and they with the rest; rounded, the same on every machine."""
    count = len(sentences)
    shared: list[dict[int, float]] = [{} for _ in sentences]
    for one in range(count):
        for other in range(one):
            common = len(sentences[one] & sentences[other])
            if common:
                # One more than the words, as a sentence of a single one has a logarithm of nothing.
                alike = common / (math.log(len(sentences[one]) + 1) + math.log(len(sentences[other]) + 1))
                shared[one][other] = shared[other][one] = alike
    given = [math.fsum(links.values()) for links in shared]
    ranks = [1.0] * count
    for _ in range(_ROUNDS):
        ranks = [
            1 - _DAMPING + _DAMPING * math.fsum(ranks[other] * alike / given[other] for other, alike in links.items())
            for links in shared
        ]
    return [round(rank, 6) for rank in ranks]


def _topics(sentences: Sequence[tuple[tuple[str, ...], float]]) -> tuple[str, ...]:
    weights: defaultdict[str, float] = defaultdict(float)
    pairs: Counter[tuple[str, str]] = Counter()
    for words, rank in sentences:
        for word in words:
            weights[word] += rank
        pairs.update(pairwise(words))
    order = {word: place for place, word in enumerate(weights)}
    found: list[str] = []
    used: set[str] = set()
    for word in sorted(weights, key=lambda each: (-round(weights[each], 6), order[each])):
        if word in used:
            continue
        # Two words that were said together more than once are one subject.
        pair = max(
            (pair for pair, times in pairs.items() if times > 1 and word in pair and not used & set(pair)),
            key=lambda pair: pairs[pair],
            default=(word,),
        )
        used.update(pair)
        found.append(" ".join(dict.fromkeys(pair)))
    return tuple(found[:_TOPICS])


def _moment(sentence: Segment) -> KeyMoment:
    return KeyMoment(text=_plain(sentence.text), start=round(sentence.start, 3), end=round(sentence.end, 3))


def _plain(text: str) -> str:
    return " ".join(text.split())


def _cut(text: str) -> str:
    if len(text) <= _TITLE:
        return text
    return f"{text[: _TITLE - 1].rsplit(' ', 1)[0].rstrip(',;:')}\u2026"


def _joined(topic: str) -> str:
    return re.sub(r"[\W_]", "", topic)
