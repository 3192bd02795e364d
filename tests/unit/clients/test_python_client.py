"""What the Python client sends again and what it raises, in both forms; answers come from this process."""

from __future__ import annotations

import asyncio
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import httpx
import pytest

from dailies_client import (
    ApiError,
    AsyncDailies,
    BadRequest,
    ConnectionFailed,
    Dailies,
    JobFailed,
    ServerError,
    TooManyRequests,
    UploadFailed,
    UploadSession,
)

BASE = "http://dailies.test/api/v1"
JOB = {"job_id": "j", "status": "completed", "error": None}
Answers = Iterator[httpx.Response | Exception]
Ask = Callable[[str, Answers], tuple[Any, list[httpx.Request]]]


def _sync(name: str, answers: Answers) -> tuple[Any, list[httpx.Request]]:
    seen: list[httpx.Request] = []
    transport = httpx.MockTransport(_served(answers, seen))
    with Dailies(BASE, lambda: "token", http=httpx.Client(transport=transport)) as client:
        calls: dict[str, Callable[[], Any]] = {
            "get": lambda: client.jobs.get("j"),
            "create": lambda: client.jobs.create({"kind": "url", "url": "https://a.test"}),
            "events": lambda: list(client.jobs.events("j", after=1)),
            "wait": lambda: client.jobs.wait("j"),
            "list": lambda: list(client.jobs.list(state="completed")),
            "items": lambda: list(client.batches.items("b")),
            "request": lambda: client.request("POST", "/keys", {"name": "n"}, idempotency_key="k"),
        }
        return calls[name](), seen


def _async(name: str, answers: Answers) -> tuple[Any, list[httpx.Request]]:
    seen: list[httpx.Request] = []
    transport = httpx.MockTransport(_served(answers, seen))

    async def ask() -> Any:
        async with AsyncDailies(BASE, lambda: "token", http=httpx.AsyncClient(transport=transport)) as client:
            match name:
                case "get":
                    return await client.jobs.get("j")
                case "create":
                    return await client.jobs.create({"kind": "url", "url": "https://a.test"})
                case "events":
                    return [event async for event in client.jobs.events("j", after=1)]
                case "wait":
                    return await client.jobs.wait("j")
                case "items":
                    return [item async for item in client.batches.items("b")]
                case "request":
                    return await client.request("POST", "/keys", {"name": "n"}, idempotency_key="k")
            return [job async for job in client.jobs.list(state="completed")]

    return asyncio.run(ask()), seen


def _served(answers: Answers, seen: list[httpx.Request]) -> Callable[[httpx.Request], httpx.Response]:
    def served(request: httpx.Request) -> httpx.Response:
        seen.append(request)
        answer = next(answers)
        if isinstance(answer, Exception):
            raise answer
        return answer

    return served


@pytest.fixture(params=[_sync, _async], ids=["sync", "async"])
def ask(request: pytest.FixtureRequest) -> Ask:
    found: Ask = request.param
    return found


