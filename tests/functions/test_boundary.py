"""What a caller may send, and what it gets back for what it may not."""

from __future__ import annotations

import ast
import json
import os
import subprocess
import sys
from collections.abc import Callable
from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest

import boundary
import wiring
from dailies.domain.errors import DailiesError, LeaseLost, PoisonStep, QuotaExceeded
from dailies.engine.platform import Platform
from tests.functions.conftest import CALLABLES

FUNCTIONS = Path(__file__).parents[2] / "functions"
Call = Callable[..., tuple[int, dict[str, Any]]]
UPLOAD = {"sizeBytes": 5, "contentType": "video/mp4"}


@pytest.mark.parametrize("name", [*CALLABLES, "advance", "runStep", "deliver"])
@pytest.mark.parametrize(
    "body",
    [b"", b"{", b"null", b"5", b'"data"', b'["data"]', b"{}", b'{"date": 1}', b"\xff", b"[" * 100_000],
    ids=lambda body: repr(body[:12]),
)
def test_a_body_that_is_no_call_is_an_invalid_argument(post: Call, name: str, body: bytes) -> None:
    """Whatever it is, it is the caller's mistake and never a 500."""
    status, answer = post(name, body, "")
    assert status == 400
    assert answer["error"]["status"] == "INVALID_ARGUMENT"
    assert answer["error"]["details"]["code"] == "invalid_request"


def test_another_content_type_is_an_invalid_argument(post: Call) -> None:
    """A form can be sent by any page without asking the browser first; JSON can't."""
    status, _ = post("createUpload", b'{"data": {}}', None, **{"Content-Type": "text/plain"})
    assert status == 400


@pytest.mark.parametrize(
    ("data", "field"),
    [
        (None, "data"),
        ([], "data"),
        ({"contentType": "video/mp4"}, "sizeBytes"),
        ({**UPLOAD, "sizeBytes": "5"}, "sizeBytes"),
        ({**UPLOAD, "sizeBytes": 5.5}, "sizeBytes"),
        ({**UPLOAD, "sizeBytes": True}, "sizeBytes"),
        ({**UPLOAD, "contentType": 1}, "contentType"),
        ({**UPLOAD, "recipe": []}, "recipe"),
        ({**UPLOAD, "recipie": {}}, "recipie"),
    ],
)
def test_a_wrong_field_is_named(call: Call, data: Any, field: str) -> None:
    """Types are exact: a number in quotes is a bug in the caller that is better found now."""
    status, answer = call("createUpload", data)
    assert (status, answer["error"]["details"]) == (400, {"code": "invalid_request", "field": field})


@pytest.mark.parametrize("job_id", ["", "a/b", "../x", "é", "x" * 65, 7, None])
def test_a_job_id_is_letters_and_digits(call: Call, job_id: object) -> None:
    """It becomes part of a document's path."""
    for name in ("cancelJob", "getResult"):
        assert call(name, {"jobId": job_id})[1]["error"]["details"]["code"] == "invalid_request"


@pytest.mark.parametrize("name", CALLABLES)
def test_nobody_gets_nothing(call: Call, post: Call, name: str) -> None:
    """Neither without a token nor with one that Firebase does not know."""
    assert call(name, {}, None)[1]["error"]["details"]["code"] == "unauthenticated"
    assert post(name, b'{"data": {}}', "forged")[0] == 401


def test_guests_and_unattested_apps_are_refused_where_settings_say_so(
    call: Call, platform: Platform, monkeypatch: pytest.MonkeyPatch
) -> None:
    strict = platform.settings.model_copy(update={"require_app_check": True})
    monkeypatch.setattr(wiring._served, "platform", replace(platform, settings=strict))
    status, answer = call("createUpload", UPLOAD)
    assert (status, answer["error"]["details"]["code"]) == (401, "app_check_failed")


