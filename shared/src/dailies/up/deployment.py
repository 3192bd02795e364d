"""The functions as HTTP routes, called as Cloud Functions' runtime calls them."""

from __future__ import annotations

import importlib
import sys
from collections.abc import Callable
from pathlib import Path
from typing import Any

from flask import Blueprint, Response, request
from werkzeug.exceptions import BadRequest

from dailies.engine.platform import Platform

_HTTP = ("advance", "cancelJob", "createUpload", "getResult", "sweep")
_EVENTS = ("onUpload",)


def routes(platform: Platform) -> Blueprint:
    functions = _load("main")
    _load("wiring").use(platform)
    blueprint = Blueprint("functions", __name__)
    for name in _HTTP:
        view = _http_view(getattr(functions, name))
        # The function answers OPTIONS itself: its CORS rules are part of what is tried out here.
        options: dict[str, Any] = {"methods": ["GET", "POST", "OPTIONS"], "provide_automatic_options": False}
        blueprint.add_url_rule(f"/{name}", name, view, **options)
        # Where connectFunctionsEmulator of Firebase's client SDKs looks for it.
        blueprint.add_url_rule(f"/<project>/<region>/{name}", f"{name}-sdk", view, **options)
    for name in _EVENTS:
        blueprint.add_url_rule(f"/{name}", name, _event_view(getattr(functions, name)), methods=["POST"])
    return blueprint


def _http_view(function: Callable[..., Any]) -> Callable[..., Any]:
    def view(**_: str) -> Any:
        return function(request)

    return view


def _event_view(function: Callable[..., Any]) -> Callable[[], Response]:
    from cloudevents.exceptions import GenericException
    from cloudevents.http import from_http

    def view() -> Response:
        try:
            event = from_http(dict(request.headers), request.get_data())
        except GenericException as error:
            raise BadRequest(f"This is no CloudEvent: {error}") from error
        function(event)
        return Response(status=204)

    return view


def _load(name: str) -> Any:
    packaged, checkout = Path(__file__).with_name("functions"), Path(__file__).parents[4] / "functions"
    folder = packaged if packaged.is_dir() else checkout
    # Behind everything else, where the runtime puts it, too.
    if str(folder) not in sys.path:
        sys.path.append(str(folder))
    return importlib.import_module(name)
