"""The exact FFmpeg arguments of thumbnails and timelapses."""

from __future__ import annotations

import pytest

from dailies.domain.errors import SourceRefused
from dailies.domain.pictures.sampling import Packet, plan_sampling
from dailies.domain.source.media_info import VideoStream
from dailies.media.graphs.pictures.frame_list import FrameReader, packet_arguments, reference_arguments
from dailies.media.graphs.pictures.picture import resolve_picture
from dailies.media.graphs.pictures.still import (
    Moment,
    candidate_arguments,
    candidates_arguments,
    still_arguments,
)
from dailies.media.graphs.pictures.timelapse import timelapse_arguments

STREAM = VideoStream(
    index=1, track=0, codec="h264", coded_width=1920, coded_height=1080, width=1920, height=1080,
    color_primaries="bt709", color_transfer="bt709", color_matrix="bt709", color_range="tv",
)  # fmt: skip
PARAMS = resolve_picture(STREAM, 720, "refuse", "outputs.a")


def graph(arguments: list[str]) -> str:
    return arguments[arguments.index("-filter_complex") + 1]


def test_a_thumbnail_seeks_and_becomes_full_range_jpeg() -> None:
    """One seek to a keyframe, the last frame at or before the moment, JFIF's colours; no name of the user's."""
    arguments = still_arguments(PARAMS, Moment(12.5, 1.0), "jpeg", "picture.jpg")
    assert arguments[:5] == ["-an", "-noaccurate_seek", "-ss", "11.500000", "-i"]
    assert graph(arguments).startswith(
        "[0:1]trim=end=1.002000[s0];[s0]tpad=stop=-1:stop_mode=clone[s1];"
        r"[s1]fps=fps=min(source_fps\,60):round=up:start_time=1.002000[s2];[s2]scale=1280:720:flags=bicubic[s3]"
    )
    assert arguments[-1] == "file:picture.jpg"
    exact = "flags=bicubic+accurate_rnd+full_chroma_int"
    assert f"scale={exact}:in_color_matrix=bt709:out_color_matrix=bt601:out_range=pc" in graph(arguments)
    assert graph(arguments).endswith("setparams=colorspace=smpte170m:range=pc[s9]")


def test_a_first_frame_that_comes_late_stands_for_all_before_it() -> None:
    """Decoded from the source's start, nothing is left out."""
    arguments = still_arguments(PARAMS, Moment(0.0), "jpeg", "picture.jpg")
    assert "-ss" not in arguments
    assert "trim" not in graph(arguments)


def test_interlaced_frames_are_deinterlaced_among_their_neighbours() -> None:
    """Before one is picked."""
    arguments = still_arguments(PARAMS.model_copy(update={"deinterlace": True}), Moment(3.0, 1.0), "png", "a.png")
    assert graph(arguments).startswith("[0:1]bwdif=deint=interlaced:mode=send_frame[s0];[s0]trim=")
    assert graph(arguments).count("bwdif") == 1


def test_candidates_are_two_small_grey_frames() -> None:
    """What is judged costs next to nothing to write."""
    arguments = candidate_arguments(PARAMS, Moment(4.0, 1.0), "c.gray")
    assert "trim=end=1.502000" in graph(arguments)
    assert graph(arguments).endswith("scale=flags=area:h=90:w=160[s3];[s3]format=pix_fmts=gray[s4]")
    assert arguments[arguments.index("-frames:v") + 1] == "2"


def test_candidates_of_a_short_source_share_one_decode() -> None:
    """No seek, and each is a file of its own."""
    arguments = candidates_arguments(PARAMS, [0.5, 1.5], ["a.gray", "b.gray"])
    assert arguments.count("-i") == 1
    assert "-ss" not in arguments
    assert graph(arguments).startswith("[0:1]split=2[s0][s1];")
    assert [word for word in arguments if word.startswith("file:") and word.endswith("gray")] == [
        "file:a.gray",
        "file:b.gray",
    ]


def test_a_timelapse_of_keyframes_skips_all_others_in_the_decoder() -> None:
    """What is on screen is picked first, and the time base is the output's own."""
    packets = [Packet(n / 30, n % 30 == 0, disposable=False) for n in range(3000)]
    arguments = timelapse_arguments(PARAMS, plan_sampling(packets, 2.0, None, 30), "medium", "t.mp4", smooth=True)
    assert arguments[:4] == ["-an", "-skip_frame", "nokey", "-i"]
    assert graph(arguments).startswith(
        "[0:1]tpad=stop=-1:stop_mode=clone[s0];[s0]fps=fps=3/5:round=up:start_time=0.002000[s1];"
        "[s1]trim=end_frame=60[s2];"
        "[s2]settb=expr=1/30[s3];[s3]setpts=expr=N[s4];[s4]fps=fps=30/1[s5];[s5]tmix=frames=3:weights=1 2 1[s6];"
    )
    assert arguments[arguments.index("-frames:v") + 1] == "60"


