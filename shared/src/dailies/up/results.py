"""What the page does with a job that has ended: run it again, share it, hear its source, fetch all of it."""

from __future__ import annotations

from datetime import timedelta

from flask import Blueprint, Response, jsonify, request

from dailies.adapters.local.objects.objects import LocalObjects
from dailies.domain.errors import InvalidRequest
from dailies.engine.platform import Platform
from dailies.services.history import MAX_LISTED
from dailies.services.jobs import owned_job
from dailies.services.result import Download, FetchableResult
from dailies.services.run_again import run_again
from dailies.services.share import share_result, shared_result
from dailies.services.stored_source import source_download, source_loudness
from dailies.up.archive import archive
from dailies.up.operations import caller, is_job_id, object_in


def routes(platform: Platform, objects: LocalObjects) -> Blueprint:
    blueprint = Blueprint("results", __name__)

    @blueprint.get("/operations/<job_id>/recipe")
    def recipe(job_id: str) -> Response:
        job = owned_job(platform, caller(), _checked(job_id))
        return _private(jsonify(job.recipe.model_dump(mode="json", exclude_none=True)))

    @blueprint.get("/operations/<job_id>/source")
    def source(job_id: str) -> Response:
        uid, job_id = caller(), _checked(job_id)
        lufs = source_loudness(platform, uid, job_id)
        return _private(jsonify({**_encode(source_download(platform, uid, job_id)), "integratedLufs": lufs}))

    @blueprint.post("/operations/<job_id>/again")
    def again(job_id: str) -> Response:
        uid, recipe = caller(), object_in(request).get("recipe")
        return jsonify({"jobId": run_again(platform, uid, _checked(job_id), recipe).id})

    @blueprint.post("/operations/<job_id>/share")
    def share(job_id: str) -> Response:
        uid, seconds = caller(), object_in(request).get("seconds")
        if isinstance(seconds, bool) or not isinstance(seconds, int) or not 0 <= seconds < 1 << 31:
            raise InvalidRequest("seconds is a whole number: how long the link is good for.", field="seconds")
        made = share_result(platform, uid, _checked(job_id), timedelta(seconds=seconds))
        return jsonify({"path": f"/share/{made.token}", "expiresAt": made.expires.isoformat()})

    @blueprint.get("/shared/<token>")
    def shared(token: str) -> Response:
        opened = shared_result(platform, token)
        result = opened.found.result.model_dump(mode="json", include={"outputs", "left_out"})
        downloads = {
            name: {**_encode(one), "files": {role: _encode(file) for role, file in _beside(opened.found, name).items()}}
            for name, one in opened.found.downloads.items()
        }
        told = {"fileName": opened.file_name, "expiresAt": opened.expires.isoformat()}
        return _private(jsonify({**told, "result": result, "downloads": downloads}))

    @blueprint.get("/archive.zip")
    def everything() -> Response:
        job_ids = request.args.getlist("job")
        if not 0 < len(job_ids) <= MAX_LISTED or not all(map(is_job_id, job_ids)):
            raise InvalidRequest(f"job is the id of a job, up to {MAX_LISTED} times.", field="job")
        made = archive(platform, objects, caller(), job_ids)
        headers = {"Content-Disposition": "attachment; filename=dailies.zip", "Cache-Control": "no-store"}
        return Response(made, mimetype="application/zip", headers=headers)

    return blueprint


def _beside(found: FetchableResult, name: str) -> dict[str, Download]:
    return dict(found.beside.get(name, {}))


def _encode(one: Download) -> dict[str, str]:
    return {"url": one.request.url, "fileName": one.file_name, "mediaType": one.media_type}


def _checked(job_id: str) -> str:
    """Raises InvalidRequest for what can't be an id."""
    if not is_job_id(job_id):
        raise InvalidRequest("This is no job's id: letters and digits, 64 at most.", field="jobId")
    return job_id


def _private(answer: Response) -> Response:
    answer.headers["Cache-Control"] = "no-store"
    return answer
