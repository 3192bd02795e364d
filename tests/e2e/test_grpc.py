"""`dailies grpc` as a client meets it: stubs made of the proto alone, an upload, a film, and the advice taken."""

from __future__ import annotations

import json
import signal
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path

import pytest

from tests.e2e.command import Dailies
from tests.e2e.serving import Server
from tests.made import made

ROOT = Path(__file__).parents[2]
# A program of somebody else's: nothing of ours but what protoc has made.
CLIENT = """
import json, sys, urllib.request
import grpc
from dailies.v1 import dailies_pb2 as d, dailies_pb2_grpc as services

address, token, path = sys.argv[1:]
data = open(path, "rb").read()
channel = grpc.insecure_channel(address)
metadata = [("authorization", f"Bearer {token}")]
converter = services.VideoConverterServiceStub(channel)
quality = services.QualityAnalysisServiceStub(channel)
progress = services.ProgressTrackingServiceStub(channel)

def send(signed):
    start = urllib.request.Request(signed.url, b"", dict(signed.headers), method=signed.method)
    session = urllib.request.urlopen(start).headers["location"]
    urllib.request.urlopen(urllib.request.Request(session, data, method="PUT"))

def convert(**fields):
    for answer in converter.ConvertVideo(d.ConvertVideoRequest(**fields), metadata=metadata, timeout=100):
        if answer.HasField("upload"):
            send(answer.upload)
    return answer.conversion

upload = d.Upload(size_bytes=len(data), content_type="video/mp4", file_name="talk.mp4")
made = convert(upload=upload, audio=d.AudioSettings(format="mp3"))
job = made.job_id
advice = quality.OptimizeSettings(d.OptimizeSettingsRequest(job_id=job), metadata=metadata).advice
video = quality.AnalyzeVideo(d.AnalyzeVideoRequest(job_id=job), metadata=metadata)
audio = quality.AnalyzeAudio(d.AnalyzeAudioRequest(job_id=job), metadata=metadata)
taken = [convert(upload=upload, recipe_json=each.recipe_json) for each in advice]
again = convert(output_of=d.OutputOf(job_id=job, output="audio"), audio=d.AudioSettings(format="opus"))
events = list(progress.SubscribeProgress(d.SubscribeProgressRequest(job_id=job, after_sequence=1), metadata=metadata))
print(json.dumps({
    "state": d.JobState.Name(made.progress.state),
    "bytes": len(urllib.request.urlopen(made.download_url).read()),
    "size": made.outputs[0].size_bytes,
    "score": made.outputs[0].quality_score,
    "video": [video.container, video.tracks[0].width, video.tracks[0].height],
    "audio": [audio.tracks[0].codec, audio.HasField("loudness_lufs")],
    "advice": [each.kind for each in advice],
    "taken": [d.JobState.Name(each.progress.state) for each in taken],
    "again": again.outputs[0].name,
    "events": [each.event.sequence for each in events if each.HasField("event")],
}))
"""


@pytest.fixture
def address(dailies: Dailies) -> Iterator[tuple[Server, str]]:
    process = dailies.start("grpc", "--port", "0", "--json")
    with process:
        assert process.stdout is not None
        told = json.loads(process.stdout.readline())
        try:
            yield Server(dailies, told["url"]), told["grpc"]
        finally:
            process.send_signal(signal.SIGTERM)
            _, err = process.communicate(timeout=20)
    assert (process.returncode, err) == (0, "")


def test_a_client_made_of_the_proto_converts_a_film(address: tuple[Server, str], tmp_path: Path) -> None:
    """Each advice is handed back as it came, and made."""
    server, where = address
    protoc = ["grpc_tools.protoc", f"-I{ROOT / 'proto'}", f"--python_out={tmp_path}", f"--grpc_python_out={tmp_path}"]
    subprocess.run([sys.executable, "-m", *protoc, "dailies/v1/dailies.proto"], check=True, stdin=subprocess.DEVNULL)
    # Where Dailies itself is installed, too, a package of the same name is a package only with these.
    for package in ("dailies", "dailies/v1"):
        (tmp_path / package / "__init__.py").touch()
    clip = made(
        "talk.mp4", "-f", "lavfi", "-i", "testsrc2=size=320x180:rate=25:d=2", "-f", "lavfi", "-i", "sine=d=2",
        "-c:v", "libx264", "-preset", "ultrafast", "-pix_fmt", "yuv420p", "-c:a", "aac",
    )  # fmt: skip
    done = subprocess.run(
        [sys.executable, "-P", "-c", CLIENT, where, server.token(), clip],
        env={"PYTHONPATH": str(tmp_path)},
        capture_output=True,
        text=True,
        stdin=subprocess.DEVNULL,
        timeout=100,
        check=False,
    )
    assert done.returncode == 0, done.stderr
    found = json.loads(done.stdout)
    assert found["state"] == "JOB_STATE_COMPLETED"
    assert found["bytes"] == found["size"] > 10_000
    assert found["score"] == 100
    assert found["video"] == ["mp4", 320, 180]
    assert found["audio"] == ["aac", True]
    assert found["advice"] == ["video", "audio", "audio", "audio"]
    assert found["taken"] == ["JOB_STATE_COMPLETED"] * 4
    assert found["again"] == "audio"
    assert found["events"] == [*range(2, len(found["events"]) + 2)]
