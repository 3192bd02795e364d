"""Recipes that have a name: what many want together. Pure."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from types import MappingProxyType
from typing import Any


def vats(
    *,
    audio: str = "m4a",
    subtitles: str = "srt",
    language: str | None = None,
    package: str = "json",
    mask: Sequence[str] = (),
    hearing: Mapping[str, Any] = MappingProxyType({}),
) -> dict[str, Any]:
    """From a video to its audio, its transcript, its subtitles and the package of them, as formats of each kind.

    What ``mask`` names is masked in every text, and bleeped in the audio. ``hearing``: further fields of a transcript.
    """
    spoken: dict[str, Any] = {} if language is None else {"language": language}
    told = dict(hearing)
    # Of subtitles ``speakers`` is how they look.
    labelled = {**told, "speakers_from": told["speakers"], "speakers": "labels"} if "speakers" in told else told
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
