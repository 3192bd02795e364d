"""``up``: the local server, for as long as it is wanted."""

from __future__ import annotations

from dailies.cli.console import Console
from dailies.domain.errors import Misconfigured
from dailies.services.diagnosis.extras import GRPC, UP
from dailies.settings import read_settings


def serve_up(console: Console, host: str, port: int, *, emulators: bool) -> None:
    """Raises Misconfigured, also where the server's libraries are not installed."""
    try:
        from dailies.up.server import serve
    except ImportError as error:
        raise Misconfigured(
            f"`dailies up` needs {error.name}, which is not installed: {UP.remedy} up.",
            code="not_installed",
        ) from error
    serve(host, port, console.emit, emulated=emulators)


def serve_grpc(console: Console, host: str, port: int) -> None:
    """The gRPC door: the cloud's alone where a project is set, else beside all that `dailies up` serves.

    Raises Misconfigured, also where its libraries are not installed.
    """
    settings = read_settings()
    try:
        from dailies.rpc.serving import serve_cloud
        from dailies.up.server import serve
    except ImportError as error:
        raise Misconfigured(
            f"`dailies grpc` needs {error.name}, which is not installed: {GRPC.remedy}.", code="not_installed"
        ) from error
    if settings.project is None:
        serve(host, 0, console.emit, grpc_port=port)
    else:
        serve_cloud(settings, port, lambda found: console.emit({"grpc": f"[::]:{found}"}, f"gRPC on port {found}."))
