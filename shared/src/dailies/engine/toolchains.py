"""Which FFmpeg the workers have: those who only plan have none, but its name is part of every media step's key."""

from __future__ import annotations

from dailies.ports.documents import DocumentStore

_PATH = "toolchains/worker"
_UNKNOWN = "unknown"


def publish_toolchain(documents: DocumentStore, build_id: str) -> None:
    """A worker says what it runs. Idempotent; a write only when it changed."""
    if published_toolchain(documents) != build_id:
        documents.set(_PATH, {"ffmpeg": build_id})


def published_toolchain(documents: DocumentStore) -> str:
    """What the last worker said. Before the first one nothing is found under any key, and a worker is started."""
    found = documents.get(_PATH)
    return _UNKNOWN if found is None else str(found.data["ffmpeg"])
