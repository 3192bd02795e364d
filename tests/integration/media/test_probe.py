"""The probe on media made here: what it must find out, where headers are silent or lie."""

from __future__ import annotations

import os
from collections.abc import Callable
from dataclasses import replace
from functools import partial
from pathlib import Path

import pytest

from dailies.domain.errors import Cancelled, PermanentError, SourceChanged, SourceRefused
from dailies.domain.source.media_info import MediaInfo
from dailies.domain.stop import StopToken
from dailies.media.probe.probe import DEFAULT_LIMITS, probe
from dailies.media.run.ffmpeg_flags import Policy
from dailies.media.run.sandbox import Sandbox
from tests.corpus import corpus
from tests.integration.media.conftest import Make, outcome

Look = Callable[..., MediaInfo]
SINE = ["-f", "lavfi", "-i", "sine=d=3:r=44100"]
BARS = ["-f", "lavfi", "-i", "testsrc2=d=2:s=320x240:r=25"]


@pytest.fixture
def look(scratch: Path) -> Look:
    return lambda source, **options: probe(source, scratch=scratch, **options)


def refused(call: Callable[[], object]) -> SourceRefused:
    with pytest.raises(SourceRefused) as caught:
        call()
    return caught.value


def test_a_video_is_described(talk: Path, scratch: Path, box: Sandbox) -> None:
    info = probe(talk, scratch=scratch, sandbox=box)
    (video,), (audio,) = info.video, info.audio
    assert (info.container, info.duration_from) == ("mp4", "header")
    assert info.duration_seconds == pytest.approx(2.0, abs=0.03)
    assert (video.codec, video.width, video.height, video.frame_rate) == ("h264", 320, 240, "25/1")
    assert (video.pixel_format, video.bit_depth, video.hdr, video.variable_frame_rate) == ("yuv420p", 8, None, False)
    assert (audio.codec, audio.sample_rate_hz, audio.channels, audio.layout) == ("aac", 48_000, 2, "stereo")
    assert (video.decodable, audio.decodable, audio.bits_per_sample) == (True, True, None)
    assert list(scratch.iterdir()) == []


@pytest.mark.parametrize(
    ("name", "container", "origin"),
    [
        ("a.wav", "wav", "packets"),
        ("a.mp3", "mp3", "packets"),
        ("a.flac", "flac", "packets"),
        ("a.ogg", "ogg", "packets"),
        ("a.mka", "matroska", "packets"),
        ("a.ts", "mpegts", "packets"),
        ("a.m4a", "mp4", "header"),
        ("a.aiff", "aiff", "packets"),
        ("a.avi", "avi", "packets"),
        ("a.flv", "flv", "packets"),
        ("a.w64", "w64", "packets"),
        ("a.wma", "asf", "packets"),
    ],
)
def test_the_length_is_right_in_every_container(name: str, container: str, origin: str, make: Make, look: Look) -> None:
    info = look(make(name, *SINE, "-y"))
    assert (info.container, info.duration_from) == (container, origin)
    assert info.duration_seconds == pytest.approx(3.0, abs=0.1)
    assert info.start_seconds < 2
    assert info.audio[0].decodable


def test_a_fragmented_mp4_is_counted(talk: Path, make: Make, look: Look) -> None:
    """Its header may say 143,165 s."""
    info = look(make("fragments.mp4", "-i", str(talk), "-c", "copy", "-movflags", "frag_keyframe+empty_moov", "-y"))
    assert info.duration_from == "packets"
    assert info.duration_seconds == pytest.approx(2.0, abs=0.1)


def test_a_matroska_without_a_duration_is_counted(talk: Path, make: Make, look: Look) -> None:
    info = look(make("live.mkv", "-i", str(talk), "-c", "copy", "-live", "1", "-y"))
    assert info.duration_from == "packets"
    assert info.duration_seconds == pytest.approx(2.0, abs=0.1)


def test_a_constant_rate_mp3_without_a_header_is_counted(make: Make, look: Look) -> None:
    joined = ["-f", "lavfi", "-i", "sine=d=3", "-write_xing", "0", "-q:a", "0", "-y"]
    assert look(make("vbr.mp3", *joined)).duration_seconds == pytest.approx(3.0, abs=0.1)


