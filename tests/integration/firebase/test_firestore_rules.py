"""Who may do what in Firestore: every identity, every method, every collection, on the real emulator.

The emulator looks at neither a token's signature nor its expiry (Google's front end does, before any rule):
the forged tokens below are those that the rules themselves must not fall for.
"""

from __future__ import annotations

from http import HTTPStatus

import pytest

from .firestore_rest import SERVER, Firestore, emulator_token

OWN = "users/alice/operations/job-1"
DOCUMENTS = (
    OWN,
    "users/alice",
    "users/alice/operations/job-1/steps/probe",
    "users/alice/settings/quota",
    "users/bob/operations/job-2",
    "jobs/job-1",
    "leases/alice_key",
    "joins/wish",
    "file_digests/path",
    "quotas/alice",
    "preferences/alice",
    "toolchains/worker",
    "workers/job-1",
    "tasks/advance",
    "operations/job-1",
    "anything/else",
)
IDENTITIES = {
    "nobody": None,
    "owner": emulator_token("alice", firebase={"sign_in_provider": "password"}),
    "another user": emulator_token("mallory", firebase={"sign_in_provider": "password"}),
    "an anonymous user": emulator_token(
        "anonymous-7", provider_id="anonymous", firebase={"sign_in_provider": "anonymous"}
    ),
    "an admin": emulator_token("root", admin=True, role="admin"),
    "a token that names the owner in the wrong claim": emulator_token(None, email="alice", name="alice", owner="alice"),
    "a token of an empty user": emulator_token(""),
    "no token at all": "not-a-token",
}
METHODS = ("get", "list", "create", "update", "delete")
READS = ("get", "list")


@pytest.fixture(scope="module", autouse=True)
def _documents(firestore: Firestore) -> None:
    for document in DOCUMENTS:
        firestore.put(document)


@pytest.mark.parametrize("document", DOCUMENTS)
@pytest.mark.parametrize("method", METHODS)
@pytest.mark.parametrize("identity", IDENTITIES)
def test_only_the_owner_reads_and_only_the_own_operations(
    firestore: Firestore, identity: str, method: str, document: str
) -> None:
    status = getattr(firestore, method)(IDENTITIES[identity], document)
    if identity == "owner" and method in READS and document == OWN:
        assert status == HTTPStatus.OK
    elif identity == "no token at all":
        assert status == HTTPStatus.BAD_REQUEST
    else:
        assert status == HTTPStatus.FORBIDDEN


@pytest.mark.parametrize("identity", IDENTITIES)
def test_only_the_owner_listens_to_the_own_operations(firestore: Firestore, identity: str) -> None:
    status = firestore.query(IDENTITIES[identity], "users/alice", "operations")
    assert (status == HTTPStatus.OK) is (identity == "owner")


@pytest.mark.parametrize("identity", IDENTITIES)
def test_nobody_searches_the_operations_of_all_users(firestore: Firestore, identity: str) -> None:
    """A collection group is how an app would look past its own folder."""
    assert firestore.query(IDENTITIES[identity], "", "operations", group=True) in {
        HTTPStatus.FORBIDDEN,
        HTTPStatus.BAD_REQUEST,
    }


def test_an_anonymous_user_is_the_owner_of_what_that_user_made(firestore: Firestore) -> None:
    firestore.put("users/anonymous-7/operations/job-3")
    own = "users/anonymous-7/operations/job-3"
    token = IDENTITIES["an anonymous user"]
    assert (firestore.get(token, own), firestore.update(token, own)) == (HTTPStatus.OK, HTTPStatus.FORBIDDEN)


def test_what_was_denied_was_there_to_be_had(firestore: Firestore) -> None:
    """Without this the tests above could pass on an empty database."""
    assert {firestore.get(SERVER, document) for document in DOCUMENTS} == {HTTPStatus.OK}
    assert firestore.query(SERVER, "", "operations", group=True) == HTTPStatus.OK


def test_the_same_rules_hold_in_the_database_of_the_app(default_database: Firestore) -> None:
    default_database.put(OWN)
    default_database.put("jobs/job-1")
    owner, other = IDENTITIES["owner"], IDENTITIES["another user"]
    assert (default_database.get(owner, OWN), default_database.get(other, OWN)) == (HTTPStatus.OK, HTTPStatus.FORBIDDEN)
    assert default_database.get(owner, "jobs/job-1") == HTTPStatus.FORBIDDEN


def test_a_document_of_one_database_is_in_no_other(default_database: Firestore, firestore: Firestore) -> None:
    """What Dailies writes beside an app's data can't meet it, whatever both call it."""
    firestore.put("users/alice/operations/job-4")
    assert default_database.get(SERVER, "users/alice/operations/job-4") == HTTPStatus.NOT_FOUND
