"""Recipes that have a name: what many want together. Pure."""

from __future__ import annotations

from typing import Any


def vats(
    *,
    audio: str = "m4a",
    subtitles: str = "srt",
    language: str | None = None,
    package: str = "json",
) -> dict[str, Any]:
    """From a video to its audio, its transcript, its subtitles and the package of them, as formats of each kind."""
    spoken = {} if language is None else {"language": language}
    return {
        "outputs": {
            "audio": {"kind": "audio", "format": audio, "normalize": {"integrated_lufs": -16, "true_peak_dbtp": -1}},
            "transcript": {"kind": "transcript", "format": "json", **spoken},
            "text": {"kind": "transcript", "format": "txt", **spoken},
            "subtitles": {"kind": "subtitles", "format": subtitles, "text_from": "speech", **spoken},
            "package": {"kind": "package", "format": package},
        }
    }
