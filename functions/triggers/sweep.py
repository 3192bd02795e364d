"""``sweep``: the scheduled rounds."""

from __future__ import annotations

from firebase_functions import scheduler_fn

import boundary
import wiring
from dailies.services.sweep import sweep as sweep_jobs


@boundary.body_bounded
@scheduler_fn.on_schedule(schedule="every 5 minutes")
def sweep(_event: scheduler_fn.ScheduledEvent) -> None:
    sweep_jobs(wiring.platform())
