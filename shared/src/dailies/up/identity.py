"""Development identities: anybody who can reach the port may be anybody, so only this machine can reach it.

The tokens are unsigned. Firebase's own verification accepts them because FIREBASE_AUTH_EMULATOR_HOST is set in
this process, which is why the server never leaves the loopback interface.
"""

from __future__ import annotations

import base64
import hashlib
import hmac
import ipaddress
import json
import os
import time
from urllib.parse import urlsplit

import firebase_admin
from firebase_admin import auth
from flask import Request

from dailies.domain.errors import Forbidden, Misconfigured, Unauthenticated
from dailies.domain.identity import require_current

PROJECT = "demo-dailies"
DEFAULT_UID = "dev"
_LIFETIME_SECONDS = 3600
_NAMES = {"localhost"}


def require_loopback(host: str) -> None:
    """Raise Misconfigured for an address that other machines reach, and in the cloud."""
    if not _is_loopback(host):
        raise Misconfigured(
            f"`dailies up` lets everybody be anybody, so it listens on this machine only: {host} is refused.",
            code="not_loopback",
        )
    if os.environ.get("K_SERVICE") or os.environ.get("CLOUD_RUN_JOB"):
        raise Misconfigured("`dailies up` is for a developer's machine: deploy instead.", code="not_loopback")


def accept_unsigned_tokens(address: str) -> None:
    """Let Firebase verify development tokens in this process."""
    os.environ["FIREBASE_AUTH_EMULATOR_HOST"] = address
    os.environ["GOOGLE_CLOUD_PROJECT"] = PROJECT
    try:
        firebase_admin.get_app()
    except ValueError:
        firebase_admin.initialize_app()


def development_token(uid: str, project: str = PROJECT) -> str:
    """An ID token as the auth emulator would issue it: unsigned, for an hour."""
    now = int(time.time())
    claims = {
        "iss": f"https://securetoken.google.com/{project}",
        "aud": project,
        "sub": uid,
        "user_id": uid,
        "iat": now,
        "auth_time": now,
        "exp": now + _LIFETIME_SECONDS,
        "firebase": {"sign_in_provider": "custom", "identities": {}},
    }
    return f"{_part({'alg': 'none', 'typ': 'JWT'})}.{_part(claims)}."


def uid_of(token: str) -> str:
    """Raises Unauthenticated."""
    try:
        claims = auth.verify_id_token(token)
        uid = str(claims["uid"])
    except Exception as error:  # what it is given is anybody's, and it raises whatever its parts raise
        raise Unauthenticated("The token is missing, wrong or expired: get a new one.") from error
    require_current(claims, time.time())
    return uid


def platform_token(key: bytes) -> str:
    """What the dispatcher shows to the functions that only the platform calls; ``key`` is the store's own."""
    return hmac.new(key, b"platform", hashlib.sha256).hexdigest()


def refuse_strangers(request: Request) -> None:
    """Raise Forbidden for a page of another site, also one whose name was made to point here (DNS rebinding)."""
    if not _is_of_this_machine(f"//{request.host}") or (request.headers.get("Origin") and origin_of(request) is None):
        raise Forbidden("This server answers pages of this machine only.", code="foreign_origin")


def origin_of(request: Request) -> str | None:
    """The page's origin where it is one of this machine."""
    origin = request.headers.get("Origin", "")
    # Parsing drops line breaks, which would break the header of an answer.
    return origin if origin.isprintable() and _is_of_this_machine(origin) else None


def _is_of_this_machine(url: str) -> bool:
    try:
        return _is_loopback(urlsplit(url).hostname or "")
    except ValueError:
        return False


def _is_loopback(host: str) -> bool:
    if host in _NAMES:
        return True
    try:
        return ipaddress.ip_address(host).is_loopback
    except ValueError:
        return False


def _part(value: object) -> str:
    return base64.urlsafe_b64encode(json.dumps(value).encode()).rstrip(b"=").decode()
