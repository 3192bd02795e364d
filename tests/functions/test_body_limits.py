"""No door reads more of a body than its limit, or waits for ever for one that doesn't come."""

from __future__ import annotations

import io
from pathlib import Path
from typing import Any

import functions_framework
import pytest
from flask import Flask
from werkzeug.test import EnvironBuilder

from dailies.engine.platform import Platform
from tests.functions.serving import GUARD, TYPES, Wire, routes, run, up as up, wire as wire  # noqa: PLC0414 - fixtures

FUNCTIONS = Path(__file__).parents[2] / "functions"
MIB = 1 << 20


class Endless(io.RawIOBase):
    """A body that never ends, and counts what is taken of it."""

    def __init__(self) -> None:
        self.taken = 0

    def readable(self) -> bool:
        return True

    def readinto(self, buffer: Any) -> int:
        self.taken += len(buffer)
        assert self.taken < 8 * MIB, "more than any limit was read"
        return len(buffer)


def test_no_route_reads_more_than_its_limit(up: Flask) -> None:
    """A body without a length, which nothing but the reader bounds: neither in memory nor on disk."""
    for method, rule in routes(up):
        path = rule.replace("<path:name>", "a").replace("<token>", "0" * 32).replace("<", "").replace(">", "")
        for content_type in TYPES:
            status, taken = flood(up, method, path, content_type)
            assert status < 500, (method, path, content_type)
            assert taken <= 2 * MIB, (method, path)


def flood(app: Flask, method: str, path: str, content_type: str) -> tuple[int, int]:
    """The status of an answer to a body without an end, and how much of it was read."""
    body = Endless()
    environ = EnvironBuilder(method=method, path=path, headers=[("Content-Type", content_type)]).get_environ()
    chunked = {"HTTP_TRANSFER_ENCODING": "chunked", "wsgi.input_terminated": True, "wsgi.input": body}
    status, _ = run(app, {**environ, **chunked, "HTTP_AUTHORIZATION": f"Bearer {GUARD}"})
    return status, body.taken


@pytest.mark.parametrize(
    "name", ["createUpload", "api", "cancelJob", "advance", "runStep", "deliver", "sweep", "onUpload"]
)
@pytest.mark.parametrize("method", ["GET", "POST", "PUT", "OPTIONS"])
def test_neither_does_the_clouds_own_runtime(
    platform: Platform, monkeypatch: pytest.MonkeyPatch, name: str, method: str
) -> None:
    """functions-framework reads a body to its end after the function has answered, and one of an event before it."""
    event = name == "onUpload"
    monkeypatch.setenv("FUNCTION_SIGNATURE_TYPE", "cloudevent" if event else "http")
    create_app: Any = functions_framework.create_app
    app = create_app(name, str(FUNCTIONS / "main.py"))
    for content_type in TYPES:
        status, taken = flood(app, method, "/", content_type)
        # What is no event at all never reaches our function: its runtime says what it says.
        assert status < 500 or event, content_type
        assert taken <= 2 * MIB, content_type


CHUNKED = b"HTTP/1.1\r\nHost: localhost\r\nTransfer-Encoding: chunked\r\nContent-Type: application/json\r\n\r\n"


@pytest.mark.parametrize("chunk", [b"zz\r\n{}\r\n", b"-5\r\n", b"5\r\n{}", b"\r\n\r\n", b"ffffffffffffffffff\r\nx"])
@pytest.mark.parametrize("path", [b"POST /createUpload ", b"POST /sweep ", b"POST /onUpload ", b"PUT /resumable/x "])
def test_a_chunk_that_is_none_is_a_bad_request(wire: Wire, path: bytes, chunk: bytes) -> None:
    assert wire.send(path + CHUNKED, chunk, b"0\r\n\r\n", b"").startswith(b"HTTP/1.1 4")


@pytest.mark.parametrize("sent", [b"5\r\nab", b"ffffffffffffffffff\r\nab", b"2\r\nab\r\n9\r\nab"])
def test_a_body_that_ends_within_a_chunk_is_no_longer_than_it_is(sent: bytes) -> None:
    from dailies.up.server import Chunks

    with pytest.raises(OSError, match="within a chunk"):
        Chunks(io.BytesIO(sent)).read(1 << 16)
    assert Chunks(io.BytesIO(b"2\r\nab\r\n1\r\nc\r\n0\r\n\r\n")).read(1 << 16) == b"abc"


def test_a_client_without_a_word_is_given_up(wire: Wire, monkeypatch: pytest.MonkeyPatch) -> None:
    """Whatever it had begun: its thread is not kept for ever."""
    from dailies.up import server

    monkeypatch.setattr(server.Handler, "timeout", 0.2)
    assert wire.send(b"", done=False) == b""
    assert wire.send(b"POST /createUpload HTTP/1.1\r\nHost: localhost\r\nContent-Le", done=False) == b""
    asked = b"POST /createUpload HTTP/1.1\r\nHost: localhost\r\nContent-Type: application/json\r\n"
    assert wire.send(asked, b"Content-Length: 9\r\n\r\n{", done=False).startswith(b"HTTP/1.1 400")
