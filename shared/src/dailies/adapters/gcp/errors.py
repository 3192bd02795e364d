"""The only place where errors of Google's libraries become ours.

=======================================================  ================================================
ALREADY_EXISTS, FAILED_PRECONDITION, HTTP 409 and 412    Conflict
NOT_FOUND, HTTP 404                                      NotFound
PERMISSION_DENIED, UNAUTHENTICATED, HTTP 401 and 403     PlatformNotReady ``cloud_denied``: rights take
                                                         minutes to spread
no credentials at all                                    Misconfigured ``cloud_denied``
RESOURCE_EXHAUSTED, ABORTED, HTTP 408, 429, 5xx, no      TransientError
connection, no token just now, a damaged transfer,
CANCELLED: we cancel none, a server on its way out does
INVALID_ARGUMENT and every other 4xx                     PermanentError ``cloud_refused``
=======================================================  ================================================
"""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager

import google.auth.exceptions
import requests
import urllib3.exceptions
from google.api_core import exceptions
from google.cloud.storage.exceptions import DataCorruption, InvalidResponse

from dailies.domain.errors import (
    Conflict,
    DailiesError,
    Misconfigured,
    NotFound,
    PermanentError,
    PlatformNotReady,
    TransientError,
)

_NO_CONNECTION = (
    requests.exceptions.ConnectionError,
    requests.exceptions.ChunkedEncodingError,
    requests.exceptions.Timeout,
    urllib3.exceptions.HTTPError,
    google.auth.exceptions.TransportError,
    ConnectionError,
    TimeoutError,
)
VENDOR_ERRORS = (
    exceptions.GoogleAPIError,
    google.auth.exceptions.GoogleAuthError,
    DataCorruption,
    InvalidResponse,
    *_NO_CONNECTION,
)


@contextmanager
def translated(what: str) -> Iterator[None]:
    """Raise a DailiesError for what Google's libraries raise. ``what`` names the thing: "The document jobs/a"."""
    try:
        yield
    except VENDOR_ERRORS as error:
        raise translation(error, what) from error


def translation(error: Exception, what: str) -> DailiesError:
    """The error of ours that says the same."""
    if isinstance(error, exceptions.RetryError) and isinstance(error.cause, Exception):
        error = error.cause
    if isinstance(error, InvalidResponse):
        error = exceptions.from_http_status(error.response.status_code, str(error))
    if isinstance(error, exceptions.GoogleAPICallError):
        return _of_call(error, what)
    if isinstance(error, DataCorruption):
        return TransientError(f"{what} was damaged on its way: it is sent again.", code="checksum_mismatch")
    if _has_no_credentials(error):
        return Misconfigured(
            f"Google Cloud gave no credentials ({error}): run with a service account, or gcloud auth"
            " application-default login.",
            code="cloud_denied",
        )
    return _away(error, what)


def _of_call(error: exceptions.GoogleAPICallError, what: str) -> DailiesError:
    # ABORTED is a subclass of the HTTP conflict, and so is ALREADY_EXISTS: the order matters.
    if isinstance(error, (exceptions.Aborted, exceptions.Cancelled)):
        return _away(error, what)
    if isinstance(error, (exceptions.Conflict, exceptions.FailedPrecondition, exceptions.PreconditionFailed)):
        return Conflict(f"{what} was changed, made or removed by somebody else meanwhile.")
    if isinstance(error, exceptions.NotFound):
        return NotFound(f"{what} does not exist.")
    if isinstance(error, (exceptions.Forbidden, exceptions.Unauthorized)):
        return PlatformNotReady(
            f"{what} is denied to this service account ({error.message}): see docs/operations.md for its roles.",
            code="cloud_denied",
        )
    if error.code == 400 and "CRC32C" in str(error.message):
        return TransientError(f"{what} was damaged on its way: it is sent again.", code="checksum_mismatch")
    if isinstance(error, (exceptions.ServerError, exceptions.TooManyRequests)) or error.code == 408:
        return _away(error, what)
    return PermanentError(f"{what} was refused by Google Cloud: {error.message}", code="cloud_refused")


def _has_no_credentials(error: Exception) -> bool:
    # A token that could not be had just now is one of these, too, and says of itself that it may be asked for again.
    auth = google.auth.exceptions.GoogleAuthError
    return isinstance(error, auth) and not isinstance(error, _NO_CONNECTION) and not error.retryable


def _away(error: Exception, what: str) -> TransientError:
    return TransientError(f"{what} can't be reached at present ({type(error).__name__}): try again in a moment.")


def is_transient(error: Exception) -> bool:
    """Whether the same call may succeed in a moment."""
    found = translation(error, "") if isinstance(error, VENDOR_ERRORS) else None
    return isinstance(found, TransientError) and not isinstance(found, PlatformNotReady)
