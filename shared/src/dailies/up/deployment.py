"""The functions as HTTP routes, called as Cloud Functions' runtime calls them."""

from __future__ import annotations

import hmac
import importlib
import sys
from collections.abc import Callable
from contextlib import suppress
from threading import BoundedSemaphore
from typing import Any

from flask import Blueprint, Response, request
from werkzeug.exceptions import BadRequest, HTTPException

from dailies.domain.errors import Unauthenticated
from dailies.engine.platform import Platform
from dailies.services.functions_table import functions_folder

_AT_ONCE = 2


def routes(platform: Platform, guard: str | None) -> Blueprint:
    """``guard`` is the token that opens what only the platform calls; None: somebody else sees to that."""
    functions = _load("main")
    _load("wiring").use(platform)
    blueprint = Blueprint("functions", __name__)
    for name in functions.__all__:
        function = getattr(functions, name)
        # What its decorator tells the Firebase CLI: who calls it.
        told = function.__firebase_endpoint__
        if told.eventTrigger is not None:
            blueprint.add_url_rule(f"/{name}", name, _event_view(function), methods=["POST"])
            continue
        if told.httpsTrigger is not None:
            # The REST door and the page of links have places of their own: app.py, results.py.
            continue
        view = _http_view(function)
        if told.callableTrigger is not None:
            view = _in_turn(view)
        elif guard is not None:
            # In the cloud they are called with the identity of the queue's or the scheduler's account.
            view = _guarded(view, guard)
        # The function answers OPTIONS itself: its CORS rules are part of what is tried out here.
        options: dict[str, Any] = {"methods": ["GET", "POST", "OPTIONS"], "provide_automatic_options": False}
        blueprint.add_url_rule(f"/{name}", name, view, **options)
        # Where connectFunctionsEmulator of Firebase's client SDKs looks for it.
        blueprint.add_url_rule(f"/<project>/<region>/{name}", f"{name}-sdk", view, **options)
    return blueprint


def end_work() -> None:
    """Have what the functions do in this process stop, as it is about to end."""
    _load("ending").end()


def _http_view(function: Callable[..., Any]) -> Callable[..., Any]:
    def view(**_: str) -> Any:
        return function(request)

    return view


def _in_turn(view: Callable[..., Any]) -> Callable[..., Any]:
    """Of a hundred calls at once the first is answered first; together they would all be answered at the end.

    What the platform itself calls has no such turn: it goes on with the jobs that are there.
    """
    turns = BoundedSemaphore(_AT_ONCE)

    def in_turn(**names: str) -> Any:
        # A client that sends slowly is waited for before its turn; what can't be read is the function's to refuse.
        with suppress(HTTPException):
            request.get_data()
        with turns:
            return view(**names)

    return in_turn


def _guarded(view: Callable[..., Any], token: str) -> Callable[..., Any]:
    def guarded(**names: str) -> Any:
        shown = request.headers.get("Authorization", "").removeprefix("Bearer ")
        if not hmac.compare_digest(shown.encode(), token.encode()):
            raise Unauthenticated("Only the platform calls this function.")
        return view(**names)

    return guarded


def _event_view(function: Callable[..., Any]) -> Callable[[], Response]:
    from cloudevents.http import from_http

    def view() -> Response:
        body = request.get_data()
        try:
            event = from_http(dict(request.headers), body)
        except Exception as error:  # it raises whatever its parts raise
            raise BadRequest("This is no CloudEvent.") from error
        function(event)
        return Response(status=204)

    return view


def _load(name: str) -> Any:
    folder = str(functions_folder())
    # Behind everything else, where the runtime puts it, too.
    if folder not in sys.path:
        sys.path.append(folder)
    return importlib.import_module(name)