@pytest.fixture(autouse=True)
def _at_once(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("dailies_client.sending.FIRST_PAUSE_SECONDS", 0.0)


def _problem(status: int, code: str, **headers: str) -> httpx.Response:
    told = {name.replace("_", "-"): value for name, value in headers.items()}
    return httpx.Response(status, json={"code": code, "detail": "So.", "status": status, "field": "f"}, headers=told)


def test_what_passes_is_asked_again_under_one_key(ask: Ask) -> None:
    answers = [_problem(503, "unavailable"), _problem(409, "idempotency_in_flight", Retry_After="0")]
    found, seen = ask("create", iter([*answers, httpx.Response(202, json=JOB)]))
    assert found == JOB
    assert len({request.headers["Idempotency-Key"] for request in seen}) == 1
    assert [request.headers["Authorization"] for request in seen] == ["Bearer token"] * 3


def test_two_retries_are_all(ask: Ask) -> None:
    with pytest.raises(ServerError) as met:
        ask("get", iter([_problem(500, "internal")] * 3))
    assert (met.value.status, met.value.code, met.value.details) == (500, "internal", {"field": "f"})
    with pytest.raises(ConnectionFailed):
        ask("get", iter([httpx.ConnectError("refused")] * 3))


@pytest.mark.parametrize(
    ("status", "code", "after"),
    [(422, "key_reused", None), (409, "conflict", None), (429, "quota_exceeded", None), (429, "rate_limited", "3600")],
)
def test_what_does_not_pass_is_raised_at_once(ask: Ask, status: int, code: str, after: str | None) -> None:
    headers = {} if after is None else {"Retry_After": after}
    with pytest.raises(ApiError) as met:
        ask("create", iter([_problem(status, code, **headers)]))
    assert met.value.code == code
    assert isinstance(met.value, TooManyRequests) == (status == 429)
    assert isinstance(met.value, BadRequest) == (status == 422)


def test_an_answer_that_is_no_problem_document_is_told_by_its_status(ask: Ask) -> None:
    with pytest.raises(BadRequest, match="The server answered 413"):
        ask("get", iter([httpx.Response(413, text="<html>too large")]))


def test_a_list_goes_on_page_by_page(ask: Ask) -> None:
    pages = [{"jobs": [{"job_id": "a"}], "next_cursor": "c"}, {"jobs": [{"job_id": "b"}], "next_cursor": None}]
    found, seen = ask("list", iter([httpx.Response(200, json=page) for page in pages]))
    assert [job["job_id"] for job in found] == ["a", "b"]
    assert [request.url.params.get("cursor") for request in seen] == [None, "c"]


def test_events_go_on_behind_the_last_one_that_came(ask: Ask) -> None:
    first = 'retry: 0\n\nid: 2\nevent: job.queued\ndata: {}\n\nevent: progress\ndata: {"progress": 5}\n\n: here\n\n'
    second = "retry: 0\n\nid: 3\nevent: job.completed\ndata: {}\n\n"
    answers: list[httpx.Response | Exception] = [
        httpx.Response(200, text=first),
        _problem(503, "unavailable"),
        httpx.ReadError("cut"),
    ]
    found, seen = ask("events", iter([*answers, httpx.Response(200, text=second), httpx.Response(204)]))
    assert [(event.id, event.name, event.progress) for event in found] == [
        (2, "job.queued", None),
        (None, "progress", 5),
        (3, "job.completed", None),
    ]
    assert [request.headers["Last-Event-ID"] for request in seen] == ["1", "2", "2", "2", "3"]


def test_a_job_that_failed_is_an_error_with_its_reason(ask: Ask) -> None:
    failed = {**JOB, "status": "failed", "error": {"code": "no_audio", "message": "There is none."}}
    with pytest.raises(JobFailed, match="no_audio") as met:
        ask("wait", iter([httpx.Response(204), httpx.Response(200, json=failed)]))
    assert (met.value.job_id, met.value.code) == ("j", "no_audio")


def test_a_batch_s_items_come_page_by_page(ask: Ask) -> None:
    pages = [{"items": [{"index": 0}, {"index": 1}], "next_page": 1}, {"items": [{"index": 2}], "next_page": None}]
    found, asked = ask("items", iter([httpx.Response(200, json=page) for page in pages]))
    assert [item["index"] for item in found] == [0, 1, 2]
    assert [request.url.params["page"] for request in asked] == ["0", "1"]


@pytest.mark.parametrize("pair", [[(500, {}), (308, {})], [(308, {})]], ids=["refuses each piece", "takes nothing"])
def test_a_server_that_gets_no_further_is_given_up(tmp_path: Path, pair: list[tuple[int, dict[str, str]]]) -> None:
    """Also where it always answers how much has arrived: nothing, which is no progress."""
    (tmp_path / "talk.wav").write_bytes(b"0123456789")
    seen: list[httpx.Request] = []
    answers = (httpx.Response(status, headers=headers) for status, headers in pair * 50)
    transport = httpx.MockTransport(_served(answers, seen))
    session = UploadSession("j", "http://dailies.test/session")
    with Dailies(BASE, "key", http=httpx.Client(transport=transport)) as client, pytest.raises(UploadFailed):
        client.upload(tmp_path / "talk.wav", resume=session)
    assert len(seen) <= 20


def test_any_route_is_asked_with_the_same_retries(ask: Ask) -> None:
    found, asked = ask("request", iter([_problem(503, "unavailable"), httpx.Response(201, json={"key_id": "x"})]))
    assert found == {"key_id": "x"}
    assert [request.headers["idempotency-key"] for request in asked] == ["k", "k"]
    assert {(request.method, request.url.path) for request in asked} == {("POST", "/api/v1/keys")}
