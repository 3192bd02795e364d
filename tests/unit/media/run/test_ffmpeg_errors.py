"""FFmpeg's words become a user's: lines collected from FFmpeg 5.1.9 and 9.0.2 on real files."""

from __future__ import annotations

import pytest

from dailies.domain.errors import Misconfigured, PermanentError, SourceRefused
from dailies.media.run.ffmpeg_errors import Complaints, cause, failure

CASES = {
    "[concat @ 0x5] [error] Format not on whitelist 'mov,mp3'": "not_media",
    "[in#0 @ 0x5] [error] Error opening input: Invalid data found when processing input": "not_media",
    "[error] file:source: Invalid data found when processing input": "not_media",
    "[mov,mp4,m4a,3gp,3g2,mj2 @ 0x5] [error] moov atom not found": "source_truncated",
    "[in#0/mov,mp4,m4a,3gp,3g2,mj2 @ 0x5] [error] stream 0, offset 0x10e7ae: partial file": "source_truncated",
    "[matroska,webm @ 0x5] [error] File ended prematurely at pos. 100 (0x64)": "source_truncated",
    "[png @ 0x5] [IMGUTILS @ 0x7] [error] Picture size 16000x16000 exceeds max pixel count": "too_many_pixels",
    "[error] Decoder (codec none) not found for input stream #0:0": "unsupported_codec",
    "[aist#0:1/none @ 0x5] [error] Decoding requested, but no decoder found for: none": "unsupported_codec",
    "[error] Error while opening decoder for input stream #0:0 : Function not implemented": "unsupported_codec",
    "[mov,mp4,m4a,3gp,3g2,mj2 @ 0x5] [error] hit EOF while reading sub-sample encryption info": "encrypted",
    "[fatal] Stream map '0:a:7' matches no streams.": "stream_missing",
    "[h264 @ 0x5] [error] error while decoding MB 4 6, bytestream 589": "decode_failed",
    "[aac @ 0x5] [error] Pulse data corrupt or invalid.": "decode_failed",
    "[aist#0:0/flac @ 0x5] [dec:flac @ 0x6] [error] Error while opening decoder: Invalid data found": "decode_failed",
}


def collected(*lines: str) -> Complaints:
    complaints = Complaints()
    for line in lines:
        complaints.add(line)
    return complaints


@pytest.mark.parametrize(("line", "code"), CASES.items())
def test_a_line_names_its_cause(line: str, code: str) -> None:
    error = failure(1, collected(line).lines, line)
    assert isinstance(error, SourceRefused)
    assert error.error_code == code
    assert error.message.endswith(".")


@pytest.mark.parametrize(
    "line",
    [
        "[AVFilterGraph @ 0x5] [error] No such filter: 'nosuch'",
        "[error] Unrecognized option 'nosuch'.",
        "[fatal] Unknown encoder 'nosuch'",
        "[vost#0:0/libx264 @ 0x5] [error] Error while opening encoder - maybe incorrect parameters",
        "[error] Error initializing output stream 0:0 -- Error while opening encoder for output stream #0:0",
    ],
)
def test_our_own_mistakes_are_not_the_source_s(line: str) -> None:
    error = failure(1, collected(line, "[error] Invalid argument").lines, line)
    assert (type(error), error.error_code) == (PermanentError, "ffmpeg_failed")


def test_metadata_can_not_pretend_to_be_an_error() -> None:
    lines = [
        "[info]     title           : [error] moov atom not found",
        "                          : [error] moov atom not found",
        "[mov @ 0x5] [warning] moov atom not found",
    ]
    assert collected(*lines).lines == []


def test_silence_is_not_blamed_on_the_source() -> None:
    assert failure(1, [], "").error_code == "ffmpeg_failed"
    assert cause([]) is None


@pytest.mark.parametrize("returncode", [-11, 139])
def test_a_crash_is_called_one(returncode: int) -> None:
    error = failure(returncode, ["whatever"], "")
    assert (error.error_code, error.details["signal"]) == ("ffmpeg_crashed", 11)


def test_a_program_that_can_not_start_is_a_configuration_error() -> None:
    assert isinstance(failure(127, [], "sh: ffmpeg: not found"), Misconfigured)
    assert isinstance(failure(1, [], "ffmpeg: error while loading shared libraries: libx.so.1"), Misconfigured)


def test_of_many_complaints_the_first_and_the_last_are_kept() -> None:
    complaints = collected(*(f"[error] number {number}" for number in range(1000)))
    assert complaints.lines[0] == "number 0"
    assert complaints.lines[-1] == "number 999"
    assert len(complaints.lines) == 24


def test_decode_errors_are_counted_by_stream() -> None:
    """FFmpeg 5.1 doesn't sum them up itself."""
    line = "[error] Error while decoding stream #0:1: Invalid data found when processing input"
    assert collected(line, line).decode_errors == {(0, 1): 2}
