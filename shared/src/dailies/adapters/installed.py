"""Which releases of others' packages are installed here."""

from __future__ import annotations

from functools import cache
from importlib.metadata import version


@cache
def release_of(package: str) -> str:
    """What names a package's release in the keys of what it makes. Raises PackageNotFoundError.

    Read once a process: a plan asks for it again with each part of it, and a package's metadata takes a millisecond.
    """
    return version(package)
