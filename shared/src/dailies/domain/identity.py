"""What an ID token says of its bearer, once whoever took it has verified its signature."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from dailies.domain.errors import Unauthenticated


def require_current(claims: Mapping[str, Any], now: float) -> None:
    """Raise Unauthenticated for a token past its end, or without one; ``now`` in seconds since 1970.

    Firebase's libraries look at it, too, but not for the unsigned tokens of emulators and of development.
    """
    end = claims.get("exp")
    if isinstance(end, bool) or not isinstance(end, int | float) or not now < end:
        raise Unauthenticated("The token is missing, wrong or expired: get a new one.")


def sign_in_provider(claims: Mapping[str, Any]) -> str | None:
    """How the bearer signed in (``password``, ``anonymous`` …), where the token says so."""
    firebase = claims.get("firebase")
    provider = firebase.get("sign_in_provider") if isinstance(firebase, Mapping) else None
    return provider if isinstance(provider, str) else None
