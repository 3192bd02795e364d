"""What ``dailies webhooks …`` does, on this machine's store or on the deployment that the settings name."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import timedelta
from typing import Any

from dailies.cli.console import Console
from dailies.cli.opened import opened
from dailies.domain.job.webhook import Delivery, Endpoint
from dailies.services.webhooks.deliveries import list_deliveries, replay_delivery
from dailies.services.webhooks.endpoints import (
    NewSecret,
    create_endpoint,
    enable_endpoint,
    list_endpoints,
    remove_endpoint,
    rotate_secret,
)


def add(console: Console, uid: str, url: str, events: Sequence[str] | None) -> None:
    with opened() as platform:
        _emit_new(console, create_endpoint(platform, uid, url=url, events=events))


def show(console: Console, uid: str) -> None:
    with opened() as platform:
        found = list_endpoints(platform, uid)
    lines = [f"{each.id}  {each.url}  {each.disabled or ' '.join(each.events)}" for each in found]
    console.emit([_document(each) for each in found], "\n".join(lines) or "No endpoints: `dailies webhooks add URL`.")


def rotate(console: Console, uid: str, webhook_id: str, overlap_hours: float) -> None:
    with opened() as platform:
        _emit_new(console, rotate_secret(platform, uid, webhook_id, timedelta(hours=overlap_hours)))


def enable(console: Console, uid: str, webhook_id: str) -> None:
    with opened() as platform:
        found = enable_endpoint(platform, uid, webhook_id)
    console.emit(_document(found), f"{found.id} is sent to again.")


def remove(console: Console, uid: str, webhook_id: str) -> None:
    with opened() as platform:
        found = remove_endpoint(platform, uid, webhook_id)
    console.emit(_document(found), f"Removed {found.id} ({found.url}).")


def deliveries(console: Console, uid: str, limit: int) -> None:
    with opened() as platform:
        found = list_deliveries(platform, uid, limit)
    console.emit([_delivery(each) for each in found], "\n".join(map(_line, found)) or "Nothing was sent yet.")


def replay(console: Console, uid: str, delivery_id: str) -> None:
    with opened() as platform:
        found = replay_delivery(platform, uid, delivery_id)
    console.emit(_delivery(found), f"{found.id} is sent anew, by `dailies up` or the deployment.")


def _emit_new(console: Console, made: NewSecret) -> None:
    text = f"{made.shown}\n{made.endpoint.id}: keep the secret now, it is shown this once."
    console.emit({**_document(made.endpoint), "secret": made.shown}, text)


def _document(endpoint: Endpoint) -> dict[str, Any]:
    return {
        "webhook_id": endpoint.id,
        "url": endpoint.url,
        "events": list(endpoint.events),
        "created": endpoint.created.isoformat(),
        "disabled": endpoint.disabled,
    }


def _delivery(delivery: Delivery) -> dict[str, Any]:
    return delivery.model_dump(mode="json", exclude={"uid", "round", "earlier", "sequence"})


def _line(delivery: Delivery) -> str:
    last = delivery.attempts[-1] if delivery.attempts else None
    came = "" if last is None else str(last.status or last.code)
    tries = f"{len(delivery.attempts)} tries" if len(delivery.attempts) != 1 else "1 try"
    return "  ".join(part for part in (delivery.id, delivery.event_type, delivery.state, tries, came) if part)
