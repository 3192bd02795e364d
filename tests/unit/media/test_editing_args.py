"""The argument lists of edits, word by word."""

from __future__ import annotations

import shlex
from fractions import Fraction

from dailies.domain.edit.edit_list import EditList, edit_list
from dailies.domain.recipe.edit_recipe import Segment
from dailies.domain.source.audio_selection import select_audio
from dailies.domain.source.channel_layouts import STEREO_LAYOUTS
from dailies.domain.source.media_info import AudioStream, VideoStream
from dailies.media.graphs.film.editing import FilmBranch, mix_arguments, pictures_arguments
from dailies.media.graphs.film.highlight_signals import EnvelopeReader, SceneReader, scene_arguments
from dailies.media.graphs.film.muxing import film_arguments
from dailies.media.graphs.pictures.black_bars import BarReader
from dailies.media.graphs.pictures.picture import PictureParams, resolve_picture
from tests.selections import in_one_size, on_the_clock

STEREO = AudioStream(index=1, track=0, codec="aac", sample_rate_hz=48_000, channels=2, layout="stereo")
VIDEO = VideoStream(
    index=0, track=0, codec="h264", coded_width=1920, coded_height=1080, width=1920, height=1080,
    pixel_format="yuv420p", color_primaries="bt709", color_transfer="bt709", color_matrix="bt709", color_range="tv",
)  # fmt: skip
TAIL = "-fflags +bitexact -map_chapters -1 -map_metadata -1"
X264 = ["-c:v", "libx264", "-crf", "18"]
TAGS = "setparams=color_primaries=bt709:color_trc=bt709:colorspace=bt709:range=tv"


def edit(*transitions: str) -> EditList:
    """Two-second segments from 10, 20, 30 … s of a source at 25 frames a second."""
    segments = [
        Segment.model_validate({"start": 10 * n, "end": 10 * n + 2, "transition": transition})
        for n, transition in enumerate(transitions, 1)
    ]
    return edit_list(segments, [n / 25 for n in range(2000)], 80.0, Fraction(25))


def picture(**options: str) -> PictureParams:
    return resolve_picture(VIDEO, None, "refuse", "outputs.reel", **options)  # type: ignore[arg-type]


def golden(*lines: str) -> list[str]:
    return shlex.split(" ".join(lines))


def test_one_segment_of_a_bt709_source_is_cut_and_nothing_else() -> None:
    """No conversion, no scaling: exact frames, on the film's grid, as many as were counted."""
    assert pictures_arguments(edit("cut"), [FilmBranch(picture(), X264, "pictures.mp4")], 1.0) == golden(
        "-an -reinit_filter 0 -ss 9.000000 -t 5.000000 -i file:source -filter_complex",
        f"'{in_one_size('0:0', 0)}"
        ";[s1]trim=end=2.999000:start=0.999000[s2];[s2]setpts=PTS-1.000000/TB[s3];[s3]fps=eof_action=pass:fps=25/1:start_time=0[s4]"
        ";[s4]tpad=stop=-1:stop_mode=clone[s5];[s5]trim=end_frame=50[s6];[s6]format=yuv420p[s7];[s7]setsar=1[s8]"
        f";[s8]{TAGS}[s9]'",
        f"-map [s9] -f mp4 -c:v libx264 -crf 18 {TAIL} file:pictures.mp4",
    )


def test_cuts_are_joined_at_once_and_counted_anew() -> None:
    """Each segment seeks by itself; without seeking (a wrong index) each reads from the beginning."""
    words = pictures_arguments(edit("cut", "cut"), [FilmBranch(picture(), X264, "p.mp4")], 1.0)
    assert words[: words.index("-filter_complex")] == golden(
        "-an -reinit_filter 0 -ss 9.000000 -t 5.000000 -i file:source",
        "-an -reinit_filter 0 -ss 19.000000 -t 5.000000 -i file:source",
    )
    graph = words[words.index("-filter_complex") + 1]
    assert graph.endswith(
        "[s9][s19]concat=a=0:n=2:v=1[s20];[s20]settb=expr=1/25[s21];[s21]setpts=expr=N[s22];[s22]fps=fps=25/1[s23]"
        f";[s23]{TAGS}[s24]"
    )
    unsought = pictures_arguments(edit("cut", "cut"), [FilmBranch(picture(), X264, "p.mp4")], None)
    assert "-ss" not in unsought
    assert "trim=end=21.999000:start=19.999000" in unsought[unsought.index("-filter_complex") + 1]


