"""Run the client's logic: on a thread, or in an event loop. Whatever a flow has opened is closed at its end."""

from __future__ import annotations

import time
from collections.abc import AsyncGenerator, Generator
from contextlib import AsyncExitStack, ExitStack
from typing import Any, TypeVar

import anyio
import anyio.to_thread
import httpx

from dailies_client.effects import (
    Answer,
    Call,
    Close,
    Effect,
    Emit,
    Flow,
    NextLine,
    Pause,
    ReadPiece,
    SaveChunks,
    read_piece,
)

T = TypeVar("T")
_Client = httpx.Client | httpx.AsyncClient


class Step:
    """Moves a flow from effect to effect; ``result`` is what it returned."""

    def __init__(self, flow: Flow[Any]) -> None:
        self.flow = flow
        self.result: Any = None
        self.effect: Effect | None = None
        self.answer(None)

    def answer(self, value: Any) -> None:
        try:
            self.effect = self.flow.send(value)
        except StopIteration as end:
            self.effect, self.result = None, end.value

    def fail(self, error: Exception) -> None:
        try:
            self.effect = self.flow.throw(error)
        except StopIteration as end:
            self.effect, self.result = None, end.value


def run(http: httpx.Client, flow: Flow[T]) -> T:
    """What the flow returns."""
    step = Step(flow)
    with ExitStack() as opened:
        while step.effect is not None:
            _answer(http, step, opened)
    result: T = step.result
    return result


def iterate(http: httpx.Client, flow: Flow[None]) -> Generator[Any, None, None]:
    """What the flow emits."""
    step = Step(flow)
    with ExitStack() as opened:
        while step.effect is not None:
            if isinstance(step.effect, Emit):
                yield step.effect.item
                step.answer(None)
            else:
                _answer(http, step, opened)


async def run_async(http: httpx.AsyncClient, flow: Flow[T]) -> T:
    """What the flow returns."""
    step = Step(flow)
    async with AsyncExitStack() as opened:
        while step.effect is not None:
            await _answer_async(http, step, opened)
    result: T = step.result
    return result


async def iterate_async(http: httpx.AsyncClient, flow: Flow[None]) -> AsyncGenerator[Any, None]:
    """What the flow emits."""
    step = Step(flow)
    async with AsyncExitStack() as opened:
        while step.effect is not None:
            if isinstance(step.effect, Emit):
                yield step.effect.item
                step.answer(None)
            else:
                await _answer_async(http, step, opened)


def _answer(http: httpx.Client, step: Step, opened: ExitStack) -> None:
    try:
        value = _perform(http, step.effect, opened)
    except httpx.TransportError as error:
        step.fail(error)
    else:
        step.answer(value)


async def _answer_async(http: httpx.AsyncClient, step: Step, opened: AsyncExitStack) -> None:
    try:
        value = await _perform_async(http, step.effect, opened)
    except httpx.TransportError as error:
        step.fail(error)
    else:
        step.answer(value)


def _perform(http: httpx.Client, effect: Effect | None, opened: ExitStack) -> Any:
    match effect:
        case Call():
            response = http.send(_request(http, effect), stream=True, follow_redirects=False)
            opened.callback(response.close)
            if effect.stream and response.status_code < 400:
                return Answer(response.status_code, response.headers, opened=(response, response.iter_lines()))
            return Answer(response.status_code, response.headers, response.read())
        case NextLine(answer):
            return next(answer.opened[1], None)
        case SaveChunks(answer, path, append):
            with path.open("ab" if append else "wb") as file:
                for chunk in answer.opened[0].iter_bytes():
                    file.write(chunk)
        case Close(answer):
            answer.opened[0].close()
        case ReadPiece():
            return read_piece(effect)
        case Pause(seconds):
            time.sleep(seconds)
    return None


async def _perform_async(http: httpx.AsyncClient, effect: Effect | None, opened: AsyncExitStack) -> Any:
    match effect:
        case Call():
            response = await http.send(_request(http, effect), stream=True, follow_redirects=False)
            opened.push_async_callback(response.aclose)
            if effect.stream and response.status_code < 400:
                return Answer(response.status_code, response.headers, opened=(response, response.aiter_lines()))
            return Answer(response.status_code, response.headers, await response.aread())
        case NextLine(answer):
            return await anext(answer.opened[1], None)
        case SaveChunks(answer, path, append):
            async with await anyio.open_file(path, "ab" if append else "wb") as file:
                async for chunk in answer.opened[0].aiter_bytes():
                    await file.write(chunk)
        case Close(answer):
            await answer.opened[0].aclose()
        case ReadPiece():
            return await anyio.to_thread.run_sync(read_piece, effect)
        case Pause(seconds):
            await anyio.sleep(seconds)
    return None


def _request(http: _Client, call: Call) -> httpx.Request:
    return http.build_request(
        call.method,
        call.url,
        headers=dict(call.headers),
        params=call.params,
        json=call.json,
        content=call.content,
        timeout=httpx.Timeout(call.read_seconds, connect=10.0),
    )
