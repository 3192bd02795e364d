"""Every setting, read from the environment once: a field's variable is its name in capitals behind ``DAILIES_``.

Descriptions are for docs/settings.md, which ``python -m dailies.cli.settings_page`` writes; a field without one is a
knob of tests and of the engine's own timing. ``json_schema_extra`` has a default in words that the value doesn't say.
"""

from __future__ import annotations

import os
from collections.abc import Mapping

from pydantic import Field, ValidationError

from dailies.domain.errors import Misconfigured
from dailies.domain.wording import sentence_of
from dailies.settings.cloud import CloudSettings
from dailies.settings.doors import DoorSettings
from dailies.settings.group import PREFIX
from dailies.settings.limits import LimitSettings
from dailies.settings.machine import MachineSettings
from dailies.settings.mail import MailSettings
from dailies.settings.speech import SpeechSettings
from dailies.settings.web import WebSettings


class Settings(MachineSettings, WebSettings, LimitSettings, SpeechSettings, DoorSettings, MailSettings, CloudSettings):
    """Frozen; build it with :func:`read_settings`."""

    progress_interval_seconds: float = Field(0.1, ge=0)
    lease_seconds: float = Field(90.0, gt=0)
    heartbeat_seconds: float = Field(15.0, gt=0)


def _refuse_emulated_sign_in(environment: Mapping[str, str]) -> None:
    deployed = [name for name in ("K_SERVICE", "CLOUD_RUN_JOB") if environment.get(name)]
    if deployed and environment.get("FIREBASE_AUTH_EMULATOR_HOST"):
        raise Misconfigured(
            "FIREBASE_AUTH_EMULATOR_HOST is set on Cloud Run: forged tokens of any user would be believed. Remove it.",
            code="emulated_sign_in",
        )


def read_settings(environment: Mapping[str, str] | None = None) -> Settings:
    """Read the environment. Raises Misconfigured that names every wrong variable at once."""
    environment = os.environ if environment is None else environment
    _refuse_emulated_sign_in(environment)
    values = {
        name: environment[PREFIX + name.upper()]
        for name in Settings.model_fields
        if environment.get(PREFIX + name.upper())
    }
    if "project" in values:
        # What anybody on the internet can reach is closed until somebody opens it.
        values = {"allow_anonymous": "false", "require_app_check": "true", **values}
    try:
        return Settings.model_validate(values)
    except ValidationError as error:
        problems = [f"{PREFIX}{str(problem['loc'][0]).upper()} {sentence_of(problem)}" for problem in error.errors()]
        raise Misconfigured("Wrong settings: " + "; ".join(problems), problems=problems) from error
