"""What a job has made in place of a file: another job goes on with it."""

from __future__ import annotations

import json
from collections.abc import Callable
from pathlib import Path

import pytest

from tests.e2e.in_process import InProcess, dailies as dailies  # noqa: PLC0414 - a fixture

Clips = Callable[[str], Path]


@pytest.fixture
def job(dailies: InProcess, clips: Clips, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> str:
    """A job that has made talk.mp3; commands run in a folder of their own."""
    monkeypatch.chdir(tmp_path)
    made: str = dailies("convert", clips("talk.mp4"), "--to", "mp3", "-o", tmp_path / "talk.mp3")["job_id"]
    return made


def test_a_job_goes_on_with_what_another_has_made(dailies: InProcess, job: str, tmp_path: Path) -> None:
    """Its outputs are called after that one's, and lie here; the same again is all there already."""
    result = dailies("convert", f"job:{job}/output", "--to", "wav", "--no-normalize")
    assert result["source"]["container"] == "mp3"
    assert result["outputs"]["output"]["path"] == "output.wav"
    assert (tmp_path / "output.wav").is_file()
    assert dailies("jobs", "show", result["job_id"])["source"] == "output"
    again = dailies("convert", f"job:{job}/output", "--to", "wav", "--no-normalize", "--overwrite")
    assert {step["status"] for step in again["steps"]} == {"cached"}


def test_a_recipe_is_made_of_a_job_s_output(dailies: InProcess, job: str, tmp_path: Path) -> None:
    recipe = tmp_path / "recipe.json"
    recipe.write_text(json.dumps({"outputs": {"peaks": {"kind": "waveform"}}}))
    dailies("run", f"job:{job}/output", "--recipe", recipe, "--out", tmp_path / "out")
    assert [path.stem for path in (tmp_path / "out").iterdir()] == ["peaks"]


@pytest.mark.parametrize(
    ("named", "code"),
    [
        ("job:{job}/film", "output_not_found"),
        ("job:0123/output", "not_found"),
        ("job:{job}", "usage"),
        ("job:/x", "usage"),
    ],
)
def test_what_no_job_has_made_is_said(dailies: InProcess, job: str, named: str, code: str) -> None:
    error = dailies("convert", named.format(job=job), "--to", "wav", code=2)["error"]
    assert error["code"] == code


def test_a_job_s_output_is_a_source_alone(dailies: InProcess, job: str) -> None:
    assert dailies("convert", f"job:{job}/output", "talk.mp3", "--to", "wav", code=2)["error"]["code"] == "usage"
