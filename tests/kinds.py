"""Every kind of output at once, for the tests that take any file."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

#: Each with what it refuses when the source has no such track. Small, as what is tested is acceptance.
PICTURED: dict[str, dict[str, Any]] = {
    "poster": {"kind": "thumbnail", "height": 120},
    "board": {"kind": "storyboard", "count": 9, "width": 64},
    "lapse": {"kind": "timelapse", "speed": 2, "fps": 5, "height": 64, "quality": "low"},
    "stream": {"kind": "abr", "sides": [64], "quality": "low"},
    "reel": {"kind": "video", "height": 64, "quality": "low",
             "segments": [{"start": 0, "end": 0.3}, {"start": 0, "end": 0.2}]},
}  # fmt: skip
SOUNDING: dict[str, dict[str, Any]] = {
    "shape": {"kind": "waveform", "width": 64, "height": 32},
    "peaks": {"kind": "waveform", "format": "json", "points_per_second": 5},
}

_HEARD = {"audio", "waveform"}


def recipe(folder: Path, outputs: dict[str, dict[str, Any]], **more: Any) -> Path:
    """A recipe file; ``more`` is added to each output made of pictures."""
    path = folder / "kinds.json"
    wanted = {name: {**output, **({} if output["kind"] in _HEARD else more)} for name, output in outputs.items()}
    path.write_text(json.dumps({"outputs": wanted}))
    return path
