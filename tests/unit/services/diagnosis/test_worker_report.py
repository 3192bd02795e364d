"""What a worker writes down for `dailies doctor --project`."""

from __future__ import annotations

from pathlib import Path

from dailies.media.toolbox import Toolbox
from dailies.services.diagnosis.worker_report import publish_report
from dailies.settings import Settings
from tests.unit.conftest import World


def test_a_report_has_the_sandboxes_reason_and_the_disk(world: World, tmp_path: Path) -> None:
    """Also of an FFmpeg that is not there; and it goes by itself."""
    settings = Settings(home=tmp_path, sandbox="off", ffmpeg=str(tmp_path / "none"))
    publish_report(world.platform.documents, Toolbox(settings), tmp_path / "new", "abc", world.clock())
    found = world.platform.documents.get("reports/abc")
    assert found is not None
    assert (found.data["sandbox_active"], found.data["sandbox_reason"]) == (False, "switched off")
    assert found.data["scratch_bytes"] > 0
    assert "none" in found.data["ffmpeg"]
    assert found.data["expires"] > world.clock()
