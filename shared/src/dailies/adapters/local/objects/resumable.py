"""Resumable uploads: sessions that take an object's bytes in pieces, over interruptions and restarts.

Cloud Storage's protocol. What has arrived of a session is the length of its file, so a crash loses nothing
that was written and there is no count to disagree with it.
"""

from __future__ import annotations

import json
import re
import secrets
import shutil
import threading
import time
from collections.abc import Callable, Iterable
from contextlib import suppress
from dataclasses import asdict, dataclass, field
from datetime import timedelta
from pathlib import Path

from dailies.adapters.local.faults import reading, writing
from dailies.domain.errors import InvalidRequest, NotFound, SourceRefused, TransientError
from dailies.ports.objects import LocalFiles, ObjectInfo
from dailies.ports.signed_urls import SignedRequest
from dailies.ports.upload_sessions import UnderWay

# Of one object: a ticket is for a session and for a body that comes at once, and the first to end wins.
_SESSIONS = 2
_TOKEN = re.compile(r"[0-9a-f]{32}")
# Nineteen digits number every byte of any file system.
_RANGE = re.compile(r"bytes (?:([0-9]{1,19})-([0-9]{1,19})|\*)/([0-9]{1,19}|\*)")


@dataclass(frozen=True, slots=True)
class Session:
    """What the signed start fixed."""

    name: str
    content_type: str
    least_bytes: int
    most_bytes: int
    if_generation_match: int


@dataclass(frozen=True, slots=True)
class Piece:
    """The meaning of a PUT's Content-Range: where its bytes begin, and the whole size where it is known.

    ``start`` is None for the question how much has arrived.
    """

    start: int | None
    size: int | None


@dataclass(slots=True)
class _Turn:
    """Who writes to a session now. The lock is held while the session is touched, never while a client is awaited."""

    lock: threading.Lock = field(default_factory=threading.Lock)
    number: int = 0


def parse_content_range(header: str | None, length: int) -> Piece:
    """Raises InvalidRequest. Without the header the request has the whole object."""
    if header is None:
        return Piece(0, length)
    found = _RANGE.fullmatch(header)
    first, last, size = (_number(text) for text in found.groups()) if found else (None, None, None)
    given = 0 if first is None or last is None else last - first + 1
    if found is None or given != length or (first is not None and not length):
        raise InvalidRequest(
            f"Content-Range {header[:80]!r} does not fit a body of {length} bytes.", field="Content-Range"
        )
    if size is not None and last is not None and last >= size:
        raise InvalidRequest(f"Content-Range {header!r} ends behind its size.", field="Content-Range")
    return Piece(first, size)


def _number(text: str | None) -> int | None:
    return None if text is None or text == "*" else int(text)


