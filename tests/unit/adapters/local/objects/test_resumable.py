"""Uploads in pieces, as Cloud Storage's clients send them."""

from __future__ import annotations

import time
from collections.abc import Iterator
from dataclasses import replace
from datetime import timedelta
from pathlib import Path

import pytest

from dailies.adapters.local.documents.database import Database
from dailies.adapters.local.objects.objects import LocalObjects
from dailies.adapters.local.objects.resumable import Piece, ResumableUploads, Session, parse_content_range
from dailies.domain.errors import Conflict, InvalidRequest, NotFound, SourceRefused, TransientError
from dailies.ports.objects import ObjectInfo
from dailies.ports.upload_sessions import UnderWay

SIZE = 10
DATA = b"0123456789"
SESSION = Session("uploads/a/b/source", "video/mp4", SIZE, SIZE, 0)


@pytest.fixture
def objects(tmp_path: Path) -> Iterator[LocalObjects]:
    database = Database(tmp_path / "db.sqlite3")
    yield LocalObjects(database, tmp_path / "objects")
    database.close()


@pytest.fixture
def uploads(objects: LocalObjects, tmp_path: Path) -> ResumableUploads:
    return ResumableUploads(objects, tmp_path / "resumable")


def left(tmp_path: Path) -> list[str]:
    return [path.name for path in (tmp_path / "resumable").glob("*")]


@pytest.mark.parametrize(
    ("header", "length", "piece"),
    [
        (None, 10, Piece(0, 10)),
        ("bytes 0-9/10", 10, Piece(0, 10)),
        ("bytes 4-9/10", 6, Piece(4, 10)),
        ("bytes 0-3/*", 4, Piece(0, None)),
        ("bytes */10", 0, Piece(None, 10)),
        ("bytes */*", 0, Piece(None, None)),
    ],
)
def test_a_content_range_says_where_its_bytes_belong(header: str | None, length: int, piece: Piece) -> None:
    assert parse_content_range(header, length) == piece


@pytest.mark.parametrize(
    ("header", "length"),
    [
        ("bytes 0-9/10", 9),
        ("bytes */10", 1),
        ("bytes 5-4/10", 0),
        ("bytes 8-12/10", 5),
        ("0-9/10", 10),
        ("", 0),
        (f"bytes */{'9' * 5000}", 0),
        (f"bytes {'1' * 5000}-2/*", 1),
        ("bytes 0-0/-1", 1),
        ("bytes \u0661-2/3", 2),
    ],
)
def test_a_content_range_that_does_not_fit_is_refused(header: str, length: int) -> None:
    """Also one of more digits than Python reads, and it is not repeated at its length."""
    with pytest.raises(InvalidRequest) as refused:
        parse_content_range(header, length)
    assert len(refused.value.message) < 200


def test_pieces_become_one_object(uploads: ResumableUploads, objects: LocalObjects, tmp_path: Path) -> None:
    """The last one makes it, whole, with the type that was signed."""
    token = uploads.start(SESSION)
    assert uploads.put(token, Piece(0, None), [b"01", b"23"]) == 4
    assert objects.stat(SESSION.name) is None
    made = uploads.put(token, Piece(4, SIZE), [b"456789"])
    assert isinstance(made, ObjectInfo)
    assert (objects.get_bytes(SESSION.name, max_bytes=99), made.content_type) == (DATA, "video/mp4")
    assert left(tmp_path) == []


def test_what_a_broken_body_gave_stays(uploads: ResumableUploads) -> None:
    """The client asks how much has arrived, and goes on there."""

    def broken() -> Iterator[bytes]:
        yield DATA[:3]
        raise ConnectionResetError

    token = uploads.start(SESSION)
    with pytest.raises(ConnectionResetError):
        uploads.put(token, Piece(0, SIZE), broken())
    assert uploads.put(token, Piece(None, SIZE), []) == 3
    assert isinstance(uploads.put(token, Piece(3, SIZE), [DATA[3:]]), ObjectInfo)


def test_a_client_that_stands_still_holds_nothing_up(uploads: ResumableUploads, objects: LocalObjects) -> None:
    """A laptop that went to sleep half-way: its owner asks from another one, goes on there, and wins."""
    token = uploads.start(SESSION)
    seen: list[object] = []

    def silent() -> Iterator[bytes]:
        yield DATA[:3]
        # The connection is open and nothing comes; whoever waits for a lock here waits for ever.
        seen.append(uploads.put(token, Piece(None, SIZE), []))
        seen.append(uploads.put(token, Piece(3, SIZE), [DATA[3:]]))
        yield DATA[3:]

    with pytest.raises(NotFound):
        uploads.put(token, Piece(0, SIZE), silent())
    assert seen == [3, objects.stat(SESSION.name)]
    assert objects.get_bytes(SESSION.name, max_bytes=99) == DATA


def test_a_client_that_wakes_up_late_writes_no_more(uploads: ResumableUploads, objects: LocalObjects) -> None:
    """Another one has the upload now, and both would send the same bytes twice."""
    token = uploads.start(SESSION)

    def late() -> Iterator[bytes]:
        yield DATA[:3]
        assert uploads.put(token, Piece(3, None), [DATA[3:5]]) == 5
        yield DATA[3:5]

    with pytest.raises(TransientError) as told:
        uploads.put(token, Piece(0, None), late())
    assert told.value.error_code == "upload_superseded"
    assert isinstance(uploads.put(token, Piece(5, SIZE), [DATA[5:]]), ObjectInfo)
    assert objects.get_bytes(SESSION.name, max_bytes=99) == DATA