def test_a_deployed_function_refuses_to_trust_unsigned_tokens(call: Call, monkeypatch: pytest.MonkeyPatch) -> None:
    """One forgotten variable would let everybody be anybody."""
    monkeypatch.setenv("K_SERVICE", "create-upload")
    status, answer = call("createUpload", UPLOAD)
    assert status >= 400
    assert answer["error"]["details"]["code"] == "emulator_set"


def test_our_code_and_sentence_reach_the_caller(call: Call) -> None:
    """The status is Firebase's, the code in the details ours."""
    status, answer = call("getResult", {"jobId": "nothere"})
    assert status == 404
    assert answer["error"]["status"] == "NOT_FOUND"
    assert answer["error"]["details"]["code"] == "not_found"
    assert answer["error"]["message"].endswith("check its id.")


def test_every_error_has_a_status_that_callables_know() -> None:
    """A class with a misspelt status would answer 500."""

    def walk(kind: type[DailiesError]) -> list[type[DailiesError]]:
        return [kind, *(found for child in kind.__subclasses__() for found in walk(child))]

    for kind in walk(DailiesError):
        assert boundary.as_https_error(kind("x")).details == {"code": kind.code}


def test_a_bug_of_ours_tells_the_caller_nothing_of_itself(
    call: Call, platform: Platform, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(wiring._served, "platform", replace(platform, urls=None))  # type: ignore[arg-type]
    status, answer = call("createUpload", UPLOAD)
    assert (status, answer["error"]["details"]) == (500, {"code": "internal"})
    assert "NoneType" not in json.dumps(answer)


def test_queues_retry_what_may_pass_and_nothing_else() -> None:
    def fail(error: DailiesError) -> Callable[[], None]:
        def work() -> None:
            raise error

        return work

    boundary.unless_permanent(fail(PoisonStep("x")))
    boundary.unless_permanent(fail(QuotaExceeded("x")))
    with pytest.raises(LeaseLost):
        boundary.unless_permanent(fail(LeaseLost("x")))


def test_importing_the_functions_makes_nothing(tmp_path: Path) -> None:
    """The Firebase CLI imports main.py, without settings, network or credentials."""
    code = (
        "import os, pathlib, firebase_admin, main, wiring;"
        "assert wiring._served.platform is None and not firebase_admin._apps;"
        "assert not list(pathlib.Path.cwd().iterdir()) and not list(pathlib.Path(os.environ['HOME']).iterdir())"
    )
    path = f"{FUNCTIONS}:{FUNCTIONS.parent / 'shared/src'}"
    subprocess.run(
        [sys.executable, "-c", code],
        env={"PYTHONPATH": path, "HOME": str(tmp_path)},
        cwd=tmp_path,
        check=True,
        timeout=60,
    )


def test_an_entry_imports_nothing_that_is_built_later() -> None:
    """A cold start pays for the calls: neither platform, nor FFmpeg's side, nor what writes logs."""
    later = [
        "dailies.adapters",
        "dailies.media",
        "dailies.operations.",
        "google.cloud.firestore",
        "sqlite3",
        "structlog",
    ]
    # With a dot: the package itself is no more than a table of its modules.
    code = f"import sys, main; print([name for name in {later} if any(had.startswith(name) for had in sys.modules)])"
    path = os.pathsep.join([str(FUNCTIONS), *sys.path])
    done = subprocess.run(
        [sys.executable, "-c", code], env={"PYTHONPATH": path}, capture_output=True, text=True, check=True
    )
    assert done.stdout.strip() == "[]"


def test_a_trigger_decodes_calls_and_encodes() -> None:
    """Longer than that and a decision has slipped in, which belongs to a service."""
    for path in (FUNCTIONS / "triggers").glob("*.py"):
        for node in ast.walk(ast.parse(path.read_text(encoding="utf-8"))):
            if isinstance(node, ast.FunctionDef):
                assert (node.end_lineno or 0) - node.lineno < 15, f"{path.name}: {node.name}"
