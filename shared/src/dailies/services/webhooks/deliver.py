"""Sends one event to one endpoint, once: what comes of it says when, and whether, it is tried again."""

from __future__ import annotations

import random
import time

from dailies.domain.errors import DailiesError, NotFound
from dailies.domain.job.webhook import ANSWER_SECONDS, Attempt, Delivery, Endpoint, pause_after
from dailies.domain.stop import StopToken
from dailies.domain.web.http_headers import retry_after
from dailies.domain.web.signature import read_secret, sign
from dailies.engine.delivery_queue import EARLY
from dailies.engine.platform import Platform
from dailies.engine.store.jobs import load_job
from dailies.engine.store.webhooks import change_delivery, find_delivery
from dailies.logs import Logger
from dailies.ports.egress import Bounds
from dailies.services.webhooks.endpoints import disable_endpoint, listening
from dailies.services.webhooks.telling import enqueue_delivery

_SUCCESS = range(200, 300)
_GONE = 410
# Nothing of an answer is read but its head.
_BOUNDS = Bounds(max_bytes=1, seconds=ANSWER_SECONDS, idle_seconds=ANSWER_SECONDS, redirects=0)

log = Logger(__name__)


def deliver(platform: Platform, delivery_id: str, stop: StopToken) -> Delivery | None:
    """Make the try that is due, and note what came of it; None where there is nothing to do.

    At least once: a process that dies between the answer and the note sends the same message, of the same id, again.
    ``stop`` breaks it off, and it counts as no try. Raises TransientError of the store.
    """
    try:
        delivery = find_delivery(platform, delivery_id)
    except NotFound:
        return None
    if delivery.state != "pending" or delivery.next_at > platform.now() + EARLY:
        return None
    endpoint = _endpoint(platform, delivery)
    if endpoint is None:
        return _note(platform, delivery, None, None, "The endpoint was removed, or nothing is sent to it any more.")
    attempt, wait = _send(platform, delivery, endpoint, stop)
    if attempt.status == _GONE and not endpoint.id.startswith("job-"):
        disable_endpoint(platform, delivery.uid, endpoint.id, "It answered 410: it is gone.")
    reason = "The endpoint answered 410: it is gone." if attempt.status == _GONE else None
    return _note(platform, delivery, attempt, wait, reason)


def _send(platform: Platform, delivery: Delivery, endpoint: Endpoint, stop: StopToken) -> tuple[Attempt, float | None]:
    now = platform.now()
    timestamp, body = int(now.timestamp()), delivery.body.encode()
    secrets = [read_secret(shown) for shown in endpoint.secrets_at(now)]
    headers = {
        "Content-Type": "application/json",
        "webhook-id": delivery.id,
        "webhook-timestamp": str(timestamp),
        "webhook-signature": sign(secrets, delivery.id, timestamp, body),
    }
    begun = time.monotonic()
    status, code, wait = None, None, None
    try:
        with platform.egress.open(
            endpoint.url, _BOUNDS, stop=stop, method="POST", headers=headers, body=body
        ) as answer:
            status, wait = answer.status, retry_after(answer.headers, now).get("retry_after")
    except DailiesError as error:
        stop.check()
        code = error.error_code
    return Attempt(at=now, status=status, code=code, seconds=round(time.monotonic() - begun, 3)), wait


def _note(
    platform: Platform, delivery: Delivery, attempt: Attempt | None, wait: float | None, reason: str | None
) -> Delivery:
    chance = random.random()  # noqa: S311 - spreads the tries

    def change(known: Delivery) -> Delivery:
        if known.task != delivery.task or known.state != "pending":
            # Somebody else has made this try, too, and noted it before.
            return known
        attempts = known.attempts if attempt is None else (*known.attempts, attempt)
        changed = known.model_copy(update={"attempts": attempts, "reason": reason})
        if attempt is not None and attempt.status is not None and attempt.status in _SUCCESS:
            return changed.model_copy(update={"state": "delivered"})
        pause = None if reason is not None else pause_after(changed.failures, wait, chance)
        if pause is None:
            why = reason or f"It failed {changed.failures} times: see its attempts."
            return changed.model_copy(update={"state": "given_up", "reason": why})
        return changed.model_copy(update={"next_at": platform.now() + pause})

    noted = change_delivery(platform, delivery.id, change)
    if noted.state == "pending":
        enqueue_delivery(platform, noted)
    elif noted.state == "given_up":
        log.warning("a webhook was given up", delivery=noted.id, endpoint=noted.endpoint, job=noted.job_id)
    return noted


def _endpoint(platform: Platform, delivery: Delivery) -> Endpoint | None:
    """Where it goes to now; None where nothing is sent any more."""
    try:
        job = load_job(platform, delivery.job_id)
    except NotFound:
        return None
    found = listening(platform, job).get(delivery.endpoint)
    return None if found is None or found.disabled is not None else found
