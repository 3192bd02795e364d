"""The attacks of notes/hostile-input.md: refused with a code, within seconds, nothing else opened, nothing left.

Each is tried on the probe, and on FFmpeg itself, as if the probe had let it pass; without the sandbox, which would
hide what gets through.
"""

from __future__ import annotations

import os
import random
import struct
import zipfile
from collections.abc import Callable, Iterator
from dataclasses import replace
from functools import partial
from pathlib import Path

import pytest

from dailies.domain.errors import PermanentError
from dailies.domain.source.media_info import MediaInfo
from dailies.media import ffmpeg
from dailies.media.ffmpeg import FFmpeg
from dailies.media.probe.probe import probe
from dailies.media.run.ffmpeg_flags import input_flags
from dailies.media.run.process import Limits
from dailies.media.run.sandbox import Sandbox
from tests.integration.media.conftest import Make, null_run, outcome, running_in

Attack = Callable[[Path], Path]


@pytest.fixture(autouse=True)
def in_seconds() -> Iterator[None]:
    """Of CPU: on a busy machine the time of the wall says nothing of an attack."""
    before = _used()
    yield
    assert _used() - before < 15


def _used() -> float:
    """CPU seconds of this process and of the children that have ended."""
    used = os.times()
    return used.user + used.system + used.children_user + used.children_system


@pytest.fixture
def look(scratch: Path) -> Callable[[Path], MediaInfo]:
    return lambda source: probe(source, scratch=scratch)


def refusal(call: Callable[[], object]) -> str:
    with pytest.raises(PermanentError) as caught:
        call()
    assert caught.value.message.endswith((".", "again."))
    return caught.value.error_code


DASH = """<?xml version="1.0"?>
<MPD xmlns="urn:mpeg:dash:schema:mpd:2011" type="static" mediaPresentationDuration="PT2S" minBufferTime="PT1S"
 profiles="urn:mpeg:dash:profile:isoff-on-demand:2011"><Period><AdaptationSet mimeType="video/mp4">
<Representation id="1" bandwidth="1" codecs="avc1.64000d"><BaseURL>{url}</BaseURL>
<SegmentBase indexRange="0-100"/></Representation></AdaptationSet></Period></MPD>"""
HLS = "#EXTM3U\n#EXT-X-VERSION:3\n#EXT-X-TARGETDURATION:2\n#EXTINF:2,\n{url}\n#EXT-X-ENDLIST\n"
LISTS = {
    "concat.mp4": "ffconcat version 1.0\nfile {path}\n",
    "concat-bom.mp4": "\ufeffffconcat version 1.0\nfile {path}\n",
    "dash.mp4": DASH,
    "dash.mpd": DASH,
    "hls.mp4": HLS,
    "hls.m3u8": HLS,
    "hls.ts": HLS,
    "session.mp4": "v=0\r\no=- 0 0 IN IP4 127.0.0.1\r\ns=x\r\nc=IN IP4 127.0.0.1\r\nt=0 0\r\nm=video 5004 RTP/AVP\r\n",
    "list.pls.mp4": "[playlist]\nFile1={path}\n",
    "reference.asf": "[Reference]\nRef1={url}\n",
    "captions.mp4": '{{"captions":[{{"duration":1,"content":"{path}"}}]}}',
}


@pytest.fixture
def bait(tmp_path: Path) -> Path:
    """A pipe that nobody writes to: who opens it hangs, and the test would run into its time limit."""
    path = tmp_path / "other.mp4"
    os.mkfifo(path)
    return path


@pytest.mark.parametrize("name", LISTS)
def test_a_text_that_names_other_files_opens_none(
    name: str, bait: Path, tmp_path: Path, scratch: Path, binary: FFmpeg, limits: Limits
) -> None:
    source = tmp_path / name
    source.write_text(LISTS[name].format(path=bait, url=f"file://{bait}"))
    assert refusal(lambda: probe(source, scratch=scratch)) in ("playlist", "not_media")
    quick = replace(limits, wall_seconds=5)
    run = lambda: ffmpeg.run(binary, null_run(), scratch=scratch, source=source, limits=quick)  # noqa: E731
    assert refusal(run) == "not_media"


