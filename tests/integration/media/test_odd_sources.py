"""The probe on good media that few programs write, and on bad ones that once ended in a fault of ours."""

from __future__ import annotations

import math
import struct
from functools import partial
from pathlib import Path
from typing import Any

import pytest

from dailies.domain.edit.chunking import ChunkRules
from dailies.domain.errors import SourceRefused
from dailies.media.probe.probe import probe
from tests.integration.media.conftest import Make, outcome
from tests.integration.media.films import Bench
from tests.oggs import with_skeleton

SINE = ["-f", "lavfi", "-i", "sine=d=2:r=48000"]
PAL = ["-f", "lavfi", "-i", "testsrc2=d=1:s=720x576:r=25"]
BARS = ["-f", "lavfi", "-i", "testsrc2=d=8:s=64x36:r=25"]


@pytest.mark.parametrize("sound", [["-an"], []], ids=["pictures", "both"])
def test_a_film_cut_without_encoding_is_taken(sound: list[str], make: Make, scratch: Path) -> None:
    """Its edit list hides all from the last keyframe to the cut: 150 packets here, minutes in the field."""
    tone = ["-f", "lavfi", "-i", "sine=d=8:r=48000"]
    whole = make("whole.mp4", *BARS, *tone, "-c:v", "libx264", "-preset", "ultrafast", "-g", "250", "-y")
    info = probe(make("cut.mp4", "-ss", "6", "-i", str(whole), *sound, "-c", "copy", "-y"), scratch=scratch)
    (video,) = info.video
    assert (video.decodable, video.pixel_format, video.frame_rate) == (True, "yuv420p", "25/1")
    assert (video.width, video.height, video.start_seconds) == (64, 36, 0)
    assert info.duration_seconds == pytest.approx(2.0, abs=0.05)


@pytest.mark.parametrize(
    ("name", "codec", "films"), [("a.ogg", "vorbis", 0), ("a.ogv", "vorbis", 1), ("a.oga", "flac", 0)]
)
def test_an_ogg_with_a_skeleton_is_taken(
    name: str, codec: str, films: int, make: Make, scratch: Path, tmp_path: Path
) -> None:
    pictures = [*BARS, "-c:v", "libtheora"] if films else []
    plain = make(name, *SINE, *pictures, "-c:a", {"vorbis": "libvorbis"}.get(codec, codec), "-t", "2", "-y")
    info = probe(with_skeleton(plain, tmp_path / name), scratch=scratch)
    assert ([sound.codec for sound in info.audio], len(info.video)) == ([codec], films)
    assert [other.kind for other in info.other] == ["data"]
    assert info.duration_seconds == pytest.approx(2.0, abs=0.05)
    assert all(sound.decodable for sound in info.audio)
    assert all(film.decodable for film in info.video)


@pytest.mark.parametrize("name", ["many.mkv", "many.mp4", "many.avi", "many.ts", "many.ogg"])
def test_too_many_streams_are_named_in_every_container(name: str, make: Make, scratch: Path) -> None:
    """libav stops making them: 7,900 took 1.8 GB to be counted."""
    codec = "libvorbis" if name.endswith("ogg") else "mp2"
    source = make(name, "-f", "lavfi", "-i", "sine=d=0.1:r=16000", *["-map", "0:a"] * 40, "-c:a", codec, "-y")
    assert outcome(partial(probe, source, scratch=scratch)) == "too_many_streams"


@pytest.mark.parametrize(
    "output", [{"kind": "video", "preset": "ultrafast"}, {"kind": "thumbnail", "at": 0, "format": "webp"}]
)
@pytest.mark.parametrize("size", ["16600x64", "64x16600"])
def test_a_strip_is_made_as_long_as_encoders_take(size: str, output: dict[str, Any], make: Make, bench: Bench) -> None:
    """x264 takes 16,384 pixels and WebP 16,383: more was a fault that was called FFmpeg's own."""
    source = make("strip.mov", "-f", "lavfi", "-i", f"color=red:d=0.4:s={size}:r=5", "-c:v", "png", "-y")
    _, certificate, _ = bench.make(source, ChunkRules(180, 45), **output)
    assert all(check["passed"] for check in certificate["checks"])
    assert max(size_of(certificate)) == 16_382


def size_of(certificate: dict[str, Any]) -> tuple[int, int]:
    facts = next(facts for facts in (certificate.get("video"), certificate.get("picture")) if facts)
    return facts["width"], facts["height"]


def wav(path: Path, samples: bytes, *, channels: int = 1, rate: int = 8000, kind: int = 1, bits: int = 16) -> Path:
    frame = channels * bits // 8
    form = struct.pack("<HHIIHH", kind, channels, rate, rate * frame & 0xFFFFFFFF, frame, bits)
    body = b"WAVEfmt " + struct.pack("<I", 16) + form + b"data" + struct.pack("<I", len(samples)) + samples
    path.write_bytes(b"RIFF" + struct.pack("<I", len(body)) + body)
    return path


FLOATS = [math.sin(n / 10) / 10 for n in range(8000)]


