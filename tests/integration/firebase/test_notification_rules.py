"""What a user's app may do with notifications: read its own, and mark them as read; on the real emulator."""

from __future__ import annotations

from http import HTTPStatus
from typing import Any

import pytest

from .firestore_rest import SERVER, Firestore
from .test_firestore_rules import IDENTITIES, METHODS, READS

OWN = "users/alice/notifications/ntf_1"


@pytest.fixture
def told(firestore: Firestore) -> Firestore:
    firestore.put(OWN)
    assert firestore.change(SERVER, OWN, title="Ready", read=False) == HTTPStatus.OK
    return firestore


@pytest.mark.parametrize("method", METHODS)
@pytest.mark.parametrize("identity", IDENTITIES)
def test_only_the_owner_reads_and_nobody_makes_or_removes_one(told: Firestore, identity: str, method: str) -> None:
    status = getattr(told, method)(IDENTITIES[identity], OWN)
    if identity == "owner" and method in READS:
        assert status == HTTPStatus.OK
    elif identity == "no token at all":
        assert status == HTTPStatus.BAD_REQUEST
    else:
        assert status == HTTPStatus.FORBIDDEN


@pytest.mark.parametrize("identity", IDENTITIES)
def test_only_the_owner_marks_as_read(told: Firestore, identity: str) -> None:
    status = told.change(IDENTITIES[identity], OWN, read=True)
    assert (status == HTTPStatus.OK) is (identity == "owner")


@pytest.mark.parametrize(
    ("fields", "status"),
    [
        ({"read": False}, HTTPStatus.OK),
        ({"read": "yes"}, HTTPStatus.FORBIDDEN),
        ({"read": None}, HTTPStatus.FORBIDDEN),
        ({"title": "Won"}, HTTPStatus.FORBIDDEN),
        ({"read": True, "title": "Won"}, HTTPStatus.FORBIDDEN),
        ({"read": True, "more": "x"}, HTTPStatus.FORBIDDEN),
    ],
)
def test_an_owner_changes_nothing_but_whether_it_was_read(
    told: Firestore, fields: dict[str, Any], status: HTTPStatus
) -> None:
    assert told.change(IDENTITIES["owner"], OWN, **fields) == status


def test_an_owner_lists_the_unread_and_nobody_those_of_all(told: Firestore) -> None:
    for identity, token in IDENTITIES.items():
        assert (told.query(token, "users/alice", "notifications") == HTTPStatus.OK) is (identity == "owner")
        assert told.query(token, "", "notifications", group=True) in {HTTPStatus.FORBIDDEN, HTTPStatus.BAD_REQUEST}
