"""What a file says of itself: its tags by FFmpeg's names, and its chapters. Bounded, for the answer is."""

from __future__ import annotations

from contextlib import suppress
from typing import Any


def labels(av: Any, container: Any, options: dict[str, Any]) -> dict[str, Any]:
    """``options``: the ``names`` that count, and the most characters of a value (``value``) and ``chapters``."""
    found = [container.metadata]
    if container.format.name == "ogg":  # its comments are a stream's
        found += [stream.metadata for stream in container.streams if stream.type in ("audio", "video")]
    tags = [(str(name).lower(), value) for each in found for name, value in each.items()]
    chapters: list[dict[str, Any]] = []
    with suppress(av.FFmpegError, ValueError):
        chapters = container.chapters()
    return {
        "tags": [(name, text(value)[: options["value"]]) for name, value in tags if name in options["names"]][:200],
        "chapters": [_chapter(chapter, options["value"]) for chapter in chapters[: options["chapters"]]],
    }


def text(value: str) -> str:
    """A file's text without what isn't UTF-8, which JSON would carry and nothing after it could write."""
    return value.encode("utf-8", "surrogateescape").decode("utf-8", "replace")


def _chapter(chapter: Any, most: int) -> dict[str, Any]:
    tick = float(chapter["time_base"] or 0)
    title = {str(name).lower(): value for name, value in chapter["metadata"].items()}.get("title", "")
    return {"start": chapter["start"] * tick, "end": chapter["end"] * tick, "title": text(title)[: min(most, 200)]}
