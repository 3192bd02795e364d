"""Who may call, and how often."""

from __future__ import annotations

from pydantic import Field

from dailies.settings.group import SettingGroup


class DoorSettings(SettingGroup):
    """Doors."""

    allow_anonymous: bool = Field(
        True,
        json_schema_extra={"default": "here `true`, in the cloud `false`"},
        description="whether users who signed in anonymously may have jobs: anybody can be any number of them",
    )
    require_app_check: bool = Field(
        False,
        json_schema_extra={"default": "here `false`, in the cloud `true`"},
        description="whether callables refuse clients that App Check does not attest",
    )
    api_key_requests_per_minute: int = Field(
        300,
        ge=1,
        le=1_000_000,
        description="requests that one API key may make, all of them at once if it waited before",
    )
    api_user_requests_per_minute: int = Field(
        600, ge=1, le=1_000_000, description="requests that a user may make, with all keys and without, likewise"
    )
    api_stream_seconds: float = Field(
        240.0,
        gt=0,
        description="a stream of events ends after that, before the function's limit; its reader goes on with another",
    )
