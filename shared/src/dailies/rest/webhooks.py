"""The routes of webhooks: endpoints, and what was sent to them."""

from __future__ import annotations

from datetime import timedelta
from typing import Any

from dailies.domain.job.webhook import Delivery, Endpoint
from dailies.rest import answers, calls
from dailies.rest.route import Asked, Reply
from dailies.services.webhooks.deliveries import list_deliveries, replay_delivery
from dailies.services.webhooks.endpoints import (
    NewSecret,
    create_endpoint,
    enable_endpoint,
    list_endpoints,
    remove_endpoint,
    rotate_secret,
)


def create_webhook(asked: Asked) -> Reply:
    call: calls.CreateWebhook = asked.body
    made = create_endpoint(asked.platform, asked.uid, url=call.url, events=call.events, new_id=asked.new_id)
    return Reply(_new(made))


def list_webhooks(asked: Asked) -> Reply:
    found = [answers.WebhookAnswer(**_told(each)) for each in list_endpoints(asked.platform, asked.uid)]
    return Reply(answers.WebhooksAnswer(webhooks=found))


def rotate_webhook(asked: Asked) -> Reply:
    call: calls.RotateKey = asked.body
    overlap = timedelta(hours=call.overlap_hours)
    return Reply(_new(rotate_secret(asked.platform, asked.uid, asked.path["webhook_id"], overlap)))


def enable_webhook(asked: Asked) -> Reply:
    found = enable_endpoint(asked.platform, asked.uid, asked.path["webhook_id"])
    return Reply(answers.WebhookAnswer(**_told(found)))


def delete_webhook(asked: Asked) -> Reply:
    found = remove_endpoint(asked.platform, asked.uid, asked.path["webhook_id"])
    return Reply(answers.WebhookAnswer(**_told(found)))


def list_webhook_deliveries(asked: Asked) -> Reply:
    query: calls.ListDeliveries = asked.query
    found = list_deliveries(asked.platform, asked.uid, query.limit)
    return Reply(answers.DeliveriesAnswer(deliveries=[_delivery(each) for each in found]))


def replay_webhook_delivery(asked: Asked) -> Reply:
    return Reply(_delivery(replay_delivery(asked.platform, asked.uid, asked.path["delivery_id"])))


def _new(made: NewSecret) -> answers.NewWebhookAnswer:
    return answers.NewWebhookAnswer(**_told(made.endpoint), secret=made.shown)


def _told(endpoint: Endpoint) -> dict[str, Any]:
    return {
        "webhook_id": endpoint.id,
        "url": endpoint.url,
        "events": list(endpoint.events),
        "created_at": endpoint.created,
        "disabled": endpoint.disabled,
    }


def _delivery(found: Delivery) -> answers.DeliveryAnswer:
    return answers.DeliveryAnswer(
        delivery_id=found.id,
        webhook_id=found.endpoint,
        job_id=found.job_id,
        event_type=found.event_type,
        body=found.body,
        state=found.state,
        reason=found.reason,
        attempts=[answers.AttemptAnswer(**each.model_dump()) for each in found.attempts],
        next_attempt_at=found.next_at if found.state == "pending" else None,
        created_at=found.created,
    )
