"""Speech as subtitles that a person would have broken so."""

from __future__ import annotations

from itertools import pairwise

import pytest
from hypothesis import given, strategies as st

from dailies.domain.subtitles.joints import PLAIN, ends_sentence, joint
from dailies.domain.subtitles.languages import language_of
from dailies.domain.subtitles.measure import measure
from dailies.domain.subtitles.rules import SubtitleRules
from dailies.domain.subtitles.subtitling import Speakers, subtitle
from dailies.domain.subtitles.timing import Clock
from dailies.domain.subtitles.units import units_of
from dailies.domain.subtitles.widths import columns
from dailies.domain.transcript.transcript import Word

from .attacks import ATTACKS
from .spoken import spoken

RULES = SubtitleRules()


def broken(text: str, language: str | None, rules: SubtitleRules = RULES) -> list[str]:
    return [cue.text for cue in subtitle(spoken(text), language, rules)]


#: By language: as a person would break it. An empty line ends a subtitle.
READ = """
en
The family of Dashwood
had long been settled in Sussex.

Their estate was large,
and their residence was at Norland Park,

in the centre of their property,

where, for many generations,
they had lived in so respectable a manner

as to engage the general good opinion
of their surrounding acquaintance.


en
And so, my fellow Americans:
ask not what your country can do for you,

ask what you can do for your country.


nl
In de keuken stond de koffie klaar,

maar hij wilde eerst weten
of de krant er al was.

Meneer Jansen riep
dat het een mooie dag zou worden.


de
Als Gregor Samsa eines Morgens
aus unruhigen Träumen erwachte.

Der hinter diesem Portal liegende Raum
wurde am 3. Mai als Leichenhalle genutzt.


fr
Longtemps,
je me suis couché de bonne heure.

Sous le consulat il devient conservateur
des eaux et forêts et conseiller général.


es
En un lugar de la Mancha,
de cuyo nombre no quiero acordarme,

no ha mucho tiempo que vivía
un hidalgo de los de lanza en astillero,

adarga antigua,
rocín flaco y galgo corredor.


it
Quel ramo del lago di Como,
che volge a mezzogiorno,

tra due catene non interrotte di monti,
tutto a seni e a golfi.


pt
Algum tempo hesitei se devia abrir
estas memórias pelo princípio ou pelo fim,

isto é, se poria em primeiro lugar
o meu nascimento ou a minha morte.
"""


@pytest.mark.parametrize("read", READ.strip().split("\n\n\n"))
def test_lines_end_where_a_person_ends_them(read: str) -> None:
    language, wanted = read.split("\n", 1)
    assert broken(wanted, language) == wanted.split("\n\n")


@pytest.mark.parametrize(
    ("language", "together"),
    [
        ("en", ["the house", "Mr. Darcy", "Henry Dashwood", "ten years", "did not", "she said"]),
        ("nl", ["het huis", "meneer Jansen", "op straat", "een mooie"]),
        ("de", ["das Haus", "alten Hauses", "Herr Müller", "ich weiß"]),
        ("fr", ["la maison", "de l'", "M. Dupont", "je suis", "ne veut"]),
        ("es", ["la casa", "Sr. Pérez", "no quiero", "de oro"]),
        ("it", ["la casa", "sig. Rossi", "non voglio"]),
        ("pt", ["a casa", "sr. Silva", "não quero"]),
    ],
)
def test_what_belongs_together_is_broken_last(language: str, together: list[str]) -> None:
    """An article and its noun, a title and its name, a verb and its subject: worse than between any two words."""
    for pair in together:
        left, right = pair.split()
        assert joint(left, right, language_of(language)) > PLAIN, pair


def test_an_abbreviation_or_an_initial_ends_no_sentence() -> None:
    english, german = language_of("en"), language_of("de-AT")
    assert ends_sentence("home.", "Then", english)
    assert ends_sentence('home."', "Then", english)
    assert not any(ends_sentence(word, "Baker", english) for word in ("Mr.", "J.", "Dr.", "U.S."))
    assert not ends_sentence("3.", "Mai", german)
    assert not ends_sentence("approx.", "twelve", english)


def test_japanese_breaks_at_phrases_and_never_before_a_mark() -> None:
    """By width: 21 wide characters fill a line of 42 columns."""
    text = "吾輩は猫である。名前はまだ無い。どこで生れたかとんと見当がつかぬ。何でも薄暗いじめじめした所で泣いていた。"
    word = Word(text=text, start=0, end=14)
    cues = subtitle([word], "ja", RULES)
    assert "".join(cue.text.replace("\n", "") for cue in cues) == text
    for cue in cues:
        assert all(columns(line) <= 42 and line[0] not in "。、ゃゅょっー" for line in cue.texts)
    assert [cue.text[-1] for cue in cues] == ["。"] * len(cues)


def test_two_who_speak_shortly_share_a_subtitle() -> None:
    """A dash before each, as on every screen; labels instead where they are asked for."""
    words = [*spoken("Are you coming?", speaker="Ann"), *spoken("Not yet.", at=1.2, speaker="Bob")]
    assert [cue.text for cue in subtitle(words, "en", RULES)] == ["- Are you coming?\n- Not yet."]
    assert [cue.text for cue in subtitle(words, "en", RULES, speakers="labels")] == [
        "Ann: Are you coming?\nBob: Not yet."
    ]
    assert "-" not in "".join(cue.text for cue in subtitle(words, "en", RULES, speakers="none"))


def test_a_silence_ends_a_subtitle() -> None:
    words = [*spoken("Wait for it"), *spoken("now", at=5)]
    assert [cue.text for cue in subtitle(words, "en", RULES)] == ["Wait for it", "now"]


word = st.text(st.sampled_from("aeiou.,?!'-日。 \n\x00"), max_size=12) | st.sampled_from(sorted(ATTACKS.values()))
words = st.lists(
    st.builds(
        lambda text, start, lasts, speaker: Word(text=text, start=start, end=start + lasts, speaker=speaker),
        word,
        st.floats(0, 100),
        st.floats(0, 12),
        st.sampled_from([None, "A", "B", "a very long name of a speaker that fills more than a line"]),
    ),
    max_size=25,
)


@given(
    words, st.sampled_from(["en", "ja", "xx", None]), st.sampled_from(["dashes", "labels", "none"]), st.integers(1, 3)
)
def test_whatever_was_heard_each_word_is_shown_once(
    heard: list[Word], language: str | None, speakers: Speakers, lines: int
) -> None:
    """In order, never two subtitles at once, in lines that fit."""
    rules = SubtitleRules(max_lines_per_subtitle=lines)
    cues = subtitle(heard, language, rules, speakers=speakers)
    shown = [span.text.lstrip(" ") for cue in cues for line in cue.lines for span in line if span.start_ms is not None]
    assert shown == [unit.text for unit in units_of(heard, rules.max_line_length)]
    facts = measure(cues, rules, Clock())
    assert facts.overlaps == 0
    assert all(before.end_ms <= after.start_ms for before, after in pairwise(cues))
    assert all(cue.start_ms < cue.end_ms and 0 < len(cue.lines) <= lines for cue in cues)
    if speakers != "labels":
        assert all(columns(line) <= rules.max_line_length for cue in cues for line in cue.texts)
