"""Several films of the same parts of a source: decoded and cut once, and each the same as if it were alone."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import pytest

from dailies.media.probe.probe_host import ProbeHost
from tests.e2e.command import Dailies
from tests.e2e.in_process import another, dailies as dailies  # noqa: PLC0414 - a fixture
from tests.e2e.test_edit import failed, source

SEGMENTS = [{"start": 1.02, "end": 3, "transition": "crossfade"}, {"start": 11, "end": 13.5}, {"start": 4, "end": 5}]
BASE = {"kind": "video", "segments": SEGMENTS, "preset": "ultrafast", "normalize": {}}
FILMS: dict[str, dict[str, Any]] = {
    "wide": BASE,
    "high": {**BASE, "aspect": "9:16", "crf": 30},
    "mute": {**BASE, "aspect": "1:1", "framing": "pad", "normalize": None},
}


def run(dailies: Dailies, media: Path, out: Path, films: dict[str, dict[str, Any]]) -> Any:
    recipe = out.with_suffix(".json")
    recipe.write_text(json.dumps({"outputs": films}))
    return dailies("run", media, "--recipe", recipe, "--out", out)


def test_they_are_made_in_one_run_and_none_is_another_for_it(
    dailies: Dailies, probe_host: ProbeHost, tmp_path: Path
) -> None:
    media = source(tmp_path / "talk.mp4")
    together = run(dailies, media, tmp_path / "together", FILMS)
    assert all(failed(output) == [] for output in together["outputs"].values())
    for name, film in FILMS.items():
        alone = run(another(tmp_path / f"{name}-home", probe_host), media, tmp_path / f"{name}-alone", {name: film})
        assert alone["outputs"][name]["sha256"] == together["outputs"][name]["sha256"]
    sizes = [(output["video"]["width"], output["video"]["height"]) for output in together["outputs"].values()]
    assert len(set(sizes)) == 3


@pytest.mark.parametrize("other", [{"segments": SEGMENTS[:2]}, {"segments": [{"start": 1, "end": 2}]}])
def test_films_of_other_parts_are_made_apart(dailies: Dailies, tmp_path: Path, other: dict[str, Any]) -> None:
    media = source(tmp_path / "talk.mp4")
    document = run(dailies, media, tmp_path / "out", {"one": BASE, "other": {**BASE, **other}})
    frames = [output["video"]["frames"] for output in document["outputs"].values()]
    assert frames[0] != frames[1]
    assert all(failed(output) == [] for output in document["outputs"].values())
