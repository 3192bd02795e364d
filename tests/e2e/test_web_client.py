"""The web client, built as it is published: against `dailies up`, and its README, types and size."""

from __future__ import annotations

import base64
import gzip
import json
import os
import re
import shutil
import subprocess
import time
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import pytest

from dailies.domain.web.signature import sign
from tests.e2e.fault_proxy import cut_answer_after, fault_proxy
from tests.e2e.serving import ServedWithKey, serving_with_key
from tests.e2e.web_client import CLIENT, ROOT, Built, built_client
from tests.emulators import missing, npm_folder

FOLDER = Path(__file__).with_name("web")
BLOCKS = re.findall(r"^```js\n(.*?)^```", (CLIENT / "README.md").read_text(encoding="utf-8"), re.MULTILINE | re.DOTALL)
WIRE = re.findall(
    r"^```json (.+)\n((?s:.*?))^```",
    (ROOT / "clients" / "flutter" / "README.md").read_text(encoding="utf-8"),
    re.MULTILINE,
)
#: Of everything but Firebase and React, compressed.
MOST_BYTES = 12 * 1024

pytestmark = [pytest.mark.slow, pytest.mark.timeout(240)]


@pytest.fixture(scope="module")
def built() -> Built:
    return built_client()


@pytest.fixture(scope="module")
def served(home: Path) -> Iterator[ServedWithKey]:
    """One server for all, with a key."""
    with serving_with_key(home) as found:
        yield found


def test_the_types_and_the_page_s_module_are_not_stale(built: Built, tmp_path: Path) -> None:
    """The ones are made of the server's document, the other of the client."""
    environment = {**os.environ, "OUT": str(tmp_path)}
    subprocess.run([ROOT / "scripts" / "web-client"], env=environment, check=True, timeout=100, capture_output=True)
    for path in (CLIENT / "src" / "api.ts", ROOT / "shared" / "src" / "dailies" / "up" / "page" / "dailies-client.js"):
        assert (tmp_path / path.name).read_text() == path.read_text(), "stale: run scripts/web-client"


def test_it_is_small(built: Built, tmp_path: Path) -> None:
    """What an app bundles that has all of it, the component, too."""
    esbuild, dist = built.package.parent / "node_modules" / "esbuild" / "bin" / "esbuild", built.package / "dist"
    entries = (dist / "index.js", dist / "uploader.js")
    built.node(esbuild, *entries, "--bundle", "--minify", "--splitting", "--format=esm", f"--outdir={tmp_path}")
    sizes = [len(gzip.compress(path.read_bytes())) for path in tmp_path.iterdir()]
    assert 8 * 1024 < sum(sizes) <= MOST_BYTES


def test_it_sends_again_reads_and_believes_what_it_should(built: Built) -> None:
    body, keys, now = '{"type": "job.completed", "title": "Käse"}', [b"one of before", b"one of now"], int(time.time())
    signatures = sign(keys, "msg_1", now, body.encode())
    headers = {"webhook-id": "msg_1", "webhook-timestamp": str(now), "webhook-signature": signatures}
    secrets = [f"whsec_{base64.b64encode(key).decode()}" for key in keys]
    signed = json.dumps({"body": body, "headers": headers, "secrets": secrets})
    told = built.node(FOLDER / "units.mjs", built.package / "dist" / "index.js", signed)
    assert re.search(r"^# pass [1-9]\d+$", told, re.MULTILINE)


