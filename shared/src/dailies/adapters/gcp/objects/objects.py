"""The object store on Cloud Storage.

The library repeats requests whose answer was lost, by itself only those with a precondition. The others are as harmless
to repeat (ports/objects.py), so it is told to. A conditional write may then find its own first try and say Conflict:
who must know compares the bytes, as engine/store/artifacts.py does.
"""

from __future__ import annotations

import io
from collections.abc import Callable, Iterator, Mapping
from pathlib import Path
from typing import Any

from google.api_core import exceptions
from google.cloud import storage
from google.cloud.storage.retry import DEFAULT_RETRY

from dailies.adapters.gcp.errors import translated
from dailies.adapters.gcp.objects.downloads import Download, checksum_of, object_info
from dailies.adapters.gcp.objects.slices import Slicing
from dailies.adapters.gcp.objects.uploads import Upload
from dailies.adapters.name_rules import check_object_name
from dailies.domain.errors import Conflict, NotFound, PermanentError, TransientError
from dailies.ports.objects import ObjectInfo

# An object that is replaced more often than this while it is read is not read.
_LOOKS = 100


class CloudObjects:
    """An ObjectStore. Parts of large uploads lie below ``staging/`` until they are one object.

    ``check`` is called while a file's bytes move; what it raises ends the transfer as ``on_progress`` does.
    """

    def __init__(
        self,
        client: storage.Client,
        bucket: str,
        *,
        slicing: Slicing | None = None,
        check: Callable[[], None] = lambda: None,
    ) -> None:
        self._client = client
        self._bucket = client.bucket(bucket)
        self._slicing = slicing or Slicing()
        self._check = check

    def checksum_of(self, path: Path) -> str:
        return checksum_of(path)

    def stat(self, name: str) -> ObjectInfo | None:
        blob = self._blob(name)
        with translated(_the(name)):
            try:
                blob.reload()
            except exceptions.NotFound:
                return None
        return object_info(blob)

    def put_file(
        self,
        name: str,
        path: Path,
        *,
        content_type: str | None = None,
        metadata: Mapping[str, str] | None = None,
        if_generation_match: int | None = None,
        on_progress: Callable[[int], None] | None = None,
    ) -> ObjectInfo:
        blob = self._blob(name, content_type, metadata)
        with translated(_the(name)):
            Upload(self._bucket, self._slicing, path, self._telling(on_progress)).run(blob, if_generation_match)
        return object_info(blob)

    def put_bytes(
        self,
        name: str,
        data: bytes,
        *,
        content_type: str | None = None,
        metadata: Mapping[str, str] | None = None,
        if_generation_match: int | None = None,
    ) -> ObjectInfo:
        blob = self._blob(name, content_type, metadata)
        with translated(_the(name)):
            blob.upload_from_string(
                data, content_type=content_type, if_generation_match=if_generation_match, checksum="crc32c"
            )
        return object_info(blob)

    def get_bytes(self, name: str, *, max_bytes: int) -> bytes:
        sink = _Bounded(name, max_bytes)
        # One request is of one generation, and carries the checksum of all its bytes.
        with translated(_the(name)):
            self._blob(name).download_to_file(sink, raw_download=True, checksum="crc32c")
        return sink.getvalue()

    def download(
        self,
        name: str,
        path: Path,
        *,
        generation: int | None = None,
        on_progress: Callable[[int], None] | None = None,
    ) -> ObjectInfo:
        telling = self._telling(on_progress)
        for _ in range(_LOOKS):
            found = self.stat(name)
            if found is None or generation not in (None, found.generation):
                raise NotFound(f"{_the(name)} does not exist.", code="object_not_found", name=name)
            try:
                with translated(_the(name)):
                    Download(self._bucket, self._slicing, found, telling).run(path)
            except NotFound:
                # Replaced or deleted since the look.
                continue
            return found
        raise TransientError(f"{_the(name)} is replaced all the time: try again in a moment.")

    def copy(self, source: str, destination: str, *, if_generation_match: int | None = None) -> ObjectInfo:
        for _ in range(_LOOKS):
            found = self.stat(source)
            if found is None:
                break
            try:
                with translated(_the(source if if_generation_match is None else destination)):
                    return self._rewrite(found, destination, if_generation_match)
            except NotFound:
                # Replaced or deleted since the look.
                continue
        raise NotFound(f"{_the(source)} does not exist.")

    def _rewrite(self, found: ObjectInfo, destination: str, if_generation_match: int | None) -> ObjectInfo:
        origin = self._bucket.blob(found.name, generation=found.generation)
        # What a rewrite's body leaves out or has as null, the copy may not have either.
        target = self._blob(destination, found.content_type, found.metadata)
        token = None
        while True:
            # Large objects take several calls.
            token, _, _ = target.rewrite(
                origin, token=token, if_generation_match=if_generation_match, retry=DEFAULT_RETRY
            )
            if token is None:
                return object_info(target)

    def delete(self, name: str, *, if_generation_match: int | None = None) -> None:
        with translated(_the(name)):
            try:
                self._blob(name).delete(if_generation_match=if_generation_match, retry=DEFAULT_RETRY)
            except exceptions.NotFound as error:
                if if_generation_match:
                    raise Conflict(f"{_the(name)} is not the generation that was asked for.") from error

    def list(self, prefix: str) -> Iterator[ObjectInfo]:
        with translated(f"The objects below {prefix!r}"):
            for blob in self._client.list_blobs(self._bucket, prefix=prefix or None):
                yield object_info(blob)

    def _telling(self, on_progress: Callable[[int], None] | None) -> Callable[[int], None]:
        def tell(moved: int) -> None:
            self._check()
            if on_progress is not None:
                on_progress(moved)

        return tell

    def _blob(
        self, name: str, content_type: str | None = None, metadata: Mapping[str, str] | None = None
    ) -> storage.Blob:
        check_object_name(name)
        blob: storage.Blob = self._bucket.blob(name)
        # Set at all, they are sent, as null if need be.
        if content_type is not None:
            blob.content_type = content_type
        if metadata:
            blob.metadata = dict(metadata)
        return blob


class _Bounded(io.BytesIO):
    """Memory that refuses more than its bound."""

    def __init__(self, name: str, max_bytes: int) -> None:
        super().__init__()
        self._name = name
        self._max_bytes = max_bytes

    def write(self, data: Any) -> int:
        if self.tell() + len(data) > self._max_bytes:
            raise PermanentError(
                f"{_the(self._name)} is larger than {self._max_bytes} bytes.", code="object_too_large", name=self._name
            )
        return super().write(data)


def _the(name: str) -> str:
    return f"The object {name}"