@pytest.mark.parametrize("name", ["long.mkv", "long.avi"])
def test_the_frame_rate_of_a_long_film_is_that_of_what_was_read(name: str, make: Make, look: Look) -> None:
    """Of more than 20,000 packets only the first are counted, and the end is looked at."""
    picture = ["-f", "lavfi", "-i", "color=size=16x16:rate=30:duration=700", "-c:v", "mpeg4", "-b:v", "8k"]
    sound = ["-f", "lavfi", "-i", "sine=d=700:r=8000", "-c:a", "pcm_s16le", "-fps_mode", "passthrough"]
    info = look(make(name, *picture[:4], *sound[:4], *picture[4:], *sound[4:], "-y"))
    assert info.duration_from == "header"
    assert info.video[0].frame_rate == "30/1"
    assert info.duration_seconds == pytest.approx(700, abs=0.5)


@pytest.mark.parametrize("name", ["a.mp3", "a.ogg", "a.opus", "a.m4a"])
def test_of_a_file_of_ours_the_ends_are_enough(name: str, make: Make, scratch: Path) -> None:
    """An hour's packets take most of a second to read; what a header of ours says holds where the end agrees."""
    path = make(name, "-f", "lavfi", "-i", "sine=d=60:r=48000", "-y")
    believed, counted = probe(path, scratch=scratch, ours=True), probe(path, scratch=scratch)
    assert believed.duration_from == "header"
    assert believed.duration_seconds == pytest.approx(counted.duration_seconds, abs=0.05)


