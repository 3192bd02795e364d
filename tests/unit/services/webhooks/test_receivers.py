"""What receivers do, on loopback: only a status of success is one, and nobody holds us longer than the limit."""

from __future__ import annotations

import time
from collections.abc import Callable
from typing import Any

import pytest

from dailies.services.webhooks import deliver as delivering
from tests.fakes.web_site import Asked, Site, Write, head, page
from tests.unit.services.webhooks.conftest import Hooks

OK = page(b"", "200 OK")


def drip(asked: Asked, write: Write, site: Site) -> None:
    """A status line that never ends."""
    write(b"HTTP/1.1 2")
    while not site.over.wait(0.05):
        write(b"0")


def huge(_: Asked, write: Write) -> None:
    write(head("200 OK", Content_Length=1 << 40))
    piece = b"x" * 65536
    for _each in range(1000):
        write(piece)


RECEIVERS: dict[str, tuple[Callable[[Site], Any], tuple[str, int | None, str | None]]] = {
    "takes it": (lambda _: OK, ("delivered", 200, None)),
    "accepts it": (lambda _: page(b"", "202 Accepted"), ("delivered", 202, None)),
    "has no words": (lambda _: page(b"", "204 No Content"), ("delivered", 204, None)),
    "answers hugely": (lambda _: huge, ("delivered", 200, None)),
    "answers packed": (lambda _: page(b"?", "200 OK", Content_Encoding="gzip"), ("delivered", 200, None)),
    "redirects": (lambda s: page(b"", "302 Found", Location=s.url("/elsewhere")), ("pending", 302, None)),
    "moves for good": (lambda s: page(b"", "308 Gone", Location=s.url("/elsewhere")), ("pending", 308, None)),
    "is gone": (lambda _: page(b"", "410 Gone"), ("given_up", 410, None)),
    "refuses": (lambda _: page(b"", "400 Bad Request"), ("pending", 400, None)),
    "is busy": (lambda _: page(b"", "429 Too Many Requests"), ("pending", 429, None)),
    "is broken": (lambda _: page(b"", "500 Internal Server Error"), ("pending", 500, None)),
    "says nothing": (lambda s: lambda *_: s.over.wait(20), ("pending", None, "egress_timeout")),
    "drips": (lambda s: lambda asked, write: drip(asked, write, s), ("pending", None, "egress_timeout")),
    "hangs up": (lambda _: lambda *_: None, ("pending", None, "connection_failed")),
    "speaks otherwise": (lambda _: lambda _a, write: write(b"SSH-2.0-x\r\n\r\n"), ("pending", None, "not_http")),
}


@pytest.mark.parametrize("receiver", RECEIVERS)
def test_what_a_receiver_does_decides(hooks: Hooks, receiver: str, monkeypatch: pytest.MonkeyPatch) -> None:
    """Only a status of success is one; nothing is followed, and nobody holds us longer than the limit."""
    answer, expected = RECEIVERS[receiver]
    monkeypatch.setattr(
        delivering, "_BOUNDS", delivering._BOUNDS.__class__(max_bytes=1, seconds=1, idle_seconds=1, redirects=0)
    )
    hooks.add(events=["job.completed"])
    hooks.site.pages["/hook"] = answer(hooks.site)
    hooks.ended()
    begun = time.monotonic()
    hooks.run_due()
    assert time.monotonic() - begun < 10
    [delivery] = hooks.all()
    [attempt] = delivery.attempts
    assert (delivery.state, attempt.status, attempt.code) == expected
    assert hooks.received("/elsewhere") == []


@pytest.mark.parametrize(
    ("host", "code"),
    [
        ("127.0.0.1", "address_refused"),
        ("nowhere.test", "host_unknown"),
        ("other.test", "certificate_refused"),
    ],
)
def test_where_it_leads_to_is_looked_at_each_time(
    hooks: Hooks, host: str, code: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    """An address that was another when it was registered; no server there is reached."""
    made = hooks.add(events=["job.completed"])
    port = hooks.site.port if host == "other.test" else 443
    moved = made.endpoint.model_copy(update={"url": f"https://{host}:{port}/hook"})
    monkeypatch.setattr(delivering, "listening", lambda *_: {moved.id: moved})
    dialer: Any = hooks.platform.egress._dialer  # type: ignore[attr-defined] # the guarded one's
    monkeypatch.setattr(dialer, "_resolve", hooks.site.resolve("media.test", "other.test"))
    if host == "127.0.0.1":
        monkeypatch.setattr(dialer, "_also", frozenset())
    hooks.ended()
    hooks.run_due()
    [delivery] = hooks.all()
    assert (delivery.state, delivery.attempts[0].code) == ("pending", code)
    assert hooks.received() == []
