"""What more workers gain on one film: measured here with one and two, simulated with up to 200.

    ./scripts/setup benchmarks python benchmarks/workers.py [--seconds 120] [--chunk 10] [--rounds 3]

Three parts:

1. Two workers with one FFmpeg thread each against one worker with two threads, the same chunks, interleaved; prints the
   ratio of the walls (below 1: two workers are quicker).
2. Everything is killed with nine tenths of the chunks done; prints the part of the encoding that is done again.
3. The makespan of an hour of film with 1–200 workers by the measured times of its chunks, a cold start of ten seconds,
   and a claim before each chunk; prints where it stops paying and draws the curve.
"""

from __future__ import annotations

import argparse
import heapq
import os
import signal
import statistics
import subprocess
import sys
import tempfile
import time
from collections.abc import Sequence
from concurrent.futures import ThreadPoolExecutor
from contextlib import closing
from dataclasses import dataclass
from pathlib import Path

from dailies.adapters.local.documents.database import Database
from dailies.adapters.local.documents.documents import LocalDocuments
from dailies.domain.edit.chunking import chunk_windows
from dailies.domain.source.audio_selection import Window
from dailies.domain.source.media_info import VideoStream
from dailies.media.graphs.film.chunking import Chunk, chunk_arguments
from dailies.media.graphs.pictures.picture import resolve_picture
from dailies.media.run.find_ffmpeg import locate

ROOT = Path(__file__).resolve().parents[1]
FFMPEG = str(locate(explicit=None, cache_dir=None).path)
COLD_START_SECONDS = 10.0
#: One transaction on the lease of the chunk, a document of its own: workers don't wait for each other's
#: (docs/decisions/0009). Two calls to Firestore, and the task that says so.
CLAIM_SECONDS = 0.3
#: A worker more has to take this much off the makespan to pay: by then money buys less than half the time it did.
PAYS = 0.5
VIDEO = VideoStream(
    index=0, track=0, codec="h264", coded_width=1280, coded_height=720, width=1280, height=720, frame_rate="30/1",
    pixel_format="yuv420p", color_primaries="bt709", color_transfer="bt709", color_matrix="bt709", color_range="tv",
)  # fmt: skip


@dataclass(frozen=True)
class Film:
    source: Path
    windows: tuple[Window, ...]
    chunk_seconds: float

    def encode(self, number: int, threads: int, folder: Path) -> float:
        """Encode one chunk; its wall seconds."""
        window = self.windows[number]
        params = resolve_picture(VIDEO, None, "refuse", "film")
        chunk = Chunk(0, params, "medium", "fast", window, number == 0, "30/1", 1.0)
        place = folder / f"chunk-{number}"
        place.mkdir(exist_ok=True)
        arguments = chunk_arguments(chunk, "chunk.nut")
        arguments[arguments.index("file:source")] = f"file:{self.source}"
        # A worker's encoder has as many threads on every machine; here they stand for its processors.
        arguments[arguments.index("-threads:v") + 1] = str(threads)
        started = time.perf_counter()
        command = [FFMPEG, "-v", "error", "-nostdin", "-y", "-filter_complex_threads", str(threads)]
        command += ["-threads", str(threads), *arguments]
        subprocess.run(command, cwd=place, check=True)
        return time.perf_counter() - started


def main() -> None:
    options = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    options.add_argument("--seconds", type=float, default=120)
    options.add_argument("--chunk", type=float, default=10, help="seconds of one chunk")
    options.add_argument("--rounds", type=int, default=3)
    options.add_argument("--out", type=Path, default=ROOT / "docs" / "workers.png")
    chosen = options.parse_args()
    with tempfile.TemporaryDirectory(prefix="dailies-benchmark-") as name:
        folder = Path(name)
        film = make_film(folder, chosen.seconds, chosen.chunk)
        times = side_by_side(film, folder, chosen.rounds)
        crash(film, folder)
        simulate([seconds / film.chunk_seconds for seconds in times], chosen.out)


def make_film(folder: Path, seconds: float, chunk_seconds: float) -> Film:
    source = folder / "film.mp4"
    # Noise over a moving picture costs the encoder what a camera's does; testsrc2 alone would be too easy.
    picture = f"testsrc2=size=1280x720:rate=30:duration={seconds},noise=alls=12:allf=t"
    subprocess.run(
        [FFMPEG, "-v", "error", "-f", "lavfi", "-i", picture, "-f", "lavfi", "-i", f"sine=duration={seconds}",
         "-c:v", "libx264", "-preset", "ultrafast", "-crf", "18", "-g", "60", "-pix_fmt", "yuv420p",
         "-vf", "setparams=range=tv:color_primaries=bt709:color_trc=bt709:colorspace=bt709", "-c:a", "aac",
         str(source)],
        check=True,
    )  # fmt: skip
    return Film(source, chunk_windows(Window(), seconds, chunk_seconds), chunk_seconds)


