"""`dailies up` as a client sees it: a real server, real uploads, real workers."""

from __future__ import annotations

import json
import os
import signal
import socket
from collections.abc import Callable, Iterator
from concurrent.futures import ThreadPoolExecutor
from contextlib import closing
from pathlib import Path
from typing import Any
from urllib.parse import urlsplit

import pytest

from dailies.adapters.local.workers.workers import processors
from dailies.bootstrap import build_local
from dailies.settings import Settings
from tests.e2e.command import Dailies, wait_until
from tests.e2e.in_process import another
from tests.e2e.meter import ebur128
from tests.e2e.serving import Server, serving


@pytest.fixture(scope="module")
def server(home: Path) -> Iterator[Server]:
    """One for all who need no more than that it is up."""
    dailies = Dailies(home, {"DAILIES_LOG": "critical"})
    with serving(dailies) as found:
        yield found
    dailies.end()


def test_an_interrupted_upload_goes_on_and_ends_as_a_download(
    server: Server, clips: Callable[[str], Path], tmp_path: Path
) -> None:
    """Announce, lose the connection half-way, ask, go on, watch, fetch, measure."""
    source = clips("hd.mp4")
    data = source.read_bytes()
    half = len(data) // 2
    ticket = server.announce(source)
    session = server.session(ticket)
    _break_off(session, data[:half], len(data))
    asked = wait_until(lambda: _arrived(server, session, len(data)), "the bytes that came before the break")
    assert asked == half
    rest = f"bytes {asked}-{len(data) - 1}/{len(data)}"
    assert server.request("PUT", session, data[asked:], Content_Range=rest).status == 200

    states = list(server.events(ticket["jobId"]))
    progress = [state["progress"] for state in states]
    assert progress == sorted(progress)
    assert states[-1]["status"] == "completed"
    found = server.call("getResult", {"jobId": ticket["jobId"]})
    download = found["downloads"]["podcast"]
    whole = server.request("GET", download["url"])
    assert (whole.status, whole.headers["content-type"]) == (200, "audio/mpeg")
    assert len(whole.body) == found["result"]["outputs"]["podcast"]["bytes"]
    made = tmp_path / download["fileName"]
    made.write_bytes(whole.body)
    assert abs(ebur128(made).integrated + 16) <= 0.2

    part = server.request("GET", download["url"], Range="bytes=10-19")
    assert (part.status, part.body) == (206, whole.body[10:20])
    assert part.headers["content-range"] == f"bytes 10-19/{len(whole.body)}"
    assert server.request("GET", download["url"], Range=f"bytes={len(whole.body)}-").status == 416


def test_a_forged_signature_opens_nothing(server: Server, clips: Callable[[str], Path]) -> None:
    """Another name, another header, a later end, another method: none is what was signed."""
    ticket = server.announce(clips("blip.wav"))
    upload = ticket["upload"]
    url, headers = upload["url"], upload["headers"]

    def refused(method: str, url: str, headers: dict[str, str]) -> bool:
        answer = server.request(method, url, **headers)
        return (answer.status, answer.json()["error"]["code"]) == (403, "signature_invalid")

    assert refused("POST", url.replace("/ann/", "/bob/"), headers)
    assert refused("POST", url.replace("expires=1", "expires=2"), headers)
    assert refused("POST", url, {**headers, "content-type": "text/html"})
    assert refused("POST", url, {**headers, "x-goog-content-length-range": "1,99999999"})
    assert refused("POST", url, {name: value for name, value in headers.items() if "generation" not in name})
    assert refused("POST", url.partition("?")[0], headers)
    assert refused("GET", url, headers)


def test_an_object_is_uploaded_once_and_in_its_size(server: Server, clips: Callable[[str], Path]) -> None:
    source = clips("blip.wav")
    ticket = server.announce(source)
    first, second = (server.session(ticket) for _ in range(2))
    assert server.request("PUT", second, source.read_bytes() + b"x").json()["error"]["code"] == "upload_size"
    assert server.request("PUT", second, source.read_bytes()).status == 404
    third = server.session(ticket)
    assert server.request("PUT", first, source.read_bytes()).status == 200
    assert server.request("PUT", third, source.read_bytes()).status == 412
    assert server.last(ticket["jobId"])["status"] == "completed"


def test_a_job_is_cancelled_in_the_middle_and_leaves_nothing(server: Server, clips: Callable[[str], Path]) -> None:
    """Its worker and FFmpeg are gone soon, and so is what they had written."""
    job_id = server.upload(clips("long.mp4"), web={"kind": "video", "quality": "high"})
    seen = []
    for state in server.events(job_id):
        seen.append(state["status"])
        if state["steps"].get("web", {}).get("progress") and "cancelling" not in seen:
            seen.append("cancelling")
            assert server.call("cancelJob", {"jobId": job_id}, "bob") == "not_found"
            assert server.call("cancelJob", {"jobId": job_id})["status"] == "cancelled"
    assert seen[-1] == "cancelled"
    wait_until(lambda: not server.dailies.leftovers(), "an empty scratch folder")
    assert not any("ffmpeg" in line for line in server.dailies.processes().values())
    assert server.call("getResult", {"jobId": job_id}) == "job_not_completed"


