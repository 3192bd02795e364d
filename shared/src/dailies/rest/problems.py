"""Errors as application/problem+json (RFC 9457), with our codes."""

from __future__ import annotations

import json
from http import HTTPStatus

from flask import Response
from werkzeug.exceptions import HTTPException

from dailies.domain.errors import DailiesError, InvalidRequest, NotFound

MEDIA_TYPE = "application/problem+json"
_TYPES = "tag:dailies,2026:errors:"
#: What another document has a name for.
_QUOTA = "https://iana.org/assignments/http-problem-types#quota-exceeded"
# The fields of the document itself, which no detail may stand for.
_OWN = {"type", "title", "status", "detail", "code", "instance"}


class TooLarge(InvalidRequest):
    """More bytes than a body may have here."""

    code = "body_too_large"
    status = 413


class MethodNotAllowed(InvalidRequest):
    """The resource is there, and nothing of that kind can be done with it."""

    code = "method_not_allowed"
    status = 405


class UnsupportedMedia(InvalidRequest):
    """The body is of a type that isn't read here."""

    code = "unsupported_body"
    status = 415


def problem(error: DailiesError, request_id: str) -> Response:
    """The answer that tells the error."""
    status = error.status if 400 <= error.status < 600 else 500
    details = json.loads(json.dumps(error.details, default=str))
    document = {
        "type": _QUOTA if status == HTTPStatus.TOO_MANY_REQUESTS else f"{_TYPES}{error.error_code}",
        "title": _title(status),
        "status": status,
        "detail": error.message,
        "code": error.error_code,
        "instance": f"urn:request:{request_id}",
        **{name: value for name, value in details.items() if name not in _OWN},
    }
    headers = {}
    if "retry_after" in details:
        headers["Retry-After"] = str(max(1, round(float(details["retry_after"]))))
    if status == HTTPStatus.UNAUTHORIZED:
        headers["WWW-Authenticate"] = "Bearer"
    return Response(json.dumps(document), status, headers, mimetype=MEDIA_TYPE)


def of_http(error: HTTPException) -> DailiesError:
    """What Flask itself refuses, in our words."""
    match error.code:
        case 404:
            return NotFound("There is no such resource: /api/v1/docs lists them.")
        case 405:
            return MethodNotAllowed("This can't be done with this resource: Allow says what can.")
        case 413:
            return TooLarge("The body is too large for this resource.")
    return InvalidRequest("The request can't be read: send it whole, as HTTP asks.", field="request")


def _title(status: int) -> str:
    try:
        return HTTPStatus(status).phrase
    except ValueError:
        # 499, as servers say of a caller that is gone.
        return "Cancelled"
