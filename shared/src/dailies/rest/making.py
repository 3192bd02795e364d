"""The routes that make jobs."""

from __future__ import annotations

from typing import Any

from dailies.domain.job.job import JobState
from dailies.ports.signed_urls import SignedRequest
from dailies.rest import answers, calls
from dailies.rest.route import Asked, Reply
from dailies.services.convert_to_audio import convert_to_audio
from dailies.services.create_from_job import create_from_job
from dailies.services.create_from_object import create_from_object
from dailies.services.create_from_url import create_from_url
from dailies.services.create_upload import create_upload
from dailies.services.price import Price, price_of_described, price_of_job_source
from dailies.services.queued_job import Created
from dailies.services.run_again import run_again


def create_job(asked: Asked) -> Reply:
    call: calls.CreateJob = asked.body
    common: dict[str, Any] = {"recipe": call.recipe, "webhook": call.webhook_url, "new_id": asked.new_id}
    source = call.source
    if isinstance(source, calls.UrlOf):
        made = create_from_url(asked.platform, asked.uid, url=source.url, **common)
    elif isinstance(source, calls.OutputOf):
        made = create_from_job(asked.platform, asked.uid, job_id=source.job_id, output=source.output, **common)
    else:
        made = create_from_object(asked.platform, asked.uid, name=source.name, **common)
    return _new(made)


def create_upload_job(asked: Asked) -> Reply:
    call: calls.CreateUpload = asked.body
    ticket = create_upload(
        asked.platform,
        asked.uid,
        **call.model_dump(exclude={"webhook_url"}),
        webhook=call.webhook_url,
        origin=asked.request.headers.get("Origin"),
        new_id=asked.new_id,
    )
    simple = ticket.simple_upload
    answer = answers.UploadAnswer(
        job_id=ticket.job_id,
        upload=_signed(ticket.upload),
        simple_upload=None if simple is None else _signed(simple),
        operation_path=ticket.operation_path,
        database=ticket.database,
    )
    return Reply(answer, _location(ticket.job_id))


def convert_video_to_audio(asked: Asked) -> Reply:
    call: calls.Convert = asked.body
    audio: dict[str, Any] = {"format": call.output_format, "quality": call.quality, "start": call.trim_start}
    audio |= {"end": call.trim_end, "normalize": {} if call.normalize_audio else None}
    file = asked.file
    made = convert_to_audio(
        asked.platform,
        asked.uid,
        audio={name: value for name, value in audio.items() if value is not None},
        path=None if file is None else file.path,
        file_name=None if file is None else file.file_name,
        url=call.source_url,
        name=call.source_object,
        webhook=call.webhook_url,
        new_id=asked.new_id,
    )
    answer = answers.Conversion(job_id=made.job_id, status=JobState.QUEUED, estimated_completion=None)
    return Reply(answer, _location(made.job_id))


def retry_job(asked: Asked) -> Reply:
    call: calls.RetryJob = asked.body
    common: dict[str, Any] = {"webhook": call.webhook_url, "new_id": asked.new_id}
    made = run_again(asked.platform, asked.uid, asked.path["job_id"], call.recipe, **common)
    return Reply(answers.CancelAnswer(job_id=made.id, status=made.state), _location(made.id))


def plan_job(asked: Asked) -> Reply:
    call: calls.PlanJob = asked.body
    source = call.source
    if isinstance(source, calls.SourceOfJob):
        price = price_of_job_source(asked.platform, asked.uid, source.job_id, call.recipe)
    else:
        price = price_of_described(asked.platform, call.recipe, **source.model_dump(exclude={"kind"}))
    return Reply(_plan(price))


def _plan(price: Price) -> answers.PlanAnswer:
    return answers.PlanAnswer.model_validate(price, from_attributes=True)


def _new(made: Created) -> Reply:
    answer = answers.NewJob(job_id=made.job_id, status=JobState.QUEUED, operation_path=made.operation_path)
    return Reply(answer, _location(made.job_id))


def _location(job_id: str) -> dict[str, str]:
    return {"Location": f"/api/v1/jobs/{job_id}"}


def _signed(request: SignedRequest) -> answers.SignedAnswer:
    return answers.SignedAnswer(
        method=request.method, url=request.url, headers=dict(request.headers), expires_at=request.expires
    )
