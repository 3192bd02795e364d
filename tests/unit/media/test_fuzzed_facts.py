"""Whatever the probe's child prints: facts with finite numbers that can be stored, or a refusal that says why."""

from __future__ import annotations

import json
from typing import Any

from hypothesis import given, strategies as st

from dailies.domain.errors import SourceRefused
from dailies.domain.source.media_info import MediaInfo
from dailies.media.probe import probe
from dailies.media.probe.answer import Answer
from dailies.media.probe.media_facts import media_info
from dailies.media.run.ffmpeg_flags import DEFAULT_POLICY

from .child_facts import child_facts


def told(facts: Any) -> Any:
    """As it comes out of the child's pipe."""
    answer = Answer()
    answer.add(json.dumps(facts))
    return answer.parsed()


def looked_at(facts: dict[str, Any], size: int) -> MediaInfo | None:
    """What the probe makes of the facts; None for a source that it refuses."""
    answer = told(facts)
    if answer is None or "streams" not in answer:
        return None
    try:
        probe._refuse_cut_off(answer, [])
        info = media_info(answer, None, size)
        probe._refuse(info, answer, DEFAULT_POLICY, [])
    except SourceRefused:
        return None
    return info


@given(child_facts(), st.integers(1, 2**50))
def test_any_facts_are_understood_or_refused(facts: dict[str, Any], size: int) -> None:
    """What is understood survives the store: NaN, infinities and halves of UTF-16 don't."""
    info = looked_at(facts, size)
    if info is not None:
        assert MediaInfo.model_validate_json(info.model_dump_json()) == info


JSON = st.recursive(
    st.none() | st.booleans() | st.integers(-(10**30), 10**30) | st.floats() | st.text(max_size=4)
    | st.sampled_from(["1e99999999", "1/0", "0x", "zz", "inf", "48000"]),
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(st.text(max_size=3), inner, max_size=3),
    max_leaves=4,
)  # fmt: skip


def spoilt(data: st.DataObject, facts: Any) -> Any:
    """The facts with one value of them, at any depth, left out or of any form."""
    places = list(facts) if isinstance(facts, dict) else list(range(len(facts))) if isinstance(facts, list) else []
    if not places or data.draw(st.integers(0, 3)) == 0:
        return data.draw(JSON)
    place = data.draw(st.sampled_from(places))
    changed = facts.copy()
    if data.draw(st.integers(0, 4)) == 0:
        del changed[place]
    else:
        changed[place] = spoilt(data, facts[place])
    return changed


@given(child_facts(), st.integers(1, 2**50), st.data())
def test_an_answer_of_another_form_is_none(facts: dict[str, Any], size: int, data: st.DataObject) -> None:
    """Who has taken over the child prints what they like, and gets no fault of ours for it."""
    looked_at(spoilt(data, json.loads(json.dumps(facts))), size)


@given(child_facts())
def test_of_an_answer_every_fact_is_taken_over(facts: dict[str, Any]) -> None:
    assert names_in(told(facts)) == names_in(facts)


def names_in(value: Any) -> Any:
    if isinstance(value, dict):
        return {name: names_in(part) for name, part in value.items()}
    return [names_in(part) for part in value] if isinstance(value, list) and value and value[0] is not None else None


def test_halves_of_utf_16_become_question_marks() -> None:
    """The child is believed to be an attacker's: text that no store takes must not end the job as a bug of ours."""
    assert told({"error": "\ud800x 😀 \udfff"}) == {"error": "?x 😀 ?"}


def test_an_answer_that_is_nested_too_deeply_is_none() -> None:
    """Python's reader of JSON gives up in its own way."""
    answer = Answer()
    answer.add("[" * 200_000)
    assert answer.parsed() is None
