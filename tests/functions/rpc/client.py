"""A client of the gRPC door, by what a client has: the address, the messages and the names in the proto."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager
from typing import Any

import grpc
from google.rpc import error_details_pb2
from grpc_status import rpc_status

from dailies.rpc.wire import dailies_pb2 as wire


class Rpc:
    """Calls methods by their names, as whom ``metadata`` says."""

    def __init__(self, channel: grpc.Channel, metadata: Mapping[str, str]) -> None:
        self._channel = channel
        self._metadata = tuple(metadata.items())

    def as_(self, **metadata: str) -> Rpc:
        """The same with other metadata; underscores stand for hyphens."""
        return Rpc(self._channel, {name.replace("_", "-"): value for name, value in metadata.items()})

    def __call__(self, name: str, timeout: float = 30, **fields: Any) -> Any:
        return self._method(name)(self.message(name, **fields), timeout=timeout, metadata=self._metadata)

    def refused(self, name: str, **fields: Any) -> tuple[str, str]:
        """The status and our code, of a call or a stream that is refused."""
        try:
            answer = self(name, **fields)
            if isinstance(answer, Iterator):
                list(answer)
        except grpc.RpcError as error:
            return error.code().name, reason_of(error)
        raise AssertionError(f"{name} was answered")

    def message(self, name: str, **fields: Any) -> Any:
        return getattr(wire, _described(name).input_type.name)(**fields)

    def _method(self, name: str) -> Callable[..., Any]:
        described = _described(name)
        call = self._channel.unary_stream if described.server_streaming else self._channel.unary_unary
        path = f"/{described.containing_service.full_name}/{name}"
        answered = getattr(wire, described.output_type.name)
        made: Callable[..., Any] = call(
            path, request_serializer=lambda message: message.SerializeToString(),
            response_deserializer=answered.FromString,
        )  # fmt: skip
        return made


def reason_of(error: grpc.RpcError) -> str:
    """Our code, as ErrorInfo has it."""
    status = rpc_status.from_call(error)
    assert status is not None, error
    info = error_details_pb2.ErrorInfo()
    assert status.details[0].Unpack(info)
    assert info.domain == "dailies"
    return str(info.reason).lower()


@contextmanager
def connected(address: str, **metadata: str) -> Iterator[Rpc]:
    with grpc.insecure_channel(address) as channel:
        yield Rpc(channel, metadata)


def _described(name: str) -> Any:
    services = wire.DESCRIPTOR.services_by_name.values()
    return next(each for service in services for each in service.methods if each.name == name)
