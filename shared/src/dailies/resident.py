"""The resident worker: ``python -m dailies.resident`` does job after job, so that its imports are paid for once.

Orders are lines on standard input: ``job ID``, one at a time, and ``give-way``: other jobs wait, so leave this one at
the end of a step once it has had its slice of time. Each job is answered by a line on standard output, the exit code
that ``dailies.worker`` would have had for it, with ``last`` behind it when this process takes no more.

SIGTERM, or the end of standard input, stops the job under way, whose steps are given back, and ends the process.
"""

from __future__ import annotations

import gc
import os
import resource
import signal
import sys
import threading
import time
from collections.abc import Callable
from contextlib import closing

from dailies.bootstrap import local
from dailies.domain.errors import DailiesError
from dailies.domain.signal_queue import SignalQueue
from dailies.domain.stop import StopToken
from dailies.engine.platform import Platform
from dailies.engine.store.jobs import load_job
from dailies.logs import Logger
from dailies.media.probe.probe_host import ProbeHost
from dailies.worker import drain_and_hand_on

#: What leaks, in a library or in ours, leaks for as long.
MOST_JOBS = 500
MOST_GROWTH_BYTES = 512 << 20
#: What a job may use before it gives way: many short jobs fit in, and a long one isn't begun anew all the time.
SLICE_SECONDS = 10.0

log = Logger("dailies.resident")


class Orders:
    """What standard input says, read by a thread of its own while jobs run."""

    def __init__(self) -> None:
        self._jobs: SignalQueue[str | None] = SignalQueue()
        self._lock = threading.Lock()
        self._stop = StopToken()
        self._give_way_from = float("inf")
        self._begun = 0.0
        self._over = False

    @property
    def over(self) -> bool:
        """Whether no more jobs are to be taken."""
        return self._over

    def follow(self, descriptor: int) -> None:
        """Read until the end, which is the parent's."""
        with os.fdopen(descriptor, "rb", buffering=0, closefd=False) as lines:
            for line in lines:
                words = line.decode().split()
                if words[:1] == ["job"]:
                    with self._lock:
                        self._begun, self._give_way_from = time.monotonic(), float("inf")
                    self._jobs.put(words[1])
                elif words == ["give-way"]:
                    with self._lock:
                        self._give_way_from = self._begun + SLICE_SECONDS
        self.end()

    def end(self) -> None:
        """Stop what is under way, and take no more. Safe in a signal handler."""
        self._over = True
        self._stop.set("interrupted")
        self._jobs.put(None)

    def next(self) -> tuple[str, StopToken] | None:
        """Wait for the next job; None at the end."""
        job_id = self._jobs.get()
        self._stop = stop = StopToken()
        # After the token is there: what ends now stops it.
        return None if job_id is None or self.over else (job_id, stop)

    def give_way(self) -> bool:
        """Whether another job should have this worker now."""
        with self._lock:
            return time.monotonic() >= self._give_way_from


def serve(platform: Platform, orders: Orders, begin: Callable[[str], None] = lambda _user: None) -> None:
    """Do the jobs until the orders end, or this process has had its time. ``begin`` is told whose job comes."""
    grown_from = _peak_bytes()
    done = 0
    while (order := orders.next()) is not None:
        job_id, stop = order
        try:
            begin(load_job(platform, job_id).uid)
            code = drain_and_hand_on(platform, job_id, stop, give_way=orders.give_way)
        except DailiesError as error:
            # The store itself fails: whoever started us meets the same and tells it.
            log.error("worker failed", code=error.error_code, error=error.message)
            code = 1
        done += 1
        last = orders.over or done >= MOST_JOBS or _peak_bytes() - grown_from > MOST_GROWTH_BYTES
        os.write(1, f"{code} last\n".encode() if last else f"{code}\n".encode())
        if last:
            return


def _peak_bytes() -> int:
    peak = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss
    return peak if sys.platform == "darwin" else peak * 1024


def main() -> int:
    orders = Orders()
    signal.signal(signal.SIGTERM, lambda *_: orders.end())
    threading.Thread(target=orders.follow, args=(0,), daemon=True).start()
    with local() as built, closing(ProbeHost(built.platform.scratch, built.owners.me() + "-")) as host:
        built.toolbox().probe_host = host
        serve(built.platform, orders, host.serve)
    return 0


if __name__ == "__main__":
    code = main()
    # As in dailies.worker: a last collection is for nothing.
    gc.freeze()
    sys.exit(code)
