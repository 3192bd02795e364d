"""A gRPC server of a process: beside `dailies up`, or all that a service of Cloud Run does."""

from __future__ import annotations

import signal
from collections.abc import Callable, Iterator
from contextlib import contextmanager

from dailies.adapters.gcp.identity import FirebaseUsers
from dailies.bootstrap import build_cloud
from dailies.domain.stop import StopToken
from dailies.engine.platform import Platform
from dailies.engine.store.rates import Rates
from dailies.rpc.server import Door, build_server
from dailies.settings import Settings

# Cloud Run kills ten seconds behind its SIGTERM.
_GRACE_SECONDS = 8.0


@contextmanager
def grpc_beside(platform: Platform, address: str, uid_of_token: Callable[[str, str], str]) -> Iterator[int]:
    """Serve within the block; gives the port. Raises Misconfigured for one that is taken."""
    server, port = build_server(Door(platform, uid_of_token, Rates(platform)), address)
    server.start()
    try:
        yield port
    finally:
        server.stop(_GRACE_SECONDS).wait()


def serve_cloud(settings: Settings, port: int, say: Callable[[int], None]) -> None:
    """Serve the cloud's platform to whoever reaches this process, until SIGTERM or SIGINT. Raises Misconfigured."""
    platform = build_cloud(settings).platform
    users = FirebaseUsers(settings.require_app_check, settings.allow_anonymous)
    stop = StopToken()
    for number in (signal.SIGINT, signal.SIGTERM):
        signal.signal(number, lambda *_: stop.set("interrupted"))
    # Cloud Run has TLS in front of it.
    with grpc_beside(platform, f"[::]:{port}", users.uid_of_token) as found:
        say(found)
        stop.wait()
