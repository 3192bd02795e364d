"""How bad it is to break text between two words: 0 at a sentence's end, 100 inside of a word. Pure."""

from __future__ import annotations

import re
from functools import lru_cache

from dailies.domain.subtitles.languages import Language
from dailies.domain.subtitles.widths import unspaced

SENTENCE, CLAUSE, NEVER = 0.0, 8.0, 100.0
#: What a person does between two words that nothing is known of.
PLAIN = 36.0
_CONJUNCTION, _PREPOSITION, _GENITIVE, _NOUN_PHRASE, _VERB = 14.0, 20.0, 31.0, 26.0, 22.0
_CLOSING = "\"'”’»)]}›」』）】》〉"
_SENTENCE_END = re.compile(rf"[.!?…。！？｡‽؟۔।]+[{re.escape(_CLOSING)}]*$")
_CLAUSE_END = re.compile(rf"(?:[,;:،؛、，；：､]|--?|[–—])[{re.escape(_CLOSING)}]*$")
_INITIAL = re.compile(r"(?:[^\W\d_]\.)+")
_NUMBER = re.compile(r"[\d.,:/%$€£+-]*\d[\d.,:/+-]*")
_OPENING = "\"'“‘«([{‹¿¡「『（【《〈"
_DASH = ("-", "–", "—", "--")
_NOT_FIRST = "、。，．・：；？！ー゛゜ヽヾゝゞ々」』）】》〉〕｝ぁぃぅぇぉっゃゅょゎァィゥェォッャュョヮヵヶ…‥%％ๆฯะาำๅ"
_NOT_LAST = "「『（【《〈〔｛"
_PARTICLES = "はがをにでともへやのねよか"


@lru_cache(maxsize=65536)
def ends_sentence(word: str, following: str, language: Language) -> bool:
    """Whether a sentence ends with ``word``: no abbreviation, no initial, no number (German's 3.)."""
    if not _SENTENCE_END.search(word):
        return False
    bare = word.lower().lstrip(_OPENING).rstrip(_CLOSING)
    if not bare.endswith(".") or bare.endswith(".."):
        return True
    if bare in language.abbreviations or _INITIAL.fullmatch(bare):
        return False
    lower = following.lstrip(_OPENING)[:1].islower()
    return not (lower or (bare[:-1].isdigit() and language.nouns_capitalised))


@lru_cache(maxsize=65536)
def joint(left: str, right: str, language: Language) -> float:
    """The penalty of a line end between two words of a language."""
    if ends_sentence(left, right, language):
        return SENTENCE
    if _CLAUSE_END.search(left) and not (left[-1] == "-" and len(left) > 1 and left[-2].isalnum()):
        return CLAUSE
    if right in _DASH:
        return CLAUSE + 4
    if unspaced(left[-1]) or unspaced(right[0]):
        return _between_characters(left[-1], right[0])
    return max(_leaning(left, right, language), _beginning(right, language))


def _leaning(left: str, right: str, language: Language) -> float:
    """What the left word needs of the right one."""
    word = left.lower().lstrip(_OPENING)
    found = 0.0
    if word.endswith(("'", "’")) or left[-1] in _OPENING or word in language.titles:
        return NEVER - 5
    if word in language.determiners:
        found = 90.0
    elif word in language.prepositions:
        found = 80.0
    elif word in language.conjunctions:
        found = 70.0
    elif word in language.pronouns | language.negations | language.auxiliaries:
        found = _unfinished(word, _bare(right), language)
    elif _NUMBER.fullmatch(word) or (
        word.endswith(".") and (_INITIAL.fullmatch(word) or word in language.abbreviations)
    ):
        found = 70.0
    if word in language.adjectives and _is_content(right, language):
        found = max(found, 60.0)
    if language.nouns_capitalised and left[0].islower() and _is_name(right):
        found = max(found, 64.0)  # an adjective and its noun
    if _is_name(left) and _is_name(right) and not language.nouns_capitalised:
        found = max(found, 78.0)
    return found


def _bare(word: str) -> str:
    return word.lower().lstrip(_OPENING).rstrip(".,;:!?…" + _CLOSING)


def _unfinished(word: str, following: str, language: Language) -> float:
    """A subject, an auxiliary or a negation waits for a verb, unless another clause or phrase begins."""
    if following in language.conjunctions:
        return 20.0
    if following in language.prepositions:
        return 40.0
    return 75.0 if word in language.pronouns else 68.0 if word in language.negations else 58.0


def _beginning(right: str, language: Language) -> float:
    """How well a line begins with the right word."""
    word = _bare(right)
    if right[:1] in "'’" and len(word) <= 3:
        return NEVER - 5
    if word in language.negations:
        return 55.0
    if word in language.conjunctions:
        return _CONJUNCTION
    if word in language.prepositions:
        return _GENITIVE if word in language.genitives else _PREPOSITION
    if word in language.determiners or word in language.pronouns or right[0] in _OPENING:
        return _NOUN_PHRASE
    return _VERB if word in language.auxiliaries else PLAIN


def _is_content(word: str, language: Language) -> bool:
    bare = _bare(word)
    small = (
        language.determiners,
        language.prepositions,
        language.conjunctions,
        language.auxiliaries,
        language.pronouns,
    )
    return not any(bare in words for words in small)


def _is_name(word: str) -> bool:
    bare = word.lstrip(_OPENING)
    return len(bare) > 1 and bare[0].isupper() and bare[1:2].islower()


def _between_characters(left: str, right: str) -> float:
    """Kinsoku (JIS X 4051), and that a phrase begins with a word and ends with its particle."""
    if right in _NOT_FIRST or left in _NOT_LAST:
        return NEVER
    if not (unspaced(left) and unspaced(right)):
        return PLAIN + 4  # a foreign word begins or ends
    one, other = _script(left), _script(right)
    if one == other:
        # Katakana and Han are words of several characters; of kana only a particle is a place to break.
        return {"katakana": 92.0, "han": 62.0, "thai": 70.0}.get(one, 30.0 if left in _PARTICLES else 74.0)
    if one == "hiragana":
        return 22.0 if left in _PARTICLES else 40.0
    return 85.0 if other == "hiragana" else 50.0


def _script(character: str) -> str:
    code = ord(character)
    if 0x3040 <= code <= 0x309F:
        return "hiragana"
    if 0x30A0 <= code <= 0x30FF or 0xFF65 <= code <= 0xFF9F:
        return "katakana"
    return "han" if code >= 0x3400 else "thai" if code < 0x1800 else "mark"
