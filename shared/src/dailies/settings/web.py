"""What may be fetched from the web."""

from __future__ import annotations

from typing import Annotated

from pydantic import BeforeValidator, Field

from dailies.settings.group import SettingGroup


def _numbers(value: object) -> object:
    return value.split(",") if isinstance(value, str) else value


class WebSettings(SettingGroup):
    """Sources from the web."""

    fetch_max_bytes: int = Field(20_000_000_000, gt=0, description="largest file that is fetched from a URL")
    fetch_max_minutes: float = Field(
        60.0, gt=0, description="a file that has not come from its URL by then is given up, however often it was tried"
    )
    fetch_ports: Annotated[tuple[int, ...], BeforeValidator(_numbers)] = Field(
        (443,), json_schema_extra={"default": "`443`"}, description="ports that URLs may name, with commas between them"
    )
