"""The messages are those of the proto, and the proto goes on to be what clients were made of."""

from __future__ import annotations

import os
import shutil
import subprocess
from pathlib import Path

ROOT = Path(__file__).parents[2]
WIRE = ROOT / "shared" / "src" / "dailies" / "rpc" / "wire"
FILE = Path("proto") / "dailies" / "v1" / "dailies.proto"


def made(root: Path, out: Path) -> subprocess.CompletedProcess[str]:
    """What scripts/proto says of the tree at ``root``."""
    out.mkdir()
    return subprocess.run(
        [root / "scripts" / "proto"],
        env={**os.environ, "OUT": str(out)},
        capture_output=True,
        text=True,
        stdin=subprocess.DEVNULL,
        check=False,
    )


def changed(tmp_path: Path, before: str, after: str) -> Path:
    """A tree with another proto, and the environment of this one."""
    root = tmp_path / "a tree"
    for name in ("proto", "scripts"):
        shutil.copytree(ROOT / name, root / name)
    (root / "scripts" / "setup").write_text(f'#!/bin/sh\nexec "{ROOT}/scripts/setup" "$@"\n')
    text = (root / FILE).read_text("utf-8")
    assert text.count(before) == 1
    (root / FILE).write_text(text.replace(before, after), "utf-8")
    return root


def test_the_committed_messages_are_made_of_the_proto(tmp_path: Path) -> None:
    """And its lint has nothing to say."""
    done = made(ROOT, tmp_path / "out")
    assert done.returncode == 0, done.stdout + done.stderr
    for name in ("dailies_pb2.py", "dailies_pb2.pyi"):
        assert (tmp_path / "out" / name).read_text("utf-8") == (WIRE / name).read_text("utf-8"), name


def test_a_change_that_breaks_clients_is_refused(tmp_path: Path) -> None:
    """A field that means something else now."""
    root = changed(tmp_path, "  string download_url = 6;", "  string address = 6;")
    done = made(root, tmp_path / "out")
    assert done.returncode != 0
    assert 'Field "6"' in done.stdout + done.stderr


def test_a_name_that_nobody_expects_is_refused(tmp_path: Path) -> None:
    """Of the style guide that tools and other languages count on."""
    root = changed(tmp_path, "message Failure {", "message Spare {}\n\nenum odd { ZERO = 0; }\n\nmessage Failure {")
    done = made(root, tmp_path / "out")
    assert done.returncode != 0
    assert "odd" in done.stdout + done.stderr
