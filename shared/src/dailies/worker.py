"""The worker process: ``python -m dailies.worker JOB_ID`` drains one job's media steps.

Without JOB_ID it waits for one, a line on standard input: it has then done its imports before there is a job.

Exit codes: 0 nothing is left to do here (also when the job failed: that is recorded on it), 75 a fault that
may pass, anything else a crash. SIGTERM, or the end of standard input, is a request to stop: the running
step's lease is released and the next worker goes on.
"""

from __future__ import annotations

import os
import signal
import sys
import threading
from collections.abc import Sequence

import structlog

from dailies.bootstrap import local
from dailies.domain.errors import Cancelled, DailiesError, PermanentError, TransientError
from dailies.domain.stop import StopToken
from dailies.engine.advance import enqueue_advance
from dailies.engine.drain import drain, may_retry
from dailies.engine.jobs import fail_job
from dailies.logs import configure_logs
from dailies.services.embedded import EX_TEMPFAIL

_RETRY_SECONDS = 1.0

log = structlog.get_logger(__name__)


def work(job_id: str, stop: StopToken) -> int:
    """Drain the job and hand it on; returns the exit code. Raises DailiesError when even that can't be recorded."""
    with local() as built:
        platform = built.platform
        try:
            drain(platform, job_id, stop)
        except Cancelled:
            log.info("cancelled")
        except PermanentError as error:
            log.error("job failed", code=error.error_code, error=error.message)
            fail_job(platform, job_id, error)
        except TransientError as error:
            log.warning("interrupted", code=error.error_code, error=error.message)
            if stop.is_set():
                return EX_TEMPFAIL
            if may_retry(platform, job_id, error):
                enqueue_advance(platform, job_id, delay_seconds=_RETRY_SECONDS)
                return EX_TEMPFAIL
            fail_job(platform, job_id, error)
        except Exception as error:
            # A bug of ours, which a repetition would meet again: the job ends with it, and not by a traceback.
            log.exception("internal error")
            message = f"Internal error ({type(error).__name__}: {error}): run again with --debug and report it."
            fail_job(platform, job_id, PermanentError(message, code="internal"))
        enqueue_advance(platform, job_id)
    return 0


def main(argv: Sequence[str] | None = None) -> int:
    arguments = sys.argv[1:] if argv is None else argv
    if len(arguments) > 1:
        sys.stderr.write("usage: python -m dailies.worker [JOB_ID]\n")
        return 2
    job_id = arguments[0] if arguments else _job_from_input()
    if not job_id:
        return 0
    configure_logs()
    stop = StopToken()
    signal.signal(signal.SIGTERM, lambda *_: stop.set("interrupted"))
    threading.Thread(target=_stop_with_parent, args=(stop,), daemon=True).start()
    try:
        return work(job_id, stop)
    except DailiesError as error:
        # The store itself fails: whoever started us meets the same and tells it.
        log.error("worker failed", code=error.error_code, error=error.message)
        return 1


def _job_from_input() -> str:
    """A line of standard input; empty when it ends without one. Unbuffered: its end is watched for later."""
    line = b""
    while (byte := os.read(0, 1)) not in (b"", b"\n"):
        line += byte
    return line.decode() if byte else ""


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
    sys.exit(main())
