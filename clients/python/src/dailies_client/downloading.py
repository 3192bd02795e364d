"""Fetches a file that a job has made, and goes on where the connection was lost."""

from __future__ import annotations

from collections.abc import Mapping
from pathlib import Path

import httpx

from dailies_client.effects import Answer, Call, Close, Flow, Pause, SaveChunks
from dailies_client.errors import ConnectionFailed
from dailies_client.sending import Sender, backoff, with_retries

#: In a row, without a byte in between.
TRIES = 5


def download(sender: Sender, job_id: str, target: Path, output: str | None, file: str | None) -> Flow[Path]:
    """The target, whole: until then the bytes are beside it. Raises ApiError and ConnectionFailed."""
    named = {"output": output, "file": file}
    params = {name: value for name, value in named.items() if value is not None}
    part = target.with_name(target.name + ".part")
    have, tag, failures = 0, "", 0
    while True:
        # Only what is known to be of the same bytes is gone on with.
        behind = {"Range": f"bytes={have}-", "If-Range": tag} if have and tag else {}
        try:
            answer = yield from _opened(sender, job_id, params, behind)
            tag = answer.headers.get("etag", "")
            yield SaveChunks(answer, part, append=answer.status == 206)
            break
        except httpx.TransportError as error:
            before, have = have, part.stat().st_size if part.exists() else 0
            failures = 1 if have > before else failures + 1
            if failures > TRIES:
                raise ConnectionFailed(f"{target.name} was not fetched: {error}") from error
            yield Pause(backoff(failures - 1))
    part.replace(target)
    return target


def _opened(sender: Sender, job_id: str, params: Mapping[str, str], behind: Mapping[str, str]) -> Flow[Answer]:
    path = f"/jobs/{job_id}/download"
    answer = yield from sender.call("GET", path, params=params, headers=behind, stream=True)
    if answer.status != 302:
        return answer
    yield Close(answer)
    # A signed address needs no credentials, and its server is to see none.
    signed = Call("GET", answer.headers["location"], headers=behind, stream=True)
    return (yield from with_retries(signed, sender.retries))
