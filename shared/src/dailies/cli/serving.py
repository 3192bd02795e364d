"""``up``: the local server, for as long as it is wanted."""

from __future__ import annotations

from dailies.cli.console import Console
from dailies.domain.errors import Misconfigured
from dailies.services.diagnosis.extras import UP


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
