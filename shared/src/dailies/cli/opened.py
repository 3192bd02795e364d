"""The platform that a command looks into: this machine's store, or the deployment that the settings name."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager

from dailies.bootstrap import build_cloud, local
from dailies.engine.platform import Platform
from dailies.settings import read_settings


@contextmanager
def opened() -> Iterator[Platform]:
    """For as long as the block takes. Raises Misconfigured."""
    settings = read_settings()
    if settings.project is not None:
        yield build_cloud(settings).platform
        return
    with local() as built:
        yield built.platform
