"""What FFmpeg 5.1 and 9 print at the end of a run, and its progress lines."""

from __future__ import annotations

from dailies.media.ffmpeg import StreamRead, StreamWritten, _Progress, _Reading

OLD = """
Input file #0 (file:source):
[verbose]   Input stream #0:0 (video): 60 packets read (6912000 bytes); 60 frames decoded;
[verbose]   Input stream #0:1 (audio): 87 packets read (176400 bytes); 87 frames decoded (88200 samples);
[verbose]   Input stream #0:2 (data): 9 packets read (90 bytes);
[error] Error while decoding stream #0:1: Invalid data found when processing input
[verbose]   Input stream #1:1 (audio): 5 packets read (50 bytes); 4 frames decoded (400 samples);
[verbose]   Output stream #0:0 (video): 60 frames encoded; 60 packets muxed (71772 bytes);
[verbose]   Output stream #0:1 (audio): 87 frames encoded (88200 samples); 88 packets muxed (17620 bytes);
[verbose]   Output stream #1:0 (video): 60 packets muxed (71772 bytes);
""".strip()
NEW = """
[in#0/mov @ 0x5] [verbose] Input file #0 (file:source):
[in#0 @ 0x5] [verbose]   Input stream #0:0 (video): 60 packets read (25440 bytes); 58 frames decoded; 2 decode errors;
[in#1 @ 0]   Input stream #1:0 (audio): 87 packets read (17640 bytes); 87 frames decoded; 0 decode errors (882 samples);
[out#0 @ 0x5]   Output stream #0:1 (audio): 87 frames encoded (88200 samples); 88 packets muxed (17626 bytes);
[info]     title           : Input stream #0:0 (video): 1 packets read (1 bytes);
""".strip()


def reading(text: str) -> _Reading:
    result = _Reading()
    for line in text.splitlines():
        result.line(line)
    return result


def test_the_totals_of_5_1() -> None:
    result = reading(OLD)
    assert result.reads == [
        StreamRead(0, 0, "video", 60, 6912000, 60, 0, 0),
        StreamRead(0, 1, "audio", 87, 176400, 87, 88200, 0),
        StreamRead(0, 2, "data", 9, 90, 0, 0, 0),
        StreamRead(1, 1, "audio", 5, 50, 4, 400, 0),
    ]
    assert result.writes == [
        StreamWritten(0, 0, "video", 60, 71772, 60, 0),
        StreamWritten(0, 1, "audio", 88, 17620, 87, 88200),
        StreamWritten(1, 0, "video", 60, 71772, 0, 0),
    ]


def test_errors_of_5_1_are_counted_from_its_messages() -> None:
    line = "[error] Error while decoding stream #0:1: Invalid data found when processing input"
    assert reading(f"{line}\n{line}\n{OLD}").reads[1].errors == 2


def test_the_totals_of_9_and_a_title_that_looks_like_them() -> None:
    result = reading(NEW)
    assert result.reads == [
        StreamRead(0, 0, "video", 60, 25440, 58, 0, 2),
        StreamRead(1, 0, "audio", 87, 17640, 87, 882, 0),
    ]
    assert result.writes == [StreamWritten(0, 1, "audio", 88, 17626, 87, 88200)]


def test_patched_frames_are_counted() -> None:
    lines = [
        "[dec:ac3 @ 0x5] [warning] corrupt decoded frame",
        "[warning] file:source: corrupt decoded frame in stream 0",
        "[info]     title           : corrupt decoded frame",
    ]
    assert len(reading("\n".join(lines)).corrupt) == 2


def test_progress_is_in_seconds_and_never_falls() -> None:
    seen: list[float] = []
    progress = _Progress(seen.append)
    for line in (
        "frame=1",
        "out_time_us=N/A",
        "out_time_us=-20",
        "out_time_us=1500000",
        "out_time_ms=9",
        "out_time_us=1000000",
    ):
        progress.line(line)
    assert seen == [1.5, 1.5]
    assert progress.seconds == 1.5
