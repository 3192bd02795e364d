"""Putting a finished job's files where the user wants them: whole, or not at all."""

from __future__ import annotations

import contextlib
import errno
import hashlib
import os
import shutil
from collections.abc import Callable, Collection, Mapping
from dataclasses import dataclass
from pathlib import Path

from dailies.domain.errors import Conflict, DailiesError, Misconfigured, NotFound, StorageFull
from dailies.domain.job.job import FileSource, Job
from dailies.domain.job.result import JobResult, result_of
from dailies.domain.recipe.fields import Output
from dailies.engine.plan_state import PlanState, plan_state_of
from dailies.engine.platform import Platform
from dailies.engine.store.artifacts import Artifacts
from dailies.planning.file_hash import file_sha256
from dailies.planning.operation import MAIN_FILE, Artifact, StoredFile

_PART = ".part"


def file_names(platform: Platform, outputs: Mapping[str, Output]) -> dict[str, str]:
    """The file name of each output, by output name."""
    wished = {name: platform.registry.for_output(output) for name, output in outputs.items()}
    return {name: deliverable.file_name(name, output) for name, (deliverable, output) in wished.items()}


@dataclass(frozen=True, slots=True)
class Destinations:
    """Where the outputs go: the main file of each, by output name; an output's other files go beside it.

    ``folders`` are those that delivery makes where they are missing, outer ones first.
    """

    files: Mapping[str, Path]
    folders: tuple[Path, ...] = ()


def check_destinations(
    places: Destinations, source: FileSource | None, *, overwrite: bool, ready: Mapping[str, Mapping[str, StoredFile]]
) -> None:
    """Refuse, before any work, what could not be delivered afterwards.

    ``source`` is None where it is no file here. ``ready`` has the files by role of the outputs that exist in the
    store already: a destination that holds the very same bytes is no obstacle. Raises Conflict ``output_exists``,
    Misconfigured ``output_not_writable``, NotFound.
    """
    for name, main in places.files.items():
        known = ready.get(name, {MAIN_FILE: None})
        for role, file in known.items():
            path = _place(main, role)
            try:
                _check_folder(path.parent, places.folders)
                _check_destination(path, source, overwrite=overwrite, ready=file)
            except OSError as error:
                raise _translate(error, path) from error


def deliver(platform: Platform, job: Job, places: Destinations, *, overwrite: bool) -> JobResult:
    """Copy the outputs that a completed job made to their places and return its result with their paths.

    Each file appears under its name at once and whole (copied beside it, then renamed), an output's main file
    after its others; one that holds the same bytes already is left alone. What a killed delivery left beside
    them goes. Raises Conflict, NotFound, StorageFull, Misconfigured.
    """
    artifacts = Artifacts(platform.objects, job.uid)
    plan_state = plan_state_of(job, artifacts, platform.registry, platform.toolchain())
    result = result_of(job.result, job.recipe)
    outputs = dict(result.outputs)
    made = {name: main for name, main in places.files.items() if name in outputs}
    for folder in places.folders:
        if any(folder in main.parents for main in made.values()):
            _make_folder(folder)
    for name, main in made.items():
        artifact = plan_state.artifacts.get(plan_state.plan.outputs[name])
        if artifact is None:
            raise NotFound(
                f"The output {name} is no longer in the store: run the command again.", code="output_expired"
            )
        for role in sorted(artifact.files, key=lambda role: role == MAIN_FILE):
            _deliver_file(platform, artifacts, artifact, role, _place(main, role), overwrite=overwrite)
        beside = tuple(file.model_copy(update={"path": str(_place(main, file.name))}) for file in outputs[name].files)
        outputs[name] = outputs[name].model_copy(update={"path": str(main), "files": beside})
    return result.model_copy(update={"outputs": outputs})


def ready_outputs(plan_state: PlanState) -> dict[str, Mapping[str, StoredFile]]:
    """The files by role of the outputs whose artifact exists, by name."""
    return {
        name: plan_state.artifacts[step].files
        for name, step in plan_state.plan.outputs.items()
        if step in plan_state.artifacts
    }


def _place(main: Path, role: str) -> Path:
    return main if role == MAIN_FILE else main.with_name(role)


def deliver_copy(platform: Platform, found: Path, size: int, sha256: str, path: Path, *, overwrite: bool) -> None:
    """Copy a file that no job has made, of ``size`` bytes and this digest, to ``path``: as :func:`deliver` does."""

    def copy(part: Path) -> None:
        shutil.copyfile(found, part)

    _deliver_as(platform, copy, size, sha256, path, overwrite=overwrite)


def _deliver_file(
    platform: Platform, artifacts: Artifacts, artifact: Artifact, role: str, path: Path, *, overwrite: bool
) -> None:
    file = artifact.files[role]

    def copy(part: Path) -> None:
        artifacts.deliver(artifact, role, part)

    _deliver_as(platform, copy, file.size, file.sha256, path, overwrite=overwrite)


