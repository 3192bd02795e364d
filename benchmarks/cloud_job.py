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
from collections import Counter, defaultdict
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path
from typing import Any
from urllib.parse import unquote

import pytest
import requests

ROOT = Path(__file__).resolve().parents[1]
sys.path[:0] = [str(ROOT), str(ROOT / "functions")]

from dailies.adapters.gcp.owners import Execution  # noqa: E402 -- the tests' folder comes first
from dailies.adapters.gcp.transactions import Attempt  # noqa: E402
from dailies.bootstrap import build_cloud  # noqa: E402
from dailies.domain.stop import StopToken  # noqa: E402
from dailies.engine.drain import drain  # noqa: E402
from dailies.engine.jobs import load_job  # noqa: E402
from dailies.engine.toolchains import publish_toolchain  # noqa: E402
from dailies.settings import read_settings  # noqa: E402
from dailies.up.identity import development_token  # noqa: E402
from tests.cloud import CloudHere, cloud_here  # noqa: E402
from tests.e2e.conftest import ffmpeg  # noqa: E402
from tests.emulators import firestore_emulator  # noqa: E402
from tests.fakes.http_server import Request  # noqa: E402

RECIPE = {"outputs": {"podcast": {"kind": "audio", "format": "mp3", "normalize": {"integrated_lufs": -16}}}}
Writes = dict[str, list[float]]


def counting(patch: pytest.MonkeyPatch) -> Writes:
    """The moments of every document's writes from now on, by its path."""
    writes: Writes = defaultdict(list)
    commit = Attempt.commit

    def counted(attempt: Attempt) -> None:
        # What was only read is a write as well: one that changes nothing, with a precondition.
        paths = set(attempt._guarded()[0]) if attempt._writes else set()  # noqa: SLF001 -- nothing public tells
        commit(attempt)
        for path in paths:
            writes[path].append(time.monotonic())

    patch.setattr(Attempt, "commit", counted)
    return writes


def call(here: CloudHere, uid: str, size: int) -> Any:
    headers = {"Authorization": f"Bearer {development_token(uid, here.project)}"}
    wish: dict[str, Any] = {"sizeBytes": size, "contentType": "audio/wav", "recipe": RECIPE}
    answer = requests.post(f"{here.base}/createUpload", json={"data": wish}, headers=headers, timeout=60)
    answer.raise_for_status()
    return answer.json()["result"]


def kind_of(request: Request) -> str:
    """The method, and what of which object: the source, a manifest, an artifact's file, or a name yet to be told."""
    path = unquote(request.path)
    name = next((each for each in ("source", "manifest.json", "file-", "blocks") if each in path), "other")
    return f"{request.method} {name}{' (bytes)' if 'download' in path or 'alt' in request.query else ''}"


def one_job(here: CloudHere, writes: Writes, source: Path) -> None:
    """Through the functions over HTTP, with the worker's loop in this process, where its writes can be counted."""
    here.run.command = ("true",)  # an execution that does nothing
    writes.clear()
    here.storage.requests.clear()
    ticket = call(here, "counted", source.stat().st_size)
    start = ticket["upload"]
    session = requests.request(start["method"], start["url"], headers=start["headers"], timeout=60)
    with source.open("rb") as stream:
        requests.put(session.headers["Location"], stream, timeout=60).raise_for_status()
    uploaded = len(here.storage.requests)
    settings = read_settings({**here.settings, "DAILIES_RUN_ENDPOINT": here.run.url})
    worker = build_cloud(settings, Execution("bench", 0, 1, 0)).platform
    publish_toolchain(worker.documents, worker.toolchain())
    here.deliver()
    drain(worker, ticket["jobId"], StopToken())
    here.cloud.platform.tasks.enqueue("advance", {"job_id": ticket["jobId"]})
    here.deliver()
    worker.documents.close()
    state = load_job(here.cloud.platform, ticket["jobId"]).state
    print(f"job: {state.value}")
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
    made = seconds_of(lambda n: call(here, f"user{n}", 10**8), calls)
    for name, taken in (("one transaction", bare), ("createUpload", made)):
        cuts = statistics.quantiles(taken, n=20)
        print(f"{name:<16} median {1000 * cuts[9]:.0f} ms, 95 % {1000 * cuts[18]:.0f} ms")
    print(f"createUpload is {statistics.median(made) / statistics.median(bare):.1f} of one transaction")
    started = time.perf_counter()
    with ThreadPoolExecutor(threads) as pool:
        list(pool.map(lambda n: call(here, f"other{n}", 10**8), range(calls)))
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
        cloud_here(firestore, Path(name), patch, project="demo-benchmark") as here,
    ):
        source = Path(name) / "source.wav"
        ffmpeg("-f", "lavfi", "-i", f"sine=frequency=997:duration={60 * chosen.minutes:g}", source)
        one_job(here, counting(patch), source)
        latency(here, chosen.calls, chosen.threads)


if __name__ == "__main__":
    main()
