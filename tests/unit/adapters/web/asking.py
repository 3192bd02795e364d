"""Asking a site of the tests' own through the egress."""

from __future__ import annotations

from typing import Any

import pytest

from dailies.adapters.web.dialing import Dialer
from dailies.adapters.web.egress import GuardedEgress
from dailies.domain.errors import DailiesError, UrlRefused
from dailies.domain.stop import StopToken
from dailies.ports.egress import Answer, Bounds
from tests.fakes.certificates import Authority
from tests.fakes.web_site import Site

BOUNDS = Bounds(max_bytes=10_000, seconds=20)


def egress_to(site: Site, authority: Authority, **dialing: Any) -> GuardedEgress:
    """May reach this one site's port on loopback, and no other."""
    options: dict[str, Any] = {"resolve": site.resolve(), "also": {site.endpoint}, "ports": {443, site.port}}
    return GuardedEgress(Dialer(**{**options, **dialing}), authority.trust())


def read(egress: GuardedEgress, url: str, bounds: Bounds = BOUNDS, stop: StopToken | None = None) -> bytes:
    with egress.open(url, bounds, stop=stop or StopToken()) as answer:
        return whole(answer)


def whole(answer: Answer) -> bytes:
    body = b""
    while piece := answer.read():
        body += piece
    return body


def code_of(error: pytest.ExceptionInfo[Any]) -> str:
    assert isinstance(error.value, DailiesError)
    return error.value.error_code


def refusal(egress: GuardedEgress, url: str, bounds: Bounds = BOUNDS) -> str:
    with pytest.raises(UrlRefused) as refused:
        read(egress, url, bounds)
    return code_of(refused)
