"""Which platform the functions work on: the cloud's, unless whoever serves them brings one.

Nothing is built at import: the Firebase CLI imports main.py, and a cold start pays only for what it uses.
"""

from __future__ import annotations

import os
from dataclasses import dataclass

import firebase_admin

from dailies import bootstrap
from dailies.domain.errors import Misconfigured
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


def firebase_app() -> None:
    """Make Firebase's default app if there is none: verifying a token needs it.

    Raises Misconfigured in the cloud under FIREBASE_AUTH_EMULATOR_HOST: every forged token would be accepted.
    """
    if os.environ.get("K_SERVICE") and os.environ.get("FIREBASE_AUTH_EMULATOR_HOST"):
        raise Misconfigured(
            "FIREBASE_AUTH_EMULATOR_HOST is set in a deployed function: remove it.", code="emulator_set"
        )
    try:
        firebase_admin.get_app()
    except ValueError:
        firebase_admin.initialize_app()
