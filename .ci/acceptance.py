"""Holds an installed Dailies to the README's promises: ``acceptance.py [--up] FOLDER COMMAND [ARGUMENT]...``.

FOLDER has ``clip.mp4``, some seconds of speech with pictures; COMMAND is how a user starts Dailies there. The main
job runs twice (the second time from the store), then a recipe with every kind of output, then, with ``--up``, an
upload through `dailies up`. Standard library only: it runs beside an environment, an installed wheel and in an image.
"""

from __future__ import annotations

import argparse
import hashlib
import http.client
import json
import os
import signal
import subprocess
import sys
import tempfile
from collections.abc import Iterator
from contextlib import closing, contextmanager
from pathlib import Path
from typing import Any
from urllib.parse import urlsplit

SCHEMA = Path(__file__).parents[1] / "docs" / "schemas" / "recipe.schema.json"
LEVEL = {"integrated_lufs": -16}
#: The two films differ: one is encoded in one piece, one from parts.
OUTPUTS: dict[str, dict[str, Any]] = {
    "podcast": {"kind": "audio", "format": "mp3", "normalize": LEVEL},
    "web": {"kind": "video", "format": "mp4", "height": 90, "normalize": LEVEL},
    "reel": {
        "kind": "video", "height": 90,
        "segments": [{"start": 1, "end": 2.5}, {"start": 3, "end": 4.5, "transition": "crossfade"}],
    },
    "poster": {"kind": "thumbnail", "height": 90},
    "board": {"kind": "storyboard", "count": 4, "width": 64},
    "lapse": {"kind": "timelapse", "speed": 4, "height": 90},
    "stream": {"kind": "abr", "sides": [90]},
    "shape": {"kind": "waveform", "width": 64, "height": 32},
    "peaks": {"kind": "waveform", "format": "json"},
    "preview": {"kind": "gif", "start": 1, "duration": 2, "width": 64},
    "text": {"kind": "subtitles", "format": "vtt", "optional": True},
    "words": {"kind": "transcript", "format": "txt", "optional": True},
    "about": {"kind": "analysis", "optional": True},
    "all": {"kind": "package"},
}  # fmt: skip
#: What may be left out, and why: the clip has no text, and not every installation recognises speech.
MAY_LACK = {"text": {"no_subtitles", "no_engine"}, "words": {"no_engine"}, "about": {"no_engine"}}
SECONDS = 240


def main(arguments: list[str]) -> int:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--up", action="store_true")
    parser.add_argument("folder", type=Path)
    parser.add_argument("command", nargs="+")
    options = parser.parse_args(arguments)
    with tempfile.TemporaryDirectory(dir=options.folder) as folder:
        dailies = Dailies(options.command, Path(folder))
        clip = dailies.folder / "clip.mp4"
        clip.write_bytes((options.folder / "clip.mp4").read_bytes())
        check_main_job(dailies, clip)
        check_every_kind(dailies, clip)
        if options.up:
            check_upload(dailies, clip)
    return 0


class Dailies:
    """The command, with a store of its own."""

    def __init__(self, command: list[str], folder: Path) -> None:
        self.command, self.folder = command, folder
        self.environment = {**os.environ, "DAILIES_HOME": str(folder / "home")}

    def run(self, *arguments: str | Path) -> Any:
        """The document that ``--json`` prints."""
        return json.loads(self.text(*arguments, "--json"))

    def text(self, *arguments: str | Path) -> str:
        """What the command prints; raises AssertionError unless it ends well."""
        done = subprocess.run(
            [*self.command, *map(str, arguments)],
            env=self.environment, capture_output=True, text=True, timeout=SECONDS, check=False,
        )  # fmt: skip
        assert done.returncode == 0, f"exit {done.returncode}\n{done.stdout}\n{done.stderr}"
        return done.stdout

    @contextmanager
    def up(self) -> Iterator[str]:
        """A server's address; ends it, and fails when it does not end well."""
        process = subprocess.Popen(
            [*self.command, "up", "--port", "0"], env=self.environment, text=True,
            stdin=subprocess.DEVNULL, stdout=subprocess.PIPE, stderr=subprocess.PIPE,
        )  # fmt: skip
        try:
            assert process.stdout is not None
            line = process.stdout.readline()
            assert line.startswith("Dailies is up at http://"), (line, *process.communicate(timeout=SECONDS))
            yield line.split()[4]
            process.send_signal(signal.SIGTERM)
            assert process.wait(timeout=30) == 0, process.communicate()
        finally:
            process.kill()
            process.communicate()


