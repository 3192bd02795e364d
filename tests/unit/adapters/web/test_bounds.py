"""What a server may answer, and how long it may take."""

from __future__ import annotations

import gzip
import socket
import threading
import time
from collections.abc import Callable
from typing import Any

import pytest

from dailies.adapters.web.dialing import Dialer
from dailies.adapters.web.egress import GuardedEgress
from dailies.domain.errors import Cancelled, TransientError
from dailies.domain.stop import StopToken
from dailies.ports.egress import Bounds
from tests.fakes.certificates import Authority
from tests.fakes.web_site import Asked, Site, Write, head, page
from tests.unit.adapters.web.asking import code_of, egress_to, read, refusal


def _endless(_asked: Asked, write: Write) -> None:
    write(head(Transfer_Encoding="chunked"))
    while True:
        write(b"1000\r\n" + bytes(0x1000) + b"\r\n")


@pytest.mark.parametrize(
    ("answer", "code"),
    [
        (page(bytes(10_001)), "too_large"),
        (_endless, "too_large"),
        (page(gzip.compress(bytes(1 << 20)), Content_Encoding="gzip"), "encoding_refused"),
        (page(b"x", Transfer_Encoding="gzip, chunked"), "encoding_refused"),
        (lambda _, write: write(head() + b"whatever"), "length_unknown"),
        (lambda _, write: write(head(Transfer_Encoding="chunked") + b"-1\r\n" + bytes(99)), "not_http"),
        (lambda _, write: write(b"SSH-2.0-OpenSSH\r\n\r\n"), "not_http"),
        (lambda _, write: write(b"HTTP/1.1 200 OK\r\nA: " + b"x" * 70_000), "not_http"),
        (lambda _, write: write(b"HTTP/1.1 200 OK\r\n" + b"A: b\r\n" * 200 + b"\r\n"), "not_http"),
        (lambda _, write: write(head(Content_Length=3).replace(b"\r\n\r\n", b"\r\nContent-Length: 4\r\n\r\nabcd")),
         "not_http"),
    ],
)  # fmt: skip
def test_answers_beyond_the_bounds_are_refused(
    site: Site, authority: Authority, answer: Callable[[Asked, Write], None], code: str
) -> None:
    site.pages["/a"] = answer
    assert refusal(egress_to(site, authority), site.url("/a")) == code


@pytest.mark.parametrize(
    "answer",
    [
        lambda _, write: write(head(Content_Length=10) + b"half"),
        lambda _, write: write(head(Transfer_Encoding="chunked") + b"a\r\nhalf"),
        lambda _, write: write(head(Transfer_Encoding="chunked") + b"4\r\nhalf\r\n"),
    ],
)
def test_a_body_that_breaks_off_is_never_whole(
    site: Site, authority: Authority, answer: Callable[[Asked, Write], None]
) -> None:
    site.pages["/a"] = answer
    with pytest.raises(TransientError) as broken:
        read(egress_to(site, authority), site.url("/a"))
    assert code_of(broken) == "body_truncated"


def _drip(site: Site, before: bytes) -> Callable[[Asked, Write], None]:
    def answer(_asked: Asked, write: Write) -> None:
        write(before)
        while not site.over.wait(0.05):
            write(b"x")

    return answer


@pytest.mark.parametrize("before", [b"HTTP/1.1 200 OK\r\nA: ", head(Content_Length=9999)])
def test_a_server_that_drips_has_its_seconds_and_no_more(site: Site, authority: Authority, before: bytes) -> None:
    site.pages["/a"] = _drip(site, before)
    started = time.monotonic()
    with pytest.raises(TransientError) as late:
        read(egress_to(site, authority), site.url("/a"), Bounds(max_bytes=10_000, seconds=1))
    assert code_of(late) == "egress_timeout"
    assert time.monotonic() - started < 5


def test_a_server_that_says_nothing_is_left(authority: Authority) -> None:
    with socket.create_server(("127.0.0.1", 0)) as listener:
        port = listener.getsockname()[1]
        egress = GuardedEgress(Dialer({port}, also={("127.0.0.1", port)}), authority.trust())
        with pytest.raises(TransientError) as late:
            read(egress, f"https://127.0.0.1:{port}/", Bounds(max_bytes=1, seconds=60, idle_seconds=0.3))
    assert code_of(late) == "egress_timeout"


def test_a_stop_ends_what_is_read_within_a_second(site: Site, authority: Authority) -> None:
    began = threading.Event()

    def answer(asked: Asked, write: Write) -> None:
        began.set()
        _drip(site, head(Content_Length=9999))(asked, write)

    site.pages["/a"] = answer
    stop = StopToken()
    stopped_at: list[float] = []

    def cancel() -> None:
        began.wait(20)
        stopped_at.append(time.monotonic())
        stop.set("cancelled")

    thread = threading.Thread(target=cancel)
    thread.start()
    with pytest.raises(Cancelled):
        read(egress_to(site, authority), site.url("/a"), stop=stop)
    assert time.monotonic() - stopped_at[0] < 2
    thread.join()


def test_a_name_server_that_is_silent_is_not_waited_for(site: Site, authority: Authority) -> None:
    stop, answered = StopToken(), threading.Event()

    def silent(*_: object, **__: object) -> list[tuple[Any, ...]]:
        stop.set("cancelled")
        answered.wait(20)
        return []

    with pytest.raises(Cancelled):
        read(egress_to(site, authority, resolve=silent), site.url("/a"), stop=stop)
    answered.set()
