"""The flags that every FFmpeg run carries."""

from __future__ import annotations

from dataclasses import replace

import pytest

from dailies.media.run.ffmpeg_flags import DEMUXERS, Policy, global_flags, guarded, input_flags

POLICY = Policy(max_pixels=100, max_alloc_bytes=200, probesize_bytes=300, analyzeduration_seconds=4, max_streams=5)
INPUT = [
    *("-protocol_whitelist", "file,pipe", "-format_whitelist", ",".join(DEMUXERS), "-probesize", "300"),
    *("-analyzeduration", "4000000", "-max_streams", "5", "-max_pixels", "100", "-flags:v", "+unaligned"),
]


def test_the_flags_in_full() -> None:
    assert global_flags(POLICY) == [
        *("-nostdin", "-hide_banner", "-nostats", "-v", "repeat+level+verbose", "-y", "-max_alloc", "200", "-xerror"),
    ]
    assert input_flags(POLICY) == INPUT
    assert input_flags(POLICY, crops=True) == [*INPUT, "-apply_cropping", "codec"]


def test_only_a_run_that_tolerates_errors_goes_on_after_one() -> None:
    assert "-xerror" not in global_flags(POLICY, tolerate_errors=True)


@pytest.mark.parametrize(
    "name", ["concat", "dash", "hls", "sdp", "rtsp", "imf", "image2", "lavfi", "tedcaptions", "png_pipe"]
)
def test_demuxers_that_open_what_a_text_names_are_not_allowed(name: str) -> None:
    assert name not in DEMUXERS


def test_every_input_is_guarded() -> None:
    args = ["-ss", "1", "-i", "file:source", "-vn", "-i", "file:source", "-map", "0:a", "file:out.wav"]
    expected = [
        "-ss",
        "1",
        *INPUT,
        "-i",
        "file:source",
        "-vn",
        *INPUT,
        "-i",
        "file:source",
        "-map",
        "0:a",
        "file:out.wav",
    ]
    assert guarded(args, POLICY) == expected


def test_flags_that_are_there_stay() -> None:
    own = [*input_flags(POLICY, demuxers=["concat", "mov"]), "-f", "concat", "-i", "file:list.txt"]
    assert guarded([*own, "file:out.mp4"], POLICY) == [*own, "file:out.mp4"]


def test_generated_sources_need_no_guard() -> None:
    args = ["-f", "lavfi", "-i", "anullsrc", "file:out.wav"]
    assert guarded(args, POLICY) == args


def test_options_of_one_input_do_not_excuse_the_next() -> None:
    args = ["-f", "lavfi", "-i", "anullsrc", "-i", "http://example.com", "file:out.wav"]
    with pytest.raises(ValueError, match="none of this run's files"):
        guarded(args, POLICY)


@pytest.mark.parametrize(
    "name", ["source", "/etc/passwd", "file:/etc/passwd", "file:../x", "file:a%d", "pipe:0", "file:other"]
)
def test_an_input_is_one_of_the_run_s_files(name: str) -> None:
    with pytest.raises(ValueError, match="none of this run's files"):
        guarded(["-i", name, "file:out.wav"], POLICY, names={"source"})


def test_decoders_have_the_threads_of_the_setting_where_the_run_gives_none() -> None:
    few = replace(POLICY, decoder_threads=2)
    assert guarded(["-i", "file:source", "-f", "null", "-"], few) == [
        *(*INPUT, "-threads", "2", "-i", "file:source"),
        *("-f", "null", "-"),
    ]
    words = guarded(["-threads", "1", "-i", "file:a", *input_flags(few), "-i", "file:b", "-f", "null", "-"], few)
    assert [words[place + 1] for place, word in enumerate(words) if word == "-threads"] == ["1", "2"]
