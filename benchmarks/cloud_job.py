"""What a job costs in the cloud: Firestore writes and storage operations of a job, counted; and createUpload's latency.

    ./scripts/setup dev python -P benchmarks/cloud_job.py [--minutes 1] [--calls 100] [--threads 8]

Firestore is Google's emulator, the rest our fakes of tests/, on this machine: the counts are those of the cloud, the
times are not. The ratio is that of createUpload's time to one bare transaction on the same emulator.
"""

from __future__ import annotations

import argparse
import statistics
import sys
import tempfile
import time
from collections import Counter
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path
from urllib.parse import unquote

import pytest

ROOT = Path(__file__).resolve().parents[1]
sys.path[:0] = [str(ROOT), str(ROOT / "functions")]

from tests.cloud import CloudHere, cloud_here  # noqa: E402 -- the tests' folder comes first
from tests.counting import Writes, announce, counting, upload, work  # noqa: E402
from tests.emulators import firestore_emulator  # noqa: E402
from tests.fakes.http_server import Request  # noqa: E402
from tests.made import ffmpeg  # noqa: E402


def kind_of(request: Request) -> str:
    """The method, and what of which object: the source, a manifest, an artifact's file, or a name yet to be told."""
    path = unquote(request.path)
    name = next((each for each in ("source", "manifest.json", "file-", "blocks") if each in path), "other")
    return f"{request.method} {name}{' (bytes)' if 'download' in path or 'alt' in request.query else ''}"


def one_job(here: CloudHere, writes: Writes, source: Path) -> None:
    writes.clear()
    here.storage.requests.clear()
    job_id = upload(here, source)
    uploaded = len(here.storage.requests)
    print(f"job: {work(here, job_id).state.value}")
    asked = here.storage.requests[uploaded:]
    kinds = Counter(map(kind_of, asked))
    print(f"storage operations: {len(asked)} ({', '.join(f'{count} {kind}' for kind, count in kinds.items())})")
    print(f"Firestore writes: {sum(map(len, writes.values()))}")
    for path, times in sorted(writes.items(), key=lambda item: -len(item[1])):
        span = max(times[-1] - times[0], 1.0)
        print(f"  {path.split('/')[0]:<10} {len(times):3} in {span:5.1f} s, {(len(times) - 1) / span:.2f}/s")


def seconds_of(work: Callable[[int], object], count: int) -> list[float]:
    taken = []
    for number in range(count):
        started = time.perf_counter()
        work(number)
        taken.append(time.perf_counter() - started)
    return taken


def latency(here: CloudHere, calls: int, threads: int) -> None:
    documents = here.cloud.platform.documents
    bare = seconds_of(lambda n: documents.transaction(lambda t: t.set(f"bench/{n}", {"n": n})), calls)
    made = seconds_of(lambda n: announce(here, f"user{n}", 10**8), calls)
    for name, taken in (("one transaction", bare), ("createUpload", made)):
        cuts = statistics.quantiles(taken, n=20)
        print(f"{name:<16} median {1000 * cuts[9]:.0f} ms, 95 % {1000 * cuts[18]:.0f} ms")
    print(f"createUpload is {statistics.median(made) / statistics.median(bare):.1f} of one transaction")
    started = time.perf_counter()
    with ThreadPoolExecutor(threads) as pool:
        list(pool.map(lambda n: announce(here, f"other{n}", 10**8), range(calls)))
    print(f"createUpload, {threads} callers at once: {calls / (time.perf_counter() - started):.0f} calls a second")


def main() -> None:
    options = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    options.add_argument("--minutes", type=float, default=1)
    options.add_argument("--calls", type=int, default=100)
    options.add_argument("--threads", type=int, default=8)
    chosen = options.parse_args()
    with (
        tempfile.TemporaryDirectory(prefix="dailies-benchmark-") as name,
        pytest.MonkeyPatch.context() as patch,
        firestore_emulator() as firestore,
        # Heartbeats as they are deployed: the tests' are faster.
        cloud_here(
            firestore, Path(name), patch, project="demo-benchmark", changes={"DAILIES_HEARTBEAT_SECONDS": "15"}
        ) as here,
    ):
        source = Path(name) / "source.wav"
        ffmpeg("-f", "lavfi", "-i", f"sine=frequency=997:duration={60 * chosen.minutes:g}", source)
        one_job(here, counting(patch), source)
        latency(here, chosen.calls, chosen.threads)


if __name__ == "__main__":
    main()
