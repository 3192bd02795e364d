"""The file behind the embedded platform: opening, closing, sharing, and what goes wrong with it."""

from __future__ import annotations

import hashlib
import sqlite3
import threading
from contextlib import closing
from pathlib import Path

import pytest

from dailies.adapters.local.documents.database import Database
from dailies.adapters.local.documents.documents import LocalDocuments
from dailies.adapters.local.documents.schema import FORMATS
from dailies.adapters.local.objects.objects import LocalObjects
from dailies.domain.errors import Misconfigured, StorageFull, TransientError


def test_the_store_is_for_its_user_only(home: Path, database: Database) -> None:
    """The folder is made private: what is in it are people's recordings."""
    assert home.stat().st_mode & 0o777 == 0o700


def test_a_store_is_opened_again(home: Path) -> None:
    """What was written is there after close and a new start."""
    first = LocalDocuments(Database(home / "dailies.sqlite3"))
    written = first.create("things/a", {"n": 1})
    first.close()
    second = LocalDocuments(Database(home / "dailies.sqlite3"))
    assert second.get("things/a") == written
    second.close()


def test_many_may_open_a_new_store_at_once(home: Path) -> None:
    """Twenty first openings at the same time make one store, and none fails."""
    together = threading.Barrier(20)
    failures: list[BaseException] = []

    def open_and_write(number: int) -> None:
        try:
            together.wait(30)
            store = LocalDocuments(Database(home / "dailies.sqlite3"))
            store.create(f"things/{number}", {})
            store.close()
        except BaseException as failure:  # noqa: BLE001 -- a thread's failure is shown by the assertion
            failures.append(failure)

    threads = [threading.Thread(target=open_and_write, args=(number,)) for number in range(20)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert failures == []
    store = LocalDocuments(Database(home / "dailies.sqlite3"))
    assert len(store.query("things")) == 20
    store.close()


def test_a_newer_store_is_refused(home: Path, database: Database) -> None:
    """A file that a later version wrote is left alone, and the message says what to do."""
    with database.write() as connection:
        connection.execute("PRAGMA user_version=99")
    with pytest.raises(Misconfigured, match="newer") as refused:
        Database(home / "dailies.sqlite3")
    assert refused.value.error_code == "store_too_new"


def test_a_store_of_the_first_format_is_taken_over(home: Path) -> None:
    """What is in it stays, and its objects are looked at before they are believed."""
    home.mkdir()
    with closing(sqlite3.connect(home / "dailies.sqlite3")) as old:
        for statement in FORMATS[0]:
            old.execute(statement)
        old.execute("PRAGMA user_version=1")
        for name, content in (("whole", b"1"), ("damaged", b"2")):
            (home / "objects").mkdir(exist_ok=True)
            (home / "objects" / name).write_bytes(content)
            checksum = f"sha256:{hashlib.sha256(b'1').hexdigest()}"
            row = (name, name, 1, checksum, "{}", 0, 0)
            columns = "name, blob, size, checksum, metadata, updated_us, accessed_us"
            old.execute(f"INSERT INTO objects ({columns}) VALUES (?, ?, ?, ?, ?, ?, ?)", row)
        old.commit()
    database = Database(home / "dailies.sqlite3")
    objects = LocalObjects(database, home / "objects")
    assert objects.get_bytes("whole", max_bytes=9) == b"1"
    assert objects.stat("damaged") is None
    database.close()


@pytest.mark.parametrize("content", [b"this is no database, just text" * 200, b"SQLite format 3\0" + b"\xff" * 9000])
def test_a_damaged_store_says_how_to_reset_it(home: Path, content: bytes) -> None:
    """A file that is no database is Misconfigured, naming it and the folder to delete."""
    home.mkdir()
    (home / "dailies.sqlite3").write_bytes(content)
    with pytest.raises(Misconfigured, match="DAILIES_HOME") as refused:
        Database(home / "dailies.sqlite3")
    assert refused.value.error_code == "store_damaged"
    assert str(home / "dailies.sqlite3") in refused.value.message


def test_damage_inside_the_file_is_found_on_use(home: Path) -> None:
    """Pages overwritten behind the header make a read Misconfigured, not a wrong answer."""
    store = LocalDocuments(Database(home / "dailies.sqlite3"))
    for n in range(100):
        store.create(f"things/{n}", {"text": "x" * 1000})
    store.close()
    path = home / "dailies.sqlite3"
    content = bytearray(path.read_bytes())
    content[4096:] = b"\xee" * (len(content) - 4096)
    path.write_bytes(content)
    store = LocalDocuments(Database(path))
    with pytest.raises(Misconfigured, match="damaged"):
        store.query("things")
    store.close()


def test_a_folder_that_cannot_be_made_is_named(tmp_path: Path) -> None:
    """A file where the folder should be is Misconfigured, not a traceback."""
    (tmp_path / "file").write_bytes(b"")
    for path in (tmp_path / "file" / "dailies.sqlite3", tmp_path / "file" / "deeper" / "dailies.sqlite3"):
        with pytest.raises(Misconfigured, match="file"):
            Database(path)


def test_a_folder_in_the_files_place_is_named(tmp_path: Path) -> None:
    """A folder of the database's name is Misconfigured with the way out."""
    with pytest.raises(Misconfigured, match="DAILIES_HOME"):
        Database(tmp_path)


def test_a_read_only_store_is_misconfigured(database: Database, documents: LocalDocuments) -> None:
    """A write that SQLite refuses for want of permission names the file."""
    documents.create("things/a", {})
    with database.read() as connection:
        connection.execute("PRAGMA query_only=1")
    with pytest.raises(Misconfigured, match="permissions"):
        documents.delete("things/a")
    with database.read() as connection:
        connection.execute("PRAGMA query_only=0")


def test_a_full_database_is_storage_full(database: Database, documents: LocalDocuments) -> None:
    """No room for a page is StorageFull naming the volume; the old state stays and is usable."""
    documents.create("things/a", {"n": 1})
    with database.read() as connection:
        pages = connection.execute("PRAGMA page_count").fetchone()[0]
        connection.execute(f"PRAGMA max_page_count={pages + 2}")
    with pytest.raises(StorageFull, match="volume") as full:
        documents.set("things/a", {"text": "x" * 500_000})
    assert Path(str(full.value.details["volume"])).is_mount()
    assert documents.set("things/a", {"n": 2}).data == {"n": 2}


def test_a_store_held_too_long_is_transient(home: Path, database: Database) -> None:
    """A writer waits its time for another process's transaction and then raises TransientError."""
    impatient = LocalDocuments(Database(home / "dailies.sqlite3", busy_seconds=0.01))
    with database.write() as connection:
        connection.execute("DELETE FROM documents")
        with pytest.raises(TransientError, match="busy"):
            impatient.create("things/a", {})
    impatient.create("things/a", {})
    impatient.close()


def test_a_write_inside_a_transaction_is_refused(documents: LocalDocuments) -> None:
    """It would wait for itself: RuntimeError at once, and the transaction is rolled back."""
    with pytest.raises(RuntimeError, match="transaction"):
        documents.transaction(lambda transaction: documents.create("things/a", {}))
    documents.create("things/a", {})


def test_a_finished_transaction_takes_no_more(documents: LocalDocuments) -> None:
    """A transaction that leaked out of its work can't be used."""
    leaked = documents.transaction(lambda transaction: transaction)
    with pytest.raises(RuntimeError, match="over"):
        leaked.get("things/a")
    with pytest.raises(RuntimeError, match="over"):
        leaked.set("things/a", {})


def test_close_ends_the_thread_and_the_connections(home: Path) -> None:
    """After close no thread of the store lives, its journal is gone and use is refused."""
    store = LocalDocuments(Database(home / "dailies.sqlite3"))
    store.watch("things/a", lambda snapshot: None)
    assert "dailies-watches" in {thread.name for thread in threading.enumerate()}
    store.close()
    assert "dailies-watches" not in {thread.name for thread in threading.enumerate()}
    assert [left.name for left in home.iterdir()] == ["dailies.sqlite3"]
    with pytest.raises(RuntimeError, match="closed"):
        store.get("things/a")


def test_the_thread_ends_with_the_last_watch(documents: LocalDocuments) -> None:
    """A store that nobody listens to costs no thread."""
    before = {thread for thread in threading.enumerate() if thread.name == "dailies-watches"}
    watches = [documents.watch(f"things/{n}", lambda snapshot: None) for n in range(3)]
    (thread,) = {thread for thread in threading.enumerate() if thread.name == "dailies-watches"} - before
    for watch in watches:
        watch.close()
    thread.join(20)
    assert not thread.is_alive()


def test_connections_are_reused(database: Database, documents: LocalDocuments) -> None:
    """Work by many threads, one after the other, leaves one connection open."""
    for n in range(5):
        thread = threading.Thread(target=documents.set, args=("things/a", {"n": n}))
        thread.start()
        thread.join()
    assert len(database._idle) == 1


def test_a_bug_is_not_disguised(database: Database) -> None:
    """Wrong SQL stays sqlite3's own error: no user could mend it."""
    with pytest.raises(sqlite3.OperationalError, match="no such table"), database.read() as connection:
        connection.execute("SELECT * FROM missing")