def test_the_allow_list_is_what_stops_them(
    talk: Path, tmp_path: Path, scratch: Path, binary: FFmpeg, limits: Limits
) -> None:
    """Without it FFmpeg reads the other file and exits 0: should that ever end, these tests prove nothing."""
    (scratch / "other.mp4").write_bytes(talk.read_bytes())
    source = tmp_path / "concat.mp4"
    source.write_text("ffconcat version 1.0\nfile other.mp4\n")
    lax = input_flags(demuxers=["concat", "mov"])
    report = ffmpeg.run(binary, [*lax, *null_run()], scratch=scratch, source=source, limits=limits)
    assert report.written_seconds > 1


def test_a_picture_of_256_megapixels_is_refused_before_it_is_decoded(
    make: Make, look: Callable[[Path], MediaInfo], binary: FFmpeg, scratch: Path, limits: Limits
) -> None:
    one = ["-frames:v", "1", "-c:v", "png", "-pix_fmt", "monob", "-y"]
    source = make("png.mov", "-f", "lavfi", "-i", "color=s=16000x16000", *one)
    assert refusal(lambda: look(source)) == "too_many_pixels"
    few = replace(limits, cpu_seconds=2)
    run = lambda: ffmpeg.run(binary, null_run(), scratch=scratch, source=source, limits=few)  # noqa: E731
    assert refusal(run) == "too_many_pixels"


def test_forty_frames_an_hour_apart_are_too_long_and_can_t_write_for_ever(
    make: Make, look: Callable[[Path], MediaInfo], binary: FFmpeg, box: Sandbox, scratch: Path, limits: Limits
) -> None:
    sparse = ["-vf", "setpts=N*3500/TB", "-fps_mode", "passthrough", "-c:v", "ffv1", "-y"]
    source = make("sparse.mkv", "-f", "lavfi", "-i", "color=s=16x16:r=1:d=40", *sparse)
    assert source.stat().st_size < 20_000
    assert refusal(lambda: look(source)) == "too_long"
    bounded = replace(limits, wall_seconds=1, file_bytes=50 * 2**20)
    args = ["-i", "file:source", "-r", "30", "-f", "rawvideo", "-s", "1280x720", "file:out.yuv"]
    run = lambda: ffmpeg.run(binary, args, scratch=scratch, source=source, limits=bounded, sandbox=box)  # noqa: E731
    assert refusal(run) in ("time_limit", "output_limit")
    assert running_in(scratch) == []


def test_four_hundred_flipped_bytes_are_noticed(
    talk: Path, look: Callable[[Path], MediaInfo], binary: FFmpeg, tmp_path: Path, scratch: Path, limits: Limits
) -> None:
    data = bytearray(talk.read_bytes())
    chance = random.Random(1)
    for _ in range(400):
        data[chance.randrange(4096, len(data))] ^= 0xFF
    source = tmp_path / "flipped.mp4"
    source.write_bytes(data)
    assert outcome(lambda: look(source)) in ("accepted", "decode_failed", "not_media", "source_truncated")
    run = lambda: ffmpeg.run(binary, null_run(), scratch=scratch, source=source, limits=limits)  # noqa: E731
    assert refusal(run) in ("decode_failed", "not_media", "source_truncated")


