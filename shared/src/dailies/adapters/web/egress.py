"""The guarded egress: https to public addresses alone, redirects included, bounded in bytes and seconds."""

from __future__ import annotations

from collections.abc import Collection, Iterator, Mapping
from contextlib import contextmanager
from typing import TYPE_CHECKING

from dailies.adapters.web.dialing import Dialer
from dailies.domain.errors import UrlRefused
from dailies.domain.stop import StopToken
from dailies.domain.web.url import HTTPS_PORT, WebUrl, parse_url
from dailies.ports.egress import Answer, Bounds, Egress

if TYPE_CHECKING:
    import ssl

_REDIRECTS = (301, 302, 303, 307, 308)
_OWN_HEADERS = {"User-Agent": "dailies", "Accept": "*/*", "Accept-Encoding": "identity", "Connection": "close"}


class GuardedEgress(Egress):
    """``trust`` verifies servers' certificates; by default as this machine does. ``ports`` are of the usual dialer."""

    def __init__(
        self, dialer: Dialer | None = None, trust: ssl.SSLContext | None = None, *, ports: Collection[int] = ()
    ) -> None:
        self._dialer = dialer or Dialer(ports or (HTTPS_PORT,))
        self._trust = trust

    @contextmanager
    def open(
        self,
        url: str,
        bounds: Bounds,
        *,
        stop: StopToken,
        method: str = "GET",
        headers: Mapping[str, str] | None = None,
        body: bytes | None = None,
    ) -> Iterator[Answer]:
        # With the first request: most commands make none.
        from dailies.adapters.web.request import HttpsRequest, Watch

        here = parse_url(url, self._dialer.ports)
        if self._trust is None:
            import ssl

            self._trust = ssl.create_default_context()
        sent = {**_OWN_HEADERS, **(headers or {})}
        # What was sent to one server is not repeated to another.
        redirects = bounds.redirects if method == "GET" else 0
        with Watch(stop, bounds.seconds) as watch:
            for left in range(redirects, -1, -1):
                watch.check()
                with HttpsRequest(self._dialer, self._trust, here, bounds, watch) as request:
                    answer = request.send(method, sent, body)
                    if answer.status not in _REDIRECTS or redirects == 0:
                        yield answer
                        return
                here = self._next(here, answer, left)

    def _next(self, here: WebUrl, answer: Answer, left: int) -> WebUrl:
        if not left:
            raise UrlRefused(
                f"{here.host} leads from one address to the next without an end.", code="too_many_redirects"
            )
        location = answer.headers.get("location")
        if location is None:
            raise UrlRefused(f"{here.host} leads somewhere else and doesn't say where.", code="redirect_refused")
        return here.join(location, self._dialer.ports)
