"""Settings: read once, wrong ones named all at once."""

from __future__ import annotations

import re
from pathlib import Path

import pytest
from pydantic import ValidationError

from dailies.cli.settings_page import settings_page
from dailies.domain.errors import Misconfigured
from dailies.settings import Settings, read_settings

PAGE = Path(__file__).parents[2] / "docs" / "settings.md"
# Knobs of tests and of the engine's own timing: nobody has to know them.
INTERNAL = {
    "DAILIES_PROGRESS_INTERVAL_SECONDS",
    "DAILIES_LEASE_SECONDS",
    "DAILIES_HEARTBEAT_SECONDS",
    "DAILIES_RUN_ENDPOINT",
    "DAILIES_EMULATED_PROJECT",  # `dailies up --emulators` tells its workers
    "DAILIES_TASKS_ENDPOINT",
}


def test_an_empty_environment_gives_the_documented_defaults(monkeypatch: pytest.MonkeyPatch) -> None:
    """Dailies runs without any setting."""
    found = read_settings({})
    assert found.home.name == "dailies"
    assert (found.sandbox, found.output_retention_hours, found.store_max_bytes) == ("auto", 24.0, 20_000_000_000)
    assert (found.ffmpeg, found.threads) == (None, None)


def test_every_setting_is_read_from_its_variable() -> None:
    """The variable is the field's name in capitals behind DAILIES_."""
    found = read_settings(
        {
            "DAILIES_HOME": "/srv/dailies",
            "DAILIES_FFMPEG": "/opt/ffmpeg",
            "DAILIES_SANDBOX": "required",
            "DAILIES_STORE_MAX_BYTES": "5000",
            "DAILIES_OUTPUT_RETENTION_HOURS": "0.5",
            "DAILIES_THREADS": "3",
            "PATH": "/bin",
            "DAILIES_UNKNOWN": "x",
        }
    )
    assert (found.home, found.ffmpeg, found.sandbox) == (Path("/srv/dailies"), "/opt/ffmpeg", "required")
    assert (found.store_max_bytes, found.output_retention_hours, found.threads) == (5000, 0.5, 3)


def test_an_empty_variable_is_an_absent_one() -> None:
    """`DAILIES_THREADS= dailies …` is how a shell takes a setting back."""
    assert read_settings({"DAILIES_THREADS": "", "DAILIES_HOME": ""}) == read_settings({})


def test_all_wrong_variables_are_named_at_once() -> None:
    """Nobody fixes one to learn of the next."""
    wrong = {
        "DAILIES_SANDBOX": "maybe",
        "DAILIES_THREADS": "0",
        "DAILIES_STORE_MAX_BYTES": "20 GB",
        "DAILIES_MAX_PIXELS": "-1",
        "DAILIES_JOB_MAX_HOURS": "nan",
    }
    with pytest.raises(Misconfigured) as refused:
        read_settings({**wrong, "DAILIES_MAX_SOURCE_HOURS": "2"})
    assert all(name in refused.value.message for name in wrong)
    assert "DAILIES_MAX_SOURCE_HOURS" not in refused.value.message
    problems = refused.value.details["problems"]
    assert isinstance(problems, list)
    assert len(problems) == len(wrong)


def test_the_cloud_is_closed_until_somebody_opens_it() -> None:
    """Here a developer is alone; there anybody may call."""
    here, there = read_settings({}), read_settings({"DAILIES_PROJECT": "p"})
    assert (here.allow_anonymous, here.require_app_check) == (True, False)
    assert (there.allow_anonymous, there.require_app_check) == (False, True)
    opened = read_settings(
        {"DAILIES_PROJECT": "p", "DAILIES_ALLOW_ANONYMOUS": "true", "DAILIES_REQUIRE_APP_CHECK": "false"}
    )
    assert (opened.allow_anonymous, opened.require_app_check) == (True, False)


def test_settings_are_frozen() -> None:
    """What was read holds for the life of the process."""
    with pytest.raises(ValidationError):
        read_settings({}).threads = 2  # type: ignore[misc]


def test_all_missing_settings_of_the_cloud_are_named_at_once() -> None:
    """A project alone is not a cloud."""
    with pytest.raises(Misconfigured) as refused:
        read_settings({"DAILIES_PROJECT": "p", "DAILIES_QUEUE": "q"}).require_cloud()
    assert refused.value.details["missing"] == [
        "DAILIES_REGION",
        "DAILIES_BUCKET",
        "DAILIES_ADVANCE_URL",
        "DAILIES_STEPS_QUEUE",
        "DAILIES_RUN_STEP_URL",
        "DAILIES_DELIVERIES_QUEUE",
        "DAILIES_DELIVER_URL",
        "DAILIES_TASK_SERVICE_ACCOUNT",
        "DAILIES_WORKER_JOB",
    ]


@pytest.mark.parametrize("deployed", ["K_SERVICE", "CLOUD_RUN_JOB"])
def test_emulated_sign_in_is_refused_where_it_would_let_anybody_in(deployed: str) -> None:
    """On a laptop it is what an emulator is for; deployed it would believe forged tokens."""
    emulated = {"FIREBASE_AUTH_EMULATOR_HOST": "127.0.0.1:9099"}
    read_settings(emulated)
    with pytest.raises(Misconfigured) as refused:
        read_settings({**emulated, deployed: "x"})
    assert refused.value.error_code == "emulated_sign_in"


def test_every_setting_is_described_but_the_internal_ones() -> None:
    """Its description is its documentation."""
    silent = {f"DAILIES_{name.upper()}" for name, field in Settings.model_fields.items() if not field.description}
    assert silent == INTERNAL


def test_the_page_of_settings_is_made_of_their_descriptions() -> None:
    """python -m dailies.cli.settings_page writes it anew; each is there once, and no other is promised."""
    page = PAGE.read_text(encoding="utf-8")
    assert page == settings_page()
    names = re.findall(r"^\| `(DAILIES_[A-Z_]+)` \|", page, re.MULTILINE)
    assert sorted(names) == sorted(
        {"DAILIES_LOG", *(f"DAILIES_{name.upper()}" for name in Settings.model_fields)} - INTERNAL
    )
