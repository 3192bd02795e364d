"""Real media made on the spot, both FFmpegs, with and without the sandbox."""

from __future__ import annotations

import shutil
import sys
import threading
import time
from collections.abc import Callable, Iterator, Sequence
from pathlib import Path

import pytest

from dailies.domain.errors import PermanentError
from dailies.media import ffmpeg
from dailies.media.ffmpeg import FFmpeg
from dailies.media.probe.probe_host import ProbeHost
from dailies.media.run import sandbox_trial
from dailies.media.run.process import Limits
from dailies.media.run.sandbox import Sandbox
from tests.emulators import missing
from tests.integration.media.films import PICTURE, RATES, SOUND, SOURCES, X264, Bench, bench_of, hosts
from tests.made import TOOLS, made

Make = Callable[..., Path]


@pytest.fixture(scope="session")
def bundled() -> FFmpeg:
    return ffmpeg.locate(explicit=None, cache_dir=TOOLS)


@pytest.fixture(scope="session")
def on_path() -> FFmpeg:
    found = shutil.which("ffmpeg")
    if found is None:
        missing("an ffmpeg on the PATH (apt install ffmpeg)")
    return ffmpeg.locate(explicit=found, cache_dir=TOOLS)


@pytest.fixture(params=["bundled", "on_path"])
def binary(request: pytest.FixtureRequest) -> FFmpeg:
    """Each FFmpeg: the wheel's, and the system's, which is usually years older."""
    found: FFmpeg = request.getfixturevalue(request.param)
    return found


@pytest.fixture(scope="session")
def bubblewrap() -> Sandbox:
    found = sandbox_trial.detect("auto")
    if not found.active:
        missing(f"a sandbox (apt install bubblewrap; {found.reason})")
    return found


@pytest.fixture(params=["bare", "sandboxed"])
def box(request: pytest.FixtureRequest) -> Sandbox:
    """No sandbox, and bubblewrap where it works."""
    if request.param == "bare":
        return Sandbox()
    found: Sandbox = request.getfixturevalue("bubblewrap")
    return found


@pytest.fixture
def limits() -> Limits:
    return Limits(wall_seconds=30, cpu_seconds=60, memory_bytes=8 * 2**30, file_bytes=200 * 2**20)


@pytest.fixture
def scratch(tmp_path: Path) -> Iterator[Path]:
    """The folder a child works in; afterwards nothing runs in it and the source's place is empty."""
    folder = tmp_path / "scratch"
    folder.mkdir()
    yield folder
    wait_until(lambda: not running_in(tmp_path), "nothing runs in the scratch folder")
    assert not (folder / "source").is_symlink()
    assert not (folder / "source").exists()


@pytest.fixture(scope="session")
def make() -> Make:
    """``make(name, *arguments)`` runs FFmpeg once for them in a run, and returns the file: don't write to it."""
    return made


@pytest.fixture(scope="session", autouse=True)
def _probe_host(tmp_path_factory: pytest.TempPathFactory) -> Iterator[None]:
    """For every bench: half of a probe is an import. It starts with the first question."""
    hosts.append(ProbeHost(tmp_path_factory.mktemp("host"), "host"))
    yield
    hosts.pop().close()


@pytest.fixture
def bench(bundled: FFmpeg, tmp_path: Path) -> Bench:
    return bench_of(bundled, tmp_path)


@pytest.fixture
def older_bench(on_path: FFmpeg, tmp_path: Path) -> Bench:
    """With the system's FFmpeg, which is usually years older."""
    return bench_of(on_path, tmp_path)


@pytest.fixture
def source(make: Make) -> Callable[[str], Path]:
    """One of ``films.SOURCES``, by its name."""

    def of(name: str) -> Path:
        picture = [word.format(rate=RATES.get(name, "25")) for word in PICTURE]
        return make(name, *picture, *SOUND, *X264, *SOURCES[name])

    return of


@pytest.fixture(scope="session")
def talk(make: Make) -> Path:
    """Two seconds of 320 × 240 H.264 at 25 frames a second with stereo AAC, index in front."""
    picture = ["-f", "lavfi", "-i", "testsrc2=d=2:s=320x240:r=25"]
    sound = ["-f", "lavfi", "-i", "sine=d=2:r=48000"]
    return make(
        "talk.mp4", *picture, *sound, "-ac", "2", "-c:v", "libx264", "-c:a", "aac", "-movflags", "+faststart", "-y"
    )


def wait_until(condition: Callable[[], bool], what: str, seconds: float = 10.0) -> None:
    """Look until ``condition`` holds; fails after ``seconds``."""
    pause, limit = threading.Event(), time.monotonic() + seconds
    while not condition():
        assert time.monotonic() < limit, f"waited {seconds} s in vain: {what}"
        pause.wait(0.02)


def outcome(call: Callable[[], object]) -> str:
    """``accepted``, or the code of the refusal."""
    try:
        call()
    except PermanentError as error:
        return error.error_code
    return "accepted"


def running_in(folder: Path) -> list[int]:
    """Processes whose working folder is below ``folder``: what a child of ours left behind."""
    found: list[int] = []
    if not sys.platform.startswith("linux"):
        return found
    for process in Path("/proc").glob("[0-9]*"):
        try:
            if (process / "cwd").readlink().is_relative_to(folder) and not is_zombie(process):
                found.append(int(process.name))
        except OSError:
            continue
    return found


def is_zombie(process: Path) -> bool:
    return (process / "stat").read_text().rpartition(")")[2].split()[0] in "ZX"


def script(path: Path, *lines: str) -> list[str]:
    """An executable shell script that stands in for FFmpeg; returns its command."""
    path.write_text("\n".join(["#!/bin/sh", *lines, ""]))
    path.chmod(0o755)
    return [str(path)]


def null_run(*options: Sequence[str]) -> list[str]:
    """FFmpeg arguments that decode everything and write nothing."""
    return ["-i", "file:source", *(word for option in options for word in option), "-f", "null", "-"]
