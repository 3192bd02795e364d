"""Writing files so that a reader, or a crash, never meets half of one."""

from __future__ import annotations

import os
import secrets
from collections.abc import Callable, Iterable, Iterator
from contextlib import contextmanager, suppress
from io import BufferedIOBase, FileIO
from pathlib import Path

from dailies.adapters.local.faults import reading, writing

PIECE_BYTES = 1 << 20


@contextmanager
def replacing(target: Path) -> Iterator[FileIO]:
    """A new file that becomes ``target`` at the block's end, durably, or vanishes if the block raises."""
    part = target.with_name(f".{secrets.token_hex(8)}.part")
    with writing(target):
        sink = FileIO(part, "x")
    try:
        with sink:
            yield sink
            with writing(target):
                os.fsync(sink.fileno())
        with writing(target):
            part.replace(target)
    except BaseException:
        part.unlink(missing_ok=True)
        raise
    sync_folder(target.parent)


def made_once(path: Path, content: Callable[[], bytes]) -> bytes:
    """What is in ``path``, a file for this user only; made with the first call, which of several at once wins."""
    if not path.exists():
        with writing(path):
            path.parent.mkdir(mode=0o700, parents=True, exist_ok=True)
            part = path.with_name(f".{secrets.token_hex(8)}.part")
            with os.fdopen(os.open(part, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600), "wb") as stream:
                stream.write(content())
            # The first one's stays, and it is there whole.
            with suppress(FileExistsError):
                os.link(part, path)
            part.unlink()
    with reading(path):
        return path.read_bytes()


def pieces_of(source: BufferedIOBase, path: Path) -> Iterator[memoryview]:
    """What ``source``, the opened ``path``, has left. Each piece is valid until the next one is asked for."""
    buffer = memoryview(bytearray(PIECE_BYTES))
    while True:
        with reading(path):
            count = source.readinto(buffer)
        if not count:
            return
        yield buffer[:count]


def write_pieces(
    pieces: Iterable[memoryview],
    sink: FileIO,
    target: Path,
    on_progress: Callable[[int], None] | None = None,
    on_piece: Callable[[memoryview], object] | None = None,
) -> int:
    """Write the pieces and tell of each; returns the number of bytes. ``target`` is for error messages."""
    written = 0
    if on_progress is not None:
        on_progress(0)
    for piece in pieces:
        if on_piece is not None:
            on_piece(piece)
        rest = piece
        while rest:
            with writing(target):
                # A volume that fills up takes a part first and refuses the next write.
                rest = rest[sink.write(rest) :]
        written += len(piece)
        if on_progress is not None:
            on_progress(written)
    return written


def sync_folder(folder: Path) -> None:
    """Make the names in ``folder`` outlive a power cut, on systems that can open a folder for that."""
    with suppress(OSError):
        descriptor = os.open(folder, os.O_RDONLY)
        try:
            os.fsync(descriptor)
        finally:
            os.close(descriptor)
