"""Artifacts in Cloud Storage: what the manifest says of a file holds, or the step counts as not done."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace
from pathlib import Path

import pytest
from google.cloud import storage

from dailies.adapters.gcp.objects.objects import CloudObjects
from dailies.domain.errors import TransientError
from dailies.engine.store.artifacts import Artifacts
from dailies.planning.operation import Artifact, Produced
from tests.fakes.storage import FakeStorage

KEY = "0" * 64


@pytest.fixture
def objects(storage_client: Callable[[], storage.Client]) -> CloudObjects:
    return CloudObjects(storage_client(), "bucket")


@pytest.fixture
def make(objects: CloudObjects, tmp_path: Path) -> Callable[[], Artifact]:
    def commit() -> Artifact:
        path = tmp_path / "made"
        path.write_bytes(b"a film")
        return Artifacts(objects, "u1").commit(KEY, "video", Produced({}, {"file": (path, "video/mp4")}))

    return commit


@pytest.mark.parametrize("found", [b"", b"a fi1m", b"<script>"])
def test_a_file_that_was_overwritten_is_made_again(
    objects: CloudObjects, fake_storage: FakeStorage, make: Callable[[], Artifact], tmp_path: Path, found: bytes
) -> None:
    """Neither is it signed for a download; the next attempt replaces it."""
    name = make().files["file"].object
    objects.put_bytes(name, found)
    assert Artifacts(objects, "u1").load(KEY) is None
    again = make()
    assert fake_storage.objects[name].data == b"a film"
    assert Artifacts(objects, "u1").load(KEY) == again


def test_a_file_of_a_crashed_attempt_is_kept_when_it_is_whole(
    objects: CloudObjects, fake_storage: FakeStorage, make: Callable[[], Artifact]
) -> None:
    """Its name holds the content's hash: it is compared by the store's own checksum, not sent again."""
    name = make().files["file"].object
    generation = fake_storage.objects[name].generation
    objects.delete(name.replace(name.rpartition("/")[2], "manifest.json"))
    make()
    assert fake_storage.objects[name].generation == generation


def test_what_is_fetched_is_looked_at_before_it_is_used(
    objects: CloudObjects, make: Callable[[], Artifact], tmp_path: Path
) -> None:
    """Manifests of older versions hold no checksum of the store's: the bytes themselves tell, and the file goes."""
    made = make()
    old = replace(made, files={"file": replace(made.files["file"], checksum="")})
    artifacts = Artifacts(objects, "u1")
    fetches: list[Callable[[], object]] = [
        lambda: artifacts.read(old, "file", tmp_path),
        lambda: artifacts.deliver(old, "file", tmp_path / "delivered"),
    ]
    for fetch in fetches:
        objects.put_bytes(old.files["file"].object, b"a fi1m")
        with pytest.raises(TransientError) as lost:
            fetch()
        assert lost.value.error_code == "artifact_lost"
        assert objects.stat(old.files["file"].object) is None
    assert [path.name for path in tmp_path.iterdir()] == ["made"]
