"""What the build adds: functions/, which lies beside this package in a checkout, and where the project lives."""

from __future__ import annotations

import os
from pathlib import Path
from typing import Any

from hatchling.builders.hooks.plugin.interface import BuildHookInterface
from hatchling.metadata.plugin.interface import MetadataHookInterface


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


class Addresses(MetadataHookInterface):
    """The project's URLs in its metadata, below the repository that ``DAILIES_REPOSITORY`` names.

    Who publishes it knows the address; whoever builds it for a deployment of their own names none.
    """

    def update(self, metadata: dict[str, Any]) -> None:
        repository = os.environ.get("DAILIES_REPOSITORY", "").rstrip("/")
        pages = {"Documentation": "README.md", "Changelog": "CHANGELOG.md", "License": "LICENSE"}
        below = {name: f"{repository}/blob/main/{page}" for name, page in pages.items()}
        metadata["urls"] = {"Source": repository, **below, "Issues": f"{repository}/issues"} if repository else {}
