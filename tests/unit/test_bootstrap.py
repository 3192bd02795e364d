"""Which platform the environment makes."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from pathlib import Path

import pytest

from dailies import bootstrap
from dailies.adapters.local.documents.database import Database
from dailies.domain.errors import Misconfigured
from dailies.settings import read_settings


@pytest.fixture
def platform() -> Iterator[Callable[[], object]]:
    bootstrap.platform.cache_clear()
    yield bootstrap.platform
    bootstrap.platform.cache_clear()


def test_without_a_project_it_is_the_embedded_one_and_built_once(
    platform: Callable[[], object], monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    """Whoever asks again gets the same."""
    monkeypatch.delenv("DAILIES_PROJECT", raising=False)
    monkeypatch.setenv("DAILIES_HOME", str(tmp_path / "home"))
    built = bootstrap.platform()
    assert platform() is built
    assert built.settings.home == tmp_path / "home"
    built.documents.close()


def test_an_incomplete_cloud_is_refused_before_any_client_is_made(
    platform: Callable[[], object], monkeypatch: pytest.MonkeyPatch
) -> None:
    """A project without the rest: the error names what is missing."""
    monkeypatch.setenv("DAILIES_PROJECT", "p")
    with pytest.raises(Misconfigured, match="DAILIES_WORKER_JOB"):
        platform()


def test_a_cloud_without_credentials_says_so(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    """The library's own error is translated like any other."""
    monkeypatch.setenv("GOOGLE_APPLICATION_CREDENTIALS", str(tmp_path / "missing.json"))
    monkeypatch.delenv("FIRESTORE_EMULATOR_HOST", raising=False)
    names = (
        "PROJECT", "REGION", "BUCKET", "QUEUE", "ADVANCE_URL", "STEPS_QUEUE", "RUN_STEP_URL",
        "DELIVERIES_QUEUE", "DELIVER_URL", "TASK_SERVICE_ACCOUNT",
        "WORKER_JOB",
    )  # fmt: skip
    settings = read_settings({f"DAILIES_{name}": "x" for name in names})
    with pytest.raises(Misconfigured) as refused:
        bootstrap.build_cloud(settings)
    assert refused.value.error_code == "cloud_denied"


def test_e_mail_by_smtp_needs_a_server_and_a_sender(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """And the store is closed again that was opened before that was seen."""
    closed: list[Database] = []
    close = Database.close

    def noted(database: Database) -> None:
        closed.append(database)
        close(database)

    monkeypatch.setattr(Database, "close", noted)
    for given, missing in (({}, "SMTP_HOST, DAILIES_MAIL_FROM"), ({"DAILIES_SMTP_HOST": "mail.example"}, "MAIL_FROM")):
        settings = read_settings({"DAILIES_HOME": str(tmp_path), "DAILIES_MAIL": "smtp", **given})
        with pytest.raises(Misconfigured, match=missing):
            bootstrap.build_local(settings)
    assert len(set(closed)) == 2


def test_what_a_worker_imports_ahead_is_there() -> None:
    """By its names as text: a module that moves takes no such name along."""
    bootstrap.import_local()
