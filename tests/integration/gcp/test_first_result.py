"""The last step of docs/first-result.md, against the whole cloud on this machine, under the deployed rules."""

from __future__ import annotations

import json
import os
import wave
from collections.abc import Iterator
from pathlib import Path

import pytest

from dailies.up.identity import development_token
from scripts import first_result
from tests.cloud import CloudHere, cloud_here
from tests.emulators import firestore_emulator, free_port
from tests.fakes.http_server import FakeService, Request, Response, as_json, refusal, serving

ROOT = Path(__file__).parents[3]
#: A project of each process: the emulator is shared.
PROJECT = f"demo-first-{os.environ.get('PYTEST_XDIST_WORKER', 'alone')}"


def signing_in(request: Request) -> Response:
    """Sign-in by e-mail and password, as far as it is asked: one user, who is there already."""
    asked = json.loads(request.body)
    if request.path.endswith(":signUp"):
        return refusal(400, "EMAIL_EXISTS")
    if asked["password"] != "correct horse":
        return refusal(400, "INVALID_LOGIN_CREDENTIALS")
    return as_json({"idToken": development_token("ann", PROJECT)})


@pytest.fixture
def identity() -> Iterator[FakeService]:
    service = FakeService(signing_in)
    with serving(service):
        yield service


@pytest.fixture(scope="module")
def firestore() -> Iterator[str]:
    with firestore_emulator(ROOT / "infra" / "firebase" / "firestore.rules") as host:
        yield host


@pytest.fixture
def here(firestore: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[CloudHere]:
    with cloud_here(firestore, tmp_path, monkeypatch, project=PROJECT) as found:
        yield found


def outputs(here: CloudHere, folder: Path) -> Path:
    """As `terraform output -json` writes them."""
    urls = {name: f"{here.base}/{name}" for name in ("createUpload", "getResult")}
    told = {"function_urls": urls, "upload_trigger": f"projects/{PROJECT}/locations/l/triggers/t"}
    path = folder / "outputs.json"
    path.write_text(json.dumps({name: {"value": value} for name, value in told.items()}))
    return path


@pytest.fixture
def talk(tmp_path: Path) -> Path:
    path = tmp_path / "a talk.wav"
    with wave.open(str(path), "wb") as out:
        out.setparams((1, 2, 48_000, 0, "NONE", ""))
        out.writeframes((b"\0\x08" * 24 + b"\0\xf8" * 24) * 3000)
    return path


def run(here: CloudHere, identity: FakeService, firestore: str, *arguments: str) -> int:
    with here.delivering():
        return first_result.main(arguments, identity=identity.url, firestore=f"http://{firestore}")


def test_a_reader_ends_with_a_file(
    here: CloudHere,
    identity: FakeService,
    firestore: str,
    talk: Path,
    tmp_path: Path,
    capsys: pytest.CaptureFixture[str],
) -> None:
    told = str(outputs(here, tmp_path))
    assert run(here, identity, firestore, told, "key", "ann@example.com", "correct horse", str(talk)) == 0
    here.run.wait()
    made = tmp_path / "a talk.podcast.mp3"
    assert made.stat().st_size > 1000
    said = capsys.readouterr().out
    assert "database dailies" in said
    assert "completed 100 %" in said


def test_who_is_refused_reads_why(
    here: CloudHere,
    identity: FakeService,
    firestore: str,
    talk: Path,
    tmp_path: Path,
    capsys: pytest.CaptureFixture[str],
) -> None:
    told = str(outputs(here, tmp_path))
    assert run(here, identity, firestore, told, "key", "ann@example.com", "wrong", str(talk)) == 1
    assert "INVALID_LOGIN_CREDENTIALS" in capsys.readouterr().err


@pytest.mark.parametrize("there", ["outputs.json", "nothing"])
def test_no_network_and_no_file_are_one_line(there: str, tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    told = {"function_urls": {}, "upload_trigger": f"projects/{PROJECT}/locations/l/triggers/t"}
    (tmp_path / "outputs.json").write_text(json.dumps({name: {"value": value} for name, value in told.items()}))
    arguments = [str(tmp_path / there), "key", "ann@example.com", "correct horse", "talk.wav"]
    assert first_result.main(arguments, identity=f"http://127.0.0.1:{free_port()}") == 1
    said = capsys.readouterr().err
    assert said.count("\n") == 1
    assert ("Connection refused" if there == "outputs.json" else "No such file or directory") in said
