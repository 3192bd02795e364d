"""As much of Terraform's language as the tests ask about, without its provider: blocks, their labels and their text."""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

ROOT = Path(__file__).parents[3]
TERRAFORM = ROOT / "infra" / "terraform"
_HEAD = re.compile(r'^(?P<kind>\w+)(?P<labels>( "[^"]+")*) \{(?P<empty>\})?$')


@dataclass(frozen=True)
class Block:
    file: Path
    kind: str
    labels: tuple[str, ...]
    text: str

    @property
    def name(self) -> str:
        return self.labels[-1]

    def argument(self, name: str) -> str | None:
        """The argument's text, where it is at the block's first level and of one line."""
        found = re.search(rf"^  {name}\s+= (.*)$", self.text, re.MULTILINE)
        return found[1] if found else None

    def arguments(self) -> set[str]:
        return set(re.findall(r"^  (\w+)\s+= ", self.text, re.MULTILINE))


def blocks(folder: Path, kind: str) -> list[Block]:
    """The top-level blocks of one module. ``terraform fmt``, which CI runs, puts their ends in the first column."""
    return [block for path in sorted(folder.glob("*.tf")) for block in _read(path) if block.kind == kind]


def source(folder: Path) -> str:
    """All of a module's code, without its comments."""
    texts = [path.read_text() for path in sorted(folder.glob("*.tf"))]
    return re.sub(r"^\s*#.*$", "", "\n".join(texts), flags=re.MULTILINE)


def modules() -> list[Path]:
    return sorted(path for path in (TERRAFORM / "modules").iterdir() if path.is_dir())


def environments() -> list[Path]:
    return sorted(path for path in (TERRAFORM / "environments").iterdir() if path.is_dir())


def examples() -> list[Path]:
    return sorted(path for path in (TERRAFORM / "examples").iterdir() if path.is_dir())


def _read(path: Path) -> Iterator[Block]:
    lines = iter(path.read_text().splitlines())
    for line in lines:
        head = _HEAD.match(line)
        if head is None:
            continue
        body: list[str] = []
        if not head["empty"]:
            for inner in lines:
                if inner == "}":
                    break
                body.append(inner)
        yield Block(path, head["kind"], tuple(re.findall(r'"([^"]+)"', head["labels"])), "\n".join(body))
