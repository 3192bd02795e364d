"""Media that tests make: each file once, for all the processes of a test run."""

from __future__ import annotations

import fcntl
import hashlib
import os
import shutil
import subprocess
import sys
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path

from dailies.media.run import find_ffmpeg as finding

#: What FFmpegs can do, asked once for this environment: keyed by path, size and time, so it is never out of date.
TOOLS = Path(sys.prefix) / "dailies-tests"
FFMPEG = str(finding.locate(explicit=None, cache_dir=TOOLS).path)
VARIABLE = "DAILIES_TESTS_MADE"
"""Names the folder of what was made, for the workers of pytest-xdist."""


def ffmpeg(*arguments: str | Path) -> None:
    """Run FFmpeg for the test itself."""
    subprocess.run([FFMPEG, "-v", "error", "-nostdin", "-y", *map(str, arguments)], check=True, timeout=100)


def made(name: str, *arguments: str | Path) -> Path:
    """The file that FFmpeg makes of the arguments: by the first who asks for it. Don't write to it."""
    return once(name, "\0".join(map(str, arguments)), lambda part: ffmpeg(*arguments, part))


def once(name: str, of: str, write: Callable[[Path], object]) -> Path:
    """The file that ``write`` makes: by the first who asks for a file ``of`` that."""
    key = hashlib.sha256(of.encode()).hexdigest()[:16]
    place = Path(os.environ[VARIABLE]) / key
    path = place / name
    if path.exists():
        return path
    place.mkdir(exist_ok=True)
    with alone(place / ".lock"):
        if not path.exists():
            # Whole or not at all: others look without the lock.
            part = place / "part" / name
            part.parent.mkdir(exist_ok=True)
            write(part)
            part.replace(path)
    return path


def small_whisper() -> Path:
    """The folder of a speech model that says nonsense, fast. Raises ImportError without the extra ``speech``."""
    from tests.fakes.tiny_whisper import make_tiny_whisper

    place = Path(os.environ[VARIABLE]) / "whisper"
    place.mkdir(exist_ok=True)
    with alone(place / ".lock"):
        if not (place / "tiny").exists():
            make_tiny_whisper(place / "part").replace(place / "tiny")
    return place / "tiny"


def generated(*arguments: str | Path) -> None:
    """As :func:`ffmpeg`, for sources made of nothing: the last argument gets a copy of what was made once."""
    *words, path = arguments
    shutil.copyfile(made(f"source{Path(path).suffix}", *words), path)


def lend_tools(home: Path) -> Path:
    """A store's home that knows already what the FFmpegs here can do; returns it."""
    (home / "cache").mkdir(mode=0o700, parents=True, exist_ok=True)
    home.chmod(0o700)
    shutil.copy(TOOLS / "ffmpeg.json", home / "cache")
    return home


@contextmanager
def alone(path: Path) -> Iterator[None]:
    """No other process of the run is in such a block of the same path."""
    with path.open("w") as lock:
        fcntl.flock(lock, fcntl.LOCK_EX)
        yield
