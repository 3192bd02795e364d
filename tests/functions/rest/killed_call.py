"""POSTs to the REST door, each in a process of its own, of which each is killed before another of its writes.

Arguments: FOLDER PATH BODY. Prints for each write what the repeated call was answered, and the jobs there are.
"""

from __future__ import annotations

import json
import os
import signal
import sys
from dataclasses import replace
from pathlib import Path
from typing import Any

from dailies.adapters.local.objects.signed_urls import LocalSignedUrls
from dailies.bootstrap import build_local, import_local
from dailies.rest.app import Door, build_api
from dailies.settings import Settings

WRITES = {"transaction", "update", "set", "create", "delete", "enqueue", "put_bytes", "put_file", "adopt_file", "copy"}


class Deadly:
    """Counts the writes of everything that it stands in front of."""

    made = 0
    last = 0

    def __init__(self, store: Any) -> None:
        self._store = store

    def __getattr__(self, name: str) -> Any:
        found = getattr(self._store, name)
        if name not in WRITES:
            return found

        def write(*arguments: Any, **named: Any) -> Any:
            Deadly.made += 1
            if Deadly.made == Deadly.last:
                os.kill(os.getpid(), signal.SIGKILL)
            return found(*arguments, **named)

        return write


def post(home: Path, path: str, body: str, last: int) -> dict[str, Any] | None:
    """What another process is answered; None where it was killed before its write ``last``."""
    reading, writing = os.pipe()
    pid = os.fork()
    if pid == 0:
        Deadly.last = last
        os.write(writing, json.dumps(ask(home, path, body)).encode())
        os._exit(0)
    os.close(writing)
    with os.fdopen(reading) as told:
        text = told.read()
    _, status = os.waitpid(pid, 0)
    assert (os.waitstatus_to_exitcode(status) == -signal.SIGKILL) == (text == "")
    return None if text == "" else dict(json.loads(text))


def ask(home: Path, path: str, body: str) -> dict[str, Any]:
    platform: Any = build_local(Settings(home=home)).platform
    stores: Any = {name: Deadly(getattr(platform, name)) for name in ("documents", "tasks", "objects")}
    served = replace(platform, urls=LocalSignedUrls("http://here", b"key"), **stores)
    client = build_api(Door(lambda: served, lambda _token, _request: "ann")).test_client()
    headers = {"Authorization": "Bearer x", "Idempotency-Key": "k"}
    answer = client.post(f"/api/v1{path}", data=body, content_type="application/json", headers=headers)
    jobs = [found.path.removeprefix("jobs/") for found in platform.documents.query("jobs")]
    return {"status": answer.status_code, "body": answer.json, "writes": Deadly.made, "jobs": jobs}


def main(folder: Path, path: str, body: str) -> None:
    import_local()
    whole = post(folder / "whole", path, body, 0)
    assert whole is not None
    told = []
    for number in range(1, whole["writes"] + 1):
        home = folder / str(number)
        killed = post(home, path, body, number)
        told.append(
            {"killed": killed is None, "again": post(home, path, body, 0), "repeated": post(home, path, body, 0)}
        )
    sys.stdout.write(json.dumps(told))


if __name__ == "__main__":
    main(Path(sys.argv[1]), *sys.argv[2:])
