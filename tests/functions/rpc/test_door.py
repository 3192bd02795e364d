"""The gRPC door: who is let in, what is refused and how, and what streams tell."""

from __future__ import annotations

import threading
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from dataclasses import replace
from datetime import timedelta
from typing import Any

import grpc
import pytest
from google.rpc import error_details_pb2
from grpc_health.v1 import health_pb2, health_pb2_grpc
from grpc_reflection.v1alpha import reflection_pb2, reflection_pb2_grpc
from grpc_status import rpc_status

from dailies.domain.errors import DailiesError
from dailies.engine.platform import Platform
from dailies.engine.store.jobs import load_job
from dailies.engine.store.rates import Rates
from dailies.rpc import server as door_server
from dailies.rpc.faults import status_of
from dailies.rpc.server import METHODS, Door, build_server
from dailies.rpc.wire import dailies_pb2 as wire
from dailies.services.api_keys import create_key
from dailies.services.job_list import JobFilter, list_page
from dailies.services.upload_arrived import upload_arrived
from dailies.services.webhooks.endpoints import rotate_secret
from dailies.up.identity import development_token, uid_of
from tests.functions.conftest import _firebase as _firebase, platform as platform  # noqa: PLC0414 - fixtures
from tests.functions.rpc.client import Rpc, connected, reason_of
from tests.unit.conftest import World, world as world  # noqa: PLC0414 - a fixture
from tests.unit.services.uploading import DATA, finish, send

RECIPE = '{"outputs": {"podcast": {"kind": "audio", "format": "mp3"}}}'
UPLOAD = {"size_bytes": len(DATA), "content_type": "video/mp4"}


@pytest.fixture
def door(platform: Platform) -> Iterator[tuple[Door, str]]:
    made = Door(platform, lambda token, _: uid_of(token), Rates(platform))
    server, port = build_server(made, "127.0.0.1:0")
    server.start()
    yield made, f"127.0.0.1:{port}"
    server.stop(None).wait()


@pytest.fixture
def rpc(door: tuple[Door, str]) -> Iterator[Rpc]:
    with connected(door[1], authorization=f"Bearer {development_token('ann')}") as found:
        yield found


def upload(rpc: Rpc, **fields: Any) -> Any:
    """Begin a job for an upload; gives its first message. The stream is left, as by a client that has gone."""
    stream = rpc("ConvertVideo", upload=UPLOAD, recipe_json=RECIPE, **fields)
    first = next(stream)
    stream.cancel()
    return first


def arrive_and_finish(platform: Platform, job_id: str) -> None:
    """Send the job its upload, and work on it until it has ended."""
    upload_arrived(platform, send(platform, f"uploads/ann/{job_id}/source"))
    finish(platform, job_id)


def test_every_method_of_the_proto_has_its_view() -> None:
    """And none has one that the proto doesn't know."""
    named = {each.name for service in wire.DESCRIPTOR.services_by_name.values() for each in service.methods}
    assert named == METHODS.keys()


@pytest.mark.parametrize(
    ("metadata", "expected"),
    [
        ({}, "unauthenticated"),
        ({"authorization": "Bearer x.y.z"}, "unauthenticated"),
        ({"authorization": "Basic YW5u"}, "unauthenticated"),
        ({"x-api-key": "dly_0123456789abcdef_none"}, "key_refused"),
    ],
)
def test_nobody_is_let_in_unknown(rpc: Rpc, metadata: dict[str, str], expected: str) -> None:
    """Calls and streams alike."""
    stranger = Rpc(rpc._channel, metadata)
    for name in ("TrackProgress", "ConvertVideo", "SubscribeProgress"):
        assert stranger.refused(name) == ("UNAUTHENTICATED", expected)


def test_a_key_may_do_what_its_scopes_say(rpc: Rpc, platform: Platform) -> None:
    """One that reads makes nothing and ends nothing."""
    job_id = upload(rpc).job_id
    reader = rpc.as_(x_api_key=create_key(platform, "ann", name="reads", scopes=["jobs:read"]).shown)
    assert reader("TrackProgress", job_id=job_id).progress.message == "Waiting for the upload"
    assert reader.refused("CancelConversion", job_id=job_id) == ("PERMISSION_DENIED", "scope_missing")
    assert reader.refused("ConvertVideo", upload=UPLOAD) == ("PERMISSION_DENIED", "scope_missing")


