"""The routes of API keys."""

from __future__ import annotations

from datetime import timedelta
from typing import Any

from dailies.domain.errors import Forbidden
from dailies.domain.job.api_key import ApiKey
from dailies.rest import answers, calls
from dailies.rest.route import Asked, Reply
from dailies.services.api_keys import NewKey, create_key, list_keys, revoke_key, rotate_key


def create_api_key(asked: Asked) -> Reply:
    call: calls.CreateKey = asked.body
    if not asked.caller.scopes.issuperset(call.scopes):
        raise Forbidden("A key can't give more than it may itself.", code="scope_missing")
    days = call.expires_in_days
    valid = None if days is None else timedelta(days=days)
    made = create_key(asked.platform, asked.uid, name=call.name, scopes=call.scopes, valid=valid, new_id=asked.new_id)
    return Reply(_new(made))


def list_api_keys(asked: Asked) -> Reply:
    return Reply(
        answers.KeysAnswer(keys=[answers.KeyAnswer(**_told(key)) for key in list_keys(asked.platform, asked.uid)])
    )


def rotate_api_key(asked: Asked) -> Reply:
    call: calls.RotateKey = asked.body
    overlap = timedelta(hours=call.overlap_hours)
    return Reply(_new(rotate_key(asked.platform, asked.uid, asked.path["key_id"], overlap)))


def revoke_api_key(asked: Asked) -> Reply:
    return Reply(answers.KeyAnswer(**_told(revoke_key(asked.platform, asked.uid, asked.path["key_id"]))))


def _new(made: NewKey) -> answers.NewKeyAnswer:
    return answers.NewKeyAnswer(**_told(made.key), key=made.shown)


def _told(key: ApiKey) -> dict[str, Any]:
    return {
        "key_id": key.id,
        "name": key.name,
        "scopes": list(key.scopes),
        "created_at": key.created,
        "expires_at": key.expires,
        "last_used_at": key.last_used,
        "revoked_at": key.revoked,
    }
