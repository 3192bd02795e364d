"""A long film in chunks: shared by workers, continued after a crash with one chunk redone, cancelled at once."""

from __future__ import annotations

import os
import signal
import time
from collections import Counter
from collections.abc import Callable
from contextlib import closing
from pathlib import Path

import pytest

from dailies.adapters.local.documents.database import Database
from dailies.adapters.local.documents.documents import LocalDocuments
from tests.e2e.command import Dailies, wait_until
from tests.made import ffmpeg, lend_tools

WORKER = "dailies.worker"
LONG = {"DAILIES_CHUNK_ABOVE_SECONDS": "0", "DAILIES_CHUNK_SECONDS": "2"}
CHUNKS = 6


@pytest.fixture(scope="module")
def film(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Twelve seconds, which take six chunks of two."""
    path = tmp_path_factory.mktemp("film") / "film.mp4"
    ffmpeg(
        "-f", "lavfi", "-i", "testsrc2=size=160x90:rate=25:duration=12", "-f", "lavfi", "-i", "sine=duration=12",
        "-c:v", "libx264", "-preset", "ultrafast", "-pix_fmt", "yuv420p", "-c:a", "aac", path,
    )  # fmt: skip
    return path


@pytest.fixture
def divided(dailies: Dailies) -> Dailies:
    """A store of its own where every film is long."""
    dailies.environment |= LONG
    return dailies


@pytest.fixture(scope="module")
def undisturbed(film: Path, tmp_path_factory: pytest.TempPathFactory) -> bytes:
    """What one worker makes when nothing happens to it."""
    folder = tmp_path_factory.mktemp("undisturbed")
    dailies = Dailies(
        lend_tools(folder / "home"),
        {**LONG, "DAILIES_THREADS": "1"},
    )
    document = dailies(*command(film, folder / "out.mp4"))
    dailies.end()
    assert document["outputs"]["output"]["video"]["pieces"] == f"in {CHUNKS} chunks"
    return (folder / "out.mp4").read_bytes()


@pytest.fixture
def out(tmp_path: Path) -> Path:
    folder = tmp_path / "out"
    folder.mkdir()
    return folder / "out.mp4"


def command(film: Path, out: Path, *, workers: int = 1) -> list[str]:
    return ["convert", str(film), "--to", "mp4", "--workers", str(workers), "-o", str(out)]


def finished_chunks(dailies: Dailies, kind: str = "chunk") -> int:
    """How many chunks have been committed: a chunk's lease that nobody holds."""
    if not (dailies.home / "dailies.sqlite3").exists():
        return 0
    with closing(LocalDocuments(Database(dailies.home / "dailies.sqlite3"))) as documents:
        leases = [lease.data for lease in documents.query("leases")]
    return sum(lease["step"].startswith(f"{kind}_") and not lease["owner"] for lease in leases)


def workers(dailies: Dailies) -> list[int]:
    return [pid for pid, line in dailies.processes().items() if WORKER in line]


def test_workers_share_a_film(divided: Dailies, film: Path, out: Path, undisturbed: bytes) -> None:
    """Three workers: each step is run once, the assembly too; the bytes are those of one worker's."""
    process = divided.start(*command(film, out, workers=3), "--json", "--debug")
    wait_until(lambda: len(workers(divided)) == 3, "three workers")
    document = divided.finish(process)
    assert divided.runs() == Counter(step["kind"] for step in document["steps"])
    assert divided.runs()["chunk"] == CHUNKS
    divided.end()
    assert divided.leftovers() == []
    assert out.read_bytes() == undisturbed


def test_the_last_workers_death_leaves_the_assembly_to_another(
    divided: Dailies, film: Path, out: Path, undisturbed: bytes
) -> None:
    """A worker is killed while it holds a chunk and the other waits for it: the chunk is taken over, the film made."""
    process = divided.start(*command(film, out, workers=2), "--json")
    wait_until(lambda: finished_chunks(divided) >= CHUNKS - 2, "the last chunks", 90)
    os.kill(workers(divided)[0], signal.SIGKILL)
    assert divided.finish(process)["status"] == "completed"
    assert out.read_bytes() == undisturbed


@pytest.mark.parametrize("number", [1, 2])
def test_a_crash_near_the_end_costs_one_chunk_a_worker(
    divided: Dailies, film: Path, out: Path, undisturbed: bytes, number: int
) -> None:
    """kill -9 of everything before the last chunk: the next run redoes what was under way and no more."""
    process = divided.start(*command(film, out, workers=number), "--json", "--debug")
    wait_until(lambda: finished_chunks(divided) >= CHUNKS - 1, "all chunks but one", 90)
    ended = divided.crash(process)
    document = divided(*command(film, out, workers=number), "--debug")
    assert divided.runs()["chunk"] <= 1
    assert ended + divided.runs() <= Counter(step["kind"] for step in document["steps"])
    assert out.read_bytes() == undisturbed


def test_a_cancel_ends_every_worker_s_encode(divided: Dailies, clips: Callable[[str], Path], out: Path) -> None:
    """SIGINT with two encodes under way: no FFmpeg after two seconds, exit 130, nothing left."""
    process = divided.start(*command(clips("busy.mp4"), out, workers=2), "--json")
    wait_until(lambda: sum("libx264" in line for line in divided.processes().values()) >= 2, "two encodes", 60)
    process.send_signal(signal.SIGINT)
    sent = time.monotonic()
    wait_until(lambda: not any("libx264" in line for line in divided.processes().values()), "FFmpeg's end")
    assert time.monotonic() - sent < 2
    assert divided.finish(process, code=130)["error"]["code"] == "cancelled"
    divided.end()
    assert divided.leftovers() == []
    assert list(out.parent.iterdir()) == []
