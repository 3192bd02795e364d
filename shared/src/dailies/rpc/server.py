"""The door itself: one gRPC server over the services that the proto has, whose methods' views are in a table."""

from __future__ import annotations

import threading
from collections.abc import Callable, Iterator
from concurrent.futures import ThreadPoolExecutor
from contextlib import contextmanager
from dataclasses import dataclass, field
from typing import Any

import grpc
from grpc_health.v1 import health, health_pb2, health_pb2_grpc
from grpc_reflection.v1alpha import reflection

from dailies.domain.errors import DailiesError, Misconfigured, RateLimited
from dailies.engine.platform import Platform
from dailies.engine.store.rates import Rates
from dailies.logs import Logger
from dailies.rpc.call import Asked, Method
from dailies.rpc.converter import cancel_conversion, convert_video, get_conversion_status
from dailies.rpc.faults import status_of
from dailies.rpc.progress import subscribe_progress, track_progress
from dailies.rpc.quality import analyze_audio, analyze_video, optimize_settings
from dailies.rpc.wire import dailies_pb2 as wire
from dailies.services.callers import caller_of, limits_of

METHODS = {
    "ConvertVideo": Method(convert_video, "jobs:write"),
    "GetConversionStatus": Method(get_conversion_status),
    "CancelConversion": Method(cancel_conversion, "jobs:write"),
    "AnalyzeVideo": Method(analyze_video),
    "AnalyzeAudio": Method(analyze_audio),
    "OptimizeSettings": Method(optimize_settings),
    "TrackProgress": Method(track_progress),
    "SubscribeProgress": Method(subscribe_progress),
}
# A stream holds a thread; the rest are for calls that are over at once.
_MAX_STREAMS = 100
_THREADS = _MAX_STREAMS + 12
# Of what is sent here: a recipe.
_MAX_MESSAGE_BYTES = 1 << 20
_BUSY_SECONDS = 5.0

log = Logger(__name__)


@dataclass(frozen=True, slots=True)
class Door:
    """``uid_of_token`` is given an ID token and App Check's, which may be empty; it raises Unauthenticated."""

    platform: Platform
    uid_of_token: Callable[[str, str], str]
    rates: Rates
    streams: threading.BoundedSemaphore = field(default_factory=lambda: threading.BoundedSemaphore(_MAX_STREAMS))

    def asked(self, method: Method, message: Any, context: grpc.ServicerContext) -> Asked:
        """The call, once its caller is known and may make it. Raises Unauthenticated, Forbidden, RateLimited."""
        sent = {name: value for name, value in context.invocation_metadata() if isinstance(value, str)}
        attested = sent.get("x-firebase-appcheck", "")
        caller = caller_of(
            self.platform,
            sent.get("authorization", ""),
            sent.get("x-api-key"),
            lambda token: self.uid_of_token(token, attested),
        )
        caller.require(method.scope)
        self.rates.ask(limits_of(self.platform.settings, caller))
        return Asked(self.platform, caller, message, context)

    @contextmanager
    def stream(self) -> Iterator[None]:
        """A stream's own thread, for as long as it is open. Raises RateLimited ``too_many_streams``."""
        if not self.streams.acquire(blocking=False):
            raise RateLimited(
                f"{_MAX_STREAMS} streams are open here: ask again soon.",
                code="too_many_streams",
                retry_after=_BUSY_SECONDS,
            )
        try:
            yield
        finally:
            self.streams.release()


def build_server(door: Door, address: str) -> tuple[grpc.Server, int]:
    """The server, not started, and the port that it has: ``address`` may ask for any with 0. Raises Misconfigured."""
    options = [("grpc.max_receive_message_length", _MAX_MESSAGE_BYTES), ("grpc.so_reuseport", 0)]
    server = grpc.server(ThreadPoolExecutor(_THREADS, "grpc"), options=options)
    services = wire.DESCRIPTOR.services_by_name.values()
    for service in services:
        handlers = {each.name: _handler(door, each) for each in service.methods}
        server.add_generic_rpc_handlers((grpc.method_handlers_generic_handler(service.full_name, handlers),))
    alive = health.HealthServicer()
    names = [service.full_name for service in services]
    for name in ("", *names):
        alive.set(name, health_pb2.HealthCheckResponse.SERVING)
    health_pb2_grpc.add_HealthServicer_to_server(alive, server)
    reflection.enable_server_reflection((*names, health.SERVICE_NAME, reflection.SERVICE_NAME), server)
    try:
        port = server.add_insecure_port(address)
    except RuntimeError as error:
        raise Misconfigured(f"{address} is taken: name another with --port.", code="port_taken") from error
    return server, port


def _handler(door: Door, described: Any) -> grpc.RpcMethodHandler:
    method = METHODS[described.name]
    sent, answered = (getattr(wire, kind.name) for kind in (described.input_type, described.output_type))
    coding = {"request_deserializer": sent.FromString, "response_serializer": answered.SerializeToString}
    if not described.server_streaming:
        return grpc.unary_unary_rpc_method_handler(_unary(door, method), **coding)
    return grpc.unary_stream_rpc_method_handler(_stream(door, method), **coding)


def _unary(door: Door, method: Method) -> Callable[[Any, grpc.ServicerContext], Any]:
    def answer(message: Any, context: grpc.ServicerContext) -> Any:
        try:
            return method.view(door.asked(method, message, context))
        except Exception as error:  # noqa: BLE001 - the boundary: each becomes a status
            _refuse(error, context)

    return answer


def _stream(door: Door, method: Method) -> Callable[[Any, grpc.ServicerContext], Iterator[Any]]:
    def answer(message: Any, context: grpc.ServicerContext) -> Iterator[Any]:
        try:
            asked = door.asked(method, message, context)
            with door.stream():
                yield from method.view(asked)
        except Exception as error:  # noqa: BLE001 - the boundary: each becomes a status
            _refuse(error, context)

    return answer


def _refuse(error: Exception, context: grpc.ServicerContext) -> None:
    if not isinstance(error, DailiesError):
        log.error("internal error", exc_info=error)
        error = DailiesError("Internal error: try again, and report it if it stays.")
    context.abort_with_status(status_of(error))
