"""A burst of short uploads to `dailies up` against bare FFmpeg doing the same measure and encode, in one run.

    ./scripts/setup dev python benchmarks/burst.py [--jobs 100] [--seconds 2]

Prints the CPU seconds of the server with all its children and of bare FFmpeg, their ratio, and when the first, the
median and the last of the jobs ended, beside what one job alone takes on the same server.
"""

from __future__ import annotations

import argparse
import http.client
import json
import os
import resource
import subprocess
import tempfile
import threading
import time
from pathlib import Path

ROOT = Path(__file__).resolve().parents[1]


class Server:
    """`dailies up` on a free port; its CPU seconds are known once it has ended."""

    def __init__(self, home: Path) -> None:
        environment = {
            **os.environ,
            "DAILIES_HOME": str(home),
            "DAILIES_QUOTA_CONCURRENT_JOBS": "100000",
            "DAILIES_QUOTA_JOBS_PER_DAY": "100000",
            "DAILIES_QUOTA_WAITING_UPLOADS": "100000",
        }
        self._before = cpu_of_children()
        command = [str(ROOT / "dailies"), "up", "--port", "0"]
        self._process = subprocess.Popen(command, env=environment, stdout=subprocess.PIPE, text=True)
        if self._process.stdout is None:
            raise RuntimeError("Popen was told PIPE")
        words = self._process.stdout.readline().split()
        self._port = next(int(word.rpartition(":")[2]) for word in words if word.startswith("http://"))
        self._token = json.loads(self._ask("GET", "/dev/token"))["token"]

    def _ask(self, method: str, path: str, body: bytes = b"", headers: dict[str, str] | None = None) -> bytes:
        connection = http.client.HTTPConnection("127.0.0.1", self._port, timeout=3600)
        connection.request(method, path, body, headers or {})
        answer = connection.getresponse()
        content = answer.read()
        connection.close()
        if answer.status >= 300:
            raise RuntimeError(f"{method} {path} answered {answer.status}: {content[:300]!r}")
        return content

    def job(self, clip: bytes) -> None:
        """Upload the clip and follow its job to the end, as the page does."""
        signed_in = {"Content-Type": "application/json", "Authorization": f"Bearer {self._token}"}
        wish = json.dumps({"data": {"sizeBytes": len(clip), "contentType": "video/mp4"}}).encode()
        ticket = json.loads(self._ask("POST", "/createUpload", wish, signed_in))["result"]
        upload = ticket["simpleUpload"]
        path = upload["url"].partition("/storage/")[2]
        self._ask("PUT", f"/storage/{path}", clip, upload["headers"])
        told = self._ask("GET", f"/operations/{ticket['jobId']}/events?token={self._token}")
        if b'"completed"' not in told:
            raise RuntimeError(f"The job failed: {told[-500:]!r}")

    def end(self) -> float:
        """End the server; returns the CPU seconds of all that it did."""
        self._process.terminate()
        self._process.wait(60)
        return cpu_of_children() - self._before


def cpu_of_children() -> float:
    used = resource.getrusage(resource.RUSAGE_CHILDREN)
    return used.ru_utime + used.ru_stime


def ffmpeg_path(home: Path) -> str:
    doctor = subprocess.run(
        [str(ROOT / "dailies"), "doctor", "--json"],
        env={**os.environ, "DAILIES_HOME": str(home)},
        check=True,
        capture_output=True,
        text=True,
    ).stdout
    [found] = [finding for finding in json.loads(doctor)["findings"] if finding["name"] == "ffmpeg"]
    return str(found["found"].rpartition(" at ")[2])


def bare(ffmpeg: str, clip: Path, jobs: int) -> float:
    """CPU seconds of as many measures and encodes as the jobs need, with nothing around them."""
    before = cpu_of_children()
    front = [ffmpeg, "-v", "error", "-nostdin", "-y", "-i", str(clip), "-vn"]
    for _ in range(jobs):
        subprocess.run([*front, "-af", "ebur128=peak=true", "-f", "null", "-"], check=True)
        out = str(clip.with_suffix(".mp3"))
        subprocess.run([*front, "-af", "volume=-2dB", "-c:a", "libmp3lame", "-b:a", "256k", out], check=True)
    return cpu_of_children() - before


def main() -> None:
    options = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    options.add_argument("--jobs", type=int, default=100)
    options.add_argument("--seconds", type=float, default=2)
    chosen = options.parse_args()
    with tempfile.TemporaryDirectory(prefix="dailies-benchmark-") as folder:
        measure(Path(folder), chosen.jobs, chosen.seconds)


def measure(folder: Path, jobs: int, seconds: float) -> None:
    ffmpeg = ffmpeg_path(folder / "home")
    clip = folder / "clip.mp4"
    subprocess.run(
        [ffmpeg, "-v", "error", "-f", "lavfi", "-i", f"testsrc2=size=320x240:rate=25:duration={seconds}",
         "-f", "lavfi", "-i", f"sine=440:duration={seconds}", "-c:v", "libx264", "-c:a", "aac", str(clip)],
        check=True,
    )  # fmt: skip
    content = clip.read_bytes()
    server = Server(folder / "home")
    # Another box at the end makes each file another source, with a measure and an encode of its own.
    clips = [content + b"\0\0\0\x10free" + number.to_bytes(8, "big") for number in range(jobs + 2)]
    server.job(clips[jobs])
    started = time.monotonic()
    server.job(clips[jobs + 1])
    alone = time.monotonic() - started
    ends: list[float] = []

    def one(content: bytes) -> None:
        server.job(content)
        ends.append(time.monotonic() - started)

    started = time.monotonic()
    clients = [threading.Thread(target=one, args=(content,)) for content in clips[:jobs]]
    for client in clients:
        client.start()
    for client in clients:
        client.join()
    ours = server.end()
    theirs = bare(ffmpeg, clip, jobs + 2)
    ends.sort()
    if len(ends) != jobs:
        raise SystemExit(f"{jobs - len(ends)} of {jobs} jobs failed.")
    print(f"{jobs} clips of {seconds:g} s at once, {os.cpu_count()} processors; one job alone {alone:.2f} s")
    first, median, last = ends[0], ends[jobs // 2], ends[-1]
    print(f"ended: first {first:.2f} s ({first / alone:.1f} x alone), median {median:.1f} s, last {last:.1f} s")
    print(f"CPU: {ours:.1f} s, bare FFmpeg {theirs:.1f} s, ratio {ours / theirs:.1f}")


if __name__ == "__main__":
    main()
