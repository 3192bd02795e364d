"""Every kind of output at once, for the tests that take any file: the kinds' own examples, made small."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

from dailies.operations import KINDS

# What is tested is acceptance.
_SMALL = {"height": 64, "width": 64, "sides": [64], "quality": "low", "fps": 5, "count": 9}


def of_pictures(kind: str) -> bool:
    """Whether it refuses a source without them: its colours are asked for."""
    return "hdr" in KINDS[kind].output.model_fields


def examples() -> dict[str, dict[str, Any]]:
    """The outputs of all kinds' examples by name."""
    return {name: output for kind in KINDS for name, output in KINDS.example(kind)["outputs"].items()}


def _small(output: dict[str, Any]) -> dict[str, Any]:
    fields = KINDS[output["kind"]].output.model_fields
    return {**output, **{name: value for name, value in _SMALL.items() if name in fields}}


#: Beside sound and film, which each test asks for in its own way: what is refused when the source has no such track.
_OTHERS = {name: _small(output) for name, output in examples().items() if output["kind"] not in {"audio", "video"}}
PICTURED: dict[str, dict[str, Any]] = {
    **{name: output for name, output in _OTHERS.items() if of_pictures(output["kind"])},
    "reel": {"kind": "video", "height": 64, "quality": "low",
             "segments": [{"start": 0, "end": 0.3}, {"start": 0, "end": 0.2}]},
}  # fmt: skip
SOUNDING = {name: output for name, output in _OTHERS.items() if not of_pictures(output["kind"])}


def recipe(folder: Path, outputs: dict[str, dict[str, Any]], **more: Any) -> Path:
    """A recipe file; ``more`` is added to each output made of pictures."""
    path = folder / "kinds.json"
    wanted = {name: {**output, **(more if of_pictures(output["kind"]) else {})} for name, output in outputs.items()}
    path.write_text(json.dumps({"outputs": wanted}))
    return path
