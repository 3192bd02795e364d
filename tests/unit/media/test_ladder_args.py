"""The exact FFmpeg arguments of an adaptive ladder."""

from __future__ import annotations

import pytest

from dailies.domain.loudness.level import Level
from dailies.media.graphs.film.encoding import AudioEncoding
from dailies.media.graphs.film.ladder import choose_rungs, ladder_arguments
from dailies.media.graphs.film.rendering import AudioBranch
from tests.selections import on_the_clock, selection_of
from tests.unit.media.test_picture_args import PARAMS

WHOLE = PARAMS.model_copy(update={"width": 1280, "height": 720, "scaled": False})
SOUND = AudioBranch(
    selection_of(2, 2),
    AudioEncoding(format="m4a", codec="aac", copied=False, bitrate_bps=128_000, sample_rate_hz=48_000, channels=2),
    Level(gain_db=-3.5, mode="linear", reason="fits"),
)
PICTURES = (
    "[0:1]fps=fps=25/1:start_time=0.000000[s0];[s0]format=yuv420p[s1];[s1]setsar=1[s2];"
    "[s2]setparams=color_primaries=bt709:color_trc=bt709:colorspace=bt709:range=tv[s3];[s3]split=2[s4][s5];"
    "[s5]scale=640:360:flags=bicubic[s6];[s6]setsar=1[s7];"
)
SOUNDS = f"{on_the_clock('1:2', 8)};[s10]aresample=48000[s11];[s11]volume=-3.5000dB:precision=double[s12]"


def track(label: str, name: str, own: dict[str, str]) -> list[str]:
    """One output, its options in alphabetical order behind the muxer."""
    options = {
        "-avoid_negative_ts": "disabled",
        "-fflags": "+bitexact",
        "-hls_flags": "single_file+independent_segments",
        "-hls_playlist_type": "vod",
        "-hls_segment_filename": f"{name}.mp4",
        "-hls_segment_type": "fmp4",
        "-hls_time": "6",
        "-map_chapters": "-1",
        "-map_metadata": "-1",
        **own,
    }
    words = [word for option in sorted(options.items()) for word in option]
    return ["-map", label, "-f", "hls", *words, f"file:{name}.m3u8"]


def x264(rate: str, buffer: str) -> dict[str, str]:
    return {
        "-c:v": "libx264", "-preset": "fast", "-crf": "23", "-profile:v": "high", "-pix_fmt": "yuv420p",
        "-color_primaries": "bt709", "-color_trc": "bt709", "-colorspace": "bt709", "-color_range": "tv",
        "-fpsmax": "60", "-threads:v": "6", "-maxrate": rate, "-bufsize": buffer, "-sc_threshold": "0",
        "-force_key_frames": "expr:gte(t,n_forced*6/3)", "-fps_mode": "cfr",
    }  # fmt: skip


AAC = {"-c:a": "aac", "-b:a": "128000", "-ar": "48000"}


def test_one_decode_feeds_every_rendition() -> None:
    """A split in front of the scalers, keyframes at the same times, no scene cuts, a track a file."""
    arguments = ladder_arguments(WHOLE, choose_rungs(WHOLE, [720, 360]), "medium", SOUND, 6.0, "25/1")
    assert arguments == [
        *("-an", "-i", "file:source", "-vn", "-i", "file:source", "-filter_complex", PICTURES + SOUNDS),
        *track("[s4]", "720p", x264("4500k", "9000k")),
        *track("[s7]", "360p", x264("730k", "1460k")),
        *track("[s12]", "audio", AAC),
    ]


def test_the_audio_can_be_made_alone() -> None:
    """What a correction of its loudness costs: no picture is touched."""
    arguments = ladder_arguments(None, (), "medium", SOUND, 6.0, "25/1")
    assert arguments[:3] == ["-vn", "-i", "file:source"]
    assert arguments[5:] == track("[s4]", "audio", AAC)


def test_a_segment_has_a_whole_number_of_keyframes() -> None:
    """At most two seconds apart: three in a segment of five seconds."""
    arguments = ladder_arguments(WHOLE, choose_rungs(WHOLE, [720]), "medium", None, 5.0, "25/1")
    assert arguments[arguments.index("-force_key_frames") + 1] == "expr:gte(t,n_forced*5/3)"


@pytest.mark.parametrize(
    ("size", "sides", "rungs"),
    [
        ((1920, 1080), None, {"1080p": (1920, 1080), "720p": (1280, 720), "480p": (854, 480), "360p": (640, 360)}),
        ((1600, 900), None, {"900p": (1600, 900), "720p": (1280, 720), "480p": (854, 480), "360p": (640, 360)}),
        ((320, 180), None, {"180p": (320, 180)}),
        ((1080, 1920), [720, 1440], {"1080p": (1080, 1920), "720p": (720, 1280)}),
        ((2, 8192), [64], {"2p": (2, 8192)}),
    ],
)
def test_no_rendition_is_larger_than_the_source(
    size: tuple[int, int], sides: list[int] | None, rungs: dict[str, tuple[int, int]]
) -> None:
    """Those above it are one of its own size; the largest comes first; even sides, upright ones by their width."""
    whole = WHOLE.model_copy(update={"width": size[0], "height": size[1]})
    assert {rung.name: (rung.width, rung.height) for rung in choose_rungs(whole, sides)} == rungs
