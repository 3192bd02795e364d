"""The argument lists of chunks and their join, word by word; the arithmetic of ticks."""

from __future__ import annotations

import shlex
from fractions import Fraction

from hypothesis import given, strategies as st

from dailies.domain.source.audio_selection import Window
from dailies.domain.source.media_info import VideoStream
from dailies.media.graphs.film.chunking import (
    Chunk,
    ChunkReader,
    chunk_arguments,
    concat_list,
    film_list_arguments,
    join_arguments,
    list_arguments,
    tick_at,
)
from dailies.media.graphs.pictures.picture import resolve_picture
from dailies.media.run.ffmpeg_flags import DEFAULT_POLICY
from tests.selections import in_one_size

VIDEO = VideoStream(
    index=0, track=0, codec="h264", coded_width=1920, coded_height=1080, width=1920, height=1080, interlaced=True,
    pixel_format="yuv420p", color_primaries="bt709", color_transfer="bt709", color_matrix="bt709", color_range="tv",
)  # fmt: skip
PARAMS = resolve_picture(VIDEO, None, "refuse", "outputs.web")
FINISH = (
    "format=yuv420p{0};{0}setsar=1{1};{1}setparams=color_primaries=bt709:color_trc=bt709:colorspace=bt709:range=tv{2}"
)
ENCODE = (
    "-f nut -avoid_negative_ts disabled -c:v libx264 -color_primaries bt709 -color_range tv -color_trc bt709"
    " -colorspace bt709 -crf 23 -fflags +bitexact -fpsmax 60 -map_chapters -1 -map_metadata -1 -pix_fmt yuv420p"
    " -preset fast -profile:v high -threads:v 6 file:chunk.nut"
)
INPUT = "-probesize 20000000 -analyzeduration 10000000 -max_streams 32 -max_pixels 36000000 -flags:v +unaligned"


def chunk(window: Window, *, opens: bool = False) -> Chunk:
    return Chunk(0, PARAMS, "medium", "fast", window, opens, rate="25/1", reach=1.0)


def test_a_chunk_in_the_middle() -> None:
    """Sought a second early, on the source's clock; divided behind the deinterlacer and the ticks."""
    assert chunk_arguments(chunk(Window(start=45, end=90)), "chunk.nut") == shlex.split(
        "-copyts -start_at_zero -an -noaccurate_seek -reinit_filter 0 -ss 44.000000 -i file:source -filter_complex"
        " '"
        f"{in_one_size('0:0', 0)};[s1]bwdif=deint=interlaced:mode=send_frame[s2]"
        ";[s2]tpad=stop=-1:stop_mode=clone[s3]"
        ";[s3]fps=eof_action=pass:fps=25/1[s4];[s4]trim=end=90.000000:start=45.000000[s5]"
        f";[s5]{FINISH.format('[s6]', '[s7]', '[s8]')}' -map [s8] {ENCODE}"
    )


def test_the_first_and_the_last_chunk_of_a_part() -> None:
    """The picture that is on screen at the film's start fills; the last one lasts to its end, or as long as it says."""
    first = " ".join(chunk_arguments(chunk(Window(start=10, end=45), opens=True), "chunk.nut"))
    assert "[s3]fps=eof_action=pass:fps=25/1:start_time=10.000000[s4];[s4]trim=end=45.000000[s5]" in first
    last = chunk_arguments(chunk(Window(start=45)), "chunk.nut", sought=False)
    assert "-ss" not in last
    assert "[s2]fps=eof_action=pass:fps=25/1[s3];[s3]trim=start=45.000000[s4]" in " ".join(last)


def test_the_join_alone_may_read_a_list() -> None:
    """concat is allowed for the list, which is ours, and not for the sound or any source."""
    assert join_arguments(DEFAULT_POLICY, "output.mp4", "sound.m4a") == shlex.split(
        f"-copyts -protocol_whitelist file,pipe -format_whitelist concat,nut {INPUT} -f concat -i file:source"
        " -i file:sound.m4a -map 0:v -map 1:a -c copy -f mp4 -movflags +faststart -fflags +bitexact -map_metadata -1"
        " -map_chapters -1 file:output.mp4"
    )
    assert "1:a" not in join_arguments(DEFAULT_POLICY, "output.mp4", None)


def test_the_lists_of_packets() -> None:
    """On the file's own clock."""
    tail = "-c copy -avoid_negative_ts disabled -f framecrc -"
    assert list_arguments(DEFAULT_POLICY) == shlex.split(
        f"-copyts -protocol_whitelist file,pipe -format_whitelist nut {INPUT} -f nut -i file:source {tail}"
    )
    assert film_list_arguments(0) == shlex.split(f"-copyts -i file:source -map 0:0 {tail}")


def test_the_list_that_is_joined() -> None:
    """One film of three frames at 29.97 and of two."""
    assert concat_list([("chunk-0000.nut", 3), ("chunk-0001.nut", 2)], Fraction(30000, 1001)) == (
        "ffconcat version 1.0\nfile chunk-0000.nut\nduration 0.100100\nfile chunk-0001.nut\nduration 0.066733\n"
    )


@given(st.lists(st.integers(1, 3000), min_size=1, max_size=300), st.sampled_from(["25", "30000/1001", "24000/1001"]))
def test_rounding_never_adds_up(frames: list[int], rate: str) -> None:
    """Each chunk's place, the sum of the durations before it, is its tick's to a microsecond."""
    ticks = Fraction(rate)
    lines = concat_list([("c.nut", each) for each in frames], ticks).splitlines()
    total, done = Fraction(0), 0
    for count, line in zip(frames, lines[2::2], strict=True):
        total, done = total + Fraction(line.split()[1]), done + count
        assert abs(total - done / ticks) <= Fraction(1, 1_000_000)


@given(st.integers(0, 10**6), st.sampled_from(["25", "30000/1001", "60"]))
def test_a_joint_is_one_tick_for_both_sides(millis: int, rate: str) -> None:
    """The nearest, so a chunk that ends there and one that begins there agree."""
    ticks = Fraction(rate)
    assert abs(Fraction(tick_at(millis / 1000, ticks)) - Fraction(millis, 1000) * ticks) <= Fraction(1, 2)


def test_the_list_is_read() -> None:
    """Frames in order of display, the rate by their duration, the checksum of the set-up."""
    reader = ChunkReader()
    for line in (
        "#extradata 0:       39, 0x9e7a0963", "#tb 0: 1/51200", "#sar 0: 1/1",
        "0,     200704,     204800,     2048,     3173, 0x6ebac23c",
        "0,     202752,     208896,     2048,     1257, 0x05546b5b, F=0x0",
        "0,     204800,     206848,     2048,      642, 0xa8f83ab9, F=0x0",
    ):  # fmt: skip
        reader.line(line)
    assert (reader.setup, reader.rate, reader.ticks(reader.rate)) == ("0x9e7a0963", Fraction(25), [100, 101, 102])
