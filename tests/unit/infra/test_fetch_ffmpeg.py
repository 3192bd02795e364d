"""What the image's build takes FFmpeg from."""

from __future__ import annotations

import hashlib
import io
import os
import runpy
import tarfile
import zipfile
from collections.abc import Mapping
from pathlib import Path

import pytest

from .terraform_text import ROOT

MAIN = runpy.run_path(str(ROOT / "worker" / "fetch_ffmpeg.py"))["main"]
BUILD = {"build/bin/ffmpeg": b"the ffmpeg", "build/bin/ffprobe": b"the ffprobe", "build/readme.txt": b"words"}


def _tar(path: Path, files: Mapping[str, bytes]) -> str:
    with tarfile.open(path, "w:xz") as archive:
        for name, content in files.items():
            member = tarfile.TarInfo(name)
            member.size = len(content)
            archive.addfile(member, io.BytesIO(content))
    return hashlib.sha256(path.read_bytes()).hexdigest()


def test_both_programs_come_out_of_a_tar_and_nothing_else(tmp_path: Path) -> None:
    sha256 = _tar(tmp_path / "build.tar.xz", {**BUILD, "../../ffmpeg.sh": b"elsewhere"})
    assert MAIN([(tmp_path / "build.tar.xz").as_uri(), sha256, str(tmp_path / "out")]) == 0
    assert {path.name: path.read_bytes() for path in (tmp_path / "out").iterdir()} == {
        "ffmpeg": b"the ffmpeg",
        "ffprobe": b"the ffprobe",
    }
    assert all(os.access(path, os.X_OK) for path in (tmp_path / "out").iterdir())


def test_both_programs_come_out_of_a_zip(tmp_path: Path) -> None:
    with zipfile.ZipFile(tmp_path / "build.zip", "w") as archive:
        for name, content in BUILD.items():
            archive.writestr(name, content)
    sha256 = hashlib.sha256((tmp_path / "build.zip").read_bytes()).hexdigest()
    assert MAIN([(tmp_path / "build.zip").as_uri(), sha256.upper(), str(tmp_path / "out")]) == 0
    assert sorted(path.name for path in (tmp_path / "out").iterdir()) == ["ffmpeg", "ffprobe"]


def test_an_archive_with_another_checksum_is_not_opened(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    _tar(tmp_path / "build.tar.xz", BUILD)
    assert MAIN([(tmp_path / "build.tar.xz").as_uri(), "0" * 64, str(tmp_path / "out")]) == 1
    assert "nothing was unpacked" in capsys.readouterr().err
    assert not (tmp_path / "out").exists()


@pytest.mark.parametrize("address", ["http://example.com/build.tar.xz", "ftp://example.com/x", "/build.tar.xz", ""])
def test_only_https_and_files_are_read(tmp_path: Path, address: str, capsys: pytest.CaptureFixture[str]) -> None:
    assert MAIN([address, "0" * 64, str(tmp_path / "out")]) == 1
    assert "https: or file:" in capsys.readouterr().err


def test_a_build_without_ffprobe_is_refused(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    sha256 = _tar(tmp_path / "build.tar.xz", {"bin/ffmpeg": b"the ffmpeg"})
    assert MAIN([(tmp_path / "build.tar.xz").as_uri(), sha256, str(tmp_path / "out")]) == 1
    assert "lacks ffprobe" in capsys.readouterr().err


def test_what_is_no_archive_is_refused(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    (tmp_path / "page.html").write_bytes(b"<html>moved</html>")
    sha256 = hashlib.sha256(b"<html>moved</html>").hexdigest()
    assert MAIN([(tmp_path / "page.html").as_uri(), sha256, str(tmp_path / "out")]) == 1
    assert "neither a tar nor a zip" in capsys.readouterr().err
