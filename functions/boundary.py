"""Between the world and the services: decodes what came, and is the only place that maps our errors outward."""

from __future__ import annotations

import functools
import json
from collections.abc import Callable
from typing import Annotated, Any, TypeVar

from firebase_functions.https_fn import CallableRequest, FunctionsErrorCode, HttpsError
from flask import Request, Response
from pydantic import BaseModel, ConfigDict, StringConstraints, ValidationError

import wiring
from dailies.domain.errors import DailiesError, InvalidRequest, PermanentError, Unauthenticated
from dailies.logs import Logger
from dailies.ports.signed_urls import SignedRequest

_MAX_BODY_BYTES = 1 << 20

log = Logger(__name__)

Handler = Callable[[Request], Response]
Service = Callable[[CallableRequest[Any]], Any]


class Call(BaseModel):
    """What a callable is given: exact types, and no field that nobody reads."""

    model_config = ConfigDict(frozen=True, extra="forbid", strict=True)


JobId = Annotated[str, StringConstraints(pattern=r"^[A-Za-z0-9]{1,64}$")]
C = TypeVar("C", bound=Call)


def decode(kind: type[C], data: Any) -> C:
    """Raises InvalidRequest that names the first wrong field."""
    try:
        return kind.model_validate(data)
    except ValidationError as error:
        problem = error.errors(include_url=False, include_input=False, include_context=False)[0]
        where = ".".join(map(str, problem["loc"])) or "data"
        raise InvalidRequest(f"{where}: {problem['msg']}.", field=where) from error


def signed_in(request: CallableRequest[Any]) -> str:
    """The caller's uid. Raises Unauthenticated, also for an app that is not attested where that is asked for."""
    settings = wiring.platform().settings
    if settings.require_app_check and request.app is None:
        raise Unauthenticated("This app is not attested by App Check: update it.", code="app_check_failed")
    if request.auth is None or not request.auth.uid:
        raise Unauthenticated("Sign in first.")
    provider = request.auth.token.get("firebase", {}).get("sign_in_provider")
    if provider == "anonymous" and not settings.allow_anonymous:
        raise Unauthenticated("Sign in with an account: guests can't have jobs here.", code="anonymous_refused")
    return str(request.auth.uid)


def errors_to_caller(service: Service) -> Service:
    """Around a callable's body: our errors reach the client with their stable code in ``details``."""

    @functools.wraps(service)
    def answer(request: CallableRequest[Any]) -> Any:
        try:
            return service(request)
        except DailiesError as error:
            raise as_https_error(error) from error
        except Exception as error:
            log.exception("internal error", function=service.__name__)
            raise as_https_error(DailiesError("Internal error: try again, and report it if it stays.")) from error

    return answer


def as_https_error(error: DailiesError) -> HttpsError:
    """``details`` is ``{"code": …}`` with the error's own details beside it."""
    details = json.loads(json.dumps(error.details, default=str))
    return HttpsError(FunctionsErrorCode(error.callable_status), error.message, {**details, "code": error.error_code})


def encode_request(request: SignedRequest) -> dict[str, Any]:
    """The request that the client has to make, every header included."""
    return {
        "url": request.url,
        "method": request.method,
        "headers": dict(request.headers),
        "expiresAt": request.expires.isoformat(),
    }


def json_only(handler: Any) -> Handler:
    """Around an HTTP function of firebase-functions (whose types don't say so): a body that can't be read is the
    caller's mistake.

    firebase-functions alone answers 500 for what is no JSON, or is JSON but no object.
    """

    @functools.wraps(handler)
    def answer(request: Request) -> Response:
        try:
            if request.method == "POST" and not _readable(request):
                raise InvalidRequest('The body can\'t be read: send the JSON object {"data": …}.', field="body")
            wiring.firebase_app()
        except DailiesError as error:
            body = {"error": as_https_error(error)._as_dict()}  # noqa: SLF001 - the form that its handler sends
            return Response(
                json.dumps(body),
                400,
                # As the decorated function answers: a browser must be able to read why.
                {"Access-Control-Allow-Origin": "*"},
                mimetype="application/json",
            )
        answered: Response = handler(request)
        return answered

    return answer


def _readable(request: Request) -> bool:
    if not request.is_json or (request.content_length or 0) > _MAX_BODY_BYTES:
        return False
    try:
        body = json.loads(request.get_data())
    except (ValueError, RecursionError):
        return False
    return isinstance(body, dict) and "data" in body


def unless_permanent(work: Callable[[], object], **about: object) -> None:
    """For tasks and events: a permanent error is told and swallowed, because the same again gives the same.

    Everything else is raised, so that the queue retries.
    """
    try:
        work()
    except PermanentError as error:
        log.error("dropped", code=error.error_code, error=error.message, **about)
