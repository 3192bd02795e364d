"""The door itself: one Flask application over the table, mounted by the function `api` and by `dailies up`."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, field
from typing import Any, cast

from flask import Flask, Request, Response, g, request
from werkzeug.exceptions import HTTPException

from dailies.domain.errors import (
    DailiesError,
    InvalidRequest,
    RateLimited,
    TransientError,
)
from dailies.engine.platform import Platform
from dailies.engine.store.rates import Rates
from dailies.logs import Logger
from dailies.rest import docs_page, openapi
from dailies.rest.headers import Trace, complete, preflight, trace_of
from dailies.rest.limits import refused_by, told
from dailies.rest.once import once
from dailies.rest.problems import of_http, problem
from dailies.rest.reading import SpoolingRequest, drain, read_body, read_query
from dailies.rest.route import Asked, Reply, Route
from dailies.rest.table import ROUTES
from dailies.services.callers import Caller, caller_of, limits_of

PREFIX = "/api/v1"
Verify = Callable[[str, Request], str]
"""The uid behind a Firebase ID token; raises Unauthenticated."""

log = Logger(__name__)


@dataclass(frozen=True, slots=True)
class Door:
    """What the routes are served on. ``platform`` is asked for with each request: it is made by the first."""

    platform: Callable[[], Platform]
    verify: Verify
    counted: dict[int, tuple[Platform, Rates]] = field(default_factory=dict)

    def rates(self, platform: Platform) -> Rates:
        """How often callers of that platform have asked, as far as this process counts it."""
        known = self.counted.get(id(platform))
        if known is None or known[0] is not platform:
            self.counted.clear()
            known = self.counted[id(platform)] = (platform, Rates(platform))
        return known[1]


def build_api(door: Door) -> Flask:
    """The application: whatever comes to it is answered below 500, but for faults of ours and of the platform."""
    app = Flask("dailies.rest", static_folder=None)
    app.request_class = SpoolingRequest
    app.json.sort_keys = False  # type: ignore[attr-defined] # of Flask's own provider
    for route in ROUTES:
        rule = PREFIX + route.path.replace("{", "<").replace("}", ">")
        app.add_url_rule(rule, route.name, _view(door, route), methods=[route.method], provide_automatic_options=False)
    app.add_url_rule(f"{PREFIX}/openapi.json", "openapi", openapi.served, provide_automatic_options=False)
    app.add_url_rule(f"{PREFIX}/docs", "docs", docs_page.served, provide_automatic_options=False)
    app.before_request(_begin)
    app.after_request(_end)
    app.register_error_handler(DailiesError, _refused)
    app.register_error_handler(HTTPException, _refused_by_flask)
    app.register_error_handler(Exception, _failed)
    return app


def answer(app: Flask, asked: Request) -> Response:
    """The application's answer to a request that another one, whose route this is, was given."""
    environ = dict(asked.environ)
    environ.pop("werkzeug.request", None)
    return cast("Response", Response.from_app(app, environ, buffered=False))


def _view(door: Door, route: Route) -> Callable[..., Response]:
    def view(**path: str) -> Response:
        platform = door.platform()
        caller = _caller(door, platform)
        caller.require(route.scope)
        g.told = told(door.rates(platform).ask(limits_of(platform.settings, caller)))
        query = _query(route)
        with read_body(route, request, platform) as (body, file):
            asked = Asked(platform, caller, request, path, body, query, file)
            return once(route, asked, lambda reply: _encoded(route, reply))

    return view


def _query(route: Route) -> Any:
    if route.query is not None:
        return read_query(route.query, request)
    if request.args:
        name = next(iter(request.args))[:80]
        raise InvalidRequest(f"{name}: there is no such parameter here.", field=name)
    return None


def _caller(door: Door, platform: Platform) -> Caller:
    authorization, key = (request.headers.get(name) for name in ("Authorization", "X-API-Key"))
    return caller_of(platform, authorization or "", key, lambda token: door.verify(token, request))


def _encoded(route: Route, reply: Reply) -> Response:
    made = reply.response
    if made is None:
        text = "" if reply.body is None else reply.body.model_dump_json()
        made = Response(text, route.status, mimetype="application/json")
    made.headers.update(reply.headers)
    return made


def _begin() -> Response | None:
    g.trace = trace_of(request)
    try:
        request.query_string.decode()
    except UnicodeDecodeError as error:
        raise InvalidRequest("The query has bytes that aren't UTF-8: percent-encode them.", field="query") from error
    if request.method == "OPTIONS":
        return preflight("GET, HEAD, POST, DELETE, OPTIONS")
    return None


def _end(made: Response) -> Response:
    if made.status_code >= 400:
        drain(request)
    return complete(made, _trace(), g.get("told"))


def _trace() -> Trace:
    found: Trace = g.trace
    return found


def _refused(error: DailiesError) -> Response:
    if isinstance(error, RateLimited) and "limit" in error.details:
        g.told = refused_by(error)
    if isinstance(error, TransientError):
        log.warning("refused", code=error.error_code, error=error.message, request=_trace().request_id)
    return problem(error, _trace().request_id)


def _refused_by_flask(error: HTTPException) -> Response:
    told = problem(of_http(error), _trace().request_id)
    allowed = getattr(error, "valid_methods", None)
    if allowed:
        told.headers["Allow"] = ", ".join(sorted(allowed))
    return told


def _failed(error: Exception) -> Response:
    log.error("internal error", request=_trace().request_id, error=str(error), exc_info=error)
    return problem(DailiesError("Internal error: try again, and report it if it stays."), _trace().request_id)
