"""The speech model of the commands under test."""

from __future__ import annotations

from collections.abc import Iterator

import pytest

from tests.made import small_whisper


@pytest.fixture(scope="session", autouse=True)
def small_speech_model() -> Iterator[None]:
    """Commands here recognise speech by a model that loads at once; what a real one hears is tested by itself."""
    with pytest.MonkeyPatch.context() as patch:
        patch.setenv("DAILIES_WHISPER_MODEL", str(small_whisper()))
        yield
