"""Brings functions/, which lies beside this package in a checkout, into what is built of it."""

from __future__ import annotations

from pathlib import Path
from typing import Any

from hatchling.builders.hooks.plugin.interface import BuildHookInterface


class Functions(BuildHookInterface):  # type: ignore[type-arg]
    """Adds the functions for `dailies up`; an editable install finds those of its checkout."""

    def initialize(self, version: str, build_data: dict[str, Any]) -> None:
        if version == "editable":
            return
        root = Path(self.root)
        # An unpacked sdist has them within.
        found = next(folder for folder in (root / "functions", root.parent / "functions") if folder.is_dir())
        target = "functions" if self.target_name == "sdist" else "dailies/up/functions"
        build_data["force_include"][str(found)] = target