def test_only_pictures_that_are_shown_are_brought_into_one_size() -> None:
    """To pad is to copy each picture that the decoder still refers to: of three in four that would be for nothing."""
    packets = [Packet(n / 30, n % 30 == 0, disposable=n % 2 == 1) for n in range(1800)]
    params = PARAMS.model_copy(update={"raster": (1920, 1080), "canvas": (1920, 1080)})
    for picking in (False, True):
        sampling = plan_sampling(packets, 20.0 if not picking else 0.5, None, 30, picking=picking)
        words = graph(timelapse_arguments(params, sampling, "medium", "t.mp4"))
        chosen = words.index("select=") if picking else words.index("trim=")
        assert chosen < words.index("scale=") < words.index("pad=1920:1080")


def test_keyframes_that_are_not_taken_are_dropped_before_the_decoder() -> None:
    """By the same condition that takes them, on the packets of that stream; the rest is as ever."""
    packets = [Packet(n / 30, n % 30 == 0, disposable=False) for n in range(9000)]
    plain = timelapse_arguments(PARAMS, plan_sampling(packets, 2.0, None, 30), "medium", "t.mp4")
    arguments = timelapse_arguments(PARAMS, plan_sampling(packets, 2.0, None, 30, picking=True), "medium", "t.mp4")
    drop = "noise=drop='if(key*gte((pts-startpts)*tb+0.002,ld(0)*5.000000000),st(0,ld(0)+1)*0,1)'"
    assert [each for each in arguments if each not in plain and "[s" not in each] == ["-bsf:1", drop]
    select = r"[0:1]select=expr=gte(t-0.000000+0.002\,selected_n*5.000000000)[s0];[s0]settb"
    assert graph(arguments).startswith(select)


def test_packets_are_listed_without_a_decode() -> None:
    """Copied into checksums."""
    arguments = packet_arguments(1)
    assert arguments[arguments.index("-c") + 1] == "copy"


def test_references_are_listed_without_a_decode() -> None:
    """By what the slices say of themselves, whatever the container says."""
    arguments = reference_arguments(1)
    assert arguments[arguments.index("-c") + 1] == "copy"
    assert arguments[arguments.index("-bsf:v") + 1] == "filter_units=discard=nonref"


def test_a_film_ends_with_its_last_picture_whatever_the_order_of_decoding() -> None:
    """The packet before a still has its length, and is shown after it."""
    reader = FrameReader()
    for line in ("#tb 0: 1/10", "0, -2, 0, 1, 9, 0x1", "0, -1, 20, 60, 9, 0x2", "0, 59, 1, 1, 9, 0x3"):
        reader.line(line)
    assert reader.end == 6.2


def test_a_frame_list_is_read_with_its_flags() -> None:
    """Keyframes have no flag printed; discarded packets are left out; AVI's missing times are those of decoding."""
    reader = FrameReader()
    for line in (
        "#tb 0: 1/100",
        "#dimensions 0: 320x180",
        "0,          0,          0,      100,   115200, 0x3b1b1b2c",
        "0,        100,        200,      100,   115200, 0x00000001, F=0x0",
        "0,        200, -9223372036854775808, 100, 115200, 0x00000002, F=0x10",
        "0,        300,        300,      100,   115200, 0x00000003, F=0x4",
    ):
        reader.line(line)
    assert reader.size == (320, 180)
    assert reader.packets() == [
        Packet(0.0, keyframe=True, disposable=False),
        Packet(2.0, keyframe=False, disposable=False),
        Packet(2.0, keyframe=False, disposable=True),
    ]


@pytest.mark.parametrize("size", [(16, 0), (0, 16), (0, 0)])
def test_a_picture_without_a_side_is_too_small(size: tuple[int, int]) -> None:
    """What a header says, and no film has."""
    width, height = size
    with pytest.raises(SourceRefused) as raised:
        resolve_picture(STREAM.model_copy(update={"width": width, "height": height}), None, "refuse", "outputs.a")
    assert raised.value.error_code == "picture_too_small"
