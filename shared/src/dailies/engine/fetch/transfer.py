"""Brings a URL's bytes into a partial file: on from where it was left, if the file is still the same."""

from __future__ import annotations

import hashlib
import re
import time
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from datetime import timedelta
from io import BufferedRandom
from urllib.parse import urljoin

from dailies.domain.errors import DailiesError, SourceRefused, TransientError
from dailies.domain.source.sniff import PODCAST_FEED
from dailies.domain.stop import StopToken
from dailies.domain.web.http_headers import http_date
from dailies.domain.web.podcast_feed import newest_episode
from dailies.engine.fetch.answers import refusal_of
from dailies.ports.egress import Answer, Bounds, Egress
from dailies.ports.partials import Partial

#: Of the first bytes, by which a file is known.
HEAD_BYTES = 4096
#: Under which an episode's URL is kept in a partial file's note.
_EPISODE = "episode"
# Of thirty years of a daily show with its notes.
_MOST_FEED_BYTES = 32 << 20
_KEEP_SECONDS = 1.0
_READ_BYTES = 1 << 20
_RANGE = re.compile(r"bytes (\d+)-(\d+)/(\d+)")
# RFC 9110, 8.8.2.2: a date tells two versions apart only when it is older than what the server's clock can't tell.
_SETTLED = timedelta(seconds=60)


@dataclass(frozen=True, slots=True)
class Wanted:
    """What is fetched, and how much of it may come: ``max_bytes``, and ``seconds`` for each request."""

    url: str
    max_bytes: int
    seconds: float


