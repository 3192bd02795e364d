"""Firestore's emulator, as the tests of the cloud's adapters use it."""

from __future__ import annotations

from collections.abc import Iterator

import pytest
from google.auth.credentials import AnonymousCredentials
from google.cloud import firestore

from dailies.adapters.gcp.documents.documents import CloudDocuments


@pytest.fixture
def firestore_client(firestore_environment: None, firestore_project: str) -> firestore.Client:
    return firestore.Client(firestore_project, AnonymousCredentials())


@pytest.fixture
def documents(firestore_client: firestore.Client) -> Iterator[CloudDocuments]:
    documents = CloudDocuments(firestore_client, pause=lambda _: None, patience_seconds=5)
    yield documents
    documents.close()
