"""Builds the FFmpeg runs that put a text track into a finished film, and compare the two films. Pure."""

from __future__ import annotations

from dailies.media.run.ffmpeg_flags import SOURCE, Policy, input_flags


def text_track_arguments(policy: Policy, text: str | None, language: str | None, name: str) -> list[str]:
    """Our film, its tags, chapters and cover, and SubRip of ours ``file:text`` beside it, as ``file:name``."""
    words = ["-i", SOURCE]
    if text is not None:
        # Sources may not be texts: the demuxer is allowed for this file alone.
        words += [*input_flags(policy, demuxers=("srt",)), "-f", "srt", "-i", f"file:{text}"]
    words += ["-map", "0:v", "-map", "0:a?", "-c", "copy", "-map_metadata", "0", "-map_chapters", "0"]
    if text is not None:
        words += ["-map", "1:0", "-c:s", "mov_text"]
        words += ["-metadata:s:s:0", f"language={language or 'und'}"]
    return [*words, "-f", "mp4", "-movflags", "+faststart", "-fflags", "+bitexact", f"file:{name}"]


def film_hash_arguments() -> list[str]:
    """Digest the packets of a film's pictures, and of its sound."""
    return ["-i", SOURCE, "-map", "0:v:0", "-map", "0:a:0?", "-c", "copy", "-f", "streamhash", "-hash", "md5", "-"]
