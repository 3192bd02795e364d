"""Users as Firebase Authentication knows them: who stands behind an ID token."""

from __future__ import annotations

import os
import time
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

import firebase_admin
from firebase_admin import app_check, auth

from dailies.domain.errors import Misconfigured, Unauthenticated
from dailies.domain.identity import require_current, sign_in_provider


def firebase_app() -> None:
    """Make Firebase's default app if there is none: verifying a token needs it.

    Raises Misconfigured in the cloud under FIREBASE_AUTH_EMULATOR_HOST: every forged token would be accepted.
    """
    if os.environ.get("K_SERVICE") and os.environ.get("FIREBASE_AUTH_EMULATOR_HOST"):
        raise Misconfigured("FIREBASE_AUTH_EMULATOR_HOST is set on Cloud Run: remove it.", code="emulator_set")
    try:
        firebase_admin.get_app()
    except ValueError:
        firebase_admin.initialize_app()


@dataclass(frozen=True, slots=True)
class FirebaseUsers:
    """What is asked of a user before they are let in."""

    require_app_check: bool
    allow_anonymous: bool

    def uid_of_token(self, token: str, app_check_token: str) -> str:
        """The uid behind an ID token. Raises Unauthenticated, also for an app that is not attested."""
        firebase_app()
        if self.require_app_check:
            try:
                app_check.verify_token(app_check_token)
            except Exception:  # noqa: BLE001 - what it is given is anybody's, and it raises whatever its parts raise
                self.require_attested(attested=False)
        try:
            claims = auth.verify_id_token(token)
        except Exception as error:  # as above
            raise Unauthenticated("The token is missing, wrong or expired: get a new one.") from error
        return self.uid_of_claims(claims, str(claims["uid"]))

    def require_attested(self, *, attested: bool) -> None:
        """Raise Unauthenticated where App Check is asked for and has not attested the app."""
        if self.require_app_check and not attested:
            raise Unauthenticated("This app is not attested by App Check: update it.", code="app_check_failed")

    def uid_of_claims(self, claims: Mapping[str, Any], uid: str) -> str:
        """The uid, of claims whose signature was verified. Raises Unauthenticated for old ones and for guests."""
        require_current(claims, time.time())
        if sign_in_provider(claims) == "anonymous" and not self.allow_anonymous:
            raise Unauthenticated("Sign in with an account: guests can't have jobs here.", code="anonymous_refused")
        return uid
