"""The worker process: ``python -m dailies.worker JOB_ID`` drains one job's media steps.

Without JOB_ID it waits for one, a line on standard input: it has then done its imports before there is a job.
On Cloud Run the job's id is in DAILIES_JOB, and standard input means nothing.

Exit codes: 0 nothing is left to do here (also when the job failed: that is recorded on it), 75 a fault that
may pass, anything else a crash. SIGTERM, or the end of standard input, is a request to stop: the running
step's lease is released and the next worker goes on.
"""

from __future__ import annotations

import gc
import os
import signal
import sys
import threading
from collections.abc import Callable, Mapping, Sequence
from contextlib import closing

import dailies.operations.deliverables.audio  # imported before there is a job: what most of them need
import dailies.operations.film.render  # noqa: F401 -- likewise
from dailies.adapters.gcp.owners import Execution
from dailies.bootstrap import build_cloud, local
from dailies.domain.errors import Cancelled, DailiesError, PermanentError, PlatformNotReady, TransientError
from dailies.domain.stop import StopToken
from dailies.engine.advance_queue import enqueue_advance
from dailies.engine.hindrance import hindered
from dailies.engine.platform import Platform
from dailies.engine.store.jobs import fail_internally, fail_job
from dailies.engine.toolchains import publish_toolchain
from dailies.engine.worker_loop import drain, may_retry
from dailies.logs import Logger, bind
from dailies.media.toolbox import Toolbox
from dailies.services.diagnosis.worker_report import REPORT_VARIABLE, publish_report
from dailies.services.embedded import EX_TEMPFAIL
from dailies.settings import read_settings

_RETRY_SECONDS = 1.0
JOB_VARIABLE = "DAILIES_JOB"
"""Where a Cloud Run execution is told its job's id."""

log = Logger("dailies.worker")


def work(job_id: str, stop: StopToken) -> int:
    """Drain the job on the embedded platform; returns the exit code. Raises DailiesError when that can't be told."""
    with local() as built:
        return drain_and_hand_on(built.platform, job_id, stop)


def work_in_cloud(job_id: str, execution: Execution, stop: StopToken) -> int:
    """As :func:`work`, as one task of a Cloud Run job's execution. Further tasks share the steps by claiming."""
    settings = read_settings()
    cloud = build_cloud(settings, execution, stop.check)
    with closing(cloud.platform.documents):
        try:
            publish_toolchain(cloud.platform.documents, cloud.platform.toolchain())
        except PermanentError as error:
            # An image without its FFmpeg: the next worker would be no different.
            fail_job(cloud.platform, job_id, error)
            raise
        bind(task=execution.task_index, tasks=execution.task_count)

        def leave() -> None:
            cloud.workers.leave(job_id, execution.name, execution.task_index)

        return drain_and_hand_on(cloud.platform, job_id, stop, leave)


def drain_and_hand_on(
    platform: Platform,
    job_id: str,
    stop: StopToken,
    leave: Callable[[], None] = lambda: None,
    give_way: Callable[[], bool] = lambda: False,
) -> int:
    """Drain the job; returns the exit code. Raises DailiesError when the store itself fails.

    ``leave`` says that this worker takes no further step, before the queue is asked what comes next; ``give_way`` is
    :func:`drain`'s.
    """
    ended = False
    try:
        ended = drain(platform, job_id, stop, give_way)
    except Cancelled:
        log.info("cancelled")
    except PermanentError as error:
        log.error("job failed", code=error.error_code, error=error.message)
        fail_job(platform, job_id, error)
    except PlatformNotReady as error:
        # No sooner than that: each try is a container.
        delay = hindered(platform, job_id, error)
        leave()
        enqueue_advance(platform, job_id, delay_seconds=delay)
        return 0
    except TransientError as error:
        log.warning("interrupted", code=error.error_code, error=error.message)
        # A step whose time was up stops this process too: that is a failure of its own, which counts.
        if stop.is_set() and stop.reason != "timed_out":
            return EX_TEMPFAIL
        if may_retry(platform, job_id, error):
            # What asked to be left alone for a while is: each look would start a worker.
            enqueue_advance(platform, job_id, delay_seconds=max(_RETRY_SECONDS, error.retry_after or 0.0))
            return EX_TEMPFAIL
        fail_job(platform, job_id, error)
    except Exception as error:
        log.exception("internal error")
        fail_internally(platform, job_id, error)
    leave()
    if not ended:
        enqueue_advance(platform, job_id)
    return 0


def main(argv: Sequence[str] | None = None) -> int:
    arguments = sys.argv[1:] if argv is None else argv
    if len(arguments) > 1:
        sys.stderr.write(f"usage: python -m dailies.worker [JOB_ID] (or {JOB_VARIABLE}, on Cloud Run)\n")
        return 2
    if not arguments and REPORT_VARIABLE in os.environ:
        return _report(os.environ[REPORT_VARIABLE])
    in_cloud = not arguments and JOB_VARIABLE in os.environ
    job_id = arguments[0] if arguments else os.environ.get(JOB_VARIABLE) or _job_from_input()
    if not job_id:
        return 0
    stop = StopToken()
    signal.signal(signal.SIGTERM, lambda *_: stop.set("interrupted"))
    if in_cloud:
        return _main_in_cloud(job_id, os.environ, stop)
    threading.Thread(target=_stop_with_parent, args=(stop,), daemon=True).start()
    try:
        return work(job_id, stop)
    except DailiesError as error:
        # The store itself fails: whoever started us meets the same and tells it.
        log.error("worker failed", code=error.error_code, error=error.message)
        return 1


def _report(name: str) -> int:
    """Take no job: write down what `dailies doctor --project` has asked for."""
    settings = read_settings()
    cloud = build_cloud(settings)
    with closing(cloud.platform.documents):
        publish_report(cloud.platform.documents, Toolbox(settings), settings.home, name, cloud.platform.now())
    return 0


def _job_from_input() -> str:
    """A line of standard input; empty when it ends without one. Unbuffered: its end is watched for later."""
    line = b""
    while (byte := os.read(0, 1)) not in (b"", b"\n"):
        line += byte
    return line.decode() if byte else ""


def _main_in_cloud(job_id: str, environment: Mapping[str, str], stop: StopToken) -> int:
    execution = Execution(
        name=environment.get("CLOUD_RUN_EXECUTION", "execution"),
        task_index=int(environment.get("CLOUD_RUN_TASK_INDEX", "0")),
        task_count=int(environment.get("CLOUD_RUN_TASK_COUNT", "1")),
        attempt=int(environment.get("CLOUD_RUN_TASK_ATTEMPT", "0")),
    )
    try:
        return work_in_cloud(job_id, execution, stop)
    except TransientError as error:
        log.warning("worker failed", code=error.error_code, error=error.message)
        return EX_TEMPFAIL
    except PermanentError as error:
        # Cloud Run starts a task again whose code is not 0: of no use where the answer would be the same.
        log.error("worker failed", code=error.error_code, error=error.message)
        return 0


def _stop_with_parent(stop: StopToken) -> None:
    """Standard input is a pipe whose other end the parent holds: its end is the parent's end."""
    while True:
        try:
            if not os.read(0, 1):
                break
        except OSError:
            break
    stop.set("interrupted")


if __name__ == "__main__":
    code = main()
    # The last collection would look at every class of every module on the way out: 0.08 s for nothing.
    gc.freeze()
    sys.exit(code)