@pytest.mark.parametrize(
    ("samples", "form", "code"),
    [
        (struct.pack("<8000f", *FLOATS[1:], math.nan), {"kind": 3, "bits": 32}, "decode_failed"),
        (struct.pack("<8000f", *FLOATS[1:], -math.inf), {"kind": 3, "bits": 32}, "decode_failed"),
        (struct.pack("<8000d", *FLOATS[1:], math.nan), {"kind": 3, "bits": 64}, "decode_failed"),
        (struct.pack("<8000d", *FLOATS[1:], 1e30), {"kind": 3, "bits": 64}, "accepted"),
        (b"\1\0" * 65 * 800, {"channels": 65}, "unsupported_audio"),
        (b"\1\0" * 64 * 800, {"channels": 64}, "accepted"),
        (b"\1\0" * 400, {"rate": 1}, "unsupported_audio"),
        (b"\1\0" * 40_000, {"rate": 100_000_000}, "unsupported_audio"),
    ],
)
def test_sound_that_nothing_can_work_on_is_refused(
    samples: bytes, form: dict[str, int], code: str, scratch: Path, tmp_path: Path
) -> None:
    """It ended in an exhausted memory, or in a filter that can't be set up."""
    assert outcome(partial(probe, wav(tmp_path / "odd.wav", samples, **form), scratch=scratch)) == code


def test_a_box_longer_than_any_file_is_no_matter(talk: Path, scratch: Path, tmp_path: Path) -> None:
    path = tmp_path / "long.mp4"
    path.write_bytes(talk.read_bytes() + struct.pack(">I4sQ", 1, b"uuid", 2**63 - 1) + bytes(16))
    assert probe(path, scratch=scratch).video


@pytest.mark.parametrize(
    ("name", "options"),
    [
        ("tape.mxf", [*PAL, *SINE, "-c:v", "mpeg2video", "-pix_fmt", "yuv422p", "-c:a", "pcm_s16le"]),
        ("tape.dv", [*PAL, *SINE, "-c:v", "dvvideo", "-pix_fmt", "yuv420p", "-ac", "2"]),
        ("sound.au", SINE),
        ("sound.tta", SINE),
    ],
)
def test_formats_of_studios_are_taken(name: str, options: list[str], make: Make, scratch: Path) -> None:
    info = probe(make(name, *options, "-t", "0.4", "-y"), scratch=scratch)
    assert info.audio[0].decodable
    assert info.duration_seconds == pytest.approx(0.4, abs=0.05)


@pytest.mark.parametrize("name", ["raw.h264", "raw.hevc", "raw.m2v", "raw.y4m", "raw.ivf"])
def test_what_is_not_taken_is_not_called_a_list(name: str, make: Make, scratch: Path) -> None:
    codec = ["-c:v", "libaom-av1", "-cpu-used", "8"] if name.endswith("ivf") else []
    with pytest.raises(SourceRefused, match="without a container") as caught:
        probe(make(name, *BARS, *codec, "-t", "0.4", "-y"), scratch=scratch)
    assert caught.value.error_code == "not_media"


def test_an_image_sequence_is_a_film(make: Make, scratch: Path) -> None:
    """Animated AVIF has its still beside it, as animated HEIC does."""
    moving = make("moving.avif", *BARS, "-t", "0.4", "-c:v", "libaom-av1", "-cpu-used", "8", "-y")
    main = probe(moving, scratch=scratch).main_video()
    assert main is not None
    assert (main.frame_rate, main.decodable) == ("25/1", True)
    still = make("still.avif", *BARS, "-frames:v", "1", "-c:v", "libaom-av1", "-cpu-used", "8", "-y")
    assert outcome(partial(probe, still, scratch=scratch)) == "still_image"


@pytest.mark.parametrize("codec", ["libvorbis", "libopus"])
@pytest.mark.parametrize(("channels", "code"), [("1", "accepted"), ("2", "format_changes")])
def test_no_link_of_a_long_chain_is_lost_without_a_word(
    channels: str, code: str, codec: str, make: Make, scratch: Path, tmp_path: Path
) -> None:
    """More packets than are read of a file whose header says how long it is; the links at both ends are alike."""
    tone = ["-f", "lavfi", "-i", "sine=r=48000", "-c:a", codec, "-y"]
    tone = [*tone, *(["-b:a", "32k", "-frame_duration", "5"] if codec == "libopus" else [])]
    lengths = {"begin": ("1", "110" if codec == "libopus" else "460"), "midway": (channels, "2"), "end": ("1", "2")}
    links = [
        make(f"{codec}-{n}.ogg", *tone, "-ac", ac, "-t", seconds, "-serial_offset", str(n))
        for n, (ac, seconds) in enumerate(lengths.values())
    ]
    path = tmp_path / "chained.ogg"
    path.write_bytes(b"".join(link.read_bytes() for link in links))
    assert outcome(partial(probe, path, scratch=scratch)) == code
    if code == "accepted":
        seconds = sum(float(t) for _, t in lengths.values())
        assert probe(path, scratch=scratch).duration_seconds == pytest.approx(seconds, abs=0.1)


@pytest.mark.parametrize(("channels", "code"), [("1", "accepted"), ("2", "format_changes")])
def test_no_link_of_a_chained_ogg_is_lost_without_a_word(
    channels: str, code: str, make: Make, scratch: Path, tmp_path: Path
) -> None:
    """FFmpeg reads no further than where the channels change, and calls it a success."""
    links = [make(f"link{n}.ogg", *SINE, "-ac", n, "-c:a", "libvorbis", "-y").read_bytes() for n in ("1", channels)]
    path = tmp_path / "chained.ogg"
    path.write_bytes(b"".join(links))
    assert outcome(partial(probe, path, scratch=scratch)) == code
