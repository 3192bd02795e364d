"""Fetches the source of a job that has only a URL of it: afterwards it is as if it had been uploaded."""

from __future__ import annotations

import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path

from dailies.domain.errors import Cancelled, Conflict, DailiesError, SourceRefused, TransientError
from dailies.domain.job.job import Fetched, Job, JobState, ObjectSource, UrlSource
from dailies.domain.job.uploads import source_name
from dailies.domain.stop import StopToken
from dailies.domain.web.url import parse_url
from dailies.engine.fetch.board import FetchBoard
from dailies.engine.fetch.transfer import Transfer, Wanted
from dailies.engine.platform import Platform
from dailies.engine.scratch import disk_faults
from dailies.engine.store import leases
from dailies.engine.store.heartbeat import heartbeat
from dailies.engine.store.jobs import load_job, move_job
from dailies.engine.store.leases import Lease
from dailies.engine.store.quota import hold_bytes
from dailies.logs import Logger, bound
from dailies.planning.retry import FETCH, FETCH_RETRY
from dailies.ports.objects import LocalFiles, ObjectInfo, ObjectStore
from dailies.ports.partials import Partial

#: Longer pauses are waited for by nobody: the worker ends, and another goes on.
_MOST_PAUSE_SECONDS = 20.0
# An attempt that brought so much was none in vain.
_PROGRESS_BYTES = 1 << 20

log = Logger(__name__)


def fetch_waits(platform: Platform, job: Job) -> bool:
    """Whether a worker has the job's fetch, or it rests until another attempt."""
    record = leases.claimed_in(platform, job).get(FETCH)
    return record is not None and (record.held or record.free_in > 0)


def fetch_source(platform: Platform, job: Job, stop: StopToken, scratch: Path) -> Job | None:
    """Bring the job's source into the store and take it to ``processing``; None where another worker has that to do.

    What has come stays when the process ends, as far as the platform keeps anything, and whoever goes on asks for the
    rest. Attempts that bring nothing are counted. Raises PermanentError when the source can't be had, TransientError
    when a later worker may have it; ``retry_after`` in its details has the seconds until then.
    """
    source = job.source
    if not isinstance(source, UrlSource):
        raise TypeError(f"job {job.id} has no URL to fetch")
    shown = parse_url(source.url, platform.settings.fetch_ports).shown
    with bound(step=FETCH):
        while True:
            lease = leases.claim(platform, job, FETCH, _key(job))
            if lease is None:
                return None
            try:
                with heartbeat(platform, [lease], stop):
                    return _Fetch(platform, job, source, shown, lease, stop).run(scratch)
            except TransientError as error:
                pause = FETCH_RETRY.pause_seconds(lease.failures + 1, error)
                again = FETCH_RETRY.allows(lease.failures + 1, error) and error.counts
                log.warning("fetch failed", code=error.error_code, error=error.message, pause=pause)
                if not again or pause > _MOST_PAUSE_SECONDS:
                    error.details.setdefault("retry_after", pause)
                    raise
                stop.wait(pause)
                stop.check()


def _key(job: Job) -> str:
    """No key of content: what a URL leads to is another thing each time."""
    return f"{FETCH}-{job.id}"


