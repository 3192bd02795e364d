"""The argument lists of representative renders, word by word."""

from __future__ import annotations

import shlex

from dailies.domain.loudness.level import Level
from dailies.domain.source.audio_selection import Window, select_audio
from dailies.domain.source.channel_layouts import LAYOUTS, STEREO_LAYOUTS
from dailies.domain.source.media_info import AudioStream, VideoStream
from dailies.media.graphs.film.encoding import AudioEncoding, audio_encoding
from dailies.media.graphs.film.rendering import AudioBranch, PictureBranch, Rendering, render_arguments
from dailies.media.graphs.pictures.picture import resolve_picture
from tests.selections import in_one_size, on_the_clock

STEREO = AudioStream(index=1, track=0, codec="aac", sample_rate_hz=48_000, channels=2, layout="stereo")
VIDEO = VideoStream(
    index=0, track=0, codec="h264", coded_width=1920, coded_height=1080, width=1920, height=1080,
    pixel_format="yuv420p", color_primaries="bt709", color_transfer="bt709", color_matrix="bt709", color_range="tv",
)  # fmt: skip
SELECTION = select_audio(STEREO, STEREO_LAYOUTS)
LIMITED = Level(mode="limited", gain_db=6.1, limiter_ceiling_dbfs=-1.7, reason="")
TAIL = "-fflags +bitexact -map_chapters -1 -map_metadata -1"
X264 = (
    "-c:v libx264 -color_primaries bt709 -color_range tv -color_trc bt709 -colorspace bt709 -crf 23"
    " {tail} -movflags +faststart -pix_fmt yuv420p -preset fast -profile:v high -threads:v 6"
)


def sound(name: str, level: Level | None = None) -> AudioBranch:
    return AudioBranch(SELECTION, audio_encoding(name, "high", STEREO, SELECTION, processed=True), level)


def copied(name: str) -> AudioBranch:
    encoding = AudioEncoding(format=name, codec="aac", copied=True, sample_rate_hz=48_000, channels=2)
    return AudioBranch(SELECTION, encoding)


def picture(height: int | None = None) -> PictureBranch:
    return PictureBranch(0, resolve_picture(VIDEO, height, "refuse", "outputs.web"), "medium")


def golden(*lines: str) -> list[str]:
    return shlex.split(" ".join(lines))


def test_audio_trimmed_and_levelled() -> None:
    """Decoded from the first sample, cut by timestamps, gain and limiter at the encoder's rate."""
    rendering = Rendering("output-0.mp3", "mp3", Window(start=1.5, end=4), sound("mp3", LIMITED), None)
    assert render_arguments([rendering]) == golden(
        "-t 9.000000 -vn -i file:source -filter_complex",
        f"'{on_the_clock('0:1', 0)}"
        ";[s2]atrim=end=4.000000:start=1.500000[s3];[s3]asetpts=PTS-STARTPTS[s4];[s4]aresample=48000[s5]"
        ";[s5]volume=6.1000dB:precision=double[s6]"
        ";[s6]alimiter=attack=10:latency=1:level=0:limit=0.822243:release=100[s7]'",
        "-map [s7] -f mp3 -ar 48000 -b:a 256000 -c:a libmp3lame",
        TAIL,
        "file:output-0.mp3",
    )


def test_audio_copied() -> None:
    """Nothing is decoded: the stream is mapped to the muxer as it is."""
    rendering = Rendering("output-0.m4a", "ipod", Window(), copied("m4a"), None)
    assert render_arguments([rendering]) == golden(
        "-vn -i file:source -map 0:1 -f ipod -c:a copy", TAIL, "-movflags +faststart file:output-0.m4a"
    )


def test_video_scaled() -> None:
    """Pictures from an input of their own, the index in front."""
    rendering = Rendering("output-0.mp4", "mp4", Window(), None, picture(720))
    assert render_arguments([rendering]) == golden(
        "-an -reinit_filter 0 -i file:source -filter_complex",
        f"'{in_one_size('0:0', 0)};[s1]fps=eof_action=pass:fps=30/1:start_time=0.000000[s2]"
        ";[s2]scale=1280:720:flags=bicubic[s3];[s3]format=yuv420p[s4];[s4]setsar=1[s5]"
        ";[s5]setparams=color_primaries=bt709:color_trc=bt709:colorspace=bt709:range=tv[s6]'",
        "-map [s6] -f mp4",
        X264.format(tail="-fflags +bitexact -fpsmax 60 -map_chapters -1 -map_metadata -1"),
        "file:output-0.mp4",
    )


