"""A full disk under the store and under the output: said so, nothing half-written, and more space is all it takes."""

from __future__ import annotations

import os
import subprocess
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path

import pytest

from tests.e2e.command import Dailies
from tests.emulators import missing

Clips = Callable[[str], Path]

# In a mount namespace of its own the file system needs no tidying; who is not root needs a user namespace for it.
_UNSHARE = ["unshare", "--mount"] if os.geteuid() == 0 else ["unshare", "--map-root-user", "--mount"]
_ENTER = ["nsenter", "--mount"] if os.geteuid() == 0 else ["nsenter", "--user", "--preserve-credentials", "--mount"]


@dataclass
class SmallDisk:
    """A file system of a given size at ``place``, for those who run behind ``wrapper``."""

    place: Path
    pid: int

    @property
    def wrapper(self) -> list[str]:
        return [*_ENTER, f"--target={self.pid}", "--"]

    @property
    def inside(self) -> Path:
        """The same folder as seen from here."""
        return Path(f"/proc/{self.pid}/root{self.place}")

    def resize(self, size: int) -> None:
        command = ["mount", "-o", f"remount,size={size}", str(self.place)]
        subprocess.run([*self.wrapper, *command], check=True, timeout=10)


@contextmanager
def small_disk(place: Path, size: int) -> Iterator[SmallDisk]:
    place.mkdir()
    script = 'mount -t tmpfs -o size="$1" tmpfs "$2" && echo ready && exec cat'
    holder = [*_UNSHARE, "sh", "-c", script, "sh", str(size), str(place)]
    with subprocess.Popen(holder, stdin=subprocess.PIPE, stdout=subprocess.PIPE) as process:
        assert process.stdin is not None
        assert process.stdout is not None
        try:
            if process.stdout.readline() != b"ready\n":
                missing("a small file system to mount (root, or user namespaces)")
            yield SmallDisk(place, process.pid)
        finally:
            process.stdin.close()


@pytest.fixture(scope="module")
def store_bytes(clips: Clips, tmp_path_factory: pytest.TempPathFactory) -> int:
    """What the store takes in the end, when there is room."""
    folder = tmp_path_factory.mktemp("room")
    dailies = Dailies(folder / "home")
    dailies(*convert(clips, folder / "x.wav"))
    return sum(path.stat().st_size for path in (folder / "home").rglob("*") if path.is_file())


def convert(clips: Clips, out: Path) -> list[str]:
    return ["convert", str(clips("quiet.wav")), "--to", "wav", "--no-normalize", "-o", str(out)]


@pytest.mark.parametrize("part", [0.02, 0.2, 0.5, 0.8, 0.95])
def test_a_full_store(clips: Clips, tmp_path: Path, store_bytes: int, part: float) -> None:
    """Wherever the space ends, the error is storage_full with exit 4; with more of it the same command works."""
    with small_disk(tmp_path / "disk", int(part * store_bytes)) as disk:
        dailies = Dailies(disk.place / "home", wrapper=disk.wrapper)
        code, message = dailies.error(*convert(clips, tmp_path / "x.wav"), code=4)
        assert (code, str(disk.place) in message) == ("storage_full", True)
        assert not (tmp_path / "x.wav").exists()
        disk.resize(100 * store_bytes)
        assert dailies(*convert(clips, tmp_path / "x.wav"))["status"] == "completed"
        scratch = disk.inside / "home" / "scratch"
        assert list(scratch.iterdir()) == []
        dailies.end()


def test_a_full_destination(dailies: Dailies, clips: Clips, tmp_path: Path) -> None:
    """The output's folder holds nothing half-written, and the next place gets the output from the store."""
    with small_disk(tmp_path / "disk", 100_000) as disk:
        dailies.wrapper = disk.wrapper
        code, message = dailies.error(*convert(clips, disk.place / "x.wav"), code=4)
        assert (code, str(disk.place) in message) == ("storage_full", True)
        assert list(disk.inside.iterdir()) == []
        document = dailies(*convert(clips, tmp_path / "x.wav"))
        assert {step["status"] for step in document["steps"]} == {"cached"}
        dailies.end()