def test_a_part_of_a_segment_is_sought_and_counted_from_the_segments_own_start() -> None:
    """To whole seconds before the frame shown first; the frames in front of it are counted and not shown."""
    part = edit("cut").part(30, 50)
    assert pictures_arguments(part, [FilmBranch(picture(), X264, "chunk.nut", "nut")], 1.0) == golden(
        "-an -reinit_filter 0 -ss 10.000000 -t 4.000000 -i file:source -filter_complex",
        f"'{in_one_size('0:0', 0)}"
        ";[s1]trim=end=1.999000:start=0.000000[s2];[s2]setpts=PTS+0.000000/TB[s3];[s3]fps=eof_action=pass:fps=25/1:start_time=0[s4]"
        ";[s4]tpad=stop=-1:stop_mode=clone[s5];[s5]trim=end_frame=50:start_frame=30[s6];[s6]setpts=PTS-STARTPTS[s7]"
        f";[s7]format=yuv420p[s8];[s8]setsar=1[s9];[s9]{TAGS}[s10]'",
        f"-map [s10] -f nut -avoid_negative_ts disabled -c:v libx264 -crf 18 {TAIL} file:chunk.nut",
    )


def test_a_crossfade_begins_where_the_next_segment_does() -> None:
    words = pictures_arguments(edit("crossfade", "fade", "cut"), [FilmBranch(picture(), X264, "p.mp4")], 1.0)
    graph = words[words.index("-filter_complex") + 1]
    # Half a second at 25 frames a second: 13 frames (half up); 50 − 13 = 37 frames in.
    assert "xfade=duration=0.520000:offset=1.480000:transition=fade" in graph
    assert "fade=n=6:s=44:t=out" in graph
    assert "fade=n=6:s=0:t=in" in graph


def test_a_film_of_another_shape() -> None:
    """Cropped in the middle; or scaled into black bars, drawn after the picture has its final colours."""
    cropped = " ".join(
        pictures_arguments(edit("cut"), [FilmBranch(picture(aspect="9:16", framing="crop"), X264, "p.mp4")], 1.0)
    )
    assert "crop=round(iw*0.316406/2)*2:round(ih*1.000000/2)*2[s7];[s7]format=yuv420p" in cropped
    assert cropped.count("scale=") == 1  # which has them all in one size
    padded = " ".join(
        pictures_arguments(edit("cut"), [FilmBranch(picture(aspect="9:16", framing="pad"), X264, "p.mp4")], 1.0)
    )
    assert "scale=1080:608:flags=bicubic" in padded
    assert "format=yuv420p[s8];[s8]pad=1080:1920:trunc((ow-iw)/4)*2:trunc((oh-ih)/4)*2:color=black" in padded


def test_a_part_may_be_shown_again() -> None:
    """ffmpeg-python would take the two inputs for one."""
    again = edit("cut", "cut")
    first, second = again.cuts
    again = EditList(rate=again.rate, cuts=(first, second.model_copy(update={"start": first.start, "end": first.end})))
    selection = select_audio(STEREO, STEREO_LAYOUTS)
    for words in (
        pictures_arguments(again, [FilmBranch(picture(), X264, "a.mp4"), FilmBranch(picture(), X264, "b.mp4")], 1.0),
        mix_arguments(again, selection, 48_000, [0, 0], 1.0, "mix.wav"),
    ):
        assert words.count("-i") == 2
        assert words.count("-thread_queue_size") == 1


