"""What holds for every test."""

from __future__ import annotations

from collections.abc import Iterator

import pytest
from hypothesis import settings

from tests.emulators import firestore_emulator

# A busy machine is slow, not wrong.
settings.register_profile("dailies", deadline=None)
settings.load_profile("dailies")


@pytest.fixture(scope="session")
def firestore_host() -> Iterator[str]:
    """``host:port`` of the real Firestore emulator."""
    with firestore_emulator() as host:
        yield host
