"""Python runs this before a command that a test starts with this folder on its path: it may then reach the test's site.

It is how a process gets what its constructor would be given: no setting of Dailies' own opens its loopback.
"""

from __future__ import annotations

import json
import os
import socket
import ssl

from dailies.adapters.web.dialing import Dialer
from dailies.adapters.web.egress import GuardedEgress
from dailies.bootstrap import parts
from dailies.settings import Settings

_SITE = json.loads(os.environ["TEST_SITE"])


def _look_up(host: str, port: int, **_: object) -> list[tuple[object, ...]]:
    here = "127.0.0.1" if host == "media.test" else host
    return list(socket.getaddrinfo(here, port, type=socket.SOCK_STREAM, flags=socket.AI_NUMERICHOST))


def _egress(settings: Settings) -> GuardedEgress:
    dialer = Dialer(settings.fetch_ports, resolve=_look_up, also={("127.0.0.1", _SITE["port"])})
    return GuardedEgress(dialer, ssl.create_default_context(cafile=_SITE["root"]))


parts.egress = _egress
