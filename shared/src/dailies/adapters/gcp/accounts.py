"""What Firebase Authentication knows of users: the address that they have shown to be theirs."""

from __future__ import annotations

from firebase_admin import auth, exceptions

from dailies.adapters.gcp.identity import firebase_app
from dailies.domain.errors import TransientError


def verified_address(uid: str) -> str | None:
    """The user's; None without one, without its proof, or for an account that was disabled. Raises TransientError."""
    firebase_app()
    try:
        found = auth.get_user(uid)
    except (auth.UserNotFoundError, ValueError):
        return None
    except exceptions.FirebaseError as error:
        raise TransientError(
            f"Firebase Authentication does not say who the user is: {error.code}.", code="mail_unavailable"
        ) from error
    if found.disabled or not found.email_verified:
        return None
    address: str | None = found.email
    return address
