"""What the page offers of each kind: its fields as JSON Schema, and its own example."""

from __future__ import annotations

from typing import Any

from dailies.operations import KINDS

#: What people call a kind where its own name says nothing to them.
_LABELS = {"abr": "HLS", "gif": "GIF"}


def choices() -> list[dict[str, Any]]:
    """The kinds in the table's order. ``pictures``: it is made of them; ``loud``: it takes a loudness."""
    return [_choice(kind) for kind in KINDS]


def _choice(kind: str) -> dict[str, Any]:
    model = KINDS[kind].output
    return {
        "kind": kind,
        "label": _LABELS.get(kind, kind.capitalize()),
        "description": " ".join((model.__doc__ or "").split()),
        "pictures": "hdr" in model.model_fields,
        "loud": "normalize" in model.model_fields,
        "examples": KINDS.example(kind)["outputs"],
        "schema": model.model_json_schema(),
    }
