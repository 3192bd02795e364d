"""Finds out by a trial run whether bubblewrap works on this machine."""

from __future__ import annotations

import os
import shutil
import sys
import tempfile
from pathlib import Path
from typing import Literal

from dailies.domain.errors import DailiesError, Misconfigured
from dailies.media.run import process
from dailies.media.run.child_limits import Limits
from dailies.media.run.sandbox import Sandbox

Mode = Literal["auto", "off", "required"]

_TRIAL = Limits(wall_seconds=5, cpu_seconds=5, memory_bytes=2**30, file_bytes=2**20)


def detect(mode: Mode = "auto") -> Sandbox:
    """Find out by a trial run (about 10 ms; keep the answer) whether bubblewrap works here.

    Containers often forbid the namespaces it needs: ``auto`` then goes without, ``required`` raises
    Misconfigured saying why. ``off`` tries nothing.
    """
    if mode == "off":
        return Sandbox()
    found = _try_bwrap()
    if mode == "required" and not found.active:
        raise Misconfigured(
            f"DAILIES_SANDBOX=required, but there is no working sandbox: {found.reason}. Install bubblewrap and allow "
            "user namespaces, or set DAILIES_SANDBOX=auto."
        )
    return found


def _try_bwrap() -> Sandbox:
    if not sys.platform.startswith("linux"):
        return Sandbox(reason=f"bubblewrap is for Linux, this is {sys.platform}")
    bwrap = shutil.which("bwrap", path=f"/usr/bin:/bin:/usr/local/bin:{os.environ.get('PATH', '')}")
    if bwrap is None:
        return Sandbox(reason="bubblewrap (bwrap) is not installed")
    candidate = Sandbox(bwrap=bwrap, reason="bubblewrap")
    with tempfile.TemporaryDirectory(prefix="dailies-sandbox-") as folder:
        try:
            ended = process.run(["/bin/sh", "-c", "> written"], cwd=Path(folder), limits=_TRIAL, sandbox=candidate)
        except DailiesError as error:
            return Sandbox(reason=f"bubblewrap does not work here: {error.message}")
        if ended.returncode != 0 or not Path(folder, "written").exists():
            return Sandbox(reason=f"bubblewrap does not work here: {ended.stderr.strip()[:300]}")
    return candidate
