"""What the page does with a job that has ended: see its recipe, hear its source, open a link, fetch all of it."""

from __future__ import annotations

from flask import Blueprint, Response, jsonify, request

from dailies.adapters.local.objects.objects import LocalObjects
from dailies.domain.errors import InvalidRequest
from dailies.engine.platform import Platform
from dailies.services.history import MAX_LISTED
from dailies.services.jobs import owned_job
from dailies.services.source_loudness import source_loudness
from dailies.services.stored_source import source_download
from dailies.up.archive import archive
from dailies.up.operations import caller, is_job_id
from dailies.up.shared import answer, encode


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
        return _private(jsonify({**encode(source_download(platform, uid, job_id)), "integratedLufs": lufs}))

    @blueprint.get("/share/<token>")
    @blueprint.get("/shared/<token>")
    def shared(token: str) -> Response:  # noqa: ARG001 - part of the path, which has all of it
        # As the function `share` answers in the cloud; the page's files are screen's.
        return answer(platform, request.path)

    @blueprint.get("/archive.zip")
    def everything() -> Response:
        job_ids = request.args.getlist("job")
        if not 0 < len(job_ids) <= MAX_LISTED or not all(map(is_job_id, job_ids)):
            raise InvalidRequest(f"job is the id of a job, up to {MAX_LISTED} times.", field="job")
        made = archive(platform, objects, caller(), job_ids)
        headers = {"Content-Disposition": "attachment; filename=dailies.zip", "Cache-Control": "no-store"}
        return Response(made, mimetype="application/zip", headers=headers)

    return blueprint


def _checked(job_id: str) -> str:
    """Raises InvalidRequest for what can't be an id."""
    if not is_job_id(job_id):
        raise InvalidRequest("This is no job's id: letters and digits, 64 at most.", field="jobId")
    return job_id


def _private(answer: Response) -> Response:
    answer.headers["Cache-Control"] = "no-store"
    return answer
