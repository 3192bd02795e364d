"""``sweep``: the scheduled rounds."""

from __future__ import annotations

from firebase_functions import scheduler_fn

import boundary
import wiring
from dailies.services.upkeep.sweep import sweep as sweep_jobs


@boundary.body_bounded
# The scheduler's own is Terraform's sweep_schedule: the decorator asks for one, and tests hold it to that.
@scheduler_fn.on_schedule(schedule="*/5 * * * *")
def sweep(_event: scheduler_fn.ScheduledEvent) -> None:
    sweep_jobs(wiring.platform())
