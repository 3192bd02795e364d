"""``api``: the REST door, whose routes are those of the table in ``dailies.rest``."""

from __future__ import annotations

from functools import cache

from firebase_functions import https_fn
from flask import Flask, Request, Response

import boundary
import wiring


# Its own Flask application answers, OPTIONS and errors included.
@https_fn.on_request()
def api(request: Request) -> Response:
    from dailies.rest.app import answer

    return answer(_app(), request)


@cache
def _app() -> Flask:
    """Made by the first request: the other functions, which import this file, have no use for it."""
    from dailies.rest.app import Door, build_api

    return build_api(Door(wiring.platform, boundary.uid_of_token))