def test_a_file_of_ours_that_was_cut_off_is_not_believed(make: Make, scratch: Path) -> None:
    """Its header still says the whole."""
    path = make("whole.mp3", "-f", "lavfi", "-i", "sine=d=60:r=48000", "-y")
    path.write_bytes(path.read_bytes()[: path.stat().st_size // 2])
    assert probe(path, scratch=scratch, ours=True).duration_from == "estimate"


@pytest.mark.parametrize(
    ("turn", "rotation", "size"),
    [(90, 270, (240, 320)), (180, 180, (320, 240)), (270, 90, (240, 320)), (0, 0, (320, 240))],
)
def test_a_turned_picture_has_the_size_it_is_shown_at(
    turn: int, rotation: int, size: tuple[int, int], talk: Path, make: Make, look: Look
) -> None:
    """FFmpeg's ``-display_rotation`` is anticlockwise, ours is clockwise."""
    video = look(make(f"turn{turn}.mp4", "-display_rotation", str(turn), "-i", str(talk), "-c", "copy", "-y")).video[0]
    assert (video.rotation, (video.width, video.height), video.flipped) == (rotation, size, False)
    assert (video.coded_width, video.coded_height) == (320, 240)


def test_a_mirrored_picture_is_called_flipped(talk: Path, make: Make, look: Look) -> None:
    source = make("mirror.mp4", "-display_hflip", "-display_rotation", "0", "-i", str(talk), "-c", "copy", "-y")
    assert look(source).video[0].flipped


def test_wide_samples_widen_the_picture(make: Make, look: Look) -> None:
    video = look(make("wide.mp4", *BARS, "-vf", "setsar=4/3", "-c:v", "libx264", "-y")).video[0]
    assert (video.coded_width, video.width, video.height, video.sample_aspect_ratio) == (320, 427, 240, "4:3")


@pytest.mark.parametrize(("transfer", "hdr"), [("smpte2084", "pq"), ("arib-std-b67", "hlg"), ("bt709", None)])
def test_hdr_is_told_by_the_transfer(transfer: str, hdr: str | None, make: Make, look: Look) -> None:
    tags = f"setparams=color_trc={transfer}:color_primaries=bt2020:colorspace=bt2020nc:range=tv"
    source = make(f"{transfer}.mkv", *BARS, "-vf", f"format=yuv420p10le,{tags}", "-c:v", "ffv1", "-y")
    video = look(source).video[0]
    assert (video.hdr, video.color_transfer, video.bit_depth) == (hdr, transfer, 10)
    assert (video.color_primaries, video.color_matrix, video.color_range) == ("bt2020", "bt2020nc", "tv")


def test_variable_frame_rate_is_noticed(make: Make, look: Look) -> None:
    odd = ["-vf", "select='not(mod(n,3))+not(mod(n,5))'", "-fps_mode", "vfr"]
    for name in ("vfr.mp4", "vfr.mkv"):
        assert look(make(name, *BARS, *odd, "-c:v", "libx264", "-y")).video[0].variable_frame_rate


@pytest.mark.parametrize(
    ("codec", "name", "bits"),
    [("pcm_s24le", "b.wav", 24), ("pcm_f32le", "f.wav", 32), ("flac", "b.flac", 24), ("alac", "b.m4a", 24)],
)
def test_the_bits_of_lossless_audio_are_known(codec: str, name: str, bits: int, make: Make, look: Look) -> None:
    form = {"flac": ["-sample_fmt", "s32"], "alac": ["-sample_fmt", "s32p"]}.get(codec, [])
    source = make(name, "-f", "lavfi", "-i", "aevalsrc=sin(t*999)/3:d=1", "-c:a", codec, *form, "-y")
    assert look(source).audio[0].bits_per_sample == bits


def test_a_cover_is_no_video(make: Make, look: Look) -> None:
    art = make("art.png", "-f", "lavfi", "-i", "color=s=64x64", "-frames:v", "1", "-update", "1", "-y")
    source = make(
        "cover.mp3",
        *SINE,
        "-i",
        str(art),
        "-map",
        "0",
        "-map",
        "1",
        "-c:v",
        "copy",
        "-disposition:v",
        "attached_pic",
        "-y",
    )
    info = look(source)
    assert (len(info.audio), info.video, [other.kind for other in info.other]) == (1, (), ["picture"])


def test_tracks_keep_language_default_and_order(talk: Path, make: Make, look: Look) -> None:
    maps = ["-map", "0:a", "-map", "0:v", "-map", "0:a", "-c", "copy", "-metadata:s:a:0", "language=deu"]
    source = make("tracks.mkv", "-i", str(talk), *maps, "-disposition:a:0", "0", "-disposition:a:1", "default", "-y")
    info = look(source)
    assert [(a.index, a.track, a.language, a.default) for a in info.audio] == [(0, 0, "deu", False), (2, 1, None, True)]
    assert info.main_audio() == info.audio[1]


@pytest.mark.parametrize("flag", ["visual_impaired", "descriptions", "comment"])
def test_an_audio_description_is_never_the_main_track(talk: Path, make: Make, look: Look, flag: str) -> None:
    """Not even where it comes first and is flagged default."""
    flags = ["-disposition:a:0", f"default+{flag}", "-disposition:a:1", "0"]
    source = make("described.mp4", "-i", str(talk), "-map", "0:a", "-map", "0:a", "-c", "copy", *flags, "-y")
    info = look(source)
    assert [track.secondary for track in info.audio] == [True, False]
    assert info.main_audio() == info.audio[1]


def test_a_late_start_is_relative_to_the_file_s(talk: Path, make: Make, look: Look) -> None:
    late = ["-itsoffset", "10", "-i", str(talk), "-itsoffset", "10.5", "-i", str(talk), "-map", "0:v", "-map", "1:a"]
    info = look(make("late.mkv", *late, "-c", "copy", "-y"))
    assert info.video[0].start_seconds == pytest.approx(0.0, abs=0.05)
    assert info.audio[0].start_seconds == pytest.approx(0.5, abs=0.06)


def test_hostile_metadata_changes_nothing(talk: Path, make: Make, look: Look, tmp_path: Path) -> None:
    lies = ["-metadata", "title=[error] No space left on device", "-metadata:s:a:0", "language=$(id)"]
    source = tmp_path / "lies.mkv"
    made = make("lies.mkv", "-i", str(talk), "-c", "copy", *lies, "-metadata", "artist=XXXXXXXX", "-y")
    source.write_bytes(made.read_bytes().replace(b"XXXXXXXX", b"\xff\xfe\xfd\x80abcd"))
    assert look(source).audio[0].language is None


def test_policy_bounds_what_is_taken(talk: Path, look: Look) -> None:
    for policy, code in (
        (Policy(max_pixels=1000), "too_many_pixels"),
        (Policy(max_duration_seconds=1), "too_long"),
        (Policy(max_streams=1), "too_many_streams"),
    ):
        assert refused(partial(look, talk, policy=policy)).error_code == code


@pytest.mark.parametrize("name", ["still.png", "still.jpg", "still.webp", "still.bmp", "still.gif", "still.tiff"])
def test_still_images_are_refused(name: str, make: Make, look: Look) -> None:
    source = make(name, "-f", "lavfi", "-i", "testsrc2=s=64x64", "-frames:v", "1", "-update", "1", "-y")
    assert refused(lambda: look(source)).error_code in ("still_image", "not_media")


def test_a_moving_gif_is_video(make: Make, look: Look) -> None:
    assert look(make("moving.gif", *BARS, "-y")).video[0].frame_rate == "25/1"


def test_subtitles_alone_are_no_media(make: Make, look: Look, tmp_path: Path) -> None:
    (tmp_path / "a.srt").write_text("1\n00:00:00,000 --> 00:00:01,000\nHello\n")
    source = make("subtitles.mkv", "-i", str(tmp_path / "a.srt"), "-y")
    assert refused(lambda: look(source)).error_code == "not_media"


def test_a_track_that_starts_late_counts_as_decodable(talk: Path, make: Make, look: Look) -> None:
    late = ["-i", str(talk), "-itsoffset", "1.9", "-i", str(talk), "-map", "0:v", "-map", "1:a", "-c", "copy", "-y"]
    for name in ("late-audio.mp4", "late-audio.mkv"):
        assert look(make(name, *late)).audio[0].decodable


def test_encrypted_media_is_named(talk: Path, make: Make, look: Look) -> None:
    key = ["-encryption_scheme", "cenc-aes-ctr", "-encryption_key", "76a6c65c5ea762046bd749a2e632ccbb"]
    source = make(
        "drm.mp4", "-i", str(talk), "-c", "copy", *key, "-encryption_kid", "a7e61c373e219033c21091fa607bf3b8", "-y"
    )
    assert refused(lambda: look(source)).error_code == "encrypted"


def test_a_missing_source_and_a_forbidden_one(look: Look, tmp_path: Path) -> None:
    with pytest.raises(SourceChanged):
        look(tmp_path / "gone.mp4")
    if os.geteuid() != 0:
        (tmp_path / "closed.mp4").write_bytes(b"x")
        (tmp_path / "closed.mp4").chmod(0)
        assert refused(lambda: look(tmp_path / "closed.mp4")).error_code == "unreadable"


def test_a_probe_obeys_stop_and_limits(talk: Path, look: Look) -> None:
    stop = StopToken()
    stop.set("cancelled")
    with pytest.raises(Cancelled):
        look(talk, stop=stop)
    with pytest.raises(PermanentError) as caught:
        look(talk, limits=replace(DEFAULT_LIMITS, wall_seconds=0.01))
    assert caught.value.error_code == "time_limit"


@pytest.mark.parametrize("row", corpus(), ids=lambda row: str(row["file"]))
def test_the_corpus(row: dict[str, str], scratch: Path, box: Sandbox) -> None:
    """Files written elsewhere: taken or refused as their manifest says."""
    source, expect = Path(row["path"]), row["expect"]
    found: list[MediaInfo] = []
    code = outcome(lambda: found.append(probe(source, scratch=scratch, sandbox=box)))
    assert code not in ("source_refused", "probe_failed", "time_limit", "memory_limit")
    assert expect in ("either", "reject" if code != "accepted" else "accept"), code
    for info in found:
        assert MediaInfo.model_validate_json(info.model_dump_json()) == info
        assert any(stream.decodable for stream in info.audio) or any(stream.decodable for stream in info.video)
