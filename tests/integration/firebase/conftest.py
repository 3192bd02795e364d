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
def firestore() -> Iterator[Firestore]:
    with firestore_emulator(RULES) as address, closing(Firestore(address)) as client:
        yield client
