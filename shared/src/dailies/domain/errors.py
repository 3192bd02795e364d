"""Every error that Dailies raises on purpose.

::

    DailiesError
    ├── PermanentError            never retried: trying again gives the same answer
    │   ├── InvalidRequest        a call's fields are missing or of the wrong type
    │   │   ├── KeyReused         an Idempotency-Key came with another call before
    │   │   ├── TooLarge          a body has more bytes than its resource takes
    │   │   ├── MethodNotAllowed  nothing of that kind can be done with the resource
    │   │   └── UnsupportedMedia  a body is of a type that isn't read there
    │   ├── Unauthenticated       the caller did not say who it is, or can't prove it
    │   ├── InvalidRecipe         the recipe (or a command's options) asks the impossible
    │   ├── SourceRefused         the media is broken, encrypted, hostile or of no known kind
    │   ├── UrlRefused            a URL that is not asked, or whose server's answer is not taken
    │   ├── NotFound              a job, object or file that does not exist
    │   ├── Conflict              a precondition failed: it exists already, or somebody was faster
    │   ├── Forbidden             the caller may not do this
    │   ├── QuotaExceeded         over a limit that only time or an operator can lift
    │   ├── OverBudget            the recipe would cost, or has cost, more than its budget_usd
    │   ├── Misconfigured         a setting or a tool is missing, too old or contradictory
    │   ├── QualityNotReached     an output was made but failed its own verification
    │   ├── PoisonStep            a step crashed its worker too often
    │   └── Cancelled             somebody asked for the work to stop
    └── TransientError            retried with backoff: the same call may succeed later
        ├── StorageFull           no space left for scratch, artifacts or the destination
        ├── SourceChanged         the source was altered or removed while it was being read
        ├── Killed                a tool was ended from outside, as the system does for want of memory
        ├── RateLimited           a service that a step asks takes no more for now
        ├── LeaseLost             another worker owns the step now
        ├── PlatformNotReady      the platform refuses its own parts: rights that still spread, a deployment to mend
        └── Interrupted           the platform asked the process to stop; the work continues elsewhere

Each class has a stable ``code`` (what a program switches on), the HTTP ``status`` and the callable
``callable_status`` (google.rpc.Code in Firebase's spelling) it maps to at the boundary. ``message`` is
one sentence that a user can act on; ``details`` is JSON-compatible.
"""

from __future__ import annotations

import json
from collections.abc import Mapping
from typing import Any, ClassVar


class DailiesError(Exception):
    """Root of the tree; never raised itself."""

    code: ClassVar[str] = "internal"
    status: ClassVar[int] = 500
    callable_status: ClassVar[str] = "internal"

    def __init__(self, message: str, *, code: str | None = None, **details: object) -> None:
        """``code`` narrows the class's code (``source_truncated`` is a ``SourceRefused``)."""
        super().__init__(message)
        self.message = message
        self.error_code = code or type(self).code
        self.details: dict[str, object] = details

    def as_dict(self) -> dict[str, object]:
        """The public form: ``{"code", "message", "details"}``."""
        return {"code": self.error_code, "message": self.message, "details": self.details}


class PermanentError(DailiesError):
    """Trying again gives the same answer."""

    code = "failed"
    status = 400
    callable_status = "failed-precondition"
    of_output: ClassVar[bool] = True
    """Whether a job may do without an optional output that meets it; not where the job or the machine is at fault."""


class TransientError(DailiesError):
    """The same call may succeed later; queues and workers retry it with backoff."""

    code = "unavailable"
    status = 503
    callable_status = "unavailable"
    ends_job: ClassVar[bool] = False
    """True where a retry within the same job can't help: somebody has to act first."""
    counts: ClassVar[bool] = True
    """False where the attempt was not spent: it says nothing about the step."""

    @property
    def retry_after(self) -> float | None:
        """The seconds after which whoever refused may be asked again, as far as it has said (a 429 does)."""
        seconds = self.details.get("retry_after")
        return max(0.0, float(seconds)) if isinstance(seconds, int | float) else None


class InvalidRequest(PermanentError):
    """The call can't be read; ``details["field"]`` names where."""

    of_output = False
    code = "invalid_request"
    callable_status = "invalid-argument"