def side_by_side(film: Film, folder: Path, rounds: int) -> list[float]:
    """Part 1. Returns the seconds of each chunk on one thread, nothing beside it but the other worker's."""
    numbers = range(len(film.windows))
    ratios: list[float] = []
    times: list[float] = []
    for _ in range(rounds):
        started = time.perf_counter()
        for number in numbers:
            film.encode(number, 2, folder)
        one = time.perf_counter() - started
        started = time.perf_counter()
        with ThreadPoolExecutor(2) as pool:
            times = list(pool.map(lambda number: film.encode(number, 1, folder), numbers))
        two = time.perf_counter() - started
        ratios.append(two / one)
        print(
            f"one worker, two threads {one:6.1f} s   two workers, one thread each {two:6.1f} s   ratio {two / one:.2f}"
        )
    print(
        f"median ratio {statistics.median(ratios):.2f};"
        f" {len(film.windows)} chunks of {film.chunk_seconds:g} s of 720p30"
    )
    return times


def crash(film: Film, folder: Path) -> None:
    """Part 2."""
    home = folder / "home"
    environment = {
        **os.environ,
        "DAILIES_HOME": str(home),
        "DAILIES_CHUNK_ABOVE_SECONDS": "0",
        "DAILIES_CHUNK_SECONDS": str(film.chunk_seconds),
    }
    command = [sys.executable, "-P", "-m", "dailies", "convert", str(film.source), "--to", "mp4", "--quality", "medium"]
    command += ["--quiet", "-o", str(folder / "out.mp4")]
    first = subprocess.Popen(command, env=environment, process_group=0)
    enough = 0.9 * (len(film.windows) - 1)
    while len(done := finished(home)) < enough:
        if first.poll() is not None:
            raise SystemExit("the film was finished before it could be killed")
        time.sleep(0.02)
    claimed = claims(home)
    kill(home, first)
    subprocess.run(command, env=environment, check=True, stdout=subprocess.DEVNULL)
    again = sorted(step for step, count in claims(home).items() if count > claimed.get(step, count))
    chunks = [step for step in again if step.startswith("chunk")]
    print(
        f"killed with {len(done)} of {len(film.windows)} chunks done: {len(chunks)} encoded again,"
        f" {len(chunks) / len(film.windows):.0%} of the film; other steps again: {len(again) - len(chunks)}",
        flush=True,
    )


def claims(home: Path) -> dict[str, int]:
    with closing(LocalDocuments(Database(home / "dailies.sqlite3"))) as documents:
        return {lease.data["step"]: lease.data["token"] for lease in documents.query("leases")}


def finished(home: Path) -> list[str]:
    if not (home / "dailies.sqlite3").exists():
        return []
    with closing(LocalDocuments(Database(home / "dailies.sqlite3"))) as documents:
        leases = [lease.data for lease in documents.query("leases")]
    return [lease["step"] for lease in leases if lease["step"].startswith("chunk") and not lease["owner"]]


def kill(home: Path, command: subprocess.Popen[bytes]) -> None:
    """kill -9 of the command and all that works for its store."""
    mark = f"DAILIES_HOME={home}".encode()
    for process in Path("/proc").glob("[0-9]*"):
        try:
            ours = mark in (process / "environ").read_bytes().split(b"\0") or (
                process / "cwd"
            ).readlink().is_relative_to(home)
            if ours and int(process.name) != os.getpid():
                os.kill(int(process.name), signal.SIGKILL)
        except OSError:
            continue
    command.wait()


def makespan(chunks: Sequence[float], workers: int, tail: float) -> float:
    """Seconds from the first worker's start to the end: each worker that is free claims the next chunk."""
    free = [COLD_START_SECONDS] * min(workers, len(chunks))
    for seconds in chunks:
        heapq.heapreplace(free, free[0] + CLAIM_SECONDS + seconds)
    return max(free) + tail


def simulate(times: Sequence[float], out: Path) -> None:
    """Part 3: an hour of film in chunks of 45 s, ``times`` the measured seconds for a second of film, in turn."""
    chunks = [45 * times[number % len(times)] for number in range(80)]
    tail = 20.0
    spans = {workers: makespan(chunks, workers, tail) for workers in range(1, 201)}
    print("workers  makespan  speed-up  worker seconds")
    for workers in (1, 2, 4, 8, 10, 16, 20, 27, 40, 80, 120, 200):
        span = spans[workers]
        paid = min(workers, len(chunks)) * span
        print(f"{workers:7}  {span:7.0f}s  {spans[1] / span:8.1f}  {paid:14.0f}")
    efficient = max(workers for workers, span in spans.items() if spans[1] / span >= PAYS * workers)
    least = min(workers for workers, span in spans.items() if span <= min(spans.values()) * 1.001)
    print(f"half of each worker's time is still used at {efficient} workers; nothing is gained after {least}")
    draw(spans, efficient, least, out)


def draw(spans: dict[int, float], efficient: int, least: int, out: Path) -> None:
    """The curve as a PNG, beside what a perfect division would give."""
    from matplotlib.figure import Figure

    figure = Figure(figsize=(7.2, 4), layout="constrained")
    axes = figure.subplots()
    axes.loglog(list(spans), list(spans.values()), label="makespan")
    axes.loglog(list(spans), [spans[1] / workers for workers in spans], "--", color="grey", label="perfect division")
    for workers, meaning in ((efficient, "half of the time paid for is used"), (least, "nothing is gained after it")):
        axes.plot(workers, spans[workers], "o", label=f"{workers} workers: {meaning}")
    axes.set_xlabel("workers")
    axes.set_ylabel("seconds for an hour of 720p30")
    axes.grid(visible=True, which="both", alpha=0.3)
    axes.legend()
    # No date and no version: the same figures give the same file.
    figure.savefig(out, dpi=100, metadata={"Software": None})


if __name__ == "__main__":
    main()
