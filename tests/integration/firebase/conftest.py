"""Google's own Firestore emulator under the rules of this repository."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import closing
from pathlib import Path

import pytest

from tests.emulators import firestore_emulator

from .firestore_rest import Firestore

RULES = Path(__file__).parents[3] / "infra" / "firebase" / "firestore.rules"


@pytest.fixture(scope="session")
def address() -> Iterator[str]:
    with firestore_emulator(RULES) as address:
        yield address


@pytest.fixture(scope="session")
def firestore(address: str) -> Iterator[Firestore]:
    """The database that Terraform makes beside an app's own."""
    with closing(Firestore(address, "dailies")) as client:
        yield client


@pytest.fixture
def default_database(address: str) -> Iterator[Firestore]:
    """That of the app, which a deployment may be told to use."""
    with closing(Firestore(address, "(default)")) as client:
        yield client
