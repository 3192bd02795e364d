"""Other processes that use a store."""

from __future__ import annotations

import os
import subprocess
import sys
from collections.abc import Callable, Iterator
from pathlib import Path

import pytest

import dailies
from tests.unit.adapters.local.conftest import (  # fixtures
    database as database,  # noqa: PLC0414
    documents as documents,  # noqa: PLC0414
    home as home,  # noqa: PLC0414
    objects as objects,  # noqa: PLC0414
)

StartPython = Callable[..., "subprocess.Popen[str]"]

_PRELUDE = """
import sys
from pathlib import Path
from dailies.adapters.local.documents.database import Database
from dailies.adapters.local.documents.documents import LocalDocuments
from dailies.adapters.local.objects.objects import LocalObjects
from dailies.adapters.local.tasks import LocalTasks
home = Path(sys.argv[1])
database = Database(home / "dailies.sqlite3")
documents = LocalDocuments(database)
objects = LocalObjects(database, home / "objects")
tasks = LocalTasks(database)
"""


@pytest.fixture
def start_python(home: Path) -> Iterator[StartPython]:
    """Runs code in another process that has opened the same store; whatever is left at the end is killed."""
    started: list[subprocess.Popen[str]] = []
    source = str(Path(dailies.__path__[0]).parent)

    def start(code: str, *arguments: str) -> subprocess.Popen[str]:
        started.append(
            subprocess.Popen(
                [sys.executable, "-c", _PRELUDE + code, str(home), *arguments],
                env={**os.environ, "PYTHONPATH": source},
                stdin=subprocess.PIPE,
                stdout=subprocess.PIPE,
                stderr=subprocess.PIPE,
                text=True,
            )
        )
        return started[-1]

    yield start
    for process in started:
        process.kill()
        process.communicate()
