"""The exact FFmpeg arguments of thumbnails and timelapses."""

from __future__ import annotations

from dailies.domain.media_info import VideoStream
from dailies.domain.sampling import Packet, plan_sampling
from dailies.media.frame_list import FrameReader, packet_arguments
from dailies.media.picture import resolve_picture
from dailies.media.still import candidate_arguments, still_arguments
from dailies.media.timelapse import timelapse_arguments

STREAM = VideoStream(
    index=1, track=0, codec="h264", coded_width=1920, coded_height=1080, width=1920, height=1080,
    color_primaries="bt709", color_transfer="bt709", color_matrix="bt709", color_range="tv",
)  # fmt: skip
PARAMS = resolve_picture(STREAM, 720, "refuse", "outputs.a")


def graph(arguments: list[str]) -> str:
    return arguments[arguments.index("-filter_complex") + 1]


def test_a_thumbnail_seeks_and_becomes_full_range_jpeg() -> None:
    """One seek, one frame, JFIF's colours; no name of the user's."""
    arguments = still_arguments(PARAMS, 12.5, "jpeg", "picture.jpg")
    assert arguments[:4] == ["-an", "-ss", "12.500000", "-i"]
    assert arguments[-1] == "file:picture.jpg"
    exact = "flags=bicubic+accurate_rnd+full_chroma_int"
    assert f"scale={exact}:in_color_matrix=bt709:out_color_matrix=bt601:out_range=pc" in graph(arguments)
    assert graph(arguments).endswith("setparams=colorspace=smpte170m:range=pc[s6]")


def test_candidates_are_two_small_grey_frames() -> None:
    """What is judged costs next to nothing to write."""
    arguments = candidate_arguments(1, 0.0, "c.gray")
    assert "-ss" not in arguments
    assert graph(arguments) == "[0:1]scale=flags=area:h=90:w=160[s0];[s0]format=pix_fmts=gray[s1]"


def test_a_timelapse_of_keyframes_skips_all_others_in_the_decoder() -> None:
    """The select comes first, and the time base is the output's own."""
    packets = [Packet(n / 30, n % 30 == 0, disposable=False) for n in range(3000)]
    arguments = timelapse_arguments(PARAMS, plan_sampling(packets, 2.0, None, 30), "medium", "t.mp4", smooth=True)
    assert arguments[:4] == ["-an", "-skip_frame", "nokey", "-i"]
    assert graph(arguments).startswith(
        r"[0:1]select=expr=gte(t-0.000000+0.002\,selected_n*1.666666667)[s0];"
        "[s0]settb=expr=1/30[s1];[s1]setpts=expr=N[s2];[s2]fps=fps=30/1[s3];[s3]tmix=frames=3:weights=1 2 1[s4];"
    )
    assert arguments[arguments.index("-frames:v") + 1] == "60"


def test_keyframes_that_are_not_taken_are_dropped_before_the_decoder() -> None:
    """By the same condition that takes them, on the packets of that stream; the rest is as ever."""
    packets = [Packet(n / 30, n % 30 == 0, disposable=False) for n in range(9000)]
    plain = timelapse_arguments(PARAMS, plan_sampling(packets, 2.0, None, 30), "medium", "t.mp4")
    arguments = timelapse_arguments(PARAMS, plan_sampling(packets, 2.0, None, 30, picking=True), "medium", "t.mp4")
    drop = "noise=drop='if(key*gte((pts-startpts)*tb+0.002,ld(0)*5.000000000),st(0,ld(0)+1)*0,1)'"
    assert [each for each in arguments if each not in plain] == ["-bsf:1", drop]


def test_packets_are_listed_without_a_decode() -> None:
    """Copied into checksums."""
    arguments = packet_arguments(1)
    assert arguments[arguments.index("-c") + 1] == "copy"


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