def test_another_s_job_is_none(rpc: Rpc) -> None:
    """No method tells of it."""
    job_id = upload(rpc).job_id
    bob = rpc.as_(authorization=f"Bearer {development_token('bob')}")
    for name in METHODS.keys() - {"ConvertVideo"}:
        assert bob.refused(name, job_id=job_id) == ("NOT_FOUND", "not_found"), name
    other = {"job_id": job_id, "output": "podcast"}
    assert bob.refused("ConvertVideo", output_of=other, recipe_json=RECIPE)[0] == "NOT_FOUND"


@pytest.mark.parametrize(
    ("fields", "field"),
    [
        ({}, "source"),
        ({"upload": UPLOAD, "recipe_json": "{"}, "recipe_json"),
        ({"upload": UPLOAD, "recipe_json": "[" * 100_000}, "recipe_json"),
        ({"upload": UPLOAD, "recipe_json": RECIPE, "idempotency_key": "é"}, "idempotency_key"),
        ({"upload": {"size_bytes": 5}, "audio": {"format": "mp4"}}, "outputs.audio.format"),
    ],
)
def test_what_is_wrong_is_named(rpc: Rpc, fields: dict[str, Any], field: str) -> None:
    """The status has the field as google.rpc.BadRequest."""
    with pytest.raises(grpc.RpcError) as refused:
        list(rpc("ConvertVideo", **fields))
    assert refused.value.code() is grpc.StatusCode.INVALID_ARGUMENT
    found = error_details_pb2.BadRequest()
    assert rpc_status.from_call(refused.value).details[-1].Unpack(found)
    assert [violation.field for violation in found.field_violations] == [field]


def test_one_job_of_one_key_whoever_asks_again(rpc: Rpc, platform: Platform) -> None:
    """Twenty at once, and another message under the same key."""
    begun = threading.Barrier(20)

    def ask(_: int) -> str:
        begun.wait(30)
        while True:
            try:
                return str(upload(rpc, idempotency_key="one").job_id)
            except grpc.RpcError as error:
                if reason_of(error) != "idempotency_in_flight":
                    raise

    with ThreadPoolExecutor(20) as pool:
        made = set(pool.map(ask, range(20)))
    assert made == {job.id for job in list_page(platform, "ann", JobFilter(), 100, None).jobs}
    assert len(made) == 1
    assert rpc.refused("ConvertVideo", upload=UPLOAD, idempotency_key="one") == (
        "INVALID_ARGUMENT",
        "idempotency_key_reused",
    )


def test_a_conversion_is_told_to_its_end(rpc: Rpc, world: World, platform: Platform) -> None:
    """Where to send, how it goes, what was made: in one stream."""
    stream = rpc("ConvertVideo", upload=UPLOAD, recipe_json=RECIPE)
    first = next(stream)
    assert first.upload.method == "POST"
    assert first.upload.url.startswith("http://here/")
    states = []
    for each in stream:
        if each.HasField("conversion"):
            break
        states.append(each.progress.state)
        if each.progress.state == wire.JOB_STATE_AWAITING_UPLOAD:
            arrive_and_finish(platform, first.job_id)
    assert states[0] == wire.JOB_STATE_AWAITING_UPLOAD
    assert states[-1] == wire.JOB_STATE_COMPLETED
    [made] = each.conversion.outputs
    assert (made.name, made.kind) == ("podcast", "audio")
    assert each.conversion.download_url.startswith("http://here/")
    assert next(stream, None) is None


def test_a_conversion_may_have_a_webhook_of_its_own(rpc: Rpc, platform: Platform) -> None:
    """As by the other doors."""
    hook = "https://media.test/hook"
    refused = rpc.refused("ConvertVideo", upload=UPLOAD, webhook_url=hook)
    assert refused == ("FAILED_PRECONDITION", "webhook_secret_missing")
    rotate_secret(platform, "ann", "jobs", timedelta(0))
    assert load_job(platform, upload(rpc, webhook_url=hook).job_id).webhook == hook


def test_events_go_on_behind_the_last_that_was_seen(rpc: Rpc, platform: Platform) -> None:
    """Without a gap, and to the end of the job; behind the last there is nothing."""
    job_id = upload(rpc).job_id
    arrive_and_finish(platform, job_id)

    def events(after: int) -> list[int]:
        found = rpc("SubscribeProgress", job_id=job_id, after_sequence=after)
        return [each.event.sequence for each in found if each.HasField("event")]

    known = events(0)
    assert known == [*range(1, len(known) + 1)]
    assert events(2) == known[2:]
    assert list(rpc("SubscribeProgress", job_id=job_id, after_sequence=known[-1])) == []
    assert rpc.refused("SubscribeProgress", job_id=job_id, after_sequence=-1) == ("INVALID_ARGUMENT", "invalid_request")


