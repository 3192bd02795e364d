"""Sends a file in pieces by Cloud Storage's resumable protocol: after an interruption it asks how much has arrived."""

from __future__ import annotations

import re
from collections.abc import Callable
from pathlib import Path

import httpx

from dailies_client.effects import Answer, Call, Flow, Pause, ReadPiece
from dailies_client.errors import ApiError, UploadFailed, UploadSession
from dailies_client.models import SignedAnswer
from dailies_client.sending import RETRIED, backoff, refusal, with_retries

#: A multiple of 256 KiB, as Cloud Storage asks.
PIECE_BYTES = 8 * 1024 * 1024
#: In a row: a server that is away for a minute loses nothing.
TRIES = 8

OnProgress = Callable[[int, int], None]
"""Told how many bytes have arrived, of how many."""


def begin_session(upload: SignedAnswer, retries: int) -> Flow[str]:
    """The URL of a resumable session. Raises ApiError and ConnectionFailed."""
    if upload["method"] == "PUT":
        return upload["url"]
    answer = yield from with_retries(
        Call(upload["method"], upload["url"], headers=upload["headers"], content=b""), retries
    )
    return answer.headers["location"]


def send_file(session: UploadSession, path: Path, on_progress: OnProgress, *, resumed: bool) -> Flow[None]:
    """Send what has not arrived yet. Raises UploadFailed, which says where it can go on."""
    total = path.stat().st_size
    sent, most, failures, unsure = 0, 0, 0, resumed
    while True:
        piece = b"" if unsure else (yield ReadPiece(path, sent, min(PIECE_BYTES, total - sent)))
        span = "*" if unsure else f"{sent}-{sent + len(piece) - 1}"
        if not unsure and len(piece) != min(PIECE_BYTES, total - sent):
            raise UploadFailed(session, f"{path.name} was changed while it was sent: send it anew.")
        asked = Call("PUT", session.url, headers={"Content-Range": f"bytes {span}/{total}"}, content=piece)
        try:
            answer: Answer = yield asked
            arrived = _arrived(answer)
        except (httpx.TransportError, ApiError) as error:
            failures += 1
            if failures > TRIES or (isinstance(error, ApiError) and error.status not in RETRIED):
                raise UploadFailed(session, f"{path.name} was not sent: {error}") from error
            asked_for = error.retry_after if isinstance(error, ApiError) else None
            yield Pause(backoff(failures - 1) if asked_for is None else asked_for)
            unsure = True
            continue
        if arrived is None:
            on_progress(total, total)
            return
        # A server that takes nothing, time after time, is none to go on with, whatever it answers in between.
        if arrived > most:
            most, failures = arrived, 0
        elif not unsure:
            failures += 1
        if failures > TRIES:
            raise UploadFailed(session, f"{path.name} was not sent: the server takes nothing of it.")
        sent, unsure = arrived, False
        on_progress(sent, total)


def _arrived(answer: Answer) -> int | None:
    """Bytes; None where all have. Raises ApiError."""
    if answer.status in (200, 201):
        return None
    if answer.status == 308:
        found = re.search(r"-(\d+)$", answer.headers.get("range", ""))
        return int(found[1]) + 1 if found else 0
    raise refusal(answer)