class Unauthenticated(PermanentError):
    """Nobody is signed in, or the app itself is not attested."""

    of_output = False
    code = "unauthenticated"
    status = 401
    callable_status = "unauthenticated"


class InvalidRecipe(PermanentError):
    """The recipe or the options are refused before anything runs; ``details["field"]`` names where."""

    code = "invalid_recipe"
    callable_status = "invalid-argument"


class SourceRefused(PermanentError):
    """The source can't be used; the code says why (``not_media``, ``source_truncated``, ``no_audio`` …)."""

    code = "source_refused"
    status = 422
    callable_status = "invalid-argument"


class UrlRefused(PermanentError):
    """The URL is not asked, or what its server answers is not taken; the code says why (``address_refused`` …)."""

    of_output = False
    code = "url_refused"
    status = 422
    callable_status = "invalid-argument"


class NotFound(PermanentError):
    """There is no such thing."""

    of_output = False
    code = "not_found"
    status = 404
    callable_status = "not-found"


class Conflict(PermanentError):
    """A precondition did not hold."""

    of_output = False
    code = "conflict"
    status = 409
    callable_status = "already-exists"


class Forbidden(PermanentError):
    """The caller may not do this."""

    of_output = False
    code = "forbidden"
    status = 403
    callable_status = "permission-denied"


class QuotaExceeded(PermanentError):
    """A limit is reached."""

    of_output = False
    code = "quota_exceeded"
    status = 429
    callable_status = "resource-exhausted"


class OverBudget(PermanentError):
    """The job would cost more than its recipe allows, or has come to do so."""

    of_output = False
    code = "over_budget"
    status = 402
    callable_status = "failed-precondition"


class Misconfigured(PermanentError):
    """A setting or a tool is missing, too old or contradictory; the message names it and the fix."""

    of_output = False
    code = "misconfigured"
    status = 500
    callable_status = "failed-precondition"


class QualityNotReached(PermanentError):
    """The output was made, measured and found outside tolerance; ``details["checks"]`` has the figures."""

    code = "quality_not_reached"
    status = 500
    callable_status = "internal"


class PoisonStep(PermanentError):
    """A step took its worker down as often as is allowed."""

    code = "poison_step"
    status = 500
    callable_status = "internal"


class Cancelled(PermanentError):
    """The job was cancelled."""

    of_output = False
    code = "cancelled"
    status = 499
    callable_status = "cancelled"


class StorageFull(TransientError):
    """No space left; the message names the volume."""

    ends_job = True
    code = "storage_full"
    status = 507
    callable_status = "resource-exhausted"


class SourceChanged(TransientError):
    """The source's bytes are no longer those that the job was planned on."""

    ends_job = True
    code = "source_changed"
    status = 409
    callable_status = "aborted"


class Killed(TransientError):
    """A tool was ended by a signal from outside: its step is tried again, and this counts as a crash of it."""

    code = "killed"


class RateLimited(TransientError):
    """A service takes no more for now; ``details["retry_after"]`` has the seconds to wait, where it says so."""

    code = "rate_limited"
    status = 429
    callable_status = "resource-exhausted"


class LeaseLost(TransientError):
    """The step's lease was taken over; nothing of this attempt may be committed."""

    counts = False
    code = "lease_lost"
    status = 409
    callable_status = "aborted"


class PlatformNotReady(TransientError):
    """The platform denies or refuses what the service itself does: tried again until the job's deadline."""

    counts = False
    code = "platform_not_ready"


class Interrupted(TransientError):
    """The process was asked to stop; the step is released for another worker."""

    counts = False
    code = "interrupted"
    callable_status = "unavailable"


def record_of(error: DailiesError) -> dict[str, object]:
    """The stored form: the public one and the class, so that :func:`restore` gives the same error back."""
    details = json.loads(json.dumps(error.details, default=str))
    return {**error.as_dict(), "details": details, "class": type(error).__name__}


def restore(record: Mapping[str, Any]) -> DailiesError:
    """The error that :func:`record_of` stored."""

    def walk(kind: type[DailiesError]) -> type[DailiesError] | None:
        if kind.__name__ == record.get("class"):
            return kind
        return next((found for child in kind.__subclasses__() if (found := walk(child))), None)

    kind = walk(DailiesError) or DailiesError
    return kind(record["message"], code=record["code"], **record.get("details", {}))