class Transfer:
    """One file on its way. ``recognise`` says of a file's first bytes, and its size, why it is refused, or None.

    ``report`` takes the bytes that are there, and the size where it is known; ``weigh`` the size as soon as it is, and
    may raise.
    """

    def __init__(
        self,
        egress: Egress,
        partial: Partial,
        recognise: Callable[[bytes, int | None], DailiesError | None],
        report: Callable[[int, int | None], None],
        stop: StopToken,
        weigh: Callable[[int], None] = lambda _size: None,
    ) -> None:
        self._weigh = weigh
        self._egress = egress
        self._partial = partial
        self._recognise = recognise
        self._report = report
        self._stop = stop
        self._hash = hashlib.sha256()
        self._note: dict[str, str] = dict(partial.note)
        self._there = 0
        self._kept_at = 0.0

    @property
    def size(self) -> int:
        """How much of the file is there."""
        return self._there

    @property
    def url(self) -> str | None:
        """Of the episode that is fetched, where the URL that was wanted is a podcast's feed."""
        return self._note.get(_EPISODE)

    @property
    def sha256(self) -> str:
        """Of what is there; 64 hexadecimal digits."""
        return self._hash.hexdigest()

    def fetch(self, wanted: Wanted) -> None:
        """Bring what is missing; afterwards the file is whole. To be called again after a TransientError.

        Raises SourceRefused for a file or an answer that is not taken, UrlRefused, and TransientError when another
        attempt may bring the rest.
        """
        with self._partial.path.open("r+b") as sink:
            self._read_what_is_there(sink)
            if self._total is not None and self._there == self._total:
                return
            try:
                self._ask_through(wanted, sink)
            finally:
                sink.flush()
                self._partial.keep(self._there, self._note)

    @property
    def _total(self) -> int | None:
        return int(self._note["total"]) if "total" in self._note else None

    def _read_what_is_there(self, sink: BufferedRandom) -> None:
        """What was kept; what came behind it may be anything after a power cut. Without a validator nothing goes on."""
        self._note = dict(self._partial.note)
        safe = self._partial.size if "validator" in self._note else 0
        sink.truncate(safe)
        sink.seek(0)
        self._hash, self._there = hashlib.sha256(), 0
        with self._partial.path.open("rb") as stream:
            while piece := stream.read(_READ_BYTES):
                self._stop.check()
                self._hash.update(piece)
                self._there += len(piece)
        sink.seek(self._there)

    def _ask_through(self, wanted: Wanted, sink: BufferedRandom) -> None:
        """Of a podcast's feed the newest episode: once chosen, an attempt goes on with the same."""
        try:
            self._ask(wanted, self.url or wanted.url, sink)
        except SourceRefused as refused:
            if refused.error_code != PODCAST_FEED or self.url is not None:
                raise
            # Before anything else may fail: the feed is not the file, however whole it is.
            self._there, self._note = 0, {}
            self._note = {_EPISODE: self._newest(wanted)}
            self._ask(wanted, self._note[_EPISODE], sink)

    def _newest(self, wanted: Wanted) -> str:
        bounds = Bounds(max_bytes=_MOST_FEED_BYTES, seconds=wanted.seconds)
        with self._egress.open(wanted.url, bounds, stop=self._stop) as answer:
            if answer.status != 200:
                raise refusal_of(answer)
            return urljoin(answer.url, newest_episode(b"".join(iter(answer.read, b""))))

    def _ask(self, wanted: Wanted, url: str, sink: BufferedRandom) -> None:
        headers = {}
        if self._there:
            headers = {"Range": f"bytes={self._there}-", "If-Range": self._note["validator"]}
        # The rest of a body may be as long as the file may still grow, or all of it where it begins anew.
        bounds = Bounds(max_bytes=wanted.max_bytes, seconds=wanted.seconds)
        with self._egress.open(url, bounds, stop=self._stop, headers=headers) as answer:
            if answer.status == 200:
                self._begin(answer, sink)
            elif not (answer.status == 206 and self._there and self._goes_on(answer)):
                raise self._refused(answer)
            if self._total is not None and self._total <= wanted.max_bytes:
                self._weigh(self._total)
            self._receive(answer, sink, wanted.max_bytes)

    def _begin(self, answer: Answer, sink: BufferedRandom) -> None:
        sink.seek(0)
        sink.truncate()
        self._hash, self._there = hashlib.sha256(), 0
        self._note = {} if self.url is None else {_EPISODE: self.url}
        if answer.length is not None:
            self._note["total"] = str(answer.length)
        validator = _validator(answer.headers)
        if validator is not None:
            self._note["validator"] = validator

    def _goes_on(self, answer: Answer) -> bool:
        """Whether a part is the one that is missing, of the file that is wanted."""
        place = _RANGE.fullmatch(answer.headers.get("content-range", "").strip())
        same = answer.headers.get("etag") in (None, self._note["validator"]) or not self._note["validator"].startswith(
            '"'
        )
        if place is None or not same or int(place[1]) != self._there or int(place[2]) + 1 != int(place[3]):
            return False
        return self._total in (None, int(place[3]))

    def _refused(self, answer: Answer) -> DailiesError:
        if answer.status in (206, 416) and self._there:
            # It is not what it was: from its beginning, the next time.
            self._note = {}
            return TransientError("The file has changed while it was fetched.", code="source_moved")
        return refusal_of(answer)

    def _receive(self, answer: Answer, sink: BufferedRandom, max_bytes: int) -> None:
        head = b"" if self._there < HEAD_BYTES else None
        if head is not None and self._there:
            sink.flush()
            with self._partial.path.open("rb") as stream:
                head = stream.read(HEAD_BYTES)
        while piece := answer.read():
            sink.write(piece)
            self._hash.update(piece)
            self._there += len(piece)
            if self._there > max_bytes:
                raise SourceRefused(
                    f"The file has more than the {max_bytes} bytes that are fetched: cut or compress it first.",
                    code="too_large",
                )
            if head is not None:
                head += piece[: HEAD_BYTES - len(head)]
                if len(head) == HEAD_BYTES:
                    self._look_at(head)
                    head = None
            self._report(self._there, self._total)
            self._keep(sink)
        if head is not None:
            self._look_at(head)
        self._note["total"] = str(self._there)

    def _look_at(self, head: bytes) -> None:
        """By its content, whatever the server calls it, and before all of it has come."""
        refusal = self._recognise(head, self._total)
        if refusal is not None:
            raise refusal

    def _keep(self, sink: BufferedRandom) -> None:
        if time.monotonic() - self._kept_at >= _KEEP_SECONDS:
            sink.flush()
            self._partial.keep(self._there, self._note)
            self._kept_at = time.monotonic()


def _validator(headers: Mapping[str, str]) -> str | None:
    """What tells this version of the file from every other; None where the server has nothing that does."""
    etag = headers.get("etag", "")
    if re.fullmatch(r'"[!#-~]{1,200}"', etag):
        return etag
    modified = headers.get("last-modified", "")
    sent, changed = http_date(headers.get("date", "")), http_date(modified)
    return modified if sent is not None and changed is not None and sent - changed >= _SETTLED else None