def check_main_job(dailies: Dailies, clip: Path) -> None:
    """The README's command as written, then as a program asks for it, which the store answers."""
    made = clip.with_suffix(".mp3")
    printed = dailies.text("convert", clip, "--to", "mp3")
    assert "clip.mp3" in printed, printed
    assert "-16.0 LUFS" in printed, printed
    result = dailies.run("convert", clip, "--to", "mp3", "--overwrite")
    check_result(result, {"output"})
    assert {step["status"] for step in result["steps"]} == {"cached"}, result["steps"]
    output = result["outputs"]["output"]
    assert abs(output["loudness"]["integrated_lufs"] + 16) <= 0.1, output
    assert output["loudness"]["true_peak_dbtp"] <= -1, output
    assert hashlib.sha256(made.read_bytes()).hexdigest() == output["sha256"], output
    found = dailies.run("probe", made)
    assert [track["codec"] for track in found["audio"]] == ["mp3"], found
    assert abs(found["duration_seconds"] - result["source"]["duration_seconds"]) < 0.5, (found, result["source"])
    sys.stdout.write(f"{found['duration_seconds']:.1f} s of mp3 at -16 LUFS, and once more from the store\n")


def check_every_kind(dailies: Dailies, clip: Path) -> None:
    if SCHEMA.is_file():
        definitions = json.loads(SCHEMA.read_text())["$defs"].values()
        kinds = {found["properties"]["kind"]["const"] for found in definitions if "kind" in found.get("properties", ())}
        assert kinds == {output["kind"] for output in OUTPUTS.values()}, kinds
    recipe = dailies.folder / "recipe.json"
    recipe.write_text(json.dumps({"outputs": OUTPUTS}))
    result = dailies.run("run", clip, "--recipe", recipe, "--out", dailies.folder / "out")
    lacking = {name: left["code"] for name, left in result["left_out"].items()}
    assert all(code in MAY_LACK.get(name, ()) for name, code in lacking.items()), lacking
    check_result(result, set(OUTPUTS) - set(lacking))
    sys.stdout.write(f"{len(OUTPUTS)} outputs of every kind\n")


def check_result(result: Any, names: set[str]) -> None:
    assert result["status"] == "completed", result
    assert set(result["outputs"]) == names, result
    for output in result["outputs"].values():
        assert output["bytes"] > 0, output
        # A package has the certificates of what it holds, and none of its own.
        assert output["checks"] or output["kind"] == "package", output
        assert all(check["passed"] or check["advisory"] for check in output["checks"]), output["checks"]


def check_upload(dailies: Dailies, clip: Path) -> None:
    """What an app does: announce, send, follow the progress, fetch the file."""
    body = clip.read_bytes()
    with dailies.up() as base:
        token = json.loads(request(base, "GET", "/dev/token?uid=ann")[1])["token"]
        wanted = {"sizeBytes": len(body), "contentType": "video/mp4", "recipe": {"outputs": {"web": OUTPUTS["web"]}}}
        ticket = call(base, "createUpload", wanted, token)
        simple = ticket["simpleUpload"]
        assert request(base, "PUT", simple["url"], body, simple["headers"])[0] == 200
        events = request(base, "GET", f"/operations/{ticket['jobId']}/events?token={token}")[1].decode()
        states = [json.loads(line.removeprefix("data: ")) for line in events.splitlines() if line.startswith("data: ")]
        assert states[-1]["status"] == "completed", states[-1]
        answer = call(base, "getResult", {"jobId": ticket["jobId"]}, token)
        status, film = request(base, "GET", answer["downloads"]["web"]["url"])
        assert status == 200, status
        assert len(film) == answer["result"]["outputs"]["web"]["bytes"], (len(film), answer)
    sys.stdout.write(f"an upload through up, {len(film)} bytes fetched\n")


def call(base: str, name: str, data: Any, token: str) -> Any:
    """The result of a callable function."""
    headers = {"Content-Type": "application/json", "Authorization": f"Bearer {token}"}
    status, answer = request(base, "POST", f"/{name}", json.dumps({"data": data}).encode(), headers)
    assert status == 200, answer
    return json.loads(answer)["result"]


def request(
    base: str, method: str, url: str, body: bytes = b"", headers: dict[str, str] | None = None
) -> tuple[int, bytes]:
    connection = http.client.HTTPConnection(urlsplit(base).netloc, timeout=SECONDS)
    with closing(connection):
        connection.request(method, url.removeprefix(base), body, headers or {})
        answer = connection.getresponse()
        return answer.status, answer.read()


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
