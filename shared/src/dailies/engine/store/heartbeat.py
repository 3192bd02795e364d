"""Keeps leases while the work that they are for goes on."""

from __future__ import annotations

import threading
from collections.abc import Iterator
from contextlib import contextmanager

from dailies.domain.errors import DailiesError, LeaseLost
from dailies.domain.stop import StopToken
from dailies.engine.platform import Platform
from dailies.engine.store.leases import Lease, renew


@contextmanager
def heartbeat(platform: Platform, leases: list[Lease], stop: StopToken) -> Iterator[None]:
    """Renew ``leases`` while the block runs; a lost one stops the work through ``stop``."""
    done = threading.Event()

    def beat() -> None:
        while not done.wait(platform.settings.heartbeat_seconds):
            try:
                for lease in leases:
                    renew(platform, lease)
            except LeaseLost:
                stop.set("lease_lost")
                return
            except DailiesError:
                # The lease outlives several missed beats; if the store stays away it expires by itself.
                continue

    thread = threading.Thread(target=beat, name="heartbeat", daemon=True)
    thread.start()
    try:
        yield
    finally:
        done.set()
        thread.join()
