"""Recipes that have a name: what many want together. Pure."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any


def vats(
    *,
    audio: str = "m4a",
    subtitles: str = "srt",
    language: str | None = None,
    package: str = "json",
    mask: Sequence[str] = (),
    speakers: str | None = None,
    speaker_names: Sequence[str] = (),
) -> dict[str, Any]:
    """From a video to its audio, its transcript, its subtitles and the package of them, as formats of each kind.

    What ``mask`` names is masked in every text, and bleeped in the audio.
    """
    spoken: dict[str, Any] = {} if language is None else {"language": language}
    told = {"speakers": speakers, "speaker_names": list(speaker_names)} if speakers or speaker_names else {}
    labelled = {"speakers": "labels"} if told else {}
    masked = {"mask": list(mask)} if mask else {}
    bleeped = {"redact": "transcript"} if mask else {}
    return {
        "outputs": {
            "audio": {
                "kind": "audio",
                "format": audio,
                "normalize": {"integrated_lufs": -16, "true_peak_dbtp": -1},
                **bleeped,
            },
            "transcript": {"kind": "transcript", "format": "json", **spoken, **told, **masked},
            "text": {"kind": "transcript", "format": "txt", **spoken, **told, **masked},
            "subtitles": {"kind": "subtitles", "format": subtitles, "text_from": "speech", **labelled, **spoken},
            "package": {"kind": "package", "format": package},
        }
    }
