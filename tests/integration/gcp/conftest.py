"""Firestore's emulator, as the tests of the cloud's adapters use it."""

from __future__ import annotations

import uuid
from collections.abc import Iterator

import pytest
from google.auth.credentials import AnonymousCredentials
from google.cloud import firestore

from dailies.adapters.gcp.documents import CloudDocuments


@pytest.fixture
def firestore_client(firestore_host: str, monkeypatch: pytest.MonkeyPatch) -> firestore.Client:
    """A client of a project of its own, which is an empty store of its own."""
    monkeypatch.setenv("FIRESTORE_EMULATOR_HOST", firestore_host)
    return firestore.Client(f"test-{uuid.uuid4().hex[:12]}", AnonymousCredentials())


@pytest.fixture
def documents(firestore_client: firestore.Client) -> Iterator[CloudDocuments]:
    documents = CloudDocuments(firestore_client, pause=lambda _: None, patience_seconds=5)
    yield documents
    documents.close()
