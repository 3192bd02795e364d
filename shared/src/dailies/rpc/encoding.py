"""Jobs, facts and requests as messages of the wire."""

from __future__ import annotations

import json
from collections.abc import Mapping
from datetime import datetime
from typing import Any

from google.protobuf.duration_pb2 import Duration
from google.protobuf.timestamp_pb2 import Timestamp

from dailies.domain.job.events import Event
from dailies.domain.job.job import JobState
from dailies.domain.job.result import OutputResult
from dailies.engine.platform import Platform
from dailies.ports.signed_urls import SignedRequest
from dailies.rpc.wire import dailies_pb2 as wire
from dailies.services.job_status import JobStatus, main_download


def state(of: JobState) -> wire.JobState:
    found: wire.JobState = wire.JobState.Value(f"JOB_STATE_{of.value.upper()}")
    return found


def progress(status: JobState, operation: Mapping[str, Any]) -> wire.Progress:
    """Of the job's progress document."""
    return wire.Progress(
        state=state(status), percent=operation.get("progress", 0), message=operation.get("message") or ""
    )


def conversion(platform: Platform, found: JobStatus) -> wire.Conversion:
    """All that is known of the job, with a fresh address of its first file."""
    job = found.job
    download = main_download(platform, found)
    made = {} if found.result is None else found.result.outputs
    return wire.Conversion(
        job_id=job.id,
        progress=progress(job.state, found.operation),
        created_at=moment(job.created),
        completed_at=moment(job.finished),
        outputs=[_output(name, wish.kind, made[name]) for name, wish in job.recipe.outputs.items() if name in made],
        download_url="" if download is None else download.request.url,
        failure=None if job.error is None else wire.Failure(code=job.error["code"], message=job.error["message"]),
    )


def event(of: Event) -> wire.JobEvent:
    return wire.JobEvent(
        event_id=of.event_id,
        sequence=of.sequence,
        event_type=of.event_type,
        timestamp=moment(of.timestamp),
        data_json=json.dumps(of.data, default=str),
    )


def signed(request: SignedRequest) -> wire.SignedRequest:
    return wire.SignedRequest(
        method=request.method, url=request.url, headers=dict(request.headers), expires_at=moment(request.expires)
    )


def moment(when: datetime | None) -> Timestamp | None:
    if when is None:
        return None
    stamp = Timestamp()
    stamp.FromDatetime(when)
    return stamp


def duration(seconds: float | None) -> Duration | None:
    if seconds is None:
        return None
    span = Duration()
    span.FromMicroseconds(round(seconds * 1_000_000))
    return span


def _output(name: str, kind: str, made: OutputResult) -> wire.Output:
    return wire.Output(
        name=name,
        kind=kind,
        size_bytes=made.bytes,
        duration=duration(made.duration_seconds),
        quality_score=getattr(made.facts, "quality_score", None),
        result_json=made.model_dump_json(),
    )
