"""What was sent to a user's endpoints, and what came of it: listed, and sent anew."""

from __future__ import annotations

from dailies.domain.errors import Conflict, NotFound
from dailies.domain.job.webhook import Delivery
from dailies.engine.platform import Platform
from dailies.engine.store.webhooks import change_delivery, deliveries_of
from dailies.services.webhooks.telling import enqueue_delivery

MAX_LISTED = 200
MAX_ROUNDS = 10


def list_deliveries(platform: Platform, uid: str, limit: int) -> list[Delivery]:
    """The newest first, with their bodies and all tries."""
    return deliveries_of(platform, uid, min(limit, MAX_LISTED))


def replay_delivery(platform: Platform, uid: str, delivery_id: str) -> Delivery:
    """Send the message anew, of the same id, by the whole schedule.

    Raises NotFound, also for another's; Conflict ``delivery_pending`` while it is being sent, ``too_many_replays``.
    """

    def change(known: Delivery) -> Delivery:
        if known.uid != uid:
            raise NotFound(f"There is no delivery {delivery_id[:64]!r}: check its id.", code="delivery_not_found")
        if known.state == "pending":
            raise Conflict("This delivery is still being tried: nothing to send anew.", code="delivery_pending")
        if known.round >= MAX_ROUNDS:
            raise Conflict(f"This delivery was sent anew {MAX_ROUNDS} times already.", code="too_many_replays")
        anew = {"state": "pending", "reason": None, "round": known.round + 1, "earlier": len(known.attempts)}
        return known.model_copy(update={**anew, "next_at": platform.now()})

    delivery = change_delivery(platform, delivery_id, change)
    enqueue_delivery(platform, delivery)
    return delivery
