"""One output of a completed job, to be fetched: from the store's own address, or from a file of this machine."""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path

from dailies.domain.errors import InvalidRequest, NotFound
from dailies.engine.platform import Platform
from dailies.planning.operation import MAIN_FILE
from dailies.ports.objects import LocalFiles
from dailies.services.result import Download, files_of, sign


@dataclass(frozen=True, slots=True)
class Fetchable:
    """``path`` is where the file lies, where the store's objects are files of this machine; else None."""

    download: Download
    path: Path | None


def fetchable_output(platform: Platform, uid: str, job_id: str, output: str | None, file: str | None) -> Fetchable:
    """The output's main file, or the one called ``file`` beside it. None is the only output there is.

    Raises NotFound (``output_not_found``, ``output_expired``), InvalidRequest where several are meant, and
    PermanentError ``job_not_completed``.
    """
    files = files_of(platform, uid, job_id)
    if output is None:
        if len(files) != 1:
            raise InvalidRequest(f"output: name one of {', '.join(sorted(files))}.", field="output")
        [output] = files
    found = files.get(output, {}).get(MAIN_FILE if file is None else file)
    if found is None or file == MAIN_FILE:
        raise NotFound(
            f"The job {job_id} has no output {output[:64]!r}" + (f" with a file {file[:64]!r}." if file else "."),
            code="output_not_found",
        )
    objects, download = platform.objects, sign(platform, found)
    return Fetchable(download, objects.path_of(download.object) if isinstance(objects, LocalFiles) else None)
