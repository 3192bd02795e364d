"""Standard input as a source, and standard output as a destination."""

from __future__ import annotations

import sys
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path

from dailies.bootstrap import LOCAL_UID
from dailies.cli.source_files import STREAM
from dailies.cli.web_files import JobOutput, Named, WebFile
from dailies.domain.errors import InvalidRequest, SourceRefused
from dailies.engine.platform import Platform
from dailies.engine.scratch import disk_faults, single_scratch
from dailies.ports.objects import LocalFiles

#: What a source is called that has no name.
STDIN = "stdin"
_PIECE_BYTES = 1 << 20


@dataclass(frozen=True, slots=True)
class Opened:
    """A source that can be read as often as it takes: ``path``. ``named`` is what outputs are called after.

    With a ``url`` it is there, and yet to be fetched: ``path`` is its name alone.
    """

    path: Path
    named: Path
    is_stream: bool = False
    url: str | None = None


@contextmanager
def opened(platform: Platform, file: Named) -> Iterator[Opened]:
    """The file itself; of standard input a copy, for as long as the context lasts, in the store's scratch space.

    Media are read more than once, and not from front to back. Raises InvalidRequest where standard input is a
    terminal or closed, SourceRefused for too large a source, StorageFull.
    """
    if isinstance(file, WebFile):
        yield Opened(file.path, file.path, url=file.url)
        return
    if isinstance(file, JobOutput):
        yield Opened(_made(platform, file), file.path)
        return
    if file != STREAM:
        yield Opened(file, file)
        return
    if sys.stdin is None or sys.stdin.isatty():
        raise InvalidRequest("- reads standard input, and nothing is sent there: pipe a file in.", code="usage")
    with single_scratch(platform) as folder:
        copy = folder / STDIN
        with disk_faults(folder):
            _spool(copy, platform.settings.max_source_bytes)
        yield Opened(copy, Path(STDIN), True)


def _made(platform: Platform, file: JobOutput) -> Path:
    """Where the store of this machine has it. Raises NotFound, PermanentError ``job_not_completed``."""
    from dailies.services.result import main_file_of

    made = main_file_of(platform, LOCAL_UID, file.job_id, file.output)
    if not isinstance(platform.objects, LocalFiles):
        raise TypeError("the store of this machine has no files")
    return platform.objects.path_of(made.object)


def _spool(copy: Path, most: int) -> None:
    with copy.open("wb") as written:
        while piece := sys.stdin.buffer.read(_PIECE_BYTES):
            written.write(piece)
            if written.tell() > most:
                raise SourceRefused(f"Standard input has more than {most} bytes, the most that a source may have.",
                                    code="too_large")  # fmt: skip


@contextmanager
def stream_out(platform: Platform) -> Iterator[Path]:
    """Where an output is put before it goes to standard output.

    Raises InvalidRequest where that is a terminal, which media would only spoil.
    """
    if sys.stdout is None or sys.stdout.isatty():
        raise InvalidRequest("The output would go to this terminal: name a file with -o, or pipe it on.", code="usage")
    with single_scratch(platform) as folder:
        yield folder / "output"
