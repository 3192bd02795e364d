"""``createUpload``: a new job, and where to send its source."""

from __future__ import annotations

from typing import Any

from firebase_functions import https_fn
from pydantic import Field

import boundary
import wiring
from dailies.services.create_upload import create_upload


class CreateUpload(boundary.Call):
    size_bytes: int = Field(alias="sizeBytes")
    content_type: str = Field(alias="contentType")
    recipe: dict[str, Any] | None = None
    file_name: str | None = Field(None, alias="fileName", max_length=1024)
    webhook: str | None = Field(None, alias="webhookUrl", max_length=8192)


@boundary.json_only
@https_fn.on_call()
@boundary.errors_to_caller
def createUpload(request: https_fn.CallableRequest[Any]) -> dict[str, Any]:  # noqa: N802 - the deployed name
    uid = boundary.signed_in(request)
    call = boundary.decode(CreateUpload, request.data)
    origin = request.raw_request.headers.get("Origin")
    ticket = create_upload(wiring.platform(), uid, origin=origin, **call.model_dump())
    simple = ticket.simple_upload
    return {
        "jobId": ticket.job_id,
        "upload": boundary.encode_request(ticket.upload),
        **({"simpleUpload": boundary.encode_request(simple)} if simple else {}),
        "operationPath": ticket.operation_path,
        "database": ticket.database,
    }