def test_a_stream_ends_with_its_deadline_and_leaves_its_place(rpc: Rpc, door: tuple[Door, str]) -> None:
    """The job goes on without it."""
    job_id = upload(rpc).job_id
    with pytest.raises(grpc.RpcError) as ended:
        list(rpc("SubscribeProgress", job_id=job_id, timeout=0.5))
    assert ended.value.code() is grpc.StatusCode.DEADLINE_EXCEEDED
    assert rpc("TrackProgress", job_id=job_id).progress.state == wire.JOB_STATE_AWAITING_UPLOAD
    streams = door[0].streams
    taken = [streams.acquire(timeout=30) for _ in range(door_server._MAX_STREAMS)]
    assert all(taken)
    assert rpc.refused("SubscribeProgress", job_id=job_id) == ("RESOURCE_EXHAUSTED", "too_many_streams")
    for _ in taken:
        streams.release()


def test_a_conversion_is_cancelled(rpc: Rpc) -> None:
    """Its stream tells so, and so does its status."""
    stream = rpc("ConvertVideo", upload=UPLOAD, recipe_json=RECIPE)
    job_id = next(stream).job_id
    assert rpc("CancelConversion", job_id=job_id).state == wire.JOB_STATE_CANCELLED
    assert [*stream][-1].conversion.progress.state == wire.JOB_STATE_CANCELLED
    assert rpc("GetConversionStatus", job_id=job_id).conversion.HasField("completed_at")


def test_limits_are_those_of_the_other_doors(platform: Platform) -> None:
    """A refusal says when to ask again, as google.rpc.RetryInfo."""
    settings = platform.settings.model_copy(update={"api_user_requests_per_minute": 2})
    slow = replace(platform, settings=settings)
    server, port = build_server(Door(slow, lambda token, _: uid_of(token), Rates(slow)), "127.0.0.1:0")
    server.start()
    try:
        with connected(f"127.0.0.1:{port}", authorization=f"Bearer {development_token('ann')}") as ann:
            refusals = [_retry_of(ann) for _ in range(3)]
    finally:
        server.stop(None).wait()
    assert refusals[:2] == [None, None]
    assert refusals[2] is not None
    assert timedelta(0) < refusals[2] <= timedelta(minutes=1)


def _retry_of(rpc: Rpc) -> timedelta | None:
    with pytest.raises(grpc.RpcError) as refused:
        rpc("TrackProgress", job_id="none")
    if refused.value.code() is grpc.StatusCode.NOT_FOUND:
        return None
    assert refused.value.code() is grpc.StatusCode.RESOURCE_EXHAUSTED
    found = error_details_pb2.RetryInfo()
    assert any(detail.Unpack(found) for detail in rpc_status.from_call(refused.value).details)
    delay: timedelta = found.retry_delay.ToTimedelta()
    return delay


def test_a_fault_of_ours_tells_nothing_of_itself(rpc: Rpc, monkeypatch: pytest.MonkeyPatch) -> None:
    """What went wrong is for the log."""

    def broken(*_: object) -> None:
        raise ZeroDivisionError("secret")

    monkeypatch.setattr("dailies.rpc.progress.job_status", broken)
    with pytest.raises(grpc.RpcError) as refused:
        rpc("TrackProgress", job_id="none")
    assert refused.value.code() is grpc.StatusCode.INTERNAL
    assert "secret" not in str(refused.value)


def test_its_health_and_its_services_are_told_to_everybody(rpc: Rpc) -> None:
    """As probes and tools such as grpcurl ask for them, without an account."""
    health = health_pb2_grpc.HealthStub(rpc._channel)
    serving = health_pb2.HealthCheckResponse.SERVING
    asked = health_pb2.HealthCheckRequest(service="dailies.v1.VideoConverterService")
    assert health.Check(asked, timeout=30).status == serving
    reflected = reflection_pb2_grpc.ServerReflectionStub(rpc._channel)
    request = reflection_pb2.ServerReflectionRequest(list_services="")
    [answer] = reflected.ServerReflectionInfo(iter([request]), timeout=30)
    assert "dailies.v1.QualityAnalysisService" in {each.name for each in answer.list_services_response.service}


@pytest.mark.parametrize("kind", [DailiesError, *DailiesError.__subclasses__()])
def test_every_error_has_its_status(kind: type[DailiesError]) -> None:
    """By the names that google.rpc.Code has."""
    found: list[type[DailiesError]] = [kind]
    while found:
        each = found.pop()
        found += each.__subclasses__()
        status = status_of(each("Words.", code="narrow", field="a", odd={"deep": [1]}, retry_after=2))
        assert status.code.name == each.callable_status.upper().replace("-", "_")