def test_a_session_is_ended_under_a_silent_client(uploads: ResumableUploads, tmp_path: Path) -> None:
    token = uploads.start(SESSION)

    def silent() -> Iterator[bytes]:
        yield DATA[:3]
        uploads.cancel(token)
        yield DATA[3:]

    with pytest.raises(NotFound):
        uploads.put(token, Piece(0, SIZE), silent())
    assert left(tmp_path) == []


def test_bytes_that_came_before_are_skipped_and_a_gap_is_not_filled(
    uploads: ResumableUploads, objects: LocalObjects
) -> None:
    """A client that lost an answer repeats itself; one that is ahead is told where to go on."""
    token = uploads.start(SESSION)
    uploads.put(token, Piece(0, None), [DATA[:4]])
    assert uploads.put(token, Piece(2, None), [DATA[2:4], DATA[4:6]]) == 6
    assert uploads.put(token, Piece(8, SIZE), [DATA[8:]]) == 6
    uploads.put(token, Piece(6, SIZE), [DATA[6:]])
    assert objects.get_bytes(SESSION.name, max_bytes=99) == DATA


@pytest.mark.parametrize("piece", [Piece(0, SIZE - 1), Piece(0, SIZE + 1), Piece(None, 99)])
def test_another_size_than_the_signed_one_ends_the_upload(
    uploads: ResumableUploads, objects: LocalObjects, tmp_path: Path, piece: Piece
) -> None:
    token = uploads.start(SESSION)
    with pytest.raises(SourceRefused):
        uploads.put(token, piece, [b"x" * (piece.size or 0)] if piece.start == 0 else [])
    assert left(tmp_path) == []
    assert objects.stat(SESSION.name) is None


def test_a_body_without_an_end_is_cut_off(uploads: ResumableUploads, tmp_path: Path) -> None:
    """Nobody fills the disk by not saying how much comes."""

    def endless() -> Iterator[bytes]:
        while True:
            yield b"x" * 100

    with pytest.raises(SourceRefused):
        uploads.put(uploads.start(SESSION), Piece(0, None), endless())
    assert left(tmp_path) == []


def test_an_object_that_exists_is_not_replaced(
    uploads: ResumableUploads, objects: LocalObjects, tmp_path: Path
) -> None:
    objects.put_bytes(SESSION.name, b"first")
    with pytest.raises(Conflict):
        uploads.put(uploads.start(SESSION), Piece(0, SIZE), [DATA])
    assert objects.get_bytes(SESSION.name, max_bytes=99) == b"first"
    assert left(tmp_path) == []


@pytest.mark.parametrize("token", ["", "..", "x" * 32, "0" * 32, "../objects"])
def test_a_session_that_is_none_is_not_found(uploads: ResumableUploads, token: str) -> None:
    with pytest.raises(NotFound):
        uploads.put(token, Piece(None, None), [])
    uploads.cancel(token)


def test_a_cancelled_session_leaves_nothing(uploads: ResumableUploads, tmp_path: Path) -> None:
    token = uploads.start(SESSION)
    uploads.put(token, Piece(0, None), [DATA[:4]])
    uploads.cancel(token)
    assert left(tmp_path) == []


def test_a_ticket_has_two_sessions_at_most(uploads: ResumableUploads, tmp_path: Path) -> None:
    """What it may bring is counted once: a further session ends one before, whose bytes are forgotten at once."""
    other = uploads.start(replace(SESSION, name="uploads/a/c/source"))
    tokens = [uploads.start(SESSION) for _ in range(9)]
    assert len(left(tmp_path)) == 3
    assert {tokens[-1], other} <= set(left(tmp_path))
    with pytest.raises(NotFound):
        uploads.put(tokens[0], Piece(0, SIZE), [DATA])
    assert isinstance(uploads.put(tokens[-1], Piece(0, SIZE), [DATA]), ObjectInfo)


def test_a_session_that_is_ended_takes_nothing_more(uploads: ResumableUploads, tmp_path: Path) -> None:
    """Also not from a body that is on its way."""
    token = uploads.start(SESSION)

    def ended_meanwhile() -> Iterator[bytes]:
        yield DATA[:3]
        uploads.end(SESSION.name, None)
        yield DATA[3:]

    with pytest.raises(NotFound):
        uploads.put(token, Piece(0, SIZE), ended_meanwhile())
    uploads.end(SESSION.name, None)
    assert left(tmp_path) == []


def test_sessions_that_nobody_wants_are_collected(objects: LocalObjects, tmp_path: Path) -> None:
    """By the object's name and their idle time; with them what a server left that was killed as it began one."""
    now = time.time()
    uploads = ResumableUploads(objects, tmp_path / "resumable", clock=lambda: now)
    uploads.put(uploads.start(SESSION), Piece(0, None), [DATA[:4]])
    for token, content in (("0" * 32, None), ("1" * 32, "{"), ("2" * 32, "[]")):
        (tmp_path / "resumable" / token).mkdir()
        if content is not None:
            (tmp_path / "resumable" / token / "session.json").write_text(content)
            (tmp_path / "resumable" / token / "data").touch()
    now += 3600
    asked: dict[str, timedelta] = {}

    def wanted(name: str, idle: timedelta) -> bool:
        asked[name] = idle
        return bool(name)

    assert uploads.collect(wanted).kept == 4
    assert set(asked) == {SESSION.name, ""}
    assert timedelta(minutes=59) < asked[SESSION.name] < timedelta(minutes=61)
    assert len(left(tmp_path)) == 1
    assert uploads.collect(lambda *_: False) == UnderWay(freed=4)
    assert left(tmp_path) == []
