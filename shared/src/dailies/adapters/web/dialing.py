"""Connects to hosts that users name: to the address that was checked, and to no other."""

from __future__ import annotations

import errno
import selectors
import socket
import threading
import time
from collections.abc import Callable, Collection
from typing import Any

from dailies.domain.errors import TransientError, UrlRefused
from dailies.domain.stop import StopToken
from dailies.domain.web.addresses import is_public
from dailies.domain.web.url import HTTPS_PORT

Endpoint = tuple[str, int]
Resolve = Callable[..., list[tuple[Any, ...]]]
Found = list[tuple[int, Any]]
"""Family and socket address, as ``getaddrinfo`` has them."""

_RESOLVE_SECONDS = 10.0
_CONNECT_SECONDS = 10.0
# A name may have many addresses, and each that is silent takes its time.
_MOST_TRIED = 4
_TICK_SECONDS = 0.2


class Dialer:
    """Opens TCP connections to public addresses on the ``ports``, looking each name up once.

    ``also`` are endpoints, each an exact address and port, that are connected to although they are not public: for
    tests, which name those of their own servers. No setting leads to it.
    """

    def __init__(
        self,
        ports: Collection[int] = (HTTPS_PORT,),
        *,
        resolve: Resolve = socket.getaddrinfo,
        also: Collection[Endpoint] = (),
    ) -> None:
        self.ports = frozenset(ports)
        self._resolve = resolve
        self._also = frozenset(also)

    def dial(self, host: str, port: int, *, stop: StopToken, until: float) -> socket.socket:
        """A connection, by ``until`` of the monotonic clock. Every address of the name must be public.

        Raises UrlRefused ``url_port``, ``host_unknown`` or ``address_refused``; TransientError ``host_unresolved`` or
        ``connection_failed``; what ``stop`` asks for.
        """
        if port not in self.ports:
            raise UrlRefused(f"Port {port} is not connected to: leave it out of the URL.", code="url_port")
        found = self._look_up(host, port, stop, until)
        # All of them: a name of ours among strangers' is no accident.
        if not all(self._may(address) for _, address in found):
            raise _refused(host)
        for family, address in found[:_MOST_TRIED]:
            connection = _connect(family, address, stop, until)
            if connection is None:
                continue
            # The last word has the socket itself.
            if not self._may(connection.getpeername()):
                connection.close()
                raise _refused(host)
            return connection
        raise TransientError(f"{host} can't be connected to: try again later.", code="connection_failed")

    def _may(self, address: Any) -> bool:
        return is_public(address[0]) or (address[0], address[1]) in self._also

    def _look_up(self, host: str, port: int, stop: StopToken, until: float) -> Found:
        """In a thread of its own: getaddrinfo knows neither a limit nor a stop."""
        answers: list[Found | OSError] = []

        def ask() -> None:
            try:
                found = self._resolve(host, port, type=socket.SOCK_STREAM)
                answers.append(list(dict.fromkeys((each[0], each[4]) for each in found)))
            except UnicodeError:
                answers.append(socket.gaierror(socket.EAI_NONAME, "no name"))
            except OSError as error:
                answers.append(error)

        asking = threading.Thread(target=ask, name="look-up", daemon=True)
        asking.start()
        until = min(until, time.monotonic() + _RESOLVE_SECONDS)
        while asking.is_alive() and time.monotonic() < until:
            stop.check()
            asking.join(_TICK_SECONDS)
        answer = answers[0] if answers else TimeoutError()
        if isinstance(answer, list) and answer:
            return answer
        if isinstance(answer, socket.gaierror) and answer.errno in (socket.EAI_NONAME, socket.EAI_NODATA):
            raise UrlRefused(f"There is no host {host}: check the URL.", code="host_unknown")
        raise TransientError(f"The address of {host} can't be found now: try again later.", code="host_unresolved")


def _connect(family: int, address: Any, stop: StopToken, until: float) -> socket.socket | None:
    """None where nobody answers. Raises what ``stop`` asks for."""
    try:
        connection = socket.socket(family, socket.SOCK_STREAM)
    except OSError:  # no IPv6 here
        return None
    try:
        if _connected(connection, address, stop, min(until, time.monotonic() + _CONNECT_SECONDS)):
            return connection
    except BaseException:
        connection.close()
        raise
    connection.close()
    return None


def _connected(connection: socket.socket, address: Any, stop: StopToken, until: float) -> bool:
    connection.setblocking(False)
    begun = connection.connect_ex(address)
    if begun not in (0, errno.EINPROGRESS):
        return False
    with selectors.DefaultSelector() as selector:
        selector.register(connection, selectors.EVENT_WRITE)
        while time.monotonic() < until:
            stop.check()
            if selector.select(_TICK_SECONDS):
                return connection.getsockopt(socket.SOL_SOCKET, socket.SO_ERROR) == 0
    return False


def _refused(host: str) -> UrlRefused:
    # Which address it is tells a stranger what our network looks like.
    return UrlRefused(f"{host} is not on the public internet: only what is there is fetched.", code="address_refused")
