"""One file's way into an object: in parts at once when it is large, and visible only when it is whole."""

from __future__ import annotations

import logging
import secrets
import time
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path
from typing import BinaryIO

from google.api_core import exceptions
from google.cloud import storage
from google.cloud.storage.retry import DEFAULT_RETRY

from dailies.adapters.gcp.errors import VENDOR_ERRORS
from dailies.adapters.gcp.objects.slices import Flow, Meter, Part, Slicing, Transfer
from dailies.adapters.local.faults import reading
from dailies.domain.errors import TransientError
from dailies.ports.objects import STAGING

_PARTS = f"{STAGING}parts/"
# Held in memory once per part on its way, and sent again when it was lost. A multiple of 256 KiB.
_CHUNK_BYTES = 8 << 20
_COMPOSE_MOST = 32

log = logging.getLogger(__name__)


class Upload:
    """Use once. Errors of Google's are raised as they are."""

    def __init__(
        self, bucket: storage.Bucket, slicing: Slicing, path: Path, on_progress: Callable[[int], None] | None
    ) -> None:
        self._bucket = bucket
        self._slicing = slicing
        self._path = path
        self._on_progress = on_progress
        self._staging = f"{_PARTS}{secrets.token_hex(16)}/"
        self._staged: list[storage.Blob] = []

    def run(self, blob: storage.Blob, if_generation_match: int | None) -> None:
        """Write the file as ``blob``. What ``on_progress`` raises leaves nothing behind."""
        with reading(self._path):
            stream = self._path.open("rb")
        with stream:
            size = self._path.stat().st_size
            parts = self._slicing.parts(size)
            if len(parts) < 2:
                self._send_whole(blob, stream, size, if_generation_match)
                return
            if if_generation_match is not None:
                self._check_early(blob, if_generation_match)
            try:
                self._send_parts(parts)
                self._join(blob, size, if_generation_match)
            finally:
                self._clear()

    def _send_whole(self, blob: storage.Blob, stream: BinaryIO, size: int, if_generation_match: int | None) -> None:
        blob.chunk_size = _CHUNK_BYTES
        blob.upload_from_file(
            _Source(stream, Part(0, 0, size), self._on_progress),
            size=size,
            content_type=blob.content_type,
            if_generation_match=if_generation_match,
            checksum="crc32c",
        )

    def _check_early(self, blob: storage.Blob, if_generation_match: int) -> None:
        """Refuse before gigabytes are moved what would be refused at the end."""
        present = self._bucket.get_blob(blob.name)
        if (present.generation if present else 0) != if_generation_match:
            raise exceptions.PreconditionFailed(blob.name)

    def _send_parts(self, parts: list[Part]) -> None:
        self._staged = [self._bucket.blob(f"{self._staging}{part.index:05}", chunk_size=_CHUNK_BYTES) for part in parts]

        def move(part: Part, meter: Meter) -> None:
            told = 0

            def tell(moved: int) -> None:
                nonlocal told
                meter.add(moved - told)
                told = moved

            with self._path.open("rb") as stream:
                self._staged[part.index].upload_from_file(
                    _Source(stream, part, tell), size=part.size, checksum="crc32c", retry=None
                )

        Transfer(self._slicing, Flow(self._slicing), move, self._on_progress).run(parts)

    def _join(self, blob: storage.Blob, size: int, if_generation_match: int | None) -> None:
        """Make one object of the parts, 32 at a time. Each was checked by its own CRC32C when it arrived."""
        rest, level = list(self._staged), 0
        while len(rest) > _COMPOSE_MOST:
            level += 1
            joined = []
            for number, start in enumerate(range(0, len(rest), _COMPOSE_MOST)):
                target = self._bucket.blob(f"{self._staging}{level}-{number:05}")
                self._staged.append(target)
                # Its name is nobody else's: that it is made a second time, when an answer was lost, does no harm.
                target.compose(rest[start : start + _COMPOSE_MOST], retry=DEFAULT_RETRY)
                joined.append(target)
            rest = joined
        if sum(part.size for part in rest) != size:
            raise TransientError(f"{self._path.name} changed while it was uploaded: try again.")
        # With a precondition, too: what a lost answer made of it is then found as a conflict, and compared.
        blob.compose(rest, if_generation_match=if_generation_match, retry=DEFAULT_RETRY)

    def _clear(self) -> None:
        """Remove the parts, several at once, in a short time: the upload's own outcome matters more."""
        until = time.monotonic() + self._slicing.clear_seconds

        def remove(blob: storage.Blob) -> Exception | None:
            left = until - time.monotonic()
            if left <= 0:
                return TimeoutError("no time left")
            try:
                blob.delete(timeout=left, retry=DEFAULT_RETRY.with_timeout(left))
            except exceptions.NotFound:
                return None
            except VENDOR_ERRORS as error:
                return error
            return None

        with ThreadPoolExecutor(self._slicing.most, thread_name_prefix="dailies-part") as pool:
            failed = [error for error in pool.map(remove, self._staged) if error is not None]
        if failed:
            # The sweeper and the bucket's lifecycle remove them.
            log.warning("%d parts could not be removed: %s", len(failed), failed[0])


class _Source:
    """A part of a file, as the library reads it; tells how far it was read, from the part's start."""

    def __init__(self, stream: BinaryIO, part: Part, on_progress: Callable[[int], None] | None) -> None:
        self._stream = stream
        self._part = part
        self._on_progress = on_progress
        self._most = 0
        stream.seek(part.start)

    def tell(self) -> int:
        return self._stream.tell() - self._part.start

    def seek(self, offset: int, whence: int = 0) -> int:
        place = {0: 0, 1: self.tell(), 2: self._part.size}[whence] + offset
        self._stream.seek(self._part.start + place)
        return place

    def read(self, size: int | None = None) -> bytes:
        left = self._part.size - self.tell()
        data = self._stream.read(left if size is None or size < 0 else min(size, left))
        # A repeated piece is not news.
        if self._on_progress is not None and self.tell() > self._most:
            self._most = self.tell()
            self._on_progress(self._most)
        return data
