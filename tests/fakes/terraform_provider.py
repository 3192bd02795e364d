"""A Google provider that knows the form of its resources and makes none, for ``terraform validate`` and ``test``.

Speaks tfplugin5 to a Terraform that is told of it by TF_REATTACH_PROVIDERS; what it knows is made by
record_google_provider.py.
"""

from __future__ import annotations

import json
from collections.abc import Iterator, Mapping
from concurrent.futures import ThreadPoolExecutor
from contextlib import contextmanager
from pathlib import Path
from typing import Any

import grpc

RECORDED = Path(__file__).with_name("google_provider.json")
_NESTING = {"single": 1, "list": 2, "set": 3, "map": 4}
_SOURCE = "hashicorp/google"


def _varint(number: int) -> bytes:
    out = bytearray()
    while number > 0x7F:
        out.append(number & 0x7F | 0x80)
        number >>= 7
    return bytes([*out, number])


def _field(number: int, value: bytes | str | int | bool) -> bytes:
    """One field of a protobuf message."""
    if isinstance(value, int):
        return _varint(number << 3) + _varint(int(value)) if value else b""
    raw = value.encode() if isinstance(value, str) else value
    return _varint(number << 3 | 2) + _varint(len(raw)) + raw


def _block(block: Mapping[str, Any]) -> bytes:
    attributes = [
        _field(
            2,
            _field(1, name)
            + _field(2, json.dumps(each["type"]))
            + _field(4, each.get("required", False))
            + _field(5, each.get("optional", False))
            + _field(6, each.get("computed", False)),
        )
        for name, each in block["attributes"].items()
    ]
    nested = [
        _field(
            3,
            _field(1, name)
            + _field(2, _block(each))
            + _field(3, _NESTING[each["nesting"]])
            + _field(4, each.get("min", 0))
            + _field(5, each.get("max", 0)),
        )
        for name, each in block["blocks"].items()
    ]
    return b"".join([*attributes, *nested])


def _schema(block: Mapping[str, Any]) -> bytes:
    return _field(2, _block(block))


PROVIDER: Mapping[str, Any] = {
    "attributes": {
        **{name: {"type": "string", "optional": True} for name in ("project", "region", "billing_project")},
        "user_project_override": {"type": "bool", "optional": True},
        "default_labels": {"type": ["map", "string"], "optional": True},
    },
    "blocks": {},
}


class _Provider(grpc.GenericRpcHandler):  # type: ignore[misc]
    def __init__(self, known: Mapping[str, Any]) -> None:
        entries = [
            _field(number, _field(1, name) + _field(2, _schema(block)))
            for number, kind in ((2, "resource"), (3, "data"))
            for name, block in known[kind].items()
        ]
        self._schemas = _field(1, _schema(PROVIDER)) + b"".join(entries)

    def service(self, details: Any) -> grpc.RpcMethodHandler | None:
        service, _, method = details.method.lstrip("/").partition("/")
        if service != "tfplugin5.Provider":
            return None
        return grpc.unary_unary_rpc_method_handler(
            lambda request, _context: self._answer(method, request), lambda raw: raw, lambda raw: raw
        )

    def _answer(self, method: str, request: bytes) -> bytes:
        if method == "GetSchema":
            return self._schemas
        # The prepared configuration is the given one, under the same number.
        return request if method == "PrepareProviderConfig" else b""


@contextmanager
def google_provider(schema: Path = RECORDED) -> Iterator[Mapping[str, str]]:
    """Serve it until the block ends; gives the environment that tells Terraform of it."""
    server = grpc.server(ThreadPoolExecutor(4))
    server.add_generic_rpc_handlers((_Provider(json.loads(schema.read_text())),))
    port = server.add_insecure_port("127.0.0.1:0")
    server.start()
    address = {"Network": "tcp", "String": f"127.0.0.1:{port}"}
    told = {_SOURCE: {"Protocol": "grpc", "ProtocolVersion": 5, "Pid": 1, "Test": True, "Addr": address}}
    try:
        yield {"TF_REATTACH_PROVIDERS": json.dumps(told)}
    finally:
        server.stop(None).wait()
