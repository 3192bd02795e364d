"""Files arrive where the user wants them: whole, or not at all."""

from __future__ import annotations

import errno
import os
import shutil
from pathlib import Path
from typing import Any

import pytest

from dailies.domain.errors import Conflict, DailiesError, Misconfigured, NotFound, StorageFull
from dailies.domain.job.job import FileSource, Job
from dailies.domain.recipe.recipe import Recipe
from dailies.operations.deliverables.audio import AudioOutput
from dailies.services.delivery import Destinations, check_destinations, deliver, file_names, ready_outputs
from dailies.services.jobs import create_job
from dailies.services.planning import imagined_state
from tests.unit.conftest import UID, World


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    made = tmp_path / "out"
    made.mkdir()
    return made


FOLDER_RECIPE = Recipe(outputs={"c": AudioOutput(format="flac")})


@pytest.fixture
def job(world: World) -> Job:
    return world.finish(world.new_job(a=1, b=2))


def file_source(world: World) -> FileSource:
    return world.sources.identify(world.source)


def names(folder: Path) -> list[str]:
    return sorted(path.name for path in folder.iterdir())


def check(world: World, path: Path, *, overwrite: bool = False) -> None:
    check_destinations(Destinations({"a": path}), file_source(world), overwrite=overwrite, ready={})


def failing(error: OSError) -> Any:
    def fail(*_: object, **__: object) -> None:
        raise error

    return fail


def test_every_output_gets_its_file_and_the_result_its_path(world: World, job: Job, folder: Path) -> None:
    """The bytes are the artifact's, the result says where they are, and nothing else is left there."""
    places = {"a": folder / "a.mp3", "b": folder / "b.mp3"}
    result = deliver(world.platform, job, Destinations(places), overwrite=False)
    assert {name: path.read_text() for name, path in places.items()} == {"a": "1.0", "b": "2.0"}
    assert {name: output.path for name, output in result.outputs.items()} == {n: str(p) for n, p in places.items()}
    assert names(folder) == ["a.mp3", "b.mp3"]


def test_delivering_twice_changes_nothing(world: World, job: Job, folder: Path) -> None:
    """The same bytes are no conflict: the file is left alone, its time included."""
    place = folder / "a.mp3"
    deliver(world.platform, job, Destinations({"a": place}), overwrite=False)
    os.utime(place, (1, 1))
    deliver(world.platform, job, Destinations({"a": place}), overwrite=False)
    assert place.stat().st_mtime == 1


def test_other_bytes_are_replaced_only_when_asked(world: World, job: Job, folder: Path) -> None:
    """A file that appeared during the job is the user's until --overwrite says otherwise."""
    place = folder / "a.mp3"
    place.write_text("mine")
    with pytest.raises(Conflict) as refused:
        deliver(world.platform, job, Destinations({"a": place}), overwrite=False)
    assert refused.value.error_code == "output_exists"
    assert place.read_text() == "mine"
    deliver(world.platform, job, Destinations({"a": place}), overwrite=True)
    assert place.read_text() == "1.0"
    assert names(folder) == ["a.mp3"]


