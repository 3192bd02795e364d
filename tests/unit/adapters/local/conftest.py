"""A store in a temporary folder."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import pytest

from dailies.adapters.local.documents.database import Database
from dailies.adapters.local.documents.documents import LocalDocuments
from dailies.adapters.local.objects.objects import LocalObjects


@pytest.fixture
def home(tmp_path: Path) -> Path:
    return tmp_path / "home"


@pytest.fixture
def database(home: Path) -> Iterator[Database]:
    opened = Database(home / "dailies.sqlite3")
    yield opened
    opened.close()


@pytest.fixture
def documents(database: Database) -> Iterator[LocalDocuments]:
    store = LocalDocuments(database)
    yield store
    store.close()


@pytest.fixture
def objects(database: Database, home: Path) -> LocalObjects:
    return LocalObjects(database, home / "objects")
