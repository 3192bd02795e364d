"""All files of several results in one ZIP file, made while it is sent."""

from __future__ import annotations

import zipfile
from collections.abc import Iterator, Sequence
from pathlib import PurePosixPath
from typing import IO, cast

from dailies.adapters.local.objects.objects import LocalObjects
from dailies.domain.errors import NotFound, PermanentError
from dailies.engine.platform import Platform
from dailies.services.jobs import owned_job
from dailies.services.result import Download, get_result

_READ_BYTES = 1 << 18
_LEFT_OUT = "left out.txt"


class _Sent:
    """What was written and not sent yet; a ZIP file can be written without ever going back."""

    def __init__(self) -> None:
        self._pieces: list[bytes] = []

    def write(self, piece: bytes) -> int:
        self._pieces.append(bytes(piece))
        return len(piece)

    def flush(self) -> None:
        """Nothing waits here for more."""

    def take(self) -> bytes:
        found = b"".join(self._pieces)
        self._pieces.clear()
        return found


def archive(platform: Platform, objects: LocalObjects, uid: str, job_ids: Sequence[str]) -> Iterator[bytes]:
    """A folder for each job, called after its source. What is no longer there is told in a file of its own.

    Raises NotFound before the first byte for a job that isn't the user's.
    """
    jobs = [owned_job(platform, uid, job_id) for job_id in job_ids]
    folders = _folders([job.file_name or job.id for job in jobs])
    return _written(platform, objects, uid, dict(zip(folders, (job.id for job in jobs), strict=True)))


def _written(platform: Platform, objects: LocalObjects, uid: str, jobs: dict[str, str]) -> Iterator[bytes]:
    sent = _Sent()
    missing: list[str] = []
    with zipfile.ZipFile(cast("IO[bytes]", sent), "w") as made:
        for folder, job_id in jobs.items():
            try:
                files = _files(platform, uid, job_id)
            except (NotFound, PermanentError) as error:
                missing.append(f"{folder}: {error.message}\n")
                continue
            for name, download in files.items():
                with (
                    objects.path_of(download.object).open("rb") as stream,
                    # Media are compressed already.
                    made.open(zipfile.ZipInfo(f"{folder}/{name}"), "w", force_zip64=True) as member,
                ):
                    while piece := stream.read(_READ_BYTES):
                        member.write(piece)
                        yield sent.take()
        if missing:
            made.writestr(_LEFT_OUT, "".join(missing))
    yield sent.take()


def _files(platform: Platform, uid: str, job_id: str) -> dict[str, Download]:
    """By name within the job's folder; an output of several files has one of its own."""
    found = get_result(platform, uid, job_id)
    files: dict[str, Download] = {}
    for name, download in found.downloads.items():
        beside = found.beside.get(name, {})
        folder = f"{name}/" if beside else ""
        files[f"{folder}{download.file_name}"] = download
        files |= {f"{folder}{role}": file for role, file in beside.items()}
    return files


def _folders(names: Sequence[str]) -> list[str]:
    """Each once, also where case makes no difference."""
    found: dict[str, str] = {}
    for name in names:
        stem = PurePosixPath(name.replace("\\", "/")).stem.strip(". ") or "job"
        called, number = stem, 1
        while called.casefold() in found:
            number += 1
            called = f"{stem} ({number})"
        found[called.casefold()] = called
    return list(found.values())
