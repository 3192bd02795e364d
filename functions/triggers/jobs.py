"""``cancelJob`` and ``getResult``: what a user does with a job of theirs."""

from __future__ import annotations

from typing import Any

from firebase_functions import https_fn
from pydantic import Field

import boundary
import wiring
from dailies.services.jobs import cancel_job, owned_job
from dailies.services.result import Download, get_result


class OneJob(boundary.Call):
    job_id: boundary.JobId = Field(alias="jobId")


@boundary.json_only
@https_fn.on_call()
@boundary.errors_to_caller
def cancelJob(request: https_fn.CallableRequest[Any]) -> dict[str, Any]:  # noqa: N802 - the deployed name
    uid = boundary.signed_in(request)
    owned = owned_job(wiring.platform(), uid, boundary.decode(OneJob, request.data).job_id)
    return {"jobId": owned.id, "status": cancel_job(wiring.platform(), owned.id).state.value}


@boundary.json_only
@https_fn.on_call()
@boundary.errors_to_caller
def getResult(request: https_fn.CallableRequest[Any]) -> dict[str, Any]:  # noqa: N802 - the deployed name
    uid = boundary.signed_in(request)
    found = get_result(wiring.platform(), uid, boundary.decode(OneJob, request.data).job_id)
    downloads = {
        name: {**_encode(one), "files": {role: _encode(file) for role, file in found.beside.get(name, {}).items()}}
        for name, one in found.downloads.items()
    }
    return {"result": found.result.model_dump(mode="json"), "downloads": downloads}


def _encode(one: Download) -> dict[str, Any]:
    return {**boundary.encode_request(one.request), "fileName": one.file_name, "mediaType": one.media_type}
