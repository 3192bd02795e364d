"""Which platform the functions work on: the cloud's, unless whoever serves them brings one.

Nothing is built at import: the Firebase CLI imports main.py, and a cold start pays only for what it uses.
"""

from __future__ import annotations

from dataclasses import dataclass

from dailies import bootstrap
from dailies.engine.platform import Platform


@dataclass
class _Served:
    platform: Platform | None = None


_served = _Served()


def use(platform: Platform) -> None:
    """Serve the functions on ``platform``: `dailies up` and the tests bring theirs."""
    _served.platform = platform


def platform() -> Platform:
    """The platform, built once. Raises Misconfigured that names every wrong setting."""
    if _served.platform is None:
        _served.platform = bootstrap.platform()
    return _served.platform
