"""What recognises speech."""

from __future__ import annotations

from pathlib import Path
from typing import Literal

from pydantic import Field, SecretStr

from dailies.settings.group import SettingGroup


class SpeechSettings(SettingGroup):
    """Speech."""

    speech_engine: Literal["auto", "openai", "faster-whisper", "pocketsphinx"] = Field(
        "auto",
        description="what recognises speech; `auto`: the server where its key or URL is set, else what is here",
    )
    whisper_model: Path | None = Field(
        None,
        json_schema_extra={"default": "Whisper base, from the extra `speech`"},
        description="folder of a Whisper model for CTranslate2: larger ones err less and take longer",
    )
    openai_api_key: SecretStr | None = Field(None, description="the key of the speech server; set, sound is sent there")
    openai_base_url: str | None = Field(
        None,
        json_schema_extra={"default": "`https://api.openai.com/v1`"},
        description="a speech server that speaks OpenAI's protocol",
    )
    openai_speech_model: str = Field("gpt-transcribe", description="its model")
    openai_usd_per_minute: float | None = Field(
        None,
        ge=0,
        allow_inf_nan=False,
        json_schema_extra={"default": "OpenAI's price, where it is OpenAI and the model is known"},
        description="what it charges for a minute of sound, in dollars: another server or model is asked for nothing"
        " before it is set; `0`: free",
    )