def test_an_event_delivered_five_times_at_once_is_one_job(server: Server, clips: Callable[[str], Path]) -> None:
    """A bare upload: its job's id comes from the object's generation."""
    local = build_local(Settings(home=server.dailies.home))
    with closing(local.documents):
        before = {job.data["id"] for job in local.documents.query("jobs")}
        info = local.objects.put_file("uploads/ann/inbox/blip.wav", clips("blip.wav"))
        resource = {
            "bucket": "local", "name": info.name, "generation": str(info.generation), "id": "x", "metageneration": "1",
            "size": str(info.size), "storageClass": "STANDARD",
        }  # fmt: skip
        event = {
            "specversion": "1.0", "id": "1", "source": "//storage.googleapis.com/projects/_/buckets/local",
            "type": "google.cloud.storage.object.v1.finalized", "time": "2026-01-01T00:00:00.000000Z", "data": resource,
        }  # fmt: skip
        body = json.dumps(event).encode()

        def deliver(_: int) -> int:
            return server.request("POST", "/onUpload", body, Content_Type="application/cloudevents+json").status

        with ThreadPoolExecutor(5) as threads:
            # One that lost a race for the transaction is told to come again.
            assert 204 in set(threads.map(deliver, range(5)))
        (job,) = (job for job in local.documents.query("jobs") if job.data["id"] not in before)
        assert server.last(job.data["id"])["status"] == "completed"
        assert deliver(6) == 204
        assert len(local.documents.query("jobs")) == len(before) + 1


def test_pages_of_other_sites_are_refused(server: Server) -> None:
    """Tokens are unsigned: any page that a developer looks at could otherwise use the server."""
    for headers in ({"Origin": "https://evil.example"}, {"Host": "evil.example"}, {"Origin": "null"}):
        assert server.request("GET", "/dev/token", **headers).status == 403
    ours = server.request(
        "OPTIONS", "/resumable/x", Origin="http://localhost:5173", Access_Control_Request_Headers="content-range"
    )
    assert ours.headers["access-control-allow-origin"] == "http://localhost:5173"
    assert ours.headers["access-control-allow-headers"] == "content-range"
    assert "Range" in ours.headers["access-control-expose-headers"]


def test_progress_is_shown_to_its_owner_only(server: Server, clips: Callable[[str], Path]) -> None:
    job_id = server.announce(clips("blip.wav"))["jobId"]
    assert server.request("GET", f"/operations/{job_id}/events").status == 401
    assert server.request("GET", f"/operations/{job_id}/events?token={server.token('bob')}").status == 404


@pytest.mark.parametrize("host", ["0.0.0.0", "192.0.2.1", "::", "example.org"])
def test_it_listens_on_this_machine_only(tmp_path: Path, host: str) -> None:
    code, _, err = another(tmp_path / "home").run("up", "--host", host, "--port", "0")
    assert code == 4
    assert "this machine only" in err


def test_a_job_goes_on_after_a_restart(dailies: Dailies, clips: Callable[[str], Path]) -> None:
    """Killed with all its workers; the next start finishes what was under way."""
    process, server = _start(dailies)
    with process:
        job_id = server.upload(clips("brief.mp4"), web={"kind": "video", "quality": "high"})
        dailies.process("dailies.resident")
        dailies.kill("")
        process.communicate(timeout=20)
    process, server = _start(dailies)
    with process:
        assert server.last(job_id)["status"] == "completed"
        process.send_signal(signal.SIGINT)
        process.communicate(timeout=20)


def test_a_burst_outlives_a_killed_worker_and_a_restart(dailies: Dailies, clips: Callable[[str], Path]) -> None:
    """More jobs than processors: one dies with its worker, all with the server; none is lost or made twice."""
    dailies.environment["DAILIES_LOG"] = "info"
    process, server = _start(dailies)
    with process:
        # Other recipes, as the same one of the same bytes would be looked up.
        starts = [number / 10 for number in range(2 * processors())]
        video = {"kind": "video", "quality": "high"}
        jobs = [server.upload(clips("busy.mp4"), web={**video, "start": start}) for start in starts]
        dailies.process("libx264")
        assert len(dailies.pids("dailies.resident")) <= processors()
        [victim, *_] = dailies.pids("dailies.resident")
        os.kill(victim, signal.SIGKILL)
        dailies.process("dailies.resident", after=victim)
        dailies.process("libx264", after=victim)
        process.send_signal(signal.SIGTERM)
        _, log = process.communicate(timeout=30)
    dailies.end()
    process, server = _start(dailies)
    with process:
        assert [server.last(job_id)["status"] for job_id in jobs] == ["completed"] * len(jobs)
        assert len(dailies.pids("dailies.resident")) <= processors()
        process.send_signal(signal.SIGTERM)
        _, later = process.communicate(timeout=30)
    dailies.log = log + later
    made = [line["job_id"] for line in dailies.events() if line["event"] == "step done" and line["kind"] == "video"]
    assert sorted(made) == sorted(jobs)
    assert dailies.leftovers() == []


def _start(dailies: Dailies) -> tuple[Any, Server]:
    process = dailies.start("up", "--port", "0")
    assert process.stdout is not None
    return process, Server(dailies, process.stdout.readline().split()[4])


def _break_off(session: str, data: bytes, size: int) -> None:
    """Announce ``size`` bytes, send some, and be gone."""
    found = urlsplit(session)
    head = f"PUT {found.path} HTTP/1.1\r\nHost: {found.netloc}\r\nContent-Length: {size}\r\n\r\n"
    with socket.create_connection((found.hostname or "", found.port or 0), timeout=20) as connection:
        connection.sendall(head.encode() + data)


def _arrived(server: Server, session: str, size: int) -> int | None:
    """How much the session has; None while it still reads the broken connection."""
    answer = server.request("PUT", session, Content_Range=f"bytes */{size}")
    assert answer.status == 308
    return int(answer.headers["range"].partition("-")[2]) + 1 if "range" in answer.headers else None
