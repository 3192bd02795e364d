"""What the page offers of each kind: its own example."""

from __future__ import annotations

from typing import Any

from dailies.operations import KINDS

#: What people call a kind where its own name says nothing to them.
_LABELS = {"abr": "HLS"}
# Of these the page has presets of its own: people know the formats by their names.
_PRESET = {"audio", "video"}


def choices() -> list[dict[str, Any]]:
    """The outputs of the examples, and whether each is made of pictures and takes a loudness."""
    found = []
    for kind in KINDS:
        fields = KINDS[kind].output.model_fields
        for name, output in KINDS.example(kind)["outputs"].items():
            form = output.get("format") or fields["format"].default
            choice = {"id": name, "label": _LABELS.get(kind, kind.capitalize()), "hint": form, "output": output}
            found.append({**choice, "video": "hdr" in fields, "loud": "normalize" in fields})
    return [choice for choice in found if choice["output"]["kind"] not in _PRESET]
