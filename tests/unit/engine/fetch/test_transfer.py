"""One file's way from a web site into a partial file."""

from __future__ import annotations

import hashlib
import random
from collections.abc import Callable
from datetime import UTC, datetime, timedelta
from email.utils import format_datetime
from pathlib import Path

import pytest

from dailies.adapters.local.objects.partials import LocalPartials
from dailies.domain.errors import DailiesError, RateLimited, SourceRefused, TransientError
from dailies.domain.source import sniff
from dailies.domain.stop import StopToken
from dailies.engine.fetch.transfer import Transfer, Wanted
from dailies.ports.egress import Egress
from dailies.ports.partials import Partial
from tests.fakes.web_site import Asked, Site, Write, head, page, ranged

FILM = random.Random(1).randbytes(300_000)
OTHER = random.Random(2).randbytes(250_000)
Answer = Callable[[Asked, Write], None]


class Fetching:
    """Attempts of which each is a process of its own, as far as the partial file is concerned."""

    def __init__(self, site: Site, egress: Egress, folder: Path) -> None:
        self.site = site
        self.egress = egress
        self.partials = LocalPartials(folder)
        self.reports: list[tuple[int, int | None]] = []
        self.weighed: list[int] = []

    def attempt(self, max_bytes: int = 1_000_000) -> Transfer:
        partial = self.partials.take_up("job", Path())
        try:
            transfer = self.begin(partial)
            transfer.fetch(Wanted(self.site.url("/a.mp4"), max_bytes, 20))
        finally:
            partial.close()
        return transfer

    def begin(self, partial: Partial) -> Transfer:
        def recognise(first: bytes, size: int | None) -> DailiesError | None:
            return SourceRefused("a page", code="not_media") if first.startswith(b"<html") else None

        report = lambda there, total: self.reports.append((there, total))  # noqa: E731
        return Transfer(self.egress, partial, recognise, report, StopToken(), self.weighed.append)

    def fails(self, code: str) -> DailiesError:
        with pytest.raises(DailiesError) as failed:
            self.attempt()
        assert failed.value.error_code == code
        return failed.value

    def content(self) -> bytes:
        partial = self.partials.take_up("job", Path())
        partial.close()
        return partial.path.read_bytes()

    def ranges(self) -> list[str | None]:
        return [asked.headers.get("range") for asked in self.site.asked]


@pytest.fixture
def fetching(site: Site, egress: Egress, tmp_path: Path) -> Fetching:
    return Fetching(site, egress, tmp_path / "partials")


def cut(after: int, answer: Answer) -> Answer:
    """The first answer breaks off after so many bytes of its body."""
    left = [after]

    def answering(asked: Asked, write: Write) -> None:
        written: list[bytes] = []
        answer(asked, written.append)
        whole = b"".join(written)
        write(whole[: whole.index(b"\r\n\r\n") + 4 + left.pop()] if left else whole)

    return answering


def test_a_file_comes_whole_with_its_hash(fetching: Fetching) -> None:
    fetching.site.pages["/a.mp4"] = ranged(FILM)
    transfer = fetching.attempt()
    assert fetching.content() == FILM
    assert (transfer.size, transfer.sha256) == (len(FILM), hashlib.sha256(FILM).hexdigest())
    assert fetching.reports[-1] == (len(FILM), len(FILM))
    assert fetching.weighed == [len(FILM)]


def test_it_goes_on_where_it_broke_off(fetching: Fetching) -> None:
    fetching.site.pages["/a.mp4"] = cut(200_000, ranged(FILM))
    fetching.fails("body_truncated")
    transfer = fetching.attempt()
    assert (fetching.content(), transfer.sha256) == (FILM, hashlib.sha256(FILM).hexdigest())
    assert fetching.ranges() == [None, "bytes=200000-"]
    assert fetching.site.asked[1].headers["if-range"] == '"1"'


def test_a_file_that_has_changed_comes_anew(fetching: Fetching) -> None:
    fetching.site.pages["/a.mp4"] = cut(200_000, ranged(FILM))
    fetching.fails("body_truncated")
    fetching.site.pages["/a.mp4"] = ranged(OTHER, etag='"2"')
    fetching.attempt()
    assert fetching.content() == OTHER


def test_who_has_no_way_to_tell_versions_apart_sends_it_anew(fetching: Fetching) -> None:
    fetching.site.pages["/a.mp4"] = cut(200_000, page(FILM, ETag='W/"weak"'))
    fetching.fails("body_truncated")
    fetching.attempt()
    assert fetching.content() == FILM
    assert fetching.ranges() == [None, None]


def test_a_date_tells_versions_apart_when_it_is_old_enough(fetching: Fetching) -> None:
    now = datetime.now(UTC)
    for age, goes_on in ((3600, True), (5, False)):
        dates = {"Date": format_datetime(now, usegmt=True)}
        dates["Last_Modified"] = format_datetime(now - timedelta(seconds=age), usegmt=True)
        fetching.site.asked.clear()
        fetching.site.pages["/a.mp4"] = cut(1000, page(FILM, **dates))
        fetching.fails("body_truncated")
        fetching.attempt()
        assert (fetching.ranges()[1] is not None) is goes_on
        fetching.partials.take_up("job", Path()).drop()


def test_a_date_that_none_can_read_tells_nothing(fetching: Fetching) -> None:
    never = "Mon, 30 Nov 2015 00:00:00 +99999999999999999999"
    fetching.site.pages["/a.mp4"] = page(FILM, Date=never, Last_Modified=never)
    fetching.attempt()
    assert fetching.ranges() == [None]


