"""The Python client against `dailies up`, also over a proxy that loses connections; and its README, block by block."""

from __future__ import annotations

import asyncio
import json
import re
import shutil
import subprocess
import sys
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import httpx
import pytest

from dailies_client import AsyncDailies, Dailies as Client, NotFound, Unauthenticated, UploadFailed, WaitTimeout
from tests.e2e.fault_proxy import FaultProxy, cut_after, cut_answer_after, fault_proxy, refuse
from tests.e2e.serving import ServedWithKey, serving_with_key

CLIENT = Path(__file__).parents[2] / "clients" / "python"
BLOCKS = re.findall(
    r"^```python\n(.*?)^```", (CLIENT / "README.md").read_text(encoding="utf-8"), re.MULTILINE | re.DOTALL
)
AUDIO = {"outputs": {"a": {"kind": "audio", "format": "mp3"}}}

pytestmark = [pytest.mark.slow, pytest.mark.timeout(240)]


class Served(ServedWithKey):
    def client(self, proxy: FaultProxy | None = None, **options: Any) -> Client:
        http = httpx.Client(trust_env=False, proxy=None if proxy is None else proxy.url)
        return Client(self.base, self.key, http=http, **options)


@pytest.fixture(scope="module")
def served(home: Path) -> Iterator[Served]:
    """One server for all, with a key."""
    with serving_with_key(home) as found:
        yield Served(found.server, found.key)


@pytest.fixture
def proxy(served: Served) -> Iterator[FaultProxy]:
    with fault_proxy(served.server.base) as found:
        yield found


@pytest.fixture(autouse=True)
def _small_and_quick(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("dailies_client.uploading.PIECE_BYTES", 256 * 1024)
    monkeypatch.setattr("dailies_client.sending.FIRST_PAUSE_SECONDS", 0.01)


def test_every_block_of_the_readme_does_what_it_says(
    served: Served, clips: Callable[[str], Path], tmp_path: Path
) -> None:
    assert len(BLOCKS) > 6
    shutil.copy(clips("talk.mp4"), tmp_path)
    script = f"KEY = {served.key!r}\n" + "\n".join(BLOCKS).replace("http://127.0.0.1:8400", served.server.base)
    command = [sys.executable, "-W", "error", "-c", script + "\nclient.close()\n"]
    environment = {"PYTHONPATH": str(CLIENT / "src"), "NO_PROXY": "*"}
    ended = subprocess.run(
        command, cwd=tmp_path, env=environment, capture_output=True, text=True, timeout=200, check=False
    )
    assert (ended.returncode, ended.stderr) == (0, ""), ended.stdout
    assert "upload 100 %" in ended.stdout
    assert "job.completed" in ended.stdout
    assert (tmp_path / "talk.mp3").stat().st_size > 10_000


def test_an_upload_goes_on_after_cuts_and_refusals(
    served: Served, proxy: FaultProxy, clips: Callable[[str], Path], tmp_path: Path
) -> None:
    source = clips("talk.mp4")
    proxy.faults = [
        (b"POST /uploads", refuse("503 Service Unavailable", "Retry-After: 0")),
        (b"PUT /resumable/", cut_after(100_000)),
        (b"PUT /resumable/", refuse("503 Service Unavailable")),
        (b"PUT /resumable/", refuse("429 Too Many Requests", "Retry-After: 0")),
        (b"GET /events", cut_answer_after(700)),
        (b"GET /download", cut_answer_after(20_000)),
    ]
    told: list[int] = []
    with served.client(proxy) as client:
        job_id = client.upload(source, AUDIO, on_progress=lambda sent, total: told.append(sent))
        ids = [event.id for event in client.jobs.events(job_id) if event.id is not None]
        through = client.jobs.download(job_id, tmp_path / "through.mp3").read_bytes()
    assert proxy.faults == []
    assert told == sorted(told)
    assert told[-1] == source.stat().st_size
    asked = [head for head in proxy.heads if b"content-range: bytes */" in head.lower()]
    assert len(asked) >= 2
    assert ids == list(range(1, len(ids) + 1))
    with served.client() as client:
        assert client.jobs.download(job_id, tmp_path / "straight.mp3").read_bytes() == through
    assert sorted(path.name for path in tmp_path.iterdir()) == ["straight.mp3", "through.mp3"]


def test_another_client_goes_on_where_an_upload_failed(
    served: Served, proxy: FaultProxy, clips: Callable[[str], Path]
) -> None:
    source = clips("talk.mp4")
    proxy.faults = [(b"PUT /resumable/", cut_after(100_000)), (b"PUT /resumable/", refuse("403 Forbidden"))]
    with served.client(proxy) as client, pytest.raises(UploadFailed) as met:
        client.upload(source, AUDIO)
    assert met.value.session.url not in repr(met.value.session)
    with served.client() as client:
        job_id = client.upload(source, resume=met.value.session)
        assert client.jobs.wait(job_id, timeout=100)["status"] == "completed"


def test_a_wait_that_ends_early_keeps_the_job(served: Served, clips: Callable[[str], Path]) -> None:
    async def wait() -> tuple[str, int, str]:
        http = httpx.AsyncClient(trust_env=False)
        async with AsyncDailies(served.base, lambda: served.server.token("bob"), http=http) as client:
            job_id = await client.upload(clips("talk.mp4"), {"outputs": {"a": {"kind": "audio", "format": "opus"}}})
            with pytest.raises(WaitTimeout) as met:
                await client.jobs.wait(job_id, timeout=0.0)
            job = await client.jobs.wait(met.value.job_id, after=met.value.after, timeout=100)
            return job_id, met.value.after, job["job_id"]

    job_id, after, found = asyncio.run(wait())
    assert (found, after >= 0) == (job_id, True)


def test_refusals_are_of_their_own_kinds(served: Served) -> None:
    with served.client() as client, pytest.raises(NotFound) as met:
        client.jobs.get("0" * 20)
    assert met.value.code
    with Client(served.base, "nobody", http=httpx.Client(trust_env=False)) as stranger, pytest.raises(Unauthenticated):
        stranger.jobs.status("0" * 20)


def test_a_cancelled_job_is_listed_as_such(served: Served) -> None:
    with served.client() as client:
        body = {"size_bytes": 5, "recipe": AUDIO}
        ticket = httpx.post(
            f"{served.base}/uploads", json=body, headers={"Authorization": f"Bearer {served.key}"}, trust_env=False
        ).json()
        assert client.jobs.cancel(ticket["job_id"])["status"] == "cancelled"
        listed = client.jobs.list(state="cancelled", page_size=1)
        assert ticket["job_id"] in [job["job_id"] for job in listed]
        assert json.dumps(client.jobs.get(ticket["job_id"]))
