"""Lays out what is deployed; scripts/stage calls it.

Google's buildpack keeps the installed requirements for a day, by requirements.txt alone: a new wheel under an old
name would go out stale. So the wheel's hash is a line of that file.
"""

from __future__ import annotations

import hashlib
import shutil
import subprocess
import sys
import zipfile
from collections.abc import Sequence
from pathlib import Path

#: What a working copy holds that is no source.
LEFTOVERS = shutil.ignore_patterns("__pycache__", "*.pyc", ".*", "venv")
#: The earliest that a zip can hold: its entries' times must not say when it was made.
EPOCH = (1980, 1, 1, 0, 0, 0)


def main(arguments: Sequence[str]) -> int:
    root, folder = Path(arguments[0]), Path(arguments[1])
    try:
        stage(root, folder)
    except (OSError, subprocess.CalledProcessError) as error:
        sys.stderr.write(f"Staging failed: {error}\n")
        return 1
    return 0


def stage(root: Path, folder: Path) -> None:
    """Fill ``folder`` anew from the checkout ``root``."""
    if not (root / "functions" / "main.py").is_file():
        raise FileNotFoundError(f"{root / 'functions' / 'main.py'} is not there: nothing to deploy")
    shutil.rmtree(folder, ignore_errors=True)
    wheel = build_wheel(root, folder / "wheel")
    for part in ("functions", "worker"):
        target = folder / part
        shutil.copytree(root / part, target, ignore=LEFTOVERS)
        (target / "vendor").mkdir()
        shutil.copyfile(wheel, target / "vendor" / wheel.name)
        pins = (root / "requirements" / f"{part}.txt").read_text()
        (target / "requirements.txt").write_text(f"{pins.rstrip()}\n{pin(wheel)}\n")
    pack(folder / "functions", folder / "functions.zip")


def build_wheel(root: Path, folder: Path) -> Path:
    """The wheel of shared/: no time of day and no folder's name gets into it."""
    constraints = root / "requirements" / "build.txt"
    command: list[str | Path] = ["build", "--quiet", "--wheel", "--build-constraint", constraints, "--out-dir", folder]
    uv = Path(sys.executable).with_name("uv")
    subprocess.run([uv if uv.is_file() else "uv", *command, root / "shared"], check=True)
    (wheel,) = folder.glob("*.whl")
    return wheel


def pin(wheel: Path) -> str:
    return f"./vendor/{wheel.name} --hash=sha256:{hashlib.sha256(wheel.read_bytes()).hexdigest()}"


def pack(folder: Path, archive: Path) -> None:
    """The folder as a zip whose bytes depend on the files' names and contents alone."""
    with zipfile.ZipFile(archive, "w") as opened:
        for path in sorted(path for path in folder.rglob("*") if path.is_file()):
            entry = zipfile.ZipInfo(path.relative_to(folder).as_posix(), EPOCH)
            entry.external_attr = 0o644 << 16
            entry.compress_type = zipfile.ZIP_DEFLATED
            opened.writestr(entry, path.read_bytes())


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
