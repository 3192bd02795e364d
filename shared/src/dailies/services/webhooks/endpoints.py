"""Endpoints of a user's: made, listed, given a new secret, enabled again, removed."""

from __future__ import annotations

import secrets
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import timedelta

from dailies.domain.errors import InvalidRequest, NotFound, PermanentError, QuotaExceeded, UrlRefused
from dailies.domain.job.job import Job
from dailies.domain.job.uploads import check_uid
from dailies.domain.job.webhook import EVENT_TYPES, JOB_EVENTS, Endpoint, SigningSecret
from dailies.domain.web.signature import SECRET_BYTES, shown_secret
from dailies.domain.web.url import parse_url
from dailies.engine.platform import Platform
from dailies.engine.store.webhooks import Endpoints, change_endpoints, endpoints_of

MAX_ENDPOINTS = 20
MAX_OVERLAP = timedelta(days=30)
#: Holds the secret that calls to jobs' own URLs are signed with; nothing is sent to it.
OF_JOBS = "jobs"
_ID_BYTES = 8


@dataclass(frozen=True, slots=True)
class NewSecret:
    """``shown`` is what a receiver verifies with."""

    endpoint: Endpoint
    shown: str


def create_endpoint(
    platform: Platform, uid: str, *, url: str, events: Sequence[str] | None = None, new_id: str | None = None
) -> NewSecret:
    """An endpoint that is told of the events, by default of all but single steps.

    With ``new_id``, an id set aside for it, another call gives the same endpoint. Raises InvalidRequest for events that
    there are not, UrlRefused, QuotaExceeded ``too_many_endpoints``, Forbidden.
    """
    check_uid(uid)
    wanted = tuple(dict.fromkeys(events)) if events is not None else JOB_EVENTS
    unknown = [name for name in wanted if name not in EVENT_TYPES]
    if unknown or not wanted:
        raise InvalidRequest(f"events: there are {', '.join(EVENT_TYPES)}.", field="events")
    check_url(platform, url)
    endpoint_id = new_id or secrets.token_hex(_ID_BYTES)
    made = Endpoint(id=endpoint_id, url=url, events=wanted, secrets=(_new_secret(),), created=platform.now())

    def add(known: Endpoints) -> Endpoints:
        if endpoint_id in known:
            return known
        if len(known.keys() - {OF_JOBS}) >= MAX_ENDPOINTS:
            raise QuotaExceeded(
                f"There are {MAX_ENDPOINTS} endpoints, which is the most: remove some.", code="too_many_endpoints"
            )
        return {**known, endpoint_id: made}

    return _told(change_endpoints(platform, uid, add)[endpoint_id])


def check_url(platform: Platform, url: str, field: str = "url") -> None:
    """Raise UrlRefused unless it is https, to a port that may be named. Where it leads to is looked at on each way."""
    try:
        parse_url(url, platform.settings.fetch_ports)
    except UrlRefused as error:
        raise UrlRefused(error.message, code=error.error_code, **{**error.details, "field": field}) from error


def list_endpoints(platform: Platform, uid: str) -> list[Endpoint]:
    """In the order in which they were made."""
    return [each for each in endpoints_of(platform, uid).values() if each.id != OF_JOBS]


def rotate_secret(platform: Platform, uid: str, endpoint_id: str, overlap: timedelta) -> NewSecret:
    """A new secret; for the ``overlap`` messages are signed with that before as well. Raises NotFound, InvalidRequest.

    Of ``jobs``, the secret for jobs' own URLs, there is none before the first call.
    """
    if not timedelta(0) <= overlap <= MAX_OVERLAP:
        raise InvalidRequest(f"overlap: at most {MAX_OVERLAP.days} days.", field="overlap_hours")
    now = platform.now()

    def rotate(known: Endpoints) -> Endpoints:
        if endpoint_id == OF_JOBS and endpoint_id not in known:
            of_jobs = Endpoint(id=OF_JOBS, url="", events=(), secrets=(_new_secret(),), created=now)
            return {**known, OF_JOBS: of_jobs}
        endpoint = _found(known, endpoint_id)
        until = now + overlap
        old = [
            secret.model_copy(update={"until": min(secret.until or until, until)})
            for secret in endpoint.secrets
            if secret.until is None or secret.until > now
        ]
        changed = endpoint.model_copy(update={"secrets": (_new_secret(), *old)})
        return {**known, endpoint_id: changed}

    return _told(change_endpoints(platform, uid, rotate)[endpoint_id])


def enable_endpoint(platform: Platform, uid: str, endpoint_id: str) -> Endpoint:
    """Send to it again: what was missed can be replayed. Idempotent. Raises NotFound."""
    return _set_disabled(platform, uid, endpoint_id, None)


def disable_endpoint(platform: Platform, uid: str, endpoint_id: str, why: str) -> Endpoint:
    """Send nothing to it any more. Idempotent. Raises NotFound."""
    return _set_disabled(platform, uid, endpoint_id, why)


def remove_endpoint(platform: Platform, uid: str, endpoint_id: str) -> Endpoint:
    """What is still to be sent to it is given up. Raises NotFound."""
    removed: list[Endpoint] = []

    def remove(known: Endpoints) -> Endpoints:
        removed[:] = [_found(known, endpoint_id)]
        return {name: each for name, each in known.items() if name != endpoint_id}

    change_endpoints(platform, uid, remove)
    return removed[0]


def check_webhook(platform: Platform, uid: str, webhook: str | None) -> None:
    """Refuse a job's own URL that can't be called: UrlRefused, PermanentError ``webhook_secret_missing``."""
    if webhook is None:
        return
    check_url(platform, webhook, "webhook_url")
    if OF_JOBS not in endpoints_of(platform, uid):
        raise PermanentError(
            "Calls to webhook_url are signed: make a secret for them first, by POST /api/v1/webhooks/jobs/rotate"
            " or `dailies webhooks rotate jobs`.",
            code="webhook_secret_missing",
            field="webhook_url",
        )


def listening(platform: Platform, job: Job) -> Endpoints:
    """All that may be told of the job, its own URL among them."""
    known = endpoints_of(platform, job.uid)
    of_jobs = known.pop(OF_JOBS, None)
    if job.webhook is None or of_jobs is None:
        return known
    own = of_jobs.model_copy(
        update={"id": f"job-{job.id}", "url": job.webhook, "events": JOB_EVENTS, "created": job.created}
    )
    return {**known, own.id: own}


def _set_disabled(platform: Platform, uid: str, endpoint_id: str, why: str | None) -> Endpoint:
    def change(known: Endpoints) -> Endpoints:
        return {**known, endpoint_id: _found(known, endpoint_id).model_copy(update={"disabled": why})}

    return change_endpoints(platform, uid, change)[endpoint_id]


def _found(known: Endpoints, endpoint_id: str) -> Endpoint:
    if endpoint_id not in known:
        raise NotFound(f"There is no endpoint {endpoint_id[:64]!r}: check its id.", code="endpoint_not_found")
    return known[endpoint_id]


def _told(endpoint: Endpoint) -> NewSecret:
    return NewSecret(endpoint, endpoint.secrets[0].value)


def _new_secret() -> SigningSecret:
    return SigningSecret(value=shown_secret(secrets.token_bytes(SECRET_BYTES)))
