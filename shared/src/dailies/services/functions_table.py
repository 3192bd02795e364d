"""The table of the functions, which Terraform deploys by and `dailies doctor` looks for: functions/functions.json."""

from __future__ import annotations

import json
from collections.abc import Mapping
from pathlib import Path
from typing import Literal

from dailies.domain.model import Model

Need = Literal["signs", "enqueues", "enqueues steps", "enqueues deliveries", "starts workers", "cancels workers"]


class Function(Model):
    """What one is, who calls it, and what its ``account`` may: below the bucket, and beside it.

    ``caller``: everybody, where it looks at a token by itself, or the one component that may call it.
    """

    account: str
    about: str
    caller: Literal["everybody", "queue", "schedule", "events"]
    memory: str
    timeout_seconds: int
    bucket: Literal["creates", "reads, writes"] | None
    needs: tuple[Need, ...]


def functions_folder() -> Path:
    """Where the functions are: beside the package in a checkout, within it where it was installed."""
    packaged, checkout = Path(__file__).parents[1] / "up" / "functions", Path(__file__).parents[4] / "functions"
    return packaged if packaged.is_dir() else checkout


def deployed_functions() -> Mapping[str, Function]:
    """By the names under which they are deployed."""
    told = json.loads((functions_folder() / "functions.json").read_text(encoding="utf-8"))
    return {name: Function.model_validate(each) for name, each in told.items()}