def _deliver_as(
    platform: Platform, copy: Callable[[Path], None], size: int, sha256: str, path: Path, *, overwrite: bool
) -> None:
    _remove_dead_parts(platform, path)
    if _holds(path, size, sha256):
        return
    part = path.with_name(f"{_part_prefix(path)}{platform.owners.me()}{_PART}")
    try:
        copy(part)
        _publish(part, path, lambda: _holds(path, size, sha256), overwrite=overwrite)
    except OSError as error:
        raise _translate(error, path) from error
    finally:
        with contextlib.suppress(OSError):
            part.unlink(missing_ok=True)


def _make_folder(folder: Path) -> None:
    try:
        folder.mkdir(exist_ok=True)
    except FileNotFoundError as error:
        raise _no_folder(folder.parent) from error
    except FileExistsError as error:
        raise _is_a_file(folder) from error
    except OSError as error:
        raise _translate(error, folder) from error


def _check_folder(folder: Path, made: Collection[Path]) -> None:
    """That the folder is there, or can be made, and written to."""
    while not folder.exists() and folder in made:
        folder = folder.parent
    if folder.exists() and not folder.is_dir():
        raise _is_a_file(folder) if folder in made else _no_folder(folder)
    if not folder.is_dir():
        raise _no_folder(folder)
    if not os.access(folder, os.W_OK | os.X_OK) or _read_only(folder):
        raise Misconfigured(
            f"{folder} can't be written to: check its permissions or name another place.",
            code="output_not_writable",
        )


def _no_folder(folder: Path) -> NotFound:
    return NotFound(f"There is no folder {folder}: create it first.", code="output_folder_missing")


def _is_a_file(folder: Path) -> Conflict:
    return Conflict(f"{folder} is a file: name a folder.", code="output_exists")


def _check_destination(path: Path, source: FileSource | None, *, overwrite: bool, ready: StoredFile | None) -> None:
    if source is not None and path.exists() and path.samefile(source.path):
        raise Conflict(
            f"{path} is the source itself, which is never overwritten: name another file with -o.",
            code="output_is_source",
        )
    if path.exists() and not path.is_file():
        # Replacing /dev/null would break the machine.
        raise Conflict(f"{path} is a {'folder' if path.is_dir() else 'device'}: name a file.", code="output_exists")
    if path.exists() and not overwrite and not _same(path, ready):
        raise _exists(path)


def _exists(path: Path) -> Conflict:
    return Conflict(f"{path} exists: add --overwrite to replace it, or name another file.", code="output_exists")


def _part_prefix(path: Path) -> str:
    # A digest of the name: the name itself may be as long as names can be.
    return f".dailies-{hashlib.sha256(os.fsencode(path.name)).hexdigest()[:16]}-"


def _remove_dead_parts(platform: Platform, path: Path) -> None:
    """Remove what killed deliveries to ``path`` left beside it."""
    prefix = _part_prefix(path)
    # A folder that can be written to and not listed is no reason to fail.
    with contextlib.suppress(OSError):
        for found in path.parent.iterdir():
            name = found.name
            if name.startswith(prefix) and name.endswith(_PART):
                owner = name.removeprefix(prefix).removesuffix(_PART)
                if platform.owners.is_dead(owner):
                    found.unlink(missing_ok=True)


def _publish(part: Path, path: Path, same: Callable[[], bool], *, overwrite: bool) -> None:
    with part.open("rb") as stream:
        os.fsync(stream.fileno())
    if overwrite:
        part.replace(path)
        return
    try:
        # link(2) refuses an existing name in one step; rename would replace it.
        os.link(part, path)
    except FileExistsError as error:
        # It appeared meanwhile; another process that was given the same job makes the same bytes.
        if not same():
            raise _exists(path) from error
    except OSError:
        # No hard links on this file system (exFAT, some network drives).
        if path.exists() and not same():
            raise _exists(path) from None
        part.rename(path)


def _same(path: Path, file: StoredFile | None) -> bool:
    return file is not None and _holds(path, file.size, file.sha256)


def _holds(path: Path, size: int, sha256: str) -> bool:
    return path.is_file() and path.stat().st_size == size and file_sha256(path) == sha256


def _read_only(folder: Path) -> bool:
    return bool(os.statvfs(folder).f_flag & os.ST_RDONLY)


def _translate(error: OSError, path: Path) -> DailiesError:
    if error.errno in (errno.ENOSPC, errno.EDQUOT, errno.EFBIG):
        return StorageFull(f"No space left in {path.parent}: free some or name another place with -o.")
    return Misconfigured(f"{path} can't be written: {error.strerror}. Name another place.", code="output_not_writable")
