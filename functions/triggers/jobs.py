"""``cancelJob``, ``getResult``, ``runAgain`` and ``clearJobs``: what a user does with jobs of theirs."""

from __future__ import annotations

from typing import Any

from firebase_functions import https_fn
from pydantic import Field

import boundary
import wiring
from dailies.engine.store.progress import operation_path
from dailies.services.history import MAX_LISTED, clear_operations
from dailies.services.jobs import cancel_job, owned_job
from dailies.services.result import Download, get_result
from dailies.services.run_again import run_again


class OneJob(boundary.Call):
    job_id: boundary.JobId = Field(alias="jobId")


class RunAgain(OneJob):
    recipe: dict[str, Any] | None = None
    webhook: str | None = Field(None, alias="webhookUrl", max_length=8192)


class ClearJobs(boundary.Call):
    job_ids: list[boundary.JobId] = Field(alias="jobIds", max_length=MAX_LISTED)
    cleared: bool = True


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


@boundary.json_only
@https_fn.on_call()
@boundary.errors_to_caller
def runAgain(request: https_fn.CallableRequest[Any]) -> dict[str, Any]:  # noqa: N802 - the deployed name
    uid = boundary.signed_in(request)
    call = boundary.decode(RunAgain, request.data)
    made = run_again(wiring.platform(), uid, **call.model_dump())
    return boundary.encode_new(made.id, operation_path(uid, made.id))


@boundary.json_only
@https_fn.on_call()
@boundary.errors_to_caller
def clearJobs(request: https_fn.CallableRequest[Any]) -> dict[str, Any]:  # noqa: N802 - the deployed name
    uid = boundary.signed_in(request)
    call = boundary.decode(ClearJobs, request.data)
    return {"jobIds": clear_operations(wiring.platform(), uid, call.job_ids, cleared=call.cleared)}


def _encode(one: Download) -> dict[str, Any]:
    return {**boundary.encode_request(one.request), "fileName": one.file_name, "mediaType": one.media_type}