def test_a_file_system_without_hard_links_is_served(
    world: World, job: Job, folder: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """exFAT and some network drives: the file is renamed into place, and still nothing is replaced."""
    monkeypatch.setattr(os, "link", failing(OSError(errno.EPERM, "no links")))
    place = folder / "a.mp3"
    deliver(world.platform, job, Destinations({"a": place}), overwrite=False)
    assert place.read_text() == "1.0"
    place.write_text("mine")
    with pytest.raises(Conflict):
        deliver(world.platform, job, Destinations({"a": place}), overwrite=False)
    assert names(folder) == ["a.mp3"]


@pytest.mark.parametrize(
    ("number", "expected", "code"),
    [
        (errno.ENOSPC, StorageFull, "storage_full"),
        (errno.EDQUOT, StorageFull, "storage_full"),
        (errno.EACCES, Misconfigured, "output_not_writable"),
        (errno.EROFS, Misconfigured, "output_not_writable"),
    ],
)
def test_a_destination_that_fails_keeps_nothing_half_written(
    world: World,
    job: Job,
    folder: Path,
    monkeypatch: pytest.MonkeyPatch,
    number: int,
    expected: type[DailiesError],
    code: str,
) -> None:
    """The error names the place and the fix; the folder is as it was."""
    monkeypatch.setattr("shutil.copyfile", failing(OSError(number, os.strerror(number))))
    with pytest.raises(expected) as refused:
        deliver(world.platform, job, Destinations({"a": folder / "a.mp3"}), overwrite=False)
    assert refused.value.error_code == code
    assert str(folder) in refused.value.message
    assert names(folder) == []


def test_what_a_killed_delivery_left_goes(world: World, job: Job, folder: Path) -> None:
    """The part file of a dead process is removed by the next delivery to the same name, a living one's is not."""
    place = folder / "a.mp3"
    with pytest.MonkeyPatch.context() as patched:
        patched.setattr(Path, "unlink", lambda self, missing_ok=False: None)
        patched.setattr(os, "link", failing(OSError(errno.ENOSPC, "full")))
        patched.setattr(Path, "rename", failing(OSError(errno.ENOSPC, "full")))
        for owner in ("dead-1-1-1", "live-1-1-1"):
            world.owners.name = owner
            with pytest.raises(StorageFull):
                deliver(world.platform, job, Destinations({"a": place}), overwrite=False)
    assert len(names(folder)) == 2
    world.owners.dead.add("dead-1-1-1")
    world.owners.name = "next-1-1-1"
    deliver(world.platform, job, Destinations({"a": place}), overwrite=False)
    [part] = set(names(folder)) - {"a.mp3"}
    assert "live-1-1-1" in part


def test_an_output_that_was_collected_is_told(world: World, job: Job, folder: Path) -> None:
    """Between the end of the job and its delivery the store may have lost it: another run makes it again."""
    for found in list(world.platform.objects.list("artifacts/")):
        if "/file-" in found.name:
            world.platform.objects.delete(found.name)
    with pytest.raises(NotFound) as refused:
        deliver(world.platform, job, Destinations({"a": folder / "a.mp3"}), overwrite=False)
    assert refused.value.error_code == "output_expired"


def test_what_could_not_be_delivered_is_refused_before_any_work(world: World, folder: Path) -> None:
    """No folder, a folder in the place of the file, a device, a file that is there: each is told at once."""
    (folder / "there.mp3").write_text("mine")
    for path, code in (
        (folder / "missing" / "a.mp3", "output_folder_missing"),
        (folder, "output_exists"),
        (Path(os.devnull), "output_exists"),
        (folder / "there.mp3", "output_exists"),
    ):
        with pytest.raises(DailiesError) as refused:
            check(world, path)
        assert refused.value.error_code == code
    check(world, folder / "there.mp3", overwrite=True)
    check(world, folder / "new.mp3")


@pytest.mark.parametrize("overwrite", [False, True])
def test_the_source_is_never_overwritten(world: World, folder: Path, overwrite: bool) -> None:
    """Not by its own name and not by another link to it, whatever is asked."""
    link = folder / "link.mp4"
    link.symlink_to(world.source)
    for path in (world.source, link):
        with pytest.raises(Conflict) as refused:
            check(world, path, overwrite=overwrite)
        assert refused.value.error_code == "output_is_source"


def test_a_folder_that_may_not_be_written_to(world: World, folder: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """Told before the job, with the fix."""
    monkeypatch.setattr(os, "access", lambda *_, **__: False)
    with pytest.raises(Misconfigured, match="permissions"):
        check(world, folder / "a.mp3")


def test_the_very_same_bytes_are_no_obstacle(world: World, job: Job, folder: Path) -> None:
    """A second, identical run finds its own output in the way and is content."""
    place = folder / "a.mp3"
    deliver(world.platform, job, Destinations({"a": place}), overwrite=False)
    plan_state = imagined_state(world.platform, UID, file_source(world), job.recipe)
    ready = ready_outputs(plan_state)
    assert set(ready) == {"a", "b"}
    check_destinations(Destinations({"a": place}), file_source(world), overwrite=False, ready=ready)
    with pytest.raises(Conflict):
        check_destinations(Destinations({"b": place}), file_source(world), overwrite=False, ready=ready)


def test_files_are_named_after_their_outputs(world: World) -> None:
    """The operation knows the extension, the recipe the name."""
    assert file_names(world.platform, {"podcast": AudioOutput(format="mp3")}) == {"podcast": "podcast.mp3"}


@pytest.fixture
def album(world: World) -> Job:
    """A job whose output ``c`` is a folder of two files."""
    return world.finish(create_job(world.platform, UID, file_source(world), FOLDER_RECIPE).job)


def test_an_output_of_several_files_gets_a_folder(world: World, album: Job, folder: Path) -> None:
    """The main file under its name, the other beside it under its own, and the result has both paths."""
    main = folder / "out" / "c" / "main.flac"
    places = Destinations({"c": main}, (folder / "out", folder / "out" / "c"))
    check_destinations(places, file_source(world), overwrite=False, ready={})
    assert names(folder) == []
    output = deliver(world.platform, album, places, overwrite=False).outputs["c"]
    assert names(main.parent) == ["cover.txt", "main.flac"]
    assert (output.path, [file.path for file in output.files]) == (str(main), [str(main.with_name("cover.txt"))])
    assert Path(str(output.files[0].path)).read_bytes() == b"beside"
    assert (output.files[0].bytes, output.files[0].media_type) == (6, "text/plain")


def test_the_main_file_comes_last(world: World, album: Job, folder: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """Whoever sees the playlist can open what it names; a full disk in between leaves no playlist."""
    main = folder / "c" / "main.flac"
    places = Destinations({"c": main}, (folder / "c",))
    copies = iter([None, OSError(errno.ENOSPC, "full")])
    copy = shutil.copyfile

    def copyfile(source: Path, to: Path) -> None:
        error = next(copies)
        if error is not None:
            raise error
        copy(source, to)

    monkeypatch.setattr("shutil.copyfile", copyfile)
    with pytest.raises(StorageFull):
        deliver(world.platform, album, places, overwrite=False)
    assert names(main.parent) == ["cover.txt"]


def test_a_file_in_the_way_of_a_folders_files_is_told(world: World, album: Job, folder: Path) -> None:
    """Before any work when the store knows the files, and always before anything of the user's is replaced."""
    main = folder / "c" / "main.flac"
    places = Destinations({"c": main}, (folder / "c",))
    main.parent.mkdir()
    main.with_name("cover.txt").write_text("mine")
    plan_state = imagined_state(world.platform, UID, file_source(world), FOLDER_RECIPE)
    with pytest.raises(Conflict, match="cover"):
        check_destinations(places, file_source(world), overwrite=False, ready=ready_outputs(plan_state))
    with pytest.raises(Conflict, match="cover"):
        deliver(world.platform, album, places, overwrite=False)
    assert main.with_name("cover.txt").read_text() == "mine"


@pytest.mark.parametrize(
    ("place", "code"),
    [("c", None), ("no/c", "output_folder_missing"), ("file", "output_exists"), ("file/c", "output_folder_missing")],
)
def test_a_folder_that_delivery_would_make(world: World, folder: Path, place: str, code: str | None) -> None:
    """It may be missing; what is above it may not, and neither may be a file."""
    (folder / "file").write_text("")
    places = Destinations({"c": folder / place / "main.flac"}, (folder / place,))
    if code is None:
        check_destinations(places, file_source(world), overwrite=False, ready={})
        return
    with pytest.raises(DailiesError) as refused:
        check_destinations(places, file_source(world), overwrite=False, ready={})
    assert refused.value.error_code == code
