"""``shareResult`` makes a link to a result; ``share`` answers whoever opens one, with or without an account."""

from __future__ import annotations

from datetime import timedelta
from typing import Any

from firebase_functions import https_fn
from flask import Request, Response, jsonify
from pydantic import Field

import boundary
import wiring
from dailies.domain.errors import DailiesError
from dailies.services.share import share_link
from dailies.up.shared import answer

_MAX_SECONDS = 1 << 31


class ShareResult(boundary.Call):
    job_id: boundary.JobId = Field(alias="jobId")
    seconds: int = Field(ge=0, lt=_MAX_SECONDS)


@boundary.json_only
@https_fn.on_call()
@boundary.errors_to_caller
def shareResult(request: https_fn.CallableRequest[Any]) -> dict[str, Any]:  # noqa: N802 - the deployed name
    uid = boundary.signed_in(request)
    call = boundary.decode(ShareResult, request.data)
    made = share_link(wiring.platform(), uid, call.job_id, timedelta(seconds=call.seconds))
    return {"url": made.url, "expiresAt": made.expires.isoformat()}


@boundary.body_bounded
@https_fn.on_request()
def share(request: Request) -> Response:
    if request.method not in ("GET", "HEAD"):
        return Response("This is only read.", 405, {"Allow": "GET, HEAD"})
    try:
        return answer(wiring.platform(), request.path)
    except DailiesError as error:
        refused = jsonify({"error": error.as_dict()})
        refused.status_code = error.status
        refused.headers["Access-Control-Allow-Origin"] = "*"
        return refused