def test_video_trimmed_seeks_its_pictures_only() -> None:
    """The pictures' input seeks and is cut from there; the sound's is read from the start."""
    rendering = Rendering("output-0.mp4", "mp4", Window(start=10, end=20), sound("m4a"), picture())
    found = render_arguments([rendering])
    first, second = (index for index, word in enumerate(found) if word == "-i")
    assert {" ".join(found[:first]), " ".join(found[first + 2 : second])} == {
        "-an -noaccurate_seek -reinit_filter 0 -ss 10.000000 -t 15.000000",
        "-t 25.000000 -vn",
    }
    graph = found[found.index("-filter_complex") + 1]
    assert "fps=eof_action=pass:fps=30/1:start_time=0.000000[s3];[s3]trim=end_frame=300[s4]" in graph
    assert "atrim=end=20.000000:start=10.000000" in graph


def test_pictures_and_sound_copied() -> None:
    """A remux maps one stream of each input and encodes nothing."""
    found = render_arguments(
        [Rendering("output-0.mp4", "mp4", Window(), copied("m4a"), PictureBranch(0, None, "high"))]
    )
    assert "-filter_complex" not in found
    assert [found[index + 1] for index, word in enumerate(found) if word in ("-c:a", "-c:v")] == ["copy", "copy"]


def test_several_outputs_share_one_decode() -> None:
    """One input is decoded and split; each output has its own cut, gain and encoder, in the order asked for."""
    renderings = [
        Rendering("output-0.mp3", "mp3", Window(), sound("mp3", LIMITED), None),
        Rendering("output-1.flac", "flac", Window(end=30), sound("flac"), None),
    ]
    assert render_arguments(renderings) == golden(
        "-vn -i file:source -filter_complex",
        f"'{on_the_clock('0:1', 0)};[s2]asplit=2[s3][s4]"
        ";[s4]aresample=48000[s5];[s5]volume=6.1000dB:precision=double[s6]"
        ";[s6]alimiter=attack=10:latency=1:level=0:limit=0.822243:release=100[s7]"
        ";[s3]atrim=end=30.000000:start=0.000000[s8];[s8]asetpts=PTS-STARTPTS[s9]'",
        "-map [s7] -f mp3 -ar 48000 -b:a 256000 -c:a libmp3lame",
        TAIL,
        "file:output-0.mp3",
        "-map [s9] -f flac -ar 48000 -c:a flac",
        TAIL,
        "-sample_fmt s16 file:output-1.flac",
    )


def test_no_name_but_ours_is_in_the_arguments() -> None:
    """The source and the outputs go by fixed names: no string of a user's reaches FFmpeg."""
    found = render_arguments([Rendering("output-0.mp3", "mp3", Window(), sound("mp3"), None)])
    assert [word for word in found if word.startswith("file:")] == ["file:source", "file:output-0.mp3"]


def test_a_track_is_heard_in_several_ways_at_once() -> None:
    """5.1 stays that in two formats and becomes stereo in a third: decoded once, brought to the clock by each."""
    surround = STEREO.model_copy(update={"channels": 6, "layout": "5.1"})
    selections = [select_audio(surround, kept) for kept in (STEREO_LAYOUTS, LAYOUTS, LAYOUTS)]
    branches = [
        AudioBranch(selection, audio_encoding(form, "high", surround, selection, processed=True))
        for form, selection in zip(("mp3", "flac", "opus"), selections, strict=True)
    ]
    graph = " ".join(render_arguments([Rendering(f"o{n}", "x", Window(), b, None) for n, b in enumerate(branches)]))
    assert graph.count("[0:1]asplit=2") == 1
    assert (graph.count("first_pts=0"), graph.count("pan=")) == (2, 1)
