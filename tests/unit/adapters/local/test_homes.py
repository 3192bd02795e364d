"""The store's folder as a whole."""

from __future__ import annotations

from pathlib import Path

import pytest

from dailies.adapters.local.homes import make_private, only_server
from dailies.bootstrap import build_local
from dailies.domain.errors import Misconfigured
from dailies.settings import Settings


def modes(folder: Path) -> dict[str, int]:
    return {path.name: path.stat().st_mode & 0o777 for path in folder.iterdir()}


def test_what_is_in_a_folder_that_was_there_is_for_its_user_only(tmp_path: Path) -> None:
    """Files and folders of an earlier version, too; what is somebody's own there stays as it is."""
    tmp_path.chmod(0o755)
    for name in ("objects", "scratch", "resumable", "cache", "theirs"):
        (tmp_path / name).mkdir(mode=0o755)
    for name in ("dailies.sqlite3", "signing.key", "notes.txt"):
        (tmp_path / name).touch(mode=0o644)
    (tmp_path / "owners").symlink_to("theirs")
    built = build_local(Settings(home=tmp_path))
    built.database.close()
    found = modes(tmp_path)
    assert {name: found.pop(name) for name in ("theirs", "notes.txt")} == {"theirs": 0o755, "notes.txt": 0o644}
    found.pop("owners")
    assert {name: mode & 0o077 for name, mode in found.items()} == dict.fromkeys(found, 0)
    assert tmp_path.stat().st_mode & 0o777 == 0o755


def test_a_new_database_is_for_its_user_only(tmp_path: Path) -> None:
    """From the first moment, with the files that SQLite puts beside it."""
    tmp_path.chmod(0o755)
    built = build_local(Settings(home=tmp_path))
    built.documents.create("things/a", {})
    assert {name: mode & 0o077 for name, mode in modes(tmp_path).items()} == dict.fromkeys(modes(tmp_path), 0)
    assert "dailies.sqlite3-wal" in modes(tmp_path)
    built.database.close()


def test_a_new_folder_is_for_its_user_only(tmp_path: Path) -> None:
    make_private(tmp_path / "a" / "home")
    assert (tmp_path / "a" / "home").stat().st_mode & 0o077 == 0


def test_a_store_has_one_server(tmp_path: Path) -> None:
    """The second one is told where the first one is; when that has ended it may begin."""
    with only_server(tmp_path) as tell:
        tell("http://127.0.0.1:8400")
        with pytest.raises(Misconfigured, match=r"http://127\.0\.0\.1:8400:") as refused, only_server(tmp_path):
            pass
        assert refused.value.error_code == "already_up"
    with only_server(tmp_path) as tell:
        tell("http://127.0.0.1:1")
        with pytest.raises(Misconfigured, match=r" http://127\.0\.0\.1:1:"), only_server(tmp_path):
            pass