def test_the_component_and_the_hook_work_in_a_browser(built: Built, served: ServedWithKey, tmp_path: Path) -> None:
    """As the README has them: a file goes on over a lost network, a reload and a pause; axe-core finds nothing."""
    npm_folder("playwright-core")
    if shutil.which("chromium") is None:
        missing("chromium (apt install chromium)")
    words = (FOLDER / "page.mjs", built.app, served.server.base, served.key, tmp_path)
    seen = json.loads(built.node(*words, DAILIES_CHROMIUM=str(shutil.which("chromium"))))
    assert (seen["errors"], seen["violations"]) == ([], [])
    second, size = "bytes 8388608-16777215", 19_200_044
    assert seen["ranges"][:4] == [f"bytes 0-8388607/{size}", f"{second}/{size}", f"bytes */{size}", f"{second}/{size}"]
    assert seen["states"] == ["Waiting for the connection"]
    assert seen["afterReload"] == [f"bytes */{size}", f"{second}/{size}"]
    assert seen["ranges"][6:9] == [f"bytes */{size}", f"{second}/{size}", f"bytes 16777216-19200043/{size}"]
    assert (seen["told"], seen["locks"]) == ([["long.wav", "completed"]], 0)


def test_every_block_of_the_readme_does_what_it_says(
    built: Built, served: ServedWithKey, clips: Callable[[str], Path]
) -> None:
    assert len(BLOCKS) > 6
    shutil.copy(clips("talk.mp4"), built.app)
    script = f"const KEY = {served.key!r};\n" + "\n".join(BLOCKS).replace("http://127.0.0.1:8400", served.server.base)
    (built.app / "readme.mjs").write_text(script, encoding="utf-8")
    told = built.node("readme.mjs")
    assert "upload 100 %" in told
    assert "job.completed" in told
    assert "true 404" in told
    assert (built.app / "talk.mp3").stat().st_size > 10_000


def test_the_flutter_page_s_json_is_what_is_sent_and_answered(
    served: ServedWithKey, clips: Callable[[str], Path]
) -> None:
    """Its calls are taken as they stand there; answers have at least what it shows, of the same types."""
    told = {name: json.loads(text) for name, text in WIRE}
    server, content = served.server, clips("quiet.wav").read_bytes()
    ticket = server.call("createUpload", {**told["createUpload"], "sizeBytes": len(content)})
    assert lacking(told["createUpload answers"], ticket) == []
    whole = ticket["simpleUpload"]
    assert server.request(whole["method"], whole["url"], content, **whole["headers"]).status == 200
    assert lacking(told["progress"], server.last(ticket["jobId"])) == []
    result = server.call("getResult", {**told["getResult"], "jobId": ticket["jobId"]})
    assert lacking(told["getResult answers"], result) == []
    assert (
        server.call("createUpload", {"sizeBytes": 5, "contentType": "text/html"}) == told["refusal"]["details"]["code"]
    )


def lacking(shown: Any, found: Any, where: str = "") -> list[str]:
    """Where an answer has not what a page shows of it."""
    if isinstance(shown, dict) and isinstance(found, dict):
        missed = [f"{where}.{name}" for name in shown.keys() - found.keys()]
        return sum((lacking(shown[name], found[name], f"{where}.{name}") for name in shown.keys() & found), missed)
    return [] if type(shown) is type(found) else [where]


def test_another_process_goes_on_where_one_was_killed(
    built: Built, served: ServedWithKey, clips: Callable[[str], Path]
) -> None:
    """And its events come through a connection that is lost."""
    with fault_proxy(served.server.base) as proxy:
        config = {"base": served.base, "key": served.key, "source": str(clips("talk.mp4"))}
        command = ["node", str(FOLDER / "send.mjs"), str(built.package / "dist" / "index.js")]
        begun = subprocess.Popen([*command, json.dumps(config)], stdout=subprocess.PIPE, text=True)
        with begun:
            assert begun.stdout is not None
            session, *_, last = (json.loads(begun.stdout.readline()) for _ in range(3))
            begun.kill()
        proxy.faults = [(b"GET /events", cut_answer_after(700))]
        config = {**config, "base": f"{proxy.url}/api/v1", "session": session}
        told = [json.loads(line) for line in built.node(*command[1:], json.dumps(config)).splitlines()]
    assert proxy.faults == []
    assert told[0]["sent"] >= last["sent"] == 512 * 1024
    ids = [each["id"] for each in told if each.get("id") is not None]
    assert ids == list(range(1, len(ids) + 1))
    assert "job.completed" in [each.get("name") for each in told]
