"""``createFromUrl``: a new job for a file on the web."""

from __future__ import annotations

from typing import Any

from firebase_functions import https_fn
from pydantic import Field

import boundary
import wiring
from dailies.services.create_from_url import create_from_url


class CreateFromUrl(boundary.Call):
    url: str = Field(max_length=8192)
    recipe: dict[str, Any] | None = None
    webhook: str | None = Field(None, alias="webhookUrl", max_length=8192)


@boundary.json_only
@https_fn.on_call()
@boundary.errors_to_caller
def createFromUrl(request: https_fn.CallableRequest[Any]) -> dict[str, Any]:  # noqa: N802 - the deployed name
    uid = boundary.signed_in(request)
    call = boundary.decode(CreateFromUrl, request.data)
    made = create_from_url(wiring.platform(), uid, **call.model_dump())
    return boundary.encode_new(made.job_id, made.operation_path)
