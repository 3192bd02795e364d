"""The web client, built once a run as it is published, in an app that has it."""

from __future__ import annotations

import os
import shutil
import subprocess
from dataclasses import dataclass
from pathlib import Path

from tests.emulators import npm_folder
from tests.made import VARIABLE, alone

ROOT = Path(__file__).parents[2]
CLIENT = ROOT / "clients" / "web"


@dataclass(frozen=True)
class Built:
    package: Path
    app: Path
    """A folder whose scripts import the client by its name, and what npm has brought."""

    def node(self, *words: str | Path, **environment: str) -> str:
        """What a script says, which ends well."""
        ended = subprocess.run(
            ["node", *words],
            cwd=self.app,
            env={**os.environ, **environment},
            capture_output=True,
            text=True,
            timeout=100,
            check=False,
        )
        assert ended.returncode == 0, f"{ended.stdout}\n{ended.stderr}"
        return ended.stdout


def built_client() -> Built:
    """By its own compiler options, which are strict. Skips where npm's packages are not there."""
    modules = npm_folder("openapi-typescript")
    folder = Path(os.environ[VARIABLE]) / "web client"
    found = Built(folder / "package", folder / "app")
    folder.mkdir(exist_ok=True)
    with alone(folder / ".lock"):
        if not found.app.exists():
            (folder / "node_modules").symlink_to(modules)
            shutil.copytree(CLIENT, found.package, ignore=shutil.ignore_patterns("node_modules", "dist"))
            found.app.mkdir()
            found.node(modules / "typescript" / "bin" / "tsc", "--project", found.package)
            (found.app / "node_modules").mkdir()
            (found.app / "node_modules" / "dailies-client").symlink_to(found.package)
    return found
