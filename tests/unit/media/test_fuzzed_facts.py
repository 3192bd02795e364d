"""Whatever the probe's child prints: facts with finite numbers that can be stored, or a refusal that says why."""

from __future__ import annotations

import json
from typing import Any

from hypothesis import given, strategies as st

from dailies.domain.errors import SourceRefused
from dailies.domain.source.media_info import MediaInfo
from dailies.media.probe import probe
from dailies.media.probe.media_facts import media_info
from dailies.media.run.ffmpeg_flags import DEFAULT_POLICY

from .child_facts import child_facts


def told(facts: Any) -> Any:
    """As it comes out of the child's pipe."""
    answer = probe._Answer()
    answer.add(json.dumps(facts))
    return answer.parsed()


def looked_at(facts: dict[str, Any], size: int) -> MediaInfo | None:
    """What the probe makes of the facts; None for a source that it refuses."""
    answer = told(facts)
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


def test_halves_of_utf_16_become_question_marks() -> None:
    """The child is believed to be an attacker's: text that no store takes must not end the job as a bug of ours."""
    assert told({"profile": "\ud800x", "tags": [["title", "😀 \udfff"]]}) == {
        "profile": "?x",
        "tags": [["title", "😀 ?"]],
    }


def test_an_answer_that_is_nested_too_deeply_is_none() -> None:
    """Python's reader of JSON gives up in its own way."""
    answer = probe._Answer()
    answer.add("[" * 200_000)
    assert answer.parsed() is None