class ResumableUploads:
    """Sessions in ``folder``; a finished one becomes an object of ``objects``. Safe from several threads."""

    def __init__(self, objects: LocalFiles, folder: Path, clock: Callable[[], float] = time.time) -> None:
        self._objects = objects
        self._folder = folder
        self._clock = clock
        self._turns: dict[str, _Turn] = {}
        self._starting = threading.Lock()

    def start(self, session: Session) -> str:
        """The new session's token, which is all that its URL needs. The oldest for the same object ends where
        there would be more than the two ways that a ticket has."""
        token = secrets.token_hex(16)
        place = self._folder / token
        with self._starting, writing(place):
            self._make_room(session.name)
            self._folder.mkdir(mode=0o700, parents=True, exist_ok=True)
            place.mkdir(mode=0o700)
            (place / "session.json").write_text(json.dumps(asdict(session)), encoding="utf-8")
            (place / "data").touch()
        return token

    def put(self, token: str, piece: Piece, body: Iterable[bytes]) -> ObjectInfo | int:
        """Take what ``body`` has; returns the object once it is complete, else the number of bytes that are here.

        Pieces that came before are skipped and one from further on is not taken, so the answer always says
        where to go on. What a broken body had given stays. A body that stands still holds nothing up: the next one
        takes its place. Raises NotFound for a session that is over, SourceRefused for a size beyond what was signed
        (and ends the session), Conflict if the object exists, TransientError ``upload_superseded``.
        """
        turn = self._turn(token)
        with turn.lock:
            session, arrived = self.session(token), self._arrived(token)
            if piece.start is None or piece.start > arrived:
                return self._answer(token, session, piece, arrived)
            turn.number += 1
            mine, skip = turn.number, arrived - piece.start
        for given in body:
            fresh = memoryview(given)[skip:]
            skip = max(0, skip - len(given))
            with turn.lock:
                arrived = self._append(token, fresh, only_if=turn.number == mine)
            if arrived > session.most_bytes:
                break
        with turn.lock:
            arrived = self._append(token, memoryview(b""), only_if=turn.number == mine)
            return self._answer(token, session, piece, arrived)

    def cancel(self, token: str) -> None:
        """End the session and forget its bytes. Idempotent."""
        with suppress(NotFound), self._turn(token).lock:
            self._end(token)

    def open(self, start: SignedRequest, origin: str | None) -> str | None:
        # The client does: its requests come to this server.
        return None

    def begun(self, session: str) -> bool:
        return False

    def end(self, name: str, session: str | None) -> None:
        for token in self._tokens():
            if self._name(token) == name:
                self.cancel(token)

    def _make_room(self, name: str) -> None:
        begun: list[tuple[int, str]] = []
        for token in self._tokens():
            with suppress(FileNotFoundError):
                if self._name(token) == name:
                    begun.append((self._data(token).stat().st_mtime_ns, token))
        for _, token in sorted(begun)[: max(0, len(begun) + 1 - _SESSIONS)]:
            self.cancel(token)

    def collect(self, wanted: Callable[[str, timedelta], bool]) -> UnderWay:
        freed = kept = 0
        for token in self._tokens():
            with suppress(FileNotFoundError):
                found = self._data(token).stat()
                idle = timedelta(seconds=self._clock() - found.st_mtime)
                if wanted(self._name(token), idle):
                    kept += found.st_size
                else:
                    self._end(token)
                    freed += found.st_size
        return UnderWay(freed, kept)

    def _data(self, token: str) -> Path:
        """Its file; its folder where the server was killed as the session began."""
        place = self._folder / token
        return place / "data" if (place / "data").exists() else place

    def _name(self, token: str) -> str:
        """Of the object that it will be; empty for a session that can't go on."""
        try:
            return self.session(token).name
        except NotFound:
            return ""

    def _tokens(self) -> list[str]:
        return [place.name for place in self._folder.glob("*") if _TOKEN.fullmatch(place.name)]

    def _turn(self, token: str) -> _Turn:
        """Raises NotFound, so that only sessions have one."""
        self._place(token)
        return self._turns.setdefault(token, _Turn())

    def session(self, token: str) -> Session:
        """Raises NotFound."""
        place = self._place(token) / "session.json"
        try:
            with reading(place):
                return Session(**json.loads(place.read_text(encoding="utf-8")))
        except (ValueError, TypeError) as error:
            # A power cut: nobody was told of this session.
            raise _over() from error

    def _arrived(self, token: str) -> int:
        return (self._place(token) / "data").stat().st_size

    def _append(self, token: str, fresh: memoryview, *, only_if: bool) -> int:
        """Write to the file's end; returns its length. Raises TransientError when it is another's turn."""
        data = self._place(token) / "data"
        if not only_if:
            raise TransientError("Another request goes on with this upload.", code="upload_superseded")
        # What goes wrong with the body itself is the connection's fault and not the disk's.
        with writing(data), data.open("ab", buffering=0) as sink:
            while fresh:
                fresh = fresh[sink.write(fresh) :]
            return sink.tell()

    def _answer(self, token: str, session: Session, piece: Piece, arrived: int) -> ObjectInfo | int:
        wrong = piece.size is not None and not session.least_bytes <= piece.size <= session.most_bytes
        if wrong or arrived > session.most_bytes:
            self._end(token)
            raise SourceRefused(
                f"The upload is not of the size that was declared ({session.most_bytes} bytes): start again.",
                code="upload_size",
            )
        if piece.size is None or arrived != piece.size:
            return arrived
        try:
            return self._objects.adopt_file(
                session.name,
                self._place(token) / "data",
                content_type=session.content_type,
                if_generation_match=session.if_generation_match,
            )
        finally:
            self._end(token)

    def _place(self, token: str) -> Path:
        if not _TOKEN.fullmatch(token) or not (self._folder / token / "data").exists():
            raise _over()
        return self._folder / token

    def _end(self, token: str) -> None:
        shutil.rmtree(self._folder / token, ignore_errors=True)
        self._turns.pop(token, None)


def _over() -> NotFound:
    return NotFound("This upload is over, or never began: start a new one.", code="upload_over")
