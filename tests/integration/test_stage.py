"""What is deployed: the same bytes from the same sources, and others as soon as a source changes."""

from __future__ import annotations

import hashlib
import os
import re
import shutil
import subprocess
import sys
import zipfile
from pathlib import Path

import pytest

ROOT = Path(__file__).parents[2]
PIN = re.compile(r"^\./vendor/(?P<wheel>\S+\.whl) --hash=sha256:(?P<hash>[0-9a-f]{64})$", re.MULTILINE)
PARTS = ("functions", "worker")


def _stage(root: Path, folder: Path) -> subprocess.CompletedProcess[str]:
    command = [sys.executable, str(ROOT / "scripts" / "staging.py"), str(root), str(folder)]
    return subprocess.run(command, capture_output=True, text=True, check=False)


def _staged(root: Path, folder: Path) -> Path:
    done = _stage(root, folder)
    assert done.returncode == 0, done.stderr
    return folder


def _files(folder: Path) -> dict[str, str]:
    return {
        str(path.relative_to(folder)): hashlib.sha256(path.read_bytes()).hexdigest()
        for path in folder.rglob("*")
        if path.is_file()
    }


@pytest.fixture
def checkout(tmp_path: Path) -> Path:
    """Another folder, other times: neither may show."""
    root = tmp_path / "a checkout"
    for part in ("shared", "worker", "requirements"):
        shutil.copytree(ROOT / part, root / part, ignore=shutil.ignore_patterns("__pycache__", "*.egg-info", "dist"))
    (root / "functions" / "__pycache__").mkdir(parents=True)
    (root / "functions" / "main.py").write_text("from dailies.bootstrap import local\n")
    (root / "functions" / "__pycache__" / "main.cpython-311.pyc").write_bytes(b"of this machine")
    for path in root.rglob("*"):
        os.utime(path, (1_000_000_000, 1_000_000_000))
    return root


def test_the_same_sources_give_the_same_bytes(checkout: Path, tmp_path: Path) -> None:
    first = _files(_staged(checkout, tmp_path / "first"))
    for path in checkout.rglob("*"):
        os.utime(path)
    assert _files(_staged(checkout, tmp_path / "second")) == first


@pytest.mark.parametrize("part", PARTS)
def test_the_requirements_pin_the_wheel_beside_them(checkout: Path, tmp_path: Path, part: str) -> None:
    folder = _staged(checkout, tmp_path / "out") / part
    pins = (folder / "requirements.txt").read_text()
    (pin,) = PIN.finditer(pins)
    assert hashlib.sha256((folder / "vendor" / pin["wheel"]).read_bytes()).hexdigest() == pin["hash"]
    assert pins.startswith((ROOT / "requirements" / f"{part}.txt").read_text().rstrip())


def test_functions_and_worker_get_one_and_the_same_wheel(checkout: Path, tmp_path: Path) -> None:
    out = _staged(checkout, tmp_path / "out")
    assert (
        len({hashlib.sha256(next((out / part / "vendor").glob("*.whl")).read_bytes()).digest() for part in PARTS}) == 1
    )


@pytest.mark.parametrize("part", PARTS)
def test_a_changed_source_changes_the_requirements(checkout: Path, tmp_path: Path, part: str) -> None:
    """Google's buildpack installs anew when requirements.txt changed, and only then."""
    before = (_staged(checkout, tmp_path / "before") / part / "requirements.txt").read_text()
    with (checkout / "shared" / "src" / "dailies" / "settings" / "__init__.py").open("a") as source:
        source.write("# changed\n")
    after = (_staged(checkout, tmp_path / "after") / part / "requirements.txt").read_text()
    assert PIN.sub("", after) == PIN.sub("", before)
    assert PIN.findall(after) != PIN.findall(before)


def test_the_zip_holds_the_functions_and_nothing_of_this_machine(checkout: Path, tmp_path: Path) -> None:
    out = _staged(checkout, tmp_path / "out")
    with zipfile.ZipFile(out / "functions.zip") as archive:
        names = archive.namelist()
        assert {entry.date_time for entry in archive.infolist()} == {(1980, 1, 1, 0, 0, 0)}
    wheel = next((out / "functions" / "vendor").glob("*.whl")).name
    assert names == ["main.py", "requirements.txt", f"vendor/{wheel}"]


def test_a_checkout_without_functions_is_not_staged(checkout: Path, tmp_path: Path) -> None:
    shutil.rmtree(checkout / "functions")
    done = _stage(checkout, tmp_path / "out")
    assert done.returncode == 1
    assert "nothing to deploy" in done.stderr
    assert not (tmp_path / "out").exists()


def test_the_wheel_says_whose_it_is(checkout: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """Another project is called `dailies`; the addresses are of the repository that it is published from."""
    monkeypatch.setenv("DAILIES_REPOSITORY", "https://example.org/dailies/")
    [path] = (_staged(checkout, tmp_path / "out") / "wheel").glob("*.whl")
    assert path.name.startswith("dailies_media-")
    with zipfile.ZipFile(path) as wheel:
        [metadata] = (wheel.read(name).decode() for name in wheel.namelist() if name.endswith("/METADATA"))
        [text] = (wheel.read(name) for name in wheel.namelist() if name.endswith("/licenses/LICENSE"))
    assert text == (ROOT / "LICENSE").read_bytes()
    assert "\nName: dailies-media\n" in metadata
    assert "\nProject-URL: Source, https://example.org/dailies\n" in metadata
    assert "\nProject-URL: Changelog, https://example.org/dailies/blob/main/CHANGELOG.md\n" in metadata
