"""`dailies up`: everything together, from the port to the last worker."""

from __future__ import annotations

import logging
import os
import signal
import threading
from collections.abc import Callable, Iterator, Mapping
from contextlib import ExitStack, contextmanager
from dataclasses import replace
from functools import partial
from typing import IO, Any, cast

from werkzeug.serving import BaseWSGIServer, DechunkedInput, WSGIRequestHandler, make_server

from dailies.adapters.local.homes import only_server
from dailies.adapters.local.objects.signed_urls import LocalSignedUrls, signing_key
from dailies.bootstrap import Local, local
from dailies.domain.errors import Misconfigured
from dailies.domain.stop import StopToken
from dailies.engine.platform import Platform
from dailies.engine.scratch import remove_dead_scratch
from dailies.services.upkeep.housekeeping import collect_if_due, end_stale_uploads
from dailies.services.upload_begun import upload_begun
from dailies.up.app import build_app
from dailies.up.bucket import Bucket
from dailies.up.deployment import end_work
from dailies.up.dispatcher import Dispatcher
from dailies.up.emulators import Emulators, emulators
from dailies.up.identity import PROJECT, accept_unsigned_tokens, platform_token, require_loopback, uid_of

_END_AGAIN_SECONDS = 0.2


class Chunks(DechunkedInput):
    """A body that comes in chunks. Raises OSError when it ends within one.

    werkzeug's own then shrinks the buffer that it is to fill and tells of a full one: Python reads on behind its end.
    """

    def readinto(self, buf: Any) -> int:
        try:
            return super().readinto(memoryview(buf))  # type: ignore[arg-type]  # which nobody can shrink
        except ValueError as error:
            raise OSError("the body ends within a chunk") from error


class Handler(WSGIRequestHandler):
    """Gives a client up that says nothing for a minute: it has left without a word."""

    timeout = 60

    def make_environ(self) -> dict[str, Any]:
        environ = super().make_environ()
        if isinstance(environ["wsgi.input"], DechunkedInput):
            environ["wsgi.input"] = Chunks(cast("IO[bytes]", self.rfile))
        return environ


Say = Callable[[Mapping[str, str], str], None]


def serve(host: str, port: int, say: Say, *, emulated: bool = False, grpc_port: int | None = None) -> None:
    """Serve until SIGINT or SIGTERM; port 0 takes a free one. ``say`` gets the addresses once it listens.

    Jobs that are under way then go on with the next start. With ``emulated``, Firebase's emulators are started for
    auth and Firestore, and what Firestore has of the jobs ends with them. With ``grpc_port``, 0 for any free one, gRPC
    is served beside. Raises Misconfigured.
    """
    require_loopback(host)
    # One line per request is for --debug.
    logging.getLogger("werkzeug").setLevel(logging.ERROR)
    with ExitStack() as stack:
        found = stack.enter_context(emulators(PROJECT)) if emulated else None
        if found is not None:
            # Google's clients here, and those of the workers, which inherit it.
            os.environ["FIRESTORE_EMULATOR_HOST"] = found.firestore
            os.environ["DAILIES_EMULATED_PROJECT"] = PROJECT
        built = stack.enter_context(local())
        tell = stack.enter_context(only_server(built.platform.settings.home))
        server = stack.enter_context(listen(host, port))
        base = f"http://{_spelled(host)}:{server.port}"
        tell(base)
        _serve(built, server, base, say, found, grpc_port)


def _serve(
    built: Local, server: BaseWSGIServer, base: str, say: Say, found: Emulators | None, grpc_port: int | None
) -> None:
    host = server.host
    accept_unsigned_tokens(found.auth if found else f"{host}:{server.port}")
    home = built.platform.settings.home
    key = signing_key(home / "signing.key")
    token = platform_token(key)
    urls = LocalSignedUrls(base, key)
    workers = built.pool()
    settings = built.platform.settings.model_copy(update={"share_url": base})
    platform = replace(built.platform, settings=settings, urls=urls, workers=workers)
    bucket = Bucket(base, built.objects, built.tasks, urls, built.uploads, partial(upload_begun, platform))
    server.app = build_app(base, platform, bucket, token)
    dispatcher = Dispatcher((host, server.port), token, platform, built.tasks, workers)

    def housekeeping() -> None:
        end_stale_uploads(platform)
        collect_if_due(platform, built.objects)

    stop = StopToken()
    dispatching = threading.Thread(target=dispatcher.run, args=(stop, housekeeping), name="dispatcher")
    serving = threading.Thread(target=server.serve_forever, name="server", daemon=True)
    for number in (signal.SIGINT, signal.SIGTERM):
        signal.signal(number, lambda *_: stop.set("interrupted"))
    serving.start()
    dispatching.start()
    try:
        with ExitStack() as stack:
            rpc = None if grpc_port is None else stack.enter_context(_grpc(platform, host, grpc_port))
            _say(say, base, found, rpc)
            stop.wait()
    finally:
        stop.set("interrupted")
        while dispatching.is_alive():
            # It may just be calling for another step.
            end_work()
            dispatching.join(_END_AGAIN_SECONDS)
        server.shutdown()
        workers.join()
        server.server_close()
        remove_dead_scratch(platform)


def _say(say: Say, base: str, found: Emulators | None, rpc: str | None) -> None:
    document = {"url": base}
    text = f"Dailies is up at {base} (development identities, this machine only). Ctrl-C ends it."
    if found is not None:
        document |= {"auth": found.auth, "firestore": found.firestore}
        text += f"\nEmulators of the project {PROJECT}: auth at {found.auth}, Firestore at {found.firestore}."
    if rpc is not None:
        document["grpc"] = rpc
        text += f"\ngRPC at {rpc}, without TLS."
    say(document, text)


@contextmanager
def _grpc(platform: Platform, host: str, port: int) -> Iterator[str]:
    """The gRPC door on another port; gives its address."""
    from dailies.rpc.serving import grpc_beside

    with grpc_beside(platform, f"{_spelled(host)}:{port}", lambda token, _: uid_of(token)) as found:
        yield f"{_spelled(host)}:{found}"


def listen(host: str, port: int) -> BaseWSGIServer:
    # The application needs the address, which a free port has only now.
    try:
        return make_server(host, port, lambda *_: [], threaded=True, request_handler=Handler)
    except (OSError, SystemExit) as error:
        raise Misconfigured(f"Port {port} is taken: name another with --port.", code="port_taken") from error


def _spelled(host: str) -> str:
    return f"[{host}]" if ":" in host else host