@dataclass(frozen=True, slots=True)
class _Fetch:
    """One attempt, in whose hands the lease is."""

    platform: Platform
    job: Job
    source: UrlSource
    shown: str
    lease: Lease
    stop: StopToken

    def run(self, scratch: Path) -> Job:
        """The job in ``processing``. The lease is given back, and the partial file closed, however it ends."""
        board = FetchBoard(self.platform, self.job)
        begun = time.monotonic()
        with disk_faults(scratch), self._partial(scratch) as partial:
            transfer = Transfer(
                self.platform.egress, partial, self.platform.recognise, board.report, self.stop, self._weigh
            )
            before = partial.size
            try:
                found = self._stored() or self._bring(transfer, partial)
                moved = self._move(found, transfer, time.monotonic() - begun)
            except DailiesError as error:
                self._give_back(error, gained=transfer.size - before)
                if isinstance(error, Cancelled | SourceRefused):
                    partial.drop()
                raise
            partial.drop()
        leases.settle(self.platform, self.lease, "done")
        return moved

    @contextmanager
    def _partial(self, scratch: Path) -> Iterator[Partial]:
        try:
            partial = self.platform.partials.take_up(self.job.id, scratch)
        except DailiesError as error:
            self._give_back(error, gained=0)
            raise
        try:
            yield partial
        finally:
            partial.close()

    def _give_back(self, error: DailiesError, *, gained: int) -> None:
        if not isinstance(error, TransientError) or not error.counts or gained >= _PROGRESS_BYTES:
            met = error if isinstance(error, TransientError) and error.counts else None
            leases.settle(self.platform, self.lease, "released", error=met)
            return
        pause = FETCH_RETRY.pause_seconds(self.lease.failures + 1, error)
        # Who goes on at once claims it at once.
        rest = pause if pause > _MOST_PAUSE_SECONDS else 0.0
        leases.settle(self.platform, self.lease, "failed", error=error, pause_seconds=rest)

    def _seconds_left(self) -> float:
        """Of the time for the whole fetch, from its first attempt on."""
        most = self.platform.settings.fetch_max_minutes * 60
        begun = self.job.reached.get(JobState.FETCHING.value, self.platform.now())
        left = most - (self.platform.now() - begun).total_seconds()
        if left <= 0:
            raise SourceRefused(
                f"The file did not come within {most / 60:g} minutes: name a faster server, or upload it.",
                code="fetch_too_slow",
            )
        return left

    def _weigh(self, size: int) -> None:
        """Hold the bytes against the user's day, as soon as it is known how many they are."""
        hold_bytes(self.platform, self.job, size)

    def _stored(self) -> ObjectInfo | None:
        """What a worker had stored, and was killed before it could say so: nobody else writes there."""
        return self.platform.objects.stat(self._name)

    def _bring(self, transfer: Transfer, partial: Partial) -> ObjectInfo:
        transfer.fetch(Wanted(self.source.url, self.platform.settings.fetch_max_bytes, self._seconds_left()))
        self._weigh(transfer.size)
        objects = self.platform.objects
        return take_file(objects, self._name, partial.path, transfer.sha256, lambda _: self.stop.check())

    @property
    def _name(self) -> str:
        return source_name(self.job.uid, self.job.id)

    def _move(self, found: ObjectInfo, transfer: Transfer, seconds: float) -> Job:
        leases.check(self.platform, self.lease)
        tried = self.lease.tried
        fetched = Fetched(
            url=self.shown,
            bytes=found.size,
            seconds=round(seconds, 3),
            attempts=len(tried) + 1,
            failed_attempts=tuple(tried),
        )
        source = content_source(found, transfer.sha256 if transfer.size else "")
        try:
            return move_job(self.platform, self.job.id, JobState.PROCESSING, source=source, fetched=fetched)
        except Conflict as error:
            # It was cancelled, or has failed, between the last byte and now: nobody wants what has come.
            self.platform.objects.delete(found.name)
            raise Cancelled(f"The job is {load_job(self.platform, self.job.id).state.value} already.") from error


def take_file(
    objects: ObjectStore, name: str, path: Path, sha256: str, on_progress: Callable[[int], None] | None = None
) -> ObjectInfo:
    """Store a file of which nobody has any more use: on this machine it is moved. ``sha256`` is of its bytes."""
    if isinstance(objects, LocalFiles):
        return objects.adopt_file(name, path, checksum=f"sha256:{sha256}")
    return objects.put_file(name, path, on_progress=on_progress)


def content_source(found: ObjectInfo, sha256: str) -> ObjectSource:
    """The object as a source, with a digest of its content: the same bytes come again find what was made of them.

    ``sha256`` is empty where nobody knows it. Where the store has another checksum, that stands in front, as it is what
    the store is asked for.
    """
    if found.checksum.startswith("sha256:"):
        digest = found.checksum
    else:
        content = f"sha256:{sha256}" if sha256 else f"{found.name}#{found.generation}"
        digest = f"{found.checksum}:{found.size}:{content}"
    return ObjectSource(name=found.name, generation=found.generation, size=found.size, digest=digest)
