"""The script that CI holds each installation by asks for all there is: its own look comes late in a run."""

from __future__ import annotations

import importlib.util
from pathlib import Path

from dailies.operations import KINDS

SCRIPT = Path(__file__).parents[2] / ".ci" / "acceptance.py"


def test_every_kind_is_asked_of_an_installation() -> None:
    spec = importlib.util.spec_from_file_location("acceptance", SCRIPT)
    assert spec is not None
    assert spec.loader is not None
    acceptance = importlib.util.module_from_spec(spec)
    spec.loader.exec_module(acceptance)
    assert {output["kind"] for output in acceptance.OUTPUTS.values()} == set(KINDS.own)
    assert set(acceptance.MAY_LACK) == {name for name, output in acceptance.OUTPUTS.items() if output.get("optional")}
