"""The words in front of a child."""

from __future__ import annotations

from pathlib import Path

import pytest

from dailies.domain.errors import Misconfigured
from dailies.media.run import sandbox, sandbox_trial
from dailies.media.run.child_limits import Limits, launcher
from dailies.media.run.sandbox import Sandbox
from dailies.media.run.sandbox_trial import detect


def test_without_bubblewrap_nothing_is_wrapped() -> None:
    assert Sandbox().wrap(["/usr/bin/ffmpeg", "-i"], cwd=Path("/scratch")) == ["/usr/bin/ffmpeg", "-i"]


def test_inside_there_are_the_program_the_source_and_scratch() -> None:
    words = Sandbox("/usr/bin/bwrap").wrap(
        ["/home/me/ffmpeg", "-i", "file:source"],
        cwd=Path("/scratch"),
        readable=[(Path("/home/me/-i $(id).mp4"), "source")],
        visible=[Path("/usr/lib/x"), Path("/home/me/venv")],
    )
    text = " ".join(words)
    assert text.endswith("-- /home/me/ffmpeg -i file:source")
    for flag in ("--unshare-net", "--unshare-pid", "--die-with-parent", "--bind /scratch /scratch --chdir /scratch"):
        assert flag in text
    assert "--ro-bind /home/me/ffmpeg /home/me/ffmpeg" in text
    assert "--ro-bind /home/me/venv /home/me/venv" in text
    assert "--ro-bind /home/me/-i $(id).mp4 /scratch/source" in text
    assert "/usr/lib/x" not in words  # already there with /usr
    assert words.count("--bind") == 1


@pytest.mark.parametrize("folder", ["/", "/home", "/root", "/etc", "/var", "/run", "/tmp", "/proc"])
def test_no_folder_with_secrets_is_shown(folder: str) -> None:
    assert folder not in sandbox.SYSTEM


def test_off_tries_nothing(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(sandbox_trial, "_try_bwrap", lambda: pytest.fail("tried"))
    assert not detect("off").active


def test_required_says_why_there_is_none(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("dailies.media.run.sandbox_trial.shutil.which", lambda *_, **__: None)
    assert detect("auto").reason in ("bubblewrap (bwrap) is not installed", sandbox_trial._try_bwrap().reason)
    with pytest.raises(Misconfigured, match="DAILIES_SANDBOX=required"):
        detect("required")


def test_limits_are_in_the_units_of_ulimit() -> None:
    words = launcher(Limits(wall_seconds=1, cpu_seconds=7, memory_bytes=2**20, file_bytes=5120, open_files=9))
    assert words[-5:] == ["1024", "7", "9", "10", "9"]