def test_films_of_the_same_parts_share_what_is_decoded_and_cut() -> None:
    """Each is then shaped, joined and encoded as it would be alone."""
    shapes = [
        FilmBranch(picture(), X264, "wide.mp4"),
        FilmBranch(picture(aspect="9:16", framing="crop"), X264, "high.mp4"),
    ]
    words = pictures_arguments(edit("crossfade", "cut"), shapes, 1.0)
    assert words.count("-i") == 2
    graph = words[words.index("-filter_complex") + 1]
    assert graph.count("trim=end_frame") == 2
    assert graph.count("split=2") == 2
    assert graph.count("xfade") == 2
    assert graph.count("crop=") == 2  # of both parts of the one
    assert [word for word in words if word.endswith(".mp4")] == ["file:wide.mp4", "file:high.mp4"]


def test_the_sound_of_a_segment_is_as_long_as_its_pictures() -> None:
    """To the sample: padded, cut, given its gain, and ramped so that the cut does not click."""
    selection = select_audio(STEREO, STEREO_LAYOUTS)
    assert mix_arguments(edit("cut"), selection, 48_000, [3.25], 1.0, "mix.wav") == golden(
        "-ss 9.000000 -t 5.000000 -vn -i file:source -filter_complex",
        f"'{on_the_clock('0:1', 0)};[s2]atrim=start=1.000000[s3]"
        ";[s3]asetpts=PTS-STARTPTS[s4];[s4]apad[s5];[s5]atrim=end_sample=96000[s6]"
        ";[s6]volume=3.2500dB:precision=double[s7];[s7]afade=ns=384:ss=0:t=in[s8]"
        ";[s8]afade=ns=384:ss=95616:t=out[s9]'",
        "-map [s9] -f wav -acodec pcm_f32le -fflags +bitexact -map_metadata -1 -rf64 auto file:mix.wav",
    )
    crossed = " ".join(mix_arguments(edit("crossfade", "cut"), selection, 48_000, [0, 0], 1.0, "mix.wav"))
    assert "acrossfade=curve1=qsin:curve2=qsin:nb_samples=24960" in crossed
    assert crossed.count("afade") == 2


def test_pictures_and_sound_are_put_together_as_they_are() -> None:
    assert film_arguments("pictures.mp4", "sound.m4a", "film.mp4") == golden(
        "-i file:pictures.mp4 -i file:sound.m4a -map 0:v:0 -map 1:a:0 -f mp4 -c copy",
        f"{TAIL} -movflags +faststart file:film.mp4",
    )
    assert "sound.m4a" not in " ".join(film_arguments("pictures.mp4", None, "film.mp4"))


def test_bars_are_what_no_frame_showed_anything_in() -> None:
    """cropdetect's last word is its widest; a film that is black throughout has a negative size."""
    reader = BarReader()
    for line in ("frame:0 pts:0", "lavfi.cropdetect.w=300", "lavfi.cropdetect.h=180", "lavfi.cropdetect.w=320"):
        reader.line(line)
    assert reader.picture() == (320, 180)
    black = BarReader()
    black.line("lavfi.cropdetect.w=-318")
    assert black.picture() is None


def test_scenes_are_read_with_their_times() -> None:
    reader = SceneReader()
    for line in ("frame:0    pts:0    pts_time:0", "lavfi.scd.score=0.000", "frame:1  pts:60  pts_time:2.4"):
        reader.line(line)
    reader.line("lavfi.scd.score=31.250")
    assert reader.changes == [2.4]
    assert "nokey" in scene_arguments(0, keyframes=True)
    assert "noref" in scene_arguments(0, keyframes=False)


def test_the_envelope_keeps_silence_in_its_place() -> None:
    reader = EnvelopeReader()
    for value in ("-20.5", "-inf", "-30"):
        reader.line(f"lavfi.astats.Overall.RMS_level={value}")
    reader.line("frame:3 pts:1200")
    assert reader.levels_dbfs == [-20.5, float("-inf"), -30.0]
