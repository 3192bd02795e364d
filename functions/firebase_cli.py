"""What `firebase deploy` is told of the functions, and Terraform says otherwise: memory, region, account.

The Firebase CLI imports main.py before it deploys, with ADMIN_PORT set, and writes down what the decorators
say. Nobody else is told anything. Where things are is in ``.env`` beside this file, which infra/firebase-only writes
and the CLI gives to the deployed functions as their environment.
"""

from __future__ import annotations

import os
from collections.abc import Mapping
from pathlib import Path

from firebase_functions import options

_SETTINGS = Path(__file__).with_name(".env")


def asks() -> bool:
    """Whether it is the CLI that imports us."""
    return "ADMIN_PORT" in os.environ and _SETTINGS.is_file()


def tell() -> None:
    """The options of all functions; call it before they are decorated."""
    if not asks():
        return
    told = settings()
    options.set_global_options(
        region=told["DAILIES_REGION"],
        service_account=told["DAILIES_TASK_SERVICE_ACCOUNT"],
        memory=options.MemoryOption.GB_1,
        cpu=1,
        concurrency=4,
        max_instances=5,
        # The most that a function of an event may have.
        timeout_sec=540,
    )


def bucket() -> str | None:
    """The bucket whose uploads call onUpload, where that is not the project's own."""
    return settings()["DAILIES_BUCKET"] if asks() else None


def settings() -> Mapping[str, str]:
    lines = _SETTINGS.read_text(encoding="utf-8").splitlines()
    return dict(line.split("=", 1) for line in lines if "=" in line)


tell()
