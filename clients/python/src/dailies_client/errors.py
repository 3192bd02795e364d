"""Every error of the client.

::

    DailiesClientError
    ├── ApiError                 the server refused: its problem document, by status and code
    │   ├── BadRequest           400, 405, 413, 415, 422: another call is needed
    │   ├── Unauthenticated      401
    │   ├── OverBudget           402
    │   ├── Forbidden            403
    │   ├── NotFound             404
    │   ├── Conflict             409
    │   ├── TooManyRequests      429: `retry_after` says when to ask again
    │   └── ServerError          5xx
    ├── ConnectionFailed         no answer came, after all retries
    ├── JobFailed                a job ended without a result: failed, cancelled or expired
    ├── WaitTimeout              a job goes on; `job_id` and `after` are where to wait again
    ├── UploadFailed             a file didn't arrive; `session` is where it can go on
    └── InvalidSignature         a webhook that is not the server's, or too old
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any


@dataclass(frozen=True, slots=True)
class UploadSession:
    """Where a file goes: kept, it lets another process go on. ``url`` is a secret."""

    job_id: str
    url: str = field(repr=False)


class DailiesClientError(Exception):
    """Root of the tree; never raised itself."""


class ApiError(DailiesClientError):
    """The server's refusal. ``code`` is stable; ``details`` are the further fields of the problem document."""

    def __init__(self, status: int, problem: Mapping[str, Any], retry_after: float | None = None) -> None:
        self.status = status
        self.code = str(problem.get("code", "unknown"))
        self.message = str(problem.get("detail", f"The server answered {status}."))
        self.request = problem.get("instance")
        known = {"type", "title", "status", "detail", "code", "instance"}
        self.details = {name: value for name, value in problem.items() if name not in known}
        self.retry_after = retry_after
        super().__init__(f"{self.code}: {self.message}")


class BadRequest(ApiError):
    """The call has to be another one; ``details["field"]`` names where, for most."""


class Unauthenticated(ApiError):
    """The key or token is missing, ended or wrong."""


class OverBudget(ApiError):
    """The job would cost more than its recipe allows."""


class Forbidden(ApiError):
    """The key may not do this."""


class NotFound(ApiError):
    """There is no such thing, or it is somebody else's."""


class Conflict(ApiError):
    """A precondition did not hold."""


class TooManyRequests(ApiError):
    """Over a limit."""


class ServerError(ApiError):
    """A fault of the server's."""


class ConnectionFailed(DailiesClientError):
    """No answer came."""


class JobFailed(DailiesClientError):
    """A job that ended without a result."""

    def __init__(self, job_id: str, status: str, code: str, message: str) -> None:
        self.job_id = job_id
        self.status = status
        self.code = code
        self.message = message
        super().__init__(f"job {job_id} {status}: {code}: {message}")


class WaitTimeout(DailiesClientError):
    """The time is over and the job goes on: ``client.jobs.wait(error.job_id, after=error.after)`` waits again."""

    def __init__(self, job_id: str, after: int) -> None:
        self.job_id = job_id
        self.after = after
        super().__init__(f"job {job_id} has not ended yet: wait for it again by its id")


class UploadFailed(DailiesClientError):
    """The file did not arrive: ``client.upload(path, resume=error.session)`` goes on where it stopped."""

    def __init__(self, session: UploadSession, message: str) -> None:
        self.session = session
        super().__init__(message)


class InvalidSignature(DailiesClientError):
    """The message is not to be believed."""


_BY_STATUS: dict[int, type[ApiError]] = {
    401: Unauthenticated,
    402: OverBudget,
    403: Forbidden,
    404: NotFound,
    409: Conflict,
    429: TooManyRequests,
}


def api_error(status: int, problem: Mapping[str, Any], retry_after: float | None = None) -> ApiError:
    """The error of an answer's status."""
    kind = _BY_STATUS.get(status, ServerError if status >= 500 else BadRequest)
    return kind(status, problem, retry_after)
