"""Sends one file through a deployment, as an app would.

usage: python3 scripts/first_result.py OUTPUTS API_KEY EMAIL PASSWORD FILE [OUT]

Signs in, announces the upload, sends it, watches the progress document under the rules, downloads the result. OUTPUTS
is what `terraform output -json` writes; API_KEY the web app's, from Firebase's console. The user is made where there
is none: sign-in by e-mail and password has to be on.
"""

from __future__ import annotations

import json
import mimetypes
import sys
import time
import urllib.error
import urllib.parse
import urllib.request
from collections.abc import Callable, Mapping, Sequence
from pathlib import Path
from typing import Any

IDENTITY = "https://identitytoolkit.googleapis.com"
FIRESTORE = "https://firestore.googleapis.com"
RECIPE = {"outputs": {"podcast": {"kind": "audio", "format": "mp3", "normalize": {"integrated_lufs": -16}}}}
_LOOK_SECONDS = 2.0
_TIMEOUT = 120


class Refused(Exception):
    """A service answered that it won't; the message has its words."""


def main(
    arguments: Sequence[str],
    *,
    identity: str = IDENTITY,
    firestore: str = FIRESTORE,
    pause: Callable[[float], object] = time.sleep,
) -> int:
    if len(arguments) not in (5, 6):
        sys.stderr.write(f"{__doc__}\n")
        return 2
    key, email, password = arguments[1:4]
    source = Path(arguments[4])
    out = Path(arguments[5]) if len(arguments) == 6 else source.with_suffix(".podcast.mp3")
    try:
        told = json.loads(Path(arguments[0]).read_text())
        urls, project = told["function_urls"]["value"], told["upload_trigger"]["value"].split("/")[1]
        token = sign_in(identity, key, email, password)
        ticket = call(urls["createUpload"], token, announced(source))
        _say(f"job {ticket['jobId']}, database {ticket['database']}")
        send(ticket["upload"], source)
        documents = f"{firestore}/v1/projects/{project}/databases/{ticket['database']}/documents"
        watch(f"{documents}/{ticket['operationPath']}", token, pause)
        result = call(urls["getResult"], token, {"jobId": ticket["jobId"]})
        download(result["downloads"]["podcast"]["url"], out)
    except (Refused, OSError) as error:  # a service that won't; no network, no such file
        sys.stderr.write(f"{error}\n")
        return 1
    _say(f"{out}: {out.stat().st_size} bytes")
    return 0


def sign_in(identity: str, key: str, email: str, password: str) -> str:
    """The user's ID token. Raises Refused."""
    body = {"email": email, "password": password, "returnSecureToken": True}
    try:
        return str(_json(f"{identity}/v1/accounts:signUp?key={key}", body)["idToken"])
    except Refused as error:
        if "EMAIL_EXISTS" not in str(error):
            raise
    return str(_json(f"{identity}/v1/accounts:signInWithPassword?key={key}", body)["idToken"])


def announced(source: Path) -> dict[str, Any]:
    return {
        "sizeBytes": source.stat().st_size,
        "contentType": mimetypes.guess_type(source.name)[0] or "",
        "fileName": source.name,
        "recipe": RECIPE,
    }


def call(url: str, token: str, data: Mapping[str, Any]) -> dict[str, Any]:
    """A callable's result. Raises Refused."""
    found: dict[str, Any] = _json(url, {"data": data}, token)["result"]
    return found


def send(upload: Mapping[str, Any], source: Path) -> None:
    with source.open("rb") as body:
        headers = {**upload["headers"], "Content-Length": str(source.stat().st_size)}
        _open(urllib.request.Request(upload["url"], body, headers, method=upload["method"])).close()


def watch(document: str, token: str, pause: Callable[[float], object]) -> None:
    """Until the job has ended. Raises Refused where that was no good end."""
    shown = ""
    while True:
        fields = _json(document, None, token)["fields"]
        state, message = fields["status"]["stringValue"], fields["message"].get("stringValue", "")
        progress = next(iter(fields["progress"].values()))
        if (line := f"{state} {progress} % {message}") != shown:
            _say(shown := line)
        if state == "completed":
            return
        if state in ("failed", "cancelled", "expired"):
            raise Refused(f"The job is {state}: {message}")
        pause(_LOOK_SECONDS)


def download(url: str, out: Path) -> None:
    with _open(urllib.request.Request(url)) as answer, out.open("wb") as file:
        while piece := answer.read(1 << 20):
            file.write(piece)


def _say(line: str) -> None:
    sys.stdout.write(f"{line}\n")
    sys.stdout.flush()


def _json(url: str, body: Mapping[str, Any] | None, token: str | None = None) -> dict[str, Any]:
    headers = {"Content-Type": "application/json", **({"Authorization": f"Bearer {token}"} if token else {})}
    data = None if body is None else json.dumps(body).encode()
    with _open(urllib.request.Request(url, data, headers)) as answer:
        found: dict[str, Any] = json.load(answer)
    return found


def _open(request: urllib.request.Request) -> Any:
    try:
        return urllib.request.urlopen(request, timeout=_TIMEOUT)
    except urllib.error.HTTPError as error:
        where = urllib.parse.urlsplit(request.full_url)
        raise Refused(
            f"{where.netloc}{where.path}: {error.code} {error.read(2000).decode(errors='replace')}"
        ) from error


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
