"""Between the world and the services: decodes what came, and is the only place that maps our errors outward."""

from __future__ import annotations

import functools
import io
import json
from collections.abc import Callable
from typing import TYPE_CHECKING, Annotated, Any

from cloudevents.http import CloudEvent
from firebase_functions.https_fn import CallableRequest, FunctionsErrorCode, HttpsError
from flask import Request, Response, current_app, has_app_context
from pydantic import BaseModel, ConfigDict, StringConstraints, ValidationError
from werkzeug.exceptions import BadRequest, HTTPException

import wiring
from dailies.domain.call import Call, JobId, decode
from dailies.domain.errors import DailiesError, InvalidRequest, PermanentError, Unauthenticated
from dailies.logs import Logger
from dailies.ports.signed_urls import SignedRequest

if TYPE_CHECKING:
    from dailies.adapters.gcp.identity import FirebaseUsers

_MAX_BODY_BYTES = 1 << 20

__all__ = ["Call", "JobId", "decode"]

log = Logger(__name__)

Handler = Callable[[Request], Response]
Service = Callable[[CallableRequest[Any]], Any]


def signed_in(request: CallableRequest[Any]) -> str:
    """The caller's uid. Raises Unauthenticated, also for an app that is not attested where that is asked for."""
    users = _users()
    users.require_attested(attested=request.app is not None)
    if request.auth is None or not request.auth.uid:
        raise Unauthenticated("Sign in first.")
    return users.uid_of_claims(request.auth.token, str(request.auth.uid))


def uid_of_token(token: str, request: Request) -> str:
    """The uid behind an ID token of Firebase's; raises as :func:`signed_in` does, for the REST door."""
    return _users().uid_of_token(token, request.headers.get("X-Firebase-AppCheck", ""))


def _users() -> FirebaseUsers:
    from dailies.adapters.gcp.identity import FirebaseUsers

    settings = wiring.platform().settings
    return FirebaseUsers(settings.require_app_check, settings.allow_anonymous)


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


def encode_new(job_id: str, operation_path: str) -> dict[str, Any]:
    """A job that was made, and where its progress is told."""
    return {"jobId": job_id, "operationPath": operation_path, "database": wiring.platform().settings.database}


def json_only(handler: Any) -> Handler:
    """Around an HTTP function of firebase-functions (whose types don't say so): a body that can't be read is the
    caller's mistake.

    firebase-functions alone reads whatever comes, and answers 500 for what is no JSON, or is JSON but no object.
    """

    @functools.wraps(handler)
    def answer(request: Request) -> Response:
        from dailies.adapters.gcp.identity import firebase_app

        try:
            body = _read_body(request)
            if request.method == "POST" and not (request.is_json and _is_call(body)):
                raise InvalidRequest('The body can\'t be read: send the JSON object {"data": …}.', field="body")
            firebase_app()
        except DailiesError as error:
            return _refusal(error)
        answered: Response = handler(request)
        return answered

    return answer


def body_bounded(handler: Any) -> Handler:
    """Around an HTTP function: a body of more than 1 MiB is refused, whoever sends it and however it is sent."""

    @functools.wraps(handler)
    def answer(request: Request) -> Response:
        try:
            _read_body(request)
        except DailiesError as error:
            return _refusal(error)
        answered: Response = handler(request)
        return answered

    return answer


def limit_bodies() -> None:
    """Have the runtime refuse what is too large before it reads it for us, as it does for events."""
    if has_app_context():
        current_app.config["MAX_CONTENT_LENGTH"] = _MAX_BODY_BYTES


def about_an_object(handler: Any) -> Callable[[CloudEvent], None]:
    """Around an event function: what names no object is told to its sender as a bad request.

    Decoded without a look, it would be a fault of ours; and the queue's dead letter keeps it for who wonders.
    """

    @functools.wraps(handler)
    def answer(event: CloudEvent) -> None:
        try:
            data = Finalized.model_validate(event.get_data())
        except ValidationError as error:
            raise BadRequest("This event is about no object: its data lacks the name or the generation.") from error
        handler(CloudEvent(event.get_attributes(), data.model_dump()))

    return answer


class Finalized(BaseModel):
    """What firebase-functions insists on in the data of an event about an object; the rest goes unread."""

    model_config = ConfigDict(strict=True)

    bucket: str
    name: str
    generation: Annotated[str, StringConstraints(pattern=r"^[0-9]{1,19}$")]
    id: str
    metageneration: str
    size: str
    storageClass: str  # noqa: N815 - Cloud Storage's spelling


def _refusal(error: DailiesError) -> Response:
    body = {"error": as_https_error(error)._as_dict()}  # noqa: SLF001 - the form that its handler sends
    # As the decorated function answers: a browser must be able to read why.
    return Response(json.dumps(body), 400, {"Access-Control-Allow-Origin": "*"}, mimetype="application/json")


def _read_body(request: Request) -> bytes:
    """The body, kept for whoever reads it next. Raises InvalidRequest for one that is too large or breaks off."""
    request.max_content_length = _MAX_BODY_BYTES
    try:
        return request.get_data()
    except HTTPException as error:
        # functions-framework reads what is left, all at once, before it answers.
        request.stream = io.BytesIO()
        raise InvalidRequest(f"The body can't be read: send it whole, {_MAX_BODY_BYTES} bytes at most.") from error


def _is_call(body: bytes) -> bool:
    try:
        call = json.loads(body)
    except (ValueError, RecursionError):
        return False
    return isinstance(call, dict) and "data" in call


def unless_permanent(work: Callable[[], object], **about: object) -> None:
    """For tasks and events: a permanent error is told and swallowed, because the same again gives the same.

    Everything else is raised, so that the queue retries.
    """
    try:
        work()
    except PermanentError as error:
        log.error("dropped", code=error.error_code, error=error.message, **about)
