"""Artifacts that were damaged since they were made count as absent, and are made again."""

from __future__ import annotations

import os
from collections.abc import Callable
from pathlib import Path

import pytest

from dailies.adapters.local.objects.objects import LocalObjects
from dailies.domain.errors import TransientError
from dailies.domain.job.job import Job, JobState
from dailies.engine.store.artifacts import MANIFEST, Artifacts
from dailies.planning.operation import Produced
from dailies.services.delivery import Destinations, deliver
from tests.unit.conftest import UID, World

KEY = "0" * 64


def blobs(world: World, ending: str) -> list[Path]:
    """The store's files of the objects whose names end so."""
    objects = world.platform.objects
    assert isinstance(objects, LocalObjects)
    return [objects.path_of(found.name) for found in objects.list("artifacts/") if ending in found.name]


def emptied(path: Path) -> None:
    path.write_bytes(b"")


def flipped(path: Path) -> None:
    """As long as before, and its times are set back."""
    before = path.stat()
    path.write_bytes(bytes(byte ^ 0xFF for byte in path.read_bytes()))
    os.utime(path, ns=(before.st_atime_ns, before.st_mtime_ns))


def replaced(path: Path) -> None:
    """By another file, as a sync tool does it."""
    path.unlink()
    path.write_bytes(b"<script>alert(1)</script>")


def cut(path: Path) -> None:
    os.truncate(path, path.stat().st_size - 1)


def removed(path: Path) -> None:
    path.unlink()


@pytest.mark.parametrize("damage", [emptied, flipped, replaced, cut, removed])
def test_a_damaged_output_is_made_again_and_never_delivered(
    world: World, tmp_path: Path, capsys: pytest.CaptureFixture[str], damage: Callable[[Path], None]
) -> None:
    """Its step runs again, no other does; what is delivered is what the certificate says; the log tells of it."""
    world.finish(world.new_job(a=1, b=2))
    world.ledger.ran.clear()
    damage(next(path for path in blobs(world, "/file-") if path.read_bytes() == b"1.0"))
    job = world.finish(world.new_job(a=1, b=2))
    assert world.ledger.ran == ["1.0"]
    place = tmp_path / "a.mp3"
    result = deliver(world.platform, job, Destinations({"a": place}), overwrite=False)
    assert (place.read_bytes(), result.outputs["a"].bytes) == (b"1.0", 3)
    assert ("damaged" in capsys.readouterr().err) is (damage is not removed)


@pytest.mark.parametrize("damage", [emptied, flipped, replaced, cut, removed])
def test_a_damaged_manifest_is_made_again(world: World, damage: Callable[[Path], None]) -> None:
    """Of any step, the probe's included: the source isn't lost for good."""
    world.finish(world.new_job(a=1))
    world.ledger.ran.clear()
    for path in blobs(world, MANIFEST):
        damage(path)
    assert world.finish(world.new_job(a=1)).state is JobState.COMPLETED
    assert world.ledger.ran == ["probe", "measure", "1.0"]


@pytest.mark.parametrize("content", [b"", b"{", b"[]", b'{"key": 1}', b'{"files": null}', b"\xff", b"null"])
def test_an_unreadable_manifest_is_absent_and_removed(
    world: World, capsys: pytest.CaptureFixture[str], content: bytes
) -> None:
    """Also one that the store has whole: whoever wrote it, it must not stand in the way."""
    objects = world.platform.objects
    name = f"artifacts/{UID}/{KEY}/{MANIFEST}"
    objects.put_bytes(name, content)
    artifacts = Artifacts(objects, UID)
    assert artifacts.load(KEY) is None
    assert objects.stat(name) is None
    assert KEY in capsys.readouterr().err
    assert artifacts.commit(KEY, "probe", Produced(data={"n": 1})).data == {"n": 1}


def test_a_manifest_of_another_step_is_absent(world: World) -> None:
    """Its key is part of it: a file in the wrong place is no answer."""
    objects = world.platform.objects
    Artifacts(objects, UID).commit(KEY, "probe", Produced(data={"n": 1}))
    other = "1" * 64
    objects.put_bytes(
        f"artifacts/{UID}/{other}/{MANIFEST}",
        objects.get_bytes(f"artifacts/{UID}/{KEY}/{MANIFEST}", max_bytes=9999),
    )
    assert Artifacts(objects, UID).load(other) is None
    assert Artifacts(objects, UID).load(KEY) is not None


def test_an_unreadable_manifest_that_appears_at_the_commit_is_no_obstacle(world: World) -> None:
    """Between a worker's look and its commit: it is neither believed nor the end of the job."""
    objects = world.platform.objects
    artifacts = Artifacts(objects, UID)
    assert artifacts.load(KEY) is None
    objects.put_bytes(f"artifacts/{UID}/{KEY}/{MANIFEST}", b"{")
    assert artifacts.commit(KEY, "probe", Produced(data={"n": 1})).data == {"n": 1}
    assert Artifacts(objects, UID).load(KEY) is not None


def damaged_unseen(world: World, monkeypatch: pytest.MonkeyPatch) -> Job:
    """A job whose output a failing disk spoils, which changes nothing that the system tells of the file."""
    job = world.finish(world.new_job(a=1))
    flipped(*blobs(world, "/file-"))
    monkeypatch.setattr(LocalObjects, "_whole", lambda *_: True)
    return job


def test_what_is_delivered_is_looked_at_once_more(
    world: World, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Nothing arrives, the damaged file goes, and the same command makes it anew."""
    job, place = damaged_unseen(world, monkeypatch), tmp_path / "a.mp3"
    with pytest.raises(TransientError) as lost:
        deliver(world.platform, job, Destinations({"a": place}), overwrite=False)
    assert lost.value.error_code == "artifact_lost"
    assert [path.name for path in tmp_path.iterdir() if path.name not in ("home", "talk.mp4")] == []
    deliver(world.platform, world.finish(world.new_job(a=1)), Destinations({"a": place}), overwrite=False)
    assert place.read_bytes() == b"1.0"


def test_a_file_that_is_damaged_after_the_look_may_be_made_again(world: World, tmp_path: Path) -> None:
    """A step that was about to read it fails in a way that may pass, and the next look sees what is missing."""
    (tmp_path / "made").write_bytes(b"chunk")
    artifacts = Artifacts(world.platform.objects, UID)
    made = artifacts.commit(KEY, "chunk", Produced(data={}, files={"file": (tmp_path / "made", "video/x-nut")}))
    assert artifacts.read(made, "file", tmp_path).read_bytes() == b"chunk"
    flipped(*blobs(world, "/file-"))
    with pytest.raises(TransientError) as lost:
        artifacts.read(made, "file", tmp_path)
    assert lost.value.error_code == "artifact_lost"
    assert artifacts.load(KEY) is None
