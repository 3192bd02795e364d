"""The Flask application: the functions, the bucket, progress, development identities and the page."""

from __future__ import annotations

from typing import Any

from flask import Flask, Response, jsonify, request

from dailies.domain.errors import DailiesError, InvalidRequest
from dailies.domain.job.uploads import check_uid
from dailies.engine.platform import Platform
from dailies.rest.app import PREFIX, Door, answer, build_api
from dailies.up import deployment, operations, results, screen
from dailies.up.bucket import Bucket
from dailies.up.identity import DEFAULT_UID, development_token, origin_of, refuse_strangers, uid_of

_EXPOSED = "Location, Range, Content-Range, Content-Length, Accept-Ranges, ETag"


# Of a body on every route; that of an upload is bounded by what was signed.
_MAX_BODY_BYTES = 1 << 20


def build_app(base: str, platform: Platform, bucket: Bucket, token: str) -> Flask:
    """``token`` is what callers of the platform's own functions show."""
    app = Flask("dailies", static_folder=None)
    app.config["MAX_CONTENT_LENGTH"] = _MAX_BODY_BYTES
    app.register_blueprint(deployment.routes(platform, token))
    app.register_blueprint(operations.routes(platform))
    app.register_blueprint(results.routes(platform, bucket.objects))
    app.register_blueprint(bucket.routes())
    app.register_blueprint(screen.routes(base))

    api = build_api(Door(lambda: platform, lambda token, _request: uid_of(token)))

    @app.get("/dev/token")
    def development() -> Response:
        uid = request.args.get("uid", DEFAULT_UID)
        check_uid(uid)
        return jsonify({"development": True, "uid": uid, "token": development_token(uid)})

    app.before_request(lambda: refuse_strangers(request))
    app.before_request(_refuse_odd_query)
    # Not a route, whose pattern ends at a line break: whatever lies below it is REST's to refuse.
    app.before_request(lambda: answer(api, request) if request.path.startswith(f"{PREFIX}/") else None)
    app.after_request(_headers)
    app.register_error_handler(DailiesError, _as_response)
    return app


def _refuse_odd_query() -> None:
    """Raise InvalidRequest for bytes that no route could read: Werkzeug fails where one asks for its query."""
    try:
        request.query_string.decode()
    except UnicodeDecodeError as error:
        raise InvalidRequest("The address has bytes in its query that aren't UTF-8: percent-encode them.") from error


def _headers(answer: Response) -> Response:
    """Pages of this machine on other ports, a developer's own app, may use all of it."""
    answer.headers["X-Content-Type-Options"] = "nosniff"
    origin = origin_of(request)
    if origin and "Access-Control-Allow-Origin" not in answer.headers:
        answer.headers["Access-Control-Allow-Origin"] = origin
        answer.headers["Access-Control-Expose-Headers"] = _EXPOSED
        if request.method == "OPTIONS":
            answer.headers["Access-Control-Allow-Methods"] = "GET, HEAD, POST, PUT, DELETE"
            asked = request.headers.get("Access-Control-Request-Headers", "")
            answer.headers["Access-Control-Allow-Headers"] = asked if asked.isprintable() else ""
    return answer


def _as_response(error: DailiesError) -> tuple[Any, int]:
    # The bucket's and the stream's errors; those of callables go through functions/boundary.py.
    return jsonify({"error": error.as_dict()}), error.status
