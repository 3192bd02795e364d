"""One object's way into a file: in parts at once when it is large, all of one generation, checked as a whole."""

from __future__ import annotations

import base64
from collections.abc import Callable
from pathlib import Path
from typing import Any, BinaryIO

import google_crc32c
from google.cloud import storage

from dailies.adapters.gcp.objects.slices import Flow, Meter, Part, Slicing, Transfer
from dailies.adapters.local.faults import reading, writing
from dailies.adapters.local.objects.durable_files import PIECE_BYTES, replacing
from dailies.domain.errors import TransientError
from dailies.ports.objects import ObjectInfo

_CHECKSUM = "crc32c:"


class Download:
    """Use once. Errors of Google's are raised as they are; a full disk as StorageFull."""

    def __init__(
        self, bucket: storage.Bucket, slicing: Slicing, found: ObjectInfo, on_progress: Callable[[int], None] | None
    ) -> None:
        self._bucket = bucket
        self._slicing = slicing
        self._found = found
        self._on_progress = on_progress

    def run(self, path: Path) -> None:
        """Write ``path``, which appears, or is replaced, once everything was received and checked."""
        with replacing(path) as whole:
            part_path = Path(str(whole.name))
            with writing(path):
                whole.truncate(self._found.size)

            def move(part: Part, meter: Meter) -> None:
                with part_path.open("r+b") as stream:
                    self._fetch(part, _Sink(stream, part, meter, path))

            transfer = Transfer(self._slicing, Flow(self._slicing), move, self._on_progress, resumes=True)
            transfer.run(self._slicing.parts(self._found.size))
            if checksum_of(part_path) != self._found.checksum:
                raise TransientError(
                    f"The object {self._found.name} was damaged on its way: it is fetched again.",
                    code="checksum_mismatch",
                )

    def _fetch(self, part: Part, sink: _Sink) -> None:
        if sink.meter.moved == part.size:
            # It broke off behind its last byte.
            return
        blob = self._bucket.blob(self._found.name, generation=self._found.generation)
        blob.download_to_file(
            sink,
            # What an earlier attempt brought is there, and the whole is checked in the end.
            start=part.start + sink.meter.moved,
            end=part.start + part.size - 1,
            raw_download=True,
            # Ranges have none; the whole is checked. Parts are repeated by the transfer, which slows down then.
            checksum=None,
            retry=None,
        )
        if sink.meter.moved != part.size:
            raise ConnectionError(f"{sink.meter.moved} bytes came instead of {part.size}")


class _Sink:
    """Where one part goes, from where it broke off."""

    def __init__(self, stream: BinaryIO, part: Part, meter: Meter, target: Path) -> None:
        self._stream = stream
        self._stream.seek(part.start + meter.moved)
        self._left = part.size - meter.moved
        self._target = target
        self.meter = meter

    def write(self, data: bytes) -> int:
        if len(data) > self._left:
            raise ConnectionError("more bytes came than were asked for")
        self._left -= len(data)
        with writing(self._target):
            self._stream.write(data)
        self.meter.add(len(data))
        return len(data)


def checksum_of(path: Path) -> str:
    """The file's CRC32C in the store's own form."""
    checksum = google_crc32c.Checksum()
    with reading(path), path.open("rb") as stream:
        while piece := stream.read(PIECE_BYTES):
            checksum.update(piece)
    return _CHECKSUM + base64.b64encode(checksum.digest()).decode()


def object_info(blob: Any) -> ObjectInfo:
    """The port's view of a blob whose properties are loaded."""
    return ObjectInfo(
        name=blob.name,
        # Some servers leave out what is 0.
        size=int(blob.size or 0),
        generation=int(blob.generation),
        checksum=_CHECKSUM + blob.crc32c,
        content_type=blob.content_type,
        metadata=dict(blob.metadata or {}),
        updated=blob.updated,
    )
