"""A result says of each output what its kind has to say, and one of before kinds were told apart is still read."""

from __future__ import annotations

import json
from typing import Any

import jsonschema
import pytest

from dailies.cli.schemas import schema_texts
from dailies.domain.job.result import (
    EstimateResult,
    Facts,
    JobResult,
    LoudnessFacts,
    OutputResult,
    PictureFacts,
    SegmentFacts,
    StoredFacts,
    result_of,
)
from dailies.domain.recipe.recipe import Recipe
from dailies.domain.source.media_info import MediaInfo
from dailies.operations import KINDS
from dailies.operations.deliverables.thumbnail import ThumbnailResult
from dailies.operations.film.rendered import AudioResult

PICTURE = PictureFacts(format="jpeg", width=2, height=2, at_seconds=0)
SOUND = AudioResult(
    audio=None, loudness=LoudnessFacts(integrated_lufs=-16, true_peak_dbtp=None, range_lu=None, mode="linear",
    reason="as asked"), quality_score=0,
)  # fmt: skip
RECIPE = Recipe.model_validate({"outputs": {
    "poster": {"kind": "thumbnail", "format": "jpeg"}, "podcast": {"kind": "audio", "format": "mp3"}
}})  # fmt: skip
#: What every output had to say before, whatever its kind.
ABSENT: dict[str, Any] = {
    "copied": False, "audio": None, "video": None, "loudness": None, "picture": None, "renditions": [],
    "storyboard": None, "sampling": None, "segments": [], "metadata": None, "quality_score": None,
}  # fmt: skip


def output(facts: Facts) -> OutputResult:
    return OutputResult(
        path=None, media_type="image/jpeg", bytes=1, sha256="0", duration_seconds=0, facts=facts, checks=()
    )


def result() -> JobResult:
    return JobResult(
        job_id="1", status="completed", steps=(), estimate=EstimateResult(cpu_seconds=1, cost_usd=1), seconds=1,
        source=MediaInfo(container="mp4", duration_seconds=1, duration_from="header", size_bytes=1),
        outputs={"poster": output(ThumbnailResult(picture=PICTURE)), "podcast": output(SOUND)},
    )  # fmt: skip


def test_an_output_says_what_its_kind_has_to_say() -> None:
    """Beside its other fields, tagged by kind, and nothing of other kinds'."""
    document = result().model_dump(mode="json")
    poster, podcast = document["outputs"]["poster"], document["outputs"]["podcast"]
    assert poster["kind"] == "thumbnail"
    assert poster["picture"]["format"] == "jpeg"
    assert not set(poster) & (set(ABSENT) - {"picture"})
    assert not set(podcast) & {"picture", "sampling", "segments", "renditions"}
    assert list(podcast).index("loudness") < list(podcast).index("checks")
    jsonschema.validate(document, json.loads(schema_texts()["result.schema.json"]))


def test_a_stored_result_is_read_as_it_was_written() -> None:
    """Without its kinds' models, which the certificate of a job in a list does not need."""
    document = result().model_dump(mode="json")
    read = result_of(document, RECIPE)
    assert read.model_dump(mode="json") == document
    facts = read.outputs["poster"].facts
    assert isinstance(facts, StoredFacts)
    assert facts.block("picture", PictureFacts) == PICTURE
    assert facts.block("loudness", LoudnessFacts) is None
    assert facts.blocks("segments", SegmentFacts) == ()


def test_a_result_from_before_kinds_were_told_apart_is_read() -> None:
    """It has every kind's fields, and its kinds are the recipe's."""
    old = result().model_dump(mode="json")
    for found in old["outputs"].values():
        found |= {name: value for name, value in ABSENT.items() if name not in found}
        del found["kind"]
    read = result_of(old, RECIPE)
    assert {name: found.facts.kind for name, found in read.outputs.items()} == {
        "poster": "thumbnail", "podcast": "audio",
    }  # fmt: skip
    podcast = read.outputs["podcast"].facts
    assert AudioResult.model_validate({"audio": None, **podcast.model_dump()}) == SOUND
    assert read.outputs["poster"].facts.model_dump(exclude_none=True) == {
        "kind": "thumbnail", "picture": PICTURE.model_dump(),
    }  # fmt: skip


@pytest.mark.parametrize("kind", sorted(KINDS))
def test_facts_are_tagged_by_their_kind(kind: str) -> None:
    """The tag is the kind's name."""
    assert KINDS[kind].facts.model_fields["kind"].default == kind
