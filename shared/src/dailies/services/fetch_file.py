"""Fetches the file at a URL, and delivers it as it is with what it is."""

from __future__ import annotations

import hashlib
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path

from pydantic import BaseModel, ConfigDict, Field

from dailies.domain.errors import Cancelled, SourceRefused, TransientError
from dailies.domain.job.job import FileSource
from dailies.domain.job.uploads import shown_name
from dailies.domain.source.media_info import MediaInfo
from dailies.domain.stop import StopToken
from dailies.domain.web.url import WebUrl, parse_url
from dailies.engine.fetch.transfer import Transfer, Wanted
from dailies.engine.platform import Platform
from dailies.engine.scratch import disk_faults, single_scratch
from dailies.planning.retry import FETCH_RETRY
from dailies.ports.partials import Partial
from dailies.services.delivery import Destinations, check_destinations, deliver_copy
from dailies.services.planning import probe_source

_FILE = "file"


class FetchedFile(BaseModel):
    """What has come from a URL, and where it lies now."""

    model_config = ConfigDict(frozen=True)

    path: str
    url: str = Field(description="without its query, which may hold a secret")
    bytes: int
    sha256: str
    seconds: float = Field(description="from the first request to the last byte")
    attempts: int
    media: MediaInfo


@dataclass(frozen=True, slots=True)
class Arrived:
    """A file that has come: ``url`` is that of the file itself, which isn't always the one that was asked."""

    path: Path
    url: WebUrl
    size: int
    sha256: str
    seconds: float
    attempts: int


@contextmanager
def fetched(
    platform: Platform, url: WebUrl, report: Callable[[int, int | None], None], stop: StopToken
) -> Iterator[Arrived]:
    """The file at ``url``, in the scratch space for as long as the block takes. There is no job of it.

    ``report`` takes the bytes that are there, of how many. Of a podcast's feed it is the newest episode. What broke
    off goes on from there the next time. Raises what an egress raises, StorageFull, and what ``stop`` asks for.
    """
    begun = time.monotonic()
    with single_scratch(platform) as scratch, disk_faults(scratch):
        partial = platform.partials.take_up(hashlib.sha256(str(url).encode()).hexdigest()[:32], scratch)
        try:
            transfer = Transfer(platform.egress, partial, platform.recognise, report, stop)
            attempts = _bring(platform, transfer, partial, str(url), stop)
            seconds = round(time.monotonic() - begun, 3)
            found = url if transfer.url is None else parse_url(transfer.url, platform.settings.fetch_ports)
            yield Arrived(partial.path, found, transfer.size, transfer.sha256, seconds, attempts)
        except (Cancelled, SourceRefused):
            partial.drop()
            raise
        finally:
            partial.close()
        partial.drop()


def fetch_file(
    platform: Platform,
    uid: str,
    url: str,
    place: Path,
    *,
    identify: Callable[[Path], FileSource],
    report: Callable[[int, int | None], None],
    stop: StopToken,
    overwrite: bool = False,
    rename: bool = False,
) -> FetchedFile:
    """Fetch, look at and deliver one file; what isn't media is delivered nowhere.

    ``identify`` makes a source of a file of this machine; with ``rename`` it is called as its own URL says. Raises
    as :func:`fetched`, what a probe raises, Conflict, NotFound, Misconfigured.
    """
    asked = parse_url(url, platform.settings.fetch_ports)
    check_destinations(Destinations({_FILE: place}), None, overwrite=overwrite, ready={})
    with fetched(platform, asked, report, stop) as arrived:
        if rename:
            place = place.with_name(download_name(arrived.url))
        media = probe_source(platform, uid, identify(arrived.path))
        deliver_copy(platform, arrived.path, arrived.size, arrived.sha256, place, overwrite=overwrite)
    return FetchedFile(
        path=str(place),
        url=asked.shown,
        bytes=arrived.size,
        sha256=arrived.sha256,
        seconds=arrived.seconds,
        attempts=arrived.attempts,
        media=media,
    )


def download_name(url: WebUrl) -> str:
    """What a file is called that comes from there: neither hidden nor an option of the next command."""
    return (shown_name(url.file_name) or "").lstrip(".-") or url.host


def _bring(platform: Platform, transfer: Transfer, partial: Partial, url: str, stop: StopToken) -> int:
    """How often it was tried. Those that brought something are no failures, within the time for the whole fetch."""
    until = time.monotonic() + platform.settings.fetch_max_minutes * 60
    attempts = failures = 0
    while True:
        attempts, before = attempts + 1, partial.size
        left = max(until - time.monotonic(), 1.0)
        try:
            transfer.fetch(Wanted(url, platform.settings.fetch_max_bytes, left))
        except TransientError as error:
            failures = 1 if partial.size > before else failures + 1
            pause = FETCH_RETRY.pause_seconds(failures, error)
            if not FETCH_RETRY.allows(failures, error) or time.monotonic() + pause >= until:
                raise
            stop.wait(pause)
            stop.check()
        else:
            return attempts
