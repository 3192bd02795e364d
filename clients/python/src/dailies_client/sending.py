"""Sends one call of the API, again where that may help."""

from __future__ import annotations

import json
import random
import uuid
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from typing import Any

import httpx

from dailies_client.effects import Answer, Call, Close, Flow, Pause
from dailies_client.errors import ApiError, ConnectionFailed, api_error

RETRIED = frozenset({408, 429, 500, 502, 503, 504})
#: A server that asks for a longer pause is believed, and its refusal raised.
LONGEST_PAUSE_SECONDS = 60.0
FIRST_PAUSE_SECONDS = 0.5


Credential = str | Callable[[], str]
"""An API key, or what gives an ID token of Firebase's that is still good: they end after an hour."""


@dataclass(frozen=True, slots=True)
class Sender:
    """``retries`` is how often a call is sent again."""

    base: str
    credential: Credential = field(repr=False)
    retries: int = 2

    def call(
        self,
        method: str,
        path: str,
        body: Any = None,
        params: Mapping[str, str] | None = None,
        *,
        idempotency_key: str | None = None,
        headers: Mapping[str, str] | None = None,
        stream: bool = False,
        read_seconds: float = 60.0,
    ) -> Flow[Answer]:
        """The answer below 400; raises ApiError and ConnectionFailed. Every POST has an Idempotency-Key."""
        token = self.credential if isinstance(self.credential, str) else self.credential()
        told = {"Authorization": f"Bearer {token}", **(headers or {})}
        if method == "POST":
            told["Idempotency-Key"] = idempotency_key or str(uuid.uuid4())
        asked = Call(
            method,
            f"{self.base}{path}",
            headers=told,
            params=params,
            json=body,
            stream=stream,
            read_seconds=read_seconds,
        )
        return (yield from with_retries(asked, self.retries))

    def json(
        self,
        method: str,
        path: str,
        body: Any = None,
        params: Mapping[str, str] | None = None,
        *,
        idempotency_key: str | None = None,
    ) -> Flow[Any]:
        """The answer's document."""
        answer = yield from self.call(method, path, body, params, idempotency_key=idempotency_key)
        return json.loads(answer.body)


def with_retries(asked: Call, retries: int) -> Flow[Answer]:
    """The answer below 400 of a call that may be repeated. Raises ApiError and ConnectionFailed."""
    tries = 0
    while True:
        try:
            answer: Answer = yield asked
        except httpx.TransportError as error:
            if tries >= retries:
                raise ConnectionFailed(f"No answer came from {httpx.URL(asked.url).host}: {error}") from error
            seconds = backoff(tries)
        else:
            if answer.status < 400:
                return answer
            error_ = refusal(answer)
            if answer.opened is not None:
                yield Close(answer)
            pause = _pause(error_, tries)
            if tries >= retries or pause is None:
                raise error_
            seconds = pause
        tries += 1
        yield Pause(seconds)


def refusal(answer: Answer) -> ApiError:
    """The error that an answer is."""
    try:
        found = json.loads(answer.body)
    except ValueError:
        found = None
    after = answer.headers.get("retry-after", "")
    seconds = float(after) if after.isdigit() else None
    return api_error(answer.status, found if isinstance(found, dict) else {}, seconds)


def backoff(tries: int) -> float:
    """Seconds: doubled each time, less up to a quarter, so that clients don't come all at once."""
    return float(min(FIRST_PAUSE_SECONDS * 2**tries, 15.0) * random.uniform(0.75, 1))  # noqa: S311 - no secret


def _pause(error: ApiError, tries: int) -> float | None:
    """Seconds to wait; None where another try can't help."""
    if error.status not in RETRIED and error.code != "idempotency_in_flight":
        return None
    if error.retry_after is None:
        # A limit of a day's, say, which only time lifts.
        return None if error.code == "quota_exceeded" else backoff(tries)
    return error.retry_after if error.retry_after <= LONGEST_PAUSE_SECONDS else None
