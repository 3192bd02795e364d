"""An SMTP server that speaks the protocol under TLS, keeps what it takes, and fails where it is told to."""

from __future__ import annotations

import base64
import socket
import threading
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from dataclasses import dataclass, field

from tests.fakes.certificates import Authority
from tests.fakes.tcp_server import accepting

HANG_UP, SILENCE = "hang up", "silence"


@dataclass(frozen=True)
class Taken:
    """A message for which the server has taken responsibility."""

    sender: str
    to: str
    data: bytes
    """As it was sent, without the dots that SMTP adds."""


@dataclass
class SmtpServer:
    """``faults`` has what happens at a verb in place of its answer, once each: a line, ``HANG_UP`` or ``SILENCE``.

    Verbs are CONNECT, those of the protocol, and ``.`` for the end of a message; ``after`` has what happens once the
    message was taken.
    """

    authority: Authority
    tls_first: bool = False
    starttls: bool = True
    faults: dict[str, str] = field(default_factory=dict)
    after: str | None = None
    user: tuple[str, str] = ("post", "secret")
    taken: list[Taken] = field(default_factory=list)
    verbs: list[str] = field(default_factory=list)
    clear: list[str] = field(default_factory=list)
    """Verbs that came before TLS."""
    over: threading.Event = field(default_factory=threading.Event)
    port: int = 0


@contextmanager
def smtp_server(authority: Authority, **options: bool) -> Iterator[SmtpServer]:
    server = SmtpServer(authority, **options)  # type: ignore[arg-type] # the two that are boolean
    with accepting(lambda connection: _serve(server, connection)) as server.port:
        try:
            yield server
        finally:
            server.over.set()


class _End(Exception):
    """Of one connection."""


def _serve(server: SmtpServer, connection: socket.socket) -> None:
    with suppress(OSError, _End):
        if server.tls_first:
            connection = server.authority.serving().wrap_socket(connection, server_side=True)
        _Conversation(server, connection).run()
    connection.close()


class _Conversation:
    def __init__(self, server: SmtpServer, connection: socket.socket) -> None:
        self.server, self.connection = server, connection
        self.file = connection.makefile("rb")
        self.secure = server.tls_first
        self.sender = self.to = ""

    def run(self) -> None:
        try:
            self.answer("CONNECT", "220 here")
            while line := self.file.readline():
                self.take(line.decode().rstrip("\r\n"))
        finally:
            self.file.close()
            self.connection.close()

    def answer(self, verb: str, text: str) -> bool:
        """Whether it went as it should."""
        fault = self.server.faults.pop(verb, None)
        if fault == SILENCE:
            self.server.over.wait(20)
        if fault in (SILENCE, HANG_UP):
            with suppress(OSError):
                self.connection.shutdown(socket.SHUT_RDWR)
            raise _End
        self.connection.sendall(f"{fault or text}\r\n".encode())
        return fault is None

    def take(self, line: str) -> None:
        verb = line[:4].upper() if not line.upper().startswith("STARTTLS") else "STARTTLS"
        self.server.verbs.append(verb)
        if not self.secure:
            self.server.clear.append(verb)
        if verb == "EHLO":
            offers = ["here", *(["STARTTLS"] if self.server.starttls and not self.secure else [])]
            offers += ["AUTH PLAIN"] if self.secure else []
            self.answer(
                verb, "\r\n".join(f"250{'-' if at < len(offers) - 1 else ' '}{o}" for at, o in enumerate(offers))
            )
        elif verb == "STARTTLS":
            if self.answer(verb, "220 go"):
                self.file.close()
                self.connection = self.server.authority.serving().wrap_socket(self.connection, server_side=True)
                self.file, self.secure = self.connection.makefile("rb"), True
        elif verb == "AUTH":
            _, user, password = base64.b64decode(line.split(" ")[2]).decode().split("\0")
            self.answer(verb, "235 hello" if (user, password) == self.server.user else "535 who?")
        elif verb in ("MAIL", "RCPT"):
            address = line.partition("<")[2].partition(">")[0]
            if verb == "MAIL":
                self.sender = address
            else:
                self.to = address
            self.answer(verb, "250 ok")
        elif verb == "DATA":
            if self.answer(verb, "354 go"):
                self.read()
        else:
            self.answer(verb, "221 bye" if verb == "QUIT" else "500 what?")

    def read(self) -> None:
        lines = []
        while (line := self.file.readline()) != b".\r\n":
            if not line:
                raise _End
            lines.append(line.removeprefix(b".") if line.startswith(b"..") else line)
        if "." in self.server.faults:
            self.answer(".", "")
            return
        self.server.taken.append(Taken(self.sender, self.to, b"".join(lines)))
        if self.server.after is not None:
            self.server.faults["."], self.server.after = self.server.after, None
        self.answer(".", "250 taken")
