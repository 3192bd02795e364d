"""How a request that takes too long is broken off."""

from __future__ import annotations

import http.client
import socket
import threading
from pathlib import Path

from dailies.adapters.openai.http_post import _break_off
from tests.fakes.certificates import make_authority


def test_breaking_off_leaves_what_is_sent_under_tls(tmp_path: Path) -> None:
    """The thread that sends may be in the midst of the key or the sound: no byte of it may follow in clear text."""
    authority = make_authority(tmp_path, "localhost")
    ours, theirs = socket.socketpair()
    server = threading.Thread(target=lambda: authority.serving().wrap_socket(theirs, server_side=True).close())
    server.start()
    connection = http.client.HTTPConnection("localhost")
    with authority.trust().wrap_socket(ours, server_hostname="localhost") as secured:
        connection.sock = secured
        _break_off(connection)
        assert secured.version() is not None
    server.join()