@pytest.mark.parametrize(
    "lie",
    [
        head("206 Partial Content", Content_Length=5, Content_Range="bytes 0-4/300000", ETag='"1"') + b"XXXXX",
        head("206 Partial Content", Content_Length=5, Content_Range="bytes 200000-200004/300000", ETag='"1"')
        + b"XXXXX",
        head("206 Partial Content", Content_Length=100_000, Content_Range="bytes 200000-299999/300000", ETag='"2"'),
        head("206 Partial Content", Content_Length=1, Content_Range="bytes 200000-200000/200001", ETag='"1"') + b"X",
        head("206 Partial Content", Content_Length=1, ETag='"1"') + b"X",
        head("416 Range Not Satisfiable", Content_Length=0),
    ],
)
def test_a_part_of_another_file_is_never_put_behind(fetching: Fetching, lie: bytes) -> None:
    fetching.site.pages["/a.mp4"] = cut(200_000, ranged(FILM))
    fetching.fails("body_truncated")
    fetching.site.pages["/a.mp4"] = lambda _, write: write(lie)
    assert isinstance(fetching.fails("source_moved"), TransientError)
    fetching.site.pages["/a.mp4"] = ranged(FILM)
    fetching.attempt()
    assert fetching.content() == FILM
    assert fetching.ranges()[-1] is None


def test_what_lies_behind_what_was_kept_is_not_believed(fetching: Fetching) -> None:
    """After a power cut a file may be longer than what reached the disk."""
    fetching.site.pages["/a.mp4"] = cut(200_000, ranged(FILM))
    fetching.fails("body_truncated")
    partial = fetching.partials.take_up("job", Path())
    partial.close()
    with partial.path.open("ab") as stream:
        stream.write(bytes(1000))
    fetching.attempt()
    assert fetching.content() == FILM


def test_what_is_whole_is_not_asked_for_again(fetching: Fetching) -> None:
    fetching.site.pages["/a.mp4"] = ranged(FILM)
    fetching.attempt()
    assert fetching.attempt().sha256 == hashlib.sha256(FILM).hexdigest()
    assert len(fetching.site.asked) == 1


def test_a_file_of_unknown_length_may_not_grow_beyond_the_limit(fetching: Fetching) -> None:
    chunk = b"%x\r\n" % len(FILM) + FILM + b"\r\n"
    fetching.site.pages["/a.mp4"] = lambda _, write: write(head(Transfer_Encoding="chunked") + chunk + b"0\r\n\r\n")
    assert fetching.attempt().size == len(FILM)
    fetching.partials.take_up("job", Path()).drop()
    with pytest.raises(DailiesError) as refused:
        fetching.attempt(max_bytes=len(FILM) - 1)
    assert refused.value.error_code == "too_large"


def test_a_page_is_known_by_its_first_bytes_whatever_it_is_called(fetching: Fetching) -> None:
    sent: list[int] = []

    def answer(_asked: Asked, write: Write) -> None:
        write(head(Content_Length=10**9, Content_Type="video/mp4") + b"<html>" + bytes(5000))
        while not fetching.site.over.is_set():
            write(bytes(5000))
            sent.append(5000)

    fetching.site.pages["/a.mp4"] = answer
    with pytest.raises(SourceRefused) as refused:
        fetching.attempt(max_bytes=10**10)
    assert refused.value.error_code == "not_media"


@pytest.mark.parametrize(
    ("status", "code"),
    [
        ("401 Unauthorized", "url_forbidden"), ("403 Forbidden", "url_forbidden"), ("404 Not Found", "url_gone"),
        ("410 Gone", "url_gone"), ("204 No Content", "url_answer"), ("206 Partial Content", "url_answer"),
        ("418 I'm a teapot", "url_answer"), ("503 Service Unavailable", "server_failed"),
    ],
)  # fmt: skip
def test_each_answer_has_its_code(fetching: Fetching, status: str, code: str) -> None:
    fetching.site.pages["/a.mp4"] = page(b"", status)
    error = fetching.fails(code)
    assert isinstance(error, TransientError) is status.startswith("5")


@pytest.mark.parametrize(
    ("asked", "seconds"),
    [
        ("7", 7.0),
        ("", None),
        ("soon", None),
        ("-1", None),
        ("99999999", 86400.0),
        ("Thu, 01 Jan 1970 00:00:00 GMT", 0.0),
        ("Mon, 30 Nov 99999999999999999999 00:00:00 GMT", None),
    ],
)
def test_who_asks_to_be_left_alone_is(fetching: Fetching, asked: str, seconds: float | None) -> None:
    fetching.site.pages["/a.mp4"] = page(b"", "429 Too Many Requests", Retry_After=asked)
    error = fetching.fails("rate_limited")
    assert isinstance(error, RateLimited)
    assert error.retry_after == seconds


def test_a_feed_is_never_the_file_even_where_its_episode_is_not_found_now(
    site: Site, egress: Egress, tmp_path: Path
) -> None:
    feed = b'<rss><channel><item><enclosure url="/talk.mp3"/></item></channel></rss>'
    asked = 0

    def once_away(request: Asked, write: Write) -> None:
        nonlocal asked
        asked += 1
        (page(b"", "503 Service Unavailable") if asked == 2 else page(feed, ETag='"feed"'))(request, write)

    site.pages = {"/feed": once_away, "/talk.mp3": ranged(FILM)}
    partials = LocalPartials(tmp_path)

    def attempt() -> Transfer:
        partial = partials.take_up("job", Path())
        try:
            transfer = Transfer(egress, partial, sniff.recognise, lambda *_: None, StopToken())
            transfer.fetch(Wanted(site.url("/feed"), 1_000_000, 20))
        finally:
            partial.close()
        return transfer

    with pytest.raises(TransientError):
        attempt()
    found = attempt()
    assert (found.sha256, found.url) == (hashlib.sha256(FILM).hexdigest(), site.url("/talk.mp3"))