@pytest.mark.parametrize("tenths", range(10))
@pytest.mark.parametrize("index", ["in front", "at the end"])
def test_a_video_that_was_cut_off_is_called_truncated(
    tenths: int, index: str, talk: Path, make: Make, look: Callable[[Path], MediaInfo], tmp_path: Path
) -> None:
    whole = talk if index == "in front" else make("behind.mp4", "-i", str(talk), "-c", "copy", "-y")
    data = whole.read_bytes()
    source = tmp_path / "cut.mp4"
    source.write_bytes(data[: max(1, len(data) * tenths // 10)])
    assert refusal(lambda: look(source)) in ("source_truncated", "not_media")


def test_a_good_video_without_its_last_bytes_is_taken(
    talk: Path, look: Callable[[Path], MediaInfo], tmp_path: Path
) -> None:
    """A last frame that is cut short is no loss anybody sees."""
    source = tmp_path / "cut.mp4"
    source.write_bytes(talk.read_bytes()[:-50])
    assert look(source).video[0].decodable


def test_sixty_audio_streams_are_counted_and_refused(make: Make, look: Callable[[Path], MediaInfo]) -> None:
    maps = [word for _ in range(60) for word in ("-map", "0:a")]
    source = make("sixty.mka", "-f", "lavfi", "-i", "sine=d=1", *maps, "-c:a", "flac", "-y")
    assert refusal(lambda: look(source)) == "too_many_streams"


@pytest.mark.parametrize("name", ["-i.mp4", "%d.mp4", "$(id).mp4", "a\nb.mp4", os.fsdecode(b"caf\xe9.mp4")])
def test_a_name_is_only_a_name(name: str, talk: Path, look: Callable[[Path], MediaInfo], tmp_path: Path) -> None:
    source = tmp_path / name
    source.write_bytes(talk.read_bytes())
    assert look(source).duration_seconds == pytest.approx(2.0, abs=0.05)


def wav(seconds_declared: int, *, riff_too: bool) -> bytes:
    rate, present = 8000, b"\0\0" * 8000
    declared = seconds_declared * rate * 2
    riff = 36 + declared if riff_too else 36 + len(present)
    header = struct.pack(
        "<4sI4s4sIHHIIHH4sI", b"RIFF", riff, b"WAVE", b"fmt ", 16, 1, 1, rate, 2 * rate, 2, 16, b"data", declared
    )
    return header + present


def test_a_wav_that_says_ten_hours_has_the_length_it_has(look: Callable[[Path], MediaInfo], tmp_path: Path) -> None:
    source = tmp_path / "lies.wav"
    source.write_bytes(wav(36_000, riff_too=False))
    info = look(source)
    assert info.duration_seconds == pytest.approx(1.0)
    assert info.duration_from == "packets"
    source.write_bytes(wav(36_000, riff_too=True))
    assert refusal(lambda: look(source)) == "source_truncated"


def test_a_zip_is_called_an_archive(look: Callable[[Path], MediaInfo], tmp_path: Path) -> None:
    source = tmp_path / "talk.mp4"
    with zipfile.ZipFile(source, "w") as archive:
        archive.writestr("talk.txt", "no media")
    assert refusal(lambda: look(source)) == "archive"


@pytest.mark.parametrize("kind", ["folder", "pipe", "device"])
def test_what_is_no_file_is_refused_unopened(
    kind: str, look: Callable[[Path], MediaInfo], tmp_path: Path, bait: Path
) -> None:
    source = {"folder": tmp_path, "pipe": bait, "device": Path("/dev/zero")}[kind]
    assert refusal(lambda: look(source)) == "not_media"


def test_noise_is_refused(look: Callable[[Path], MediaInfo], tmp_path: Path) -> None:
    """With the first bytes of many formats before it."""
    chance = random.Random(2)
    for number, head in enumerate(
        (b"", b"\0\0\0\x20ftypisom", b"\x1aE\xdf\xa3", b"RIFF\0\0\0\0WAVE", b"OggS\0", b"fLaC", b"ID3\4", b"\x47")
    ):
        source = tmp_path / f"noise{number}.mp4"
        source.write_bytes(head + chance.randbytes(50_000))
        assert refusal(partial(look, source)) in (
            "not_media",
            "source_truncated",
            "decode_failed",
            "unsupported_codec",
        )


def test_flipped_bits_never_crash_or_hang_the_probe(
    talk: Path, tmp_path: Path, scratch: Path, bubblewrap: Sandbox
) -> None:
    """Thirty files with eight flips each in the index: an answer or a refusal for each."""
    original = talk.read_bytes()
    chance = random.Random(3)
    source = tmp_path / "flipped.mp4"
    for _ in range(30):
        data = bytearray(original)
        for _ in range(8):
            data[chance.randrange(0, 4096)] ^= 1 << chance.randrange(8)
        source.write_bytes(data)
        assert outcome(lambda: probe(source, scratch=scratch, sandbox=bubblewrap)) != "probe_failed"
