"""Chooses the text track that subtitles are taken from."""

from __future__ import annotations

from dailies.domain.errors import InvalidRecipe, SourceRefused
from dailies.domain.source.media_info import MediaInfo, OtherStream
from dailies.media.graphs.text.subtitle_tracks import TEXT_CODECS


def choose_text_track(info: MediaInfo, track: int | None, language: str | None, field: str) -> OtherStream:
    """The track that is asked for by its number, else the first text of the language, else the first text.

    Raises InvalidRecipe for a number that there is none of, SourceRefused where there is no text.
    """
    tracks = [stream for stream in info.other if stream.kind == "subtitle"]
    if track is not None and track >= len(tracks):
        raise InvalidRecipe(
            f"{field}.subtitle_track: there is no track {track}, the source has {len(tracks)}.",
            field=f"{field}.subtitle_track",
        )
    if track is not None:
        tracks = [tracks[track]]
    texts = [stream for stream in tracks if stream.codec in TEXT_CODECS]
    if not texts:
        what = "no subtitle track" if not tracks else f"no subtitles that are text ({', '.join(map(_named, tracks))})"
        raise SourceRefused(
            f"The source has {what}: leave subtitles out or make them optional.", code="no_subtitles", field=field
        )
    spoken = [stream for stream in texts if language is not None and same_language(stream.language, language)]
    if track is None and language is not None and not spoken:
        there = ", ".join(sorted({stream.language or "unnamed" for stream in texts}))
        raise SourceRefused(
            f"The source has no subtitles in {language}, it has {there}.", code="no_subtitles", field=field
        )
    return (spoken or texts)[0]


def _named(stream: OtherStream) -> str:
    return stream.codec or "unknown"


#: ISO 639-2's forms beside 639-1, the terminological first, of the languages that films come in most.
_THREE = {
    "en": ("eng",), "nl": ("nld", "dut"), "de": ("deu", "ger"), "fr": ("fra", "fre"), "es": ("spa",),
    "it": ("ita",), "pt": ("por",), "ja": ("jpn",), "zh": ("zho", "chi"), "ko": ("kor",), "pl": ("pol",),
    "ru": ("rus",), "ar": ("ara",), "tr": ("tur",), "sv": ("swe",), "da": ("dan",), "nb": ("nob",),
    "no": ("nor", "nob"), "fi": ("fin",), "cs": ("ces", "cze"), "el": ("ell", "gre"), "he": ("heb",),
    "hi": ("hin",), "hu": ("hun",), "ro": ("ron", "rum"), "uk": ("ukr",), "vi": ("vie",), "th": ("tha",),
    "id": ("ind",),
}  # fmt: skip


def same_language(one: str | None, other: str | None) -> bool:
    """Whether two codes (``nl``, ``dut``, ``nl-BE``) name one language, whatever its country."""
    first = two_letters(one)
    return first is not None and first == two_letters(other)


def two_letters(code: str | None) -> str | None:
    """ISO 639-1 of a code, as languages are known here; the code itself where it has none."""
    short = (code or "").lower().replace("_", "-").split("-")[0]
    return next((two for two, three in _THREE.items() if short in three), short or None)


def three_letters(code: str | None) -> str | None:
    """ISO 639-2 of a code, as MP4 has it; None for one that isn't known here."""
    return next(iter(_THREE.get(two_letters(code) or "", ())), None)
