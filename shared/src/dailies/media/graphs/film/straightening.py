"""Builds the FFmpeg run that puts a source of joined parts on one clock. Pure."""

from __future__ import annotations

from dailies.domain.source.media_info import AudioStream, MediaInfo, VideoStream
from dailies.media.run.ffmpeg_flags import SOURCE

#: NUT keeps packets and times as they are; Matroska would give all parts the first one's AAC configuration.
MUXER = "nut"


def straight_arguments(info: MediaInfo, name: str) -> list[str]:
    """Copy every track as ``file:name``, under its own number and one after another where each part began anew.

    FFmpeg lines the parts up by what it reads: only tracks that are read together stay in step.
    """
    tracks: list[AudioStream | VideoStream] = [*info.audio, *info.video]
    codecs = {track.index: track.codec for track in tracks if track.decodable}
    other = min(codecs)  # in the place of a stream that is no track, so that the next ones keep their numbers
    arguments = ["-fflags", "+genpts", "-i", SOURCE, "-c", "copy"]  # program streams give some packets no time
    for number in range(max(codecs) + 1):
        arguments += ["-map", f"0:{number if number in codecs else other}"]
        if codecs.get(number, codecs[other]).startswith("pcm_"):
            arguments += [f"-c:{number}", "pcm_s24le"]  # discs' own forms of PCM are in no other container
    return [*arguments, "-map_metadata", "-1", "-fflags", "+bitexact", "-f", MUXER, f"file:{name}"]
