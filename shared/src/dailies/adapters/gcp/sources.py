"""Sources that were uploaded to Cloud Storage."""

from __future__ import annotations

from pathlib import Path

from dailies.domain.errors import NotFound, PermanentError, SourceChanged
from dailies.domain.job.job import FileSource, ObjectSource, Source
from dailies.ports.objects import ObjectInfo, ObjectStore
from dailies.ports.sources import Sources, not_here


class CloudSources(Sources):
    """``uploads/{uid}/{jobId}/source`` at its generation, fetched once per scratch folder."""

    def __init__(self, objects: ObjectStore) -> None:
        self._objects = objects

    def open(self, source: Source, scratch: Path) -> Path:
        uploaded = _uploaded(source)
        path = scratch / "object-source"
        if not path.exists():
            try:
                found = self._objects.download(uploaded.name, path, generation=uploaded.generation)
            except NotFound as error:
                raise _changed() from error
            _check(uploaded, found)
        return path

    def verify(self, source: Source) -> None:
        uploaded = _uploaded(source)
        found = self._objects.stat(uploaded.name)
        if found is None:
            raise _changed()
        _check(uploaded, found)


def _check(source: ObjectSource, found: ObjectInfo) -> None:
    # The digest is the store's checksum, which a CRC can't be by itself: then name and generation stand behind it.
    same = source.digest == found.checksum or source.digest.startswith(f"{found.checksum}:")
    if not same or (found.generation, found.size) != (source.generation, source.size):
        raise _changed()


def _uploaded(source: Source) -> ObjectSource:
    if isinstance(source, ObjectSource):
        return source
    if isinstance(source, FileSource):
        raise PermanentError(
            f"The source {source.path} is a file of another machine: upload it.", code="source_not_uploaded"
        )
    raise not_here(source)


def _changed() -> SourceChanged:
    return SourceChanged("The upload was replaced or removed while it was processed: upload it again.")
