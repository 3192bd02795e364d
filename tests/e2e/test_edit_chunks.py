"""A long edit: continued after a crash with one chunk redone, edited again with one, shared by shapes and workers."""

from __future__ import annotations

import json
from collections import Counter
from pathlib import Path
from typing import Any

import pytest

from dailies.media.probe.probe_host import ProbeHost
from tests.e2e.command import Dailies, wait_until
from tests.e2e.in_process import InProcess
from tests.e2e.test_chunks import finished_chunks
from tests.e2e.test_edit import failed, source
from tests.made import lend_tools

KIND = "edit-chunk"
LONG = {"DAILIES_CHUNK_ABOVE_SECONDS": "0", "DAILIES_CHUNK_SECONDS": "3"}
SEGMENTS: list[dict[str, Any]] = [
    {"start": 1, "end": 7, "transition": "crossfade"},
    {"start": 21, "end": 27, "transition": "fade"},
    {"start": 12, "end": 15},
]
BASE: dict[str, Any] = {"kind": "video", "preset": "veryfast", "normalize": {}, "segments": SEGMENTS}
CHUNKS = 5


@pytest.fixture(scope="module")
def media(tmp_path_factory: pytest.TempPathFactory) -> Path:
    return source(tmp_path_factory.mktemp("media") / "talk.mp4")


@pytest.fixture
def divided(dailies: Dailies) -> Dailies:
    """A store of its own where every edit is long."""
    dailies.environment |= LONG
    return dailies


@pytest.fixture
def studio(tmp_path: Path, probe_host: ProbeHost) -> InProcess:
    """The same in this process, where what is promised is of films."""
    return InProcess(lend_tools(tmp_path / "home"), dict(LONG), host=probe_host)


@pytest.fixture(scope="module")
def undisturbed(media: Path, tmp_path_factory: pytest.TempPathFactory) -> bytes:
    """What one worker makes when nothing happens to it."""
    folder = tmp_path_factory.mktemp("undisturbed")
    dailies = Dailies(lend_tools(folder / "home"), dict(LONG))
    document = dailies(*command(media, folder / "out", {"reel": BASE}))
    dailies.end()
    assert document["outputs"]["reel"]["video"]["pieces"] == f"in {CHUNKS} chunks"
    assert failed(document["outputs"]["reel"]) == []
    return (folder / "out" / "reel.mp4").read_bytes()


def command(media: Path, out: Path, outputs: dict[str, Any], *, workers: int = 1) -> list[str]:
    recipe = out.with_suffix(".json")
    recipe.write_text(json.dumps({"outputs": outputs}))
    return ["run", str(media), "--recipe", str(recipe), "--out", str(out), "--workers", str(workers)]


def made(document: Any) -> Counter[str]:
    """How many steps of each kind were run."""
    return Counter(step["kind"] for step in document["steps"] if step["status"] == "done")


def test_a_crash_near_the_end_costs_one_chunk(
    divided: Dailies, media: Path, tmp_path: Path, undisturbed: bytes
) -> None:
    """kill -9 of everything before the last chunk: the next run redoes what was under way and no more."""
    asked = command(media, tmp_path / "out", {"reel": BASE})
    process = divided.start(*asked, "--json", "--debug")
    wait_until(lambda: finished_chunks(divided, KIND) >= CHUNKS - 1, "all chunks but one", 90)
    ended = divided.crash(process)
    document = divided(*asked, "--debug")
    assert divided.runs()[KIND] <= 1
    assert ended + divided.runs() <= Counter(step["kind"] for step in document["steps"])
    assert (tmp_path / "out" / "reel.mp4").read_bytes() == undisturbed


def test_a_crash_between_the_steps_of_the_sound_keeps_them(
    divided: Dailies, media: Path, tmp_path: Path, undisturbed: bytes
) -> None:
    """kill -9 of everything when the sound is joined: what reads it goes on from there, to the same bytes."""
    asked = command(media, tmp_path / "out", {"reel": BASE})
    process = divided.start(*asked, "--json", "--debug")
    wait_until(lambda: finished_chunks(divided, "edit-mix") >= 1, "the joined sound", 90)
    ended = divided.crash(process)
    document = divided(*asked, "--debug")
    assert (ended + divided.runs())["edit-mix"] == 1
    assert made(document)["edit-mix"] == 0
    assert (tmp_path / "out" / "reel.mp4").read_bytes() == undisturbed


def test_workers_share_an_edit(divided: Dailies, media: Path, tmp_path: Path, undisturbed: bytes) -> None:
    """Each step is run once, and the bytes are those of one worker's."""
    document = divided(*command(media, tmp_path / "out", {"reel": BASE}, workers=3), "--debug")
    assert made(document)[KIND] == CHUNKS
    assert divided.runs() == made(document)
    assert (tmp_path / "out" / "reel.mp4").read_bytes() == undisturbed


def test_what_is_edited_again_is_encoded_again_and_no_more(studio: InProcess, media: Path, tmp_path: Path) -> None:
    """An end that moves costs its chunk; segments in another order none, where they are cut to one another."""
    first, second, third = ({**segment, "transition": "cut"} for segment in SEGMENTS)
    counts = []
    for number, segments in enumerate(
        ([first, second, third], [first, {**second, "end": 26.8}, third], [third, first, second], [first, second])
    ):
        document = studio(*command(media, tmp_path / f"out-{number}", {"reel": {**BASE, "segments": segments}}))
        assert failed(document["outputs"]["reel"]) == []
        counts.append(made(document)[KIND])
    assert counts == [CHUNKS, 1, 0, 0]


def test_shapes_of_an_edit_share_the_decode_of_each_chunk(
    studio: InProcess, media: Path, tmp_path: Path, undisturbed: bytes
) -> None:
    """And the sound; each film is byte for byte what it would be alone."""
    outputs = {"reel": BASE, "high": {**BASE, "aspect": "9:16", "framing": "crop"}}
    document = studio(*command(media, tmp_path / "out", outputs))
    steps = made(document)
    assert (steps["cuts"], steps[KIND], steps["edit"]) == (CHUNKS + 1, 2 * CHUNKS, 2)
    assert steps["edit-mix"] == steps["audio"] >= 1
    assert (tmp_path / "out" / "reel.mp4").read_bytes() == undisturbed
    assert failed(document["outputs"]["high"]) == []
