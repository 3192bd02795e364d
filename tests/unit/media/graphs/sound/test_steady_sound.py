"""A run is repeated with the sound in one form: which input and which label is which."""

from __future__ import annotations

from dailies.media.graphs.film.separate_graphs import separated
from dailies.media.graphs.sound.steady_sound import SetUps, read_streams, steadied, steady_arguments
from dailies.media.run.ffmpeg_flags import DEFAULT_POLICY, input_flags

GRAPH = "[0:2]asplit=2[s0][s1];[s0]anull[s2];[1:0]null[s3];[2:3]anull[s4]"
RUN = [
    *("-ss", "9", "-vn", "-i", "file:source", "-an", "-i", "file:source", "-vn", "-i", "file:source"),
    *(
        "-filter_complex",
        GRAPH,
        "-map",
        "[s2]",
        "-c:a",
        "flac",
        "file:a.flac",
        "-map",
        "0:2",
        "-c",
        "copy",
        "file:b.mka",
    ),
]
SET_UP = "[graph_0_in_0:2 @ 0x7f] [verbose] tb:1/44100 samplefmt:fltp samplerate:44100 chlayout:stereo"
OLDER = "[graph_0_in_0_2 @ 0x55] [verbose] tb:1/48000 samplefmt:fltp samplerate:48000 chlayout:5.1(side)"


def test_the_graph_reads_files_in_the_place_of_the_source_s_sound() -> None:
    """With the same seek, behind the inputs that are; what is copied still comes from the source."""
    assert read_streams(RUN) == (2, 3)
    flags = input_flags(DEFAULT_POLICY, demuxers=("nut",))
    words, stands_for = steadied(RUN, {2: "two.nut", 3: "three.nut"}, DEFAULT_POLICY)
    assert words == [
        *RUN[:11],
        *("-ss", "9", "-vn", *flags, "-i", "file:two.nut", "-vn", *flags, "-i", "file:three.nut"),
        *("-filter_complex", "[3:0]asplit=2[s0][s1];[s0]anull[s2];[1:0]null[s3];[4:0]anull[s4]"),
        *RUN[13:],
    ]
    assert stands_for == {3: 2, 4: 3}


def test_runs_that_decode_no_sound_of_the_source_are_left_alone() -> None:
    """Pictures, a copy, and a file of ours."""
    assert read_streams(["-an", "-i", "file:source", "-filter_complex", "[0:1]null[s0]"]) == ()
    assert read_streams(["-vn", "-i", "file:source", "-map", "0:1", "-c", "copy"]) == ()
    assert read_streams(["-vn", "-i", "file:ours.m4a", "-filter_complex", "[0:0]anull[s0]"]) == ()


def test_the_times_go_into_the_file() -> None:
    """One stream, as it begins; a container that has times in samples."""
    words = steady_arguments(2, "two.nut")
    assert words[:5] == ["-vn", "-i", "file:source", "-map", "0:2"]
    assert words[words.index("-f") + 1] == "nut"


def test_a_graph_is_set_up_once() -> None:
    """A second time of the same input means that its form has changed."""
    watch = SetUps()
    lines = (SET_UP, OLDER, "[graph_0_in_0:2 @ 0x7f] [verbose] EOF", SET_UP)
    assert [watch.again(line) for line in lines] == [False, False, False, True]


def test_filters_that_aren_t_connected_are_graphs_of_their_own() -> None:
    """A picture that changes its size doesn't begin the sound again."""
    assert separated(RUN) == [
        *RUN[:11],
        *("-filter_complex", "[0:2]asplit=2[s0][s1];[s0]anull[s2]", "-filter_complex", "[1:0]null[s3]"),
        *("-filter_complex", "[2:3]anull[s4]"),
        *RUN[13:],
    ]
    joined = ["-filter_complex", "[0:0]null[a];[1:0]null[b];[a][b]concat=n=2[c]"]
    assert separated(joined) == joined
