"""What the settings of one subject are a class of."""

from __future__ import annotations

from pydantic import BaseModel, ConfigDict

#: Of every setting's variable.
PREFIX = "DAILIES_"


class SettingGroup(BaseModel):
    """Frozen; its docstring is the heading that its settings have in docs/settings.md."""

    model_config = ConfigDict(frozen=True, defer_build=True)
