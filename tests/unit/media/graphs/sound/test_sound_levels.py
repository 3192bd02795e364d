"""A run that decodes a track notes its levels on the way, by the track's own times."""

from __future__ import annotations

from pathlib import Path

from dailies.domain.source.audio_selection import Window
from dailies.media.graphs.sound.loudness import verify_arguments
from dailies.media.graphs.sound.sound_levels import Track, excerpt_arguments, read_levels, with_levels

TRACK = Track("a:0", "aac", 48_000)
WINDOWS = [Window(start=0, end=2), Window(start=5.5, end=7.5)]
NOTING = (
    "astats=metadata=1:reset=1:measure_perchannel=none:measure_overall=Peak_level,"
    "ametadata=mode=print:key=lavfi.astats.Overall.Peak_level:file="
)


def test_the_track_is_divided_before_anything_is_done_to_it() -> None:
    """What is noted is of the frames as they are decoded."""
    plain = verify_arguments("film.mp4", true_peak=True)
    noted = with_levels(plain, "film.mp4", TRACK, WINDOWS, "levels.txt")
    place = plain.index("-filter_complex") + 1
    chosen = "aselect='between(t,0.000,2.000)+between(t,5.500,7.500)'"
    assert noted[place] == (
        f"[0:a:0]asplit=2[hearda0][noteda0];[noteda0]{chosen},{NOTING}levels.txt,anullsink;"
        + plain[place].replace("[0:a:0]", "[hearda0]")
    )
    assert [*noted[:place], *noted[place + 1 :]] == [*plain[:place], *plain[place + 1 :]]


def test_frames_that_are_long_are_made_short() -> None:
    """A level is of a fiftieth of a second."""
    noted = with_levels(
        verify_arguments("film.mp4", true_peak=True), "film.mp4", Track("a:0", "flac", 44_100), WINDOWS, "levels.txt"
    )
    assert "',asetnsamples=882:p=0,astats" in noted[noted.index("-filter_complex") + 1]


def test_what_does_not_read_the_track_stays_as_it_is() -> None:
    """Another file, another track, no window."""
    plain = verify_arguments("film.mp4", true_peak=True)
    assert with_levels(plain, "source", TRACK, WINDOWS, "levels.txt") == plain
    assert with_levels(plain, "film.mp4", Track("1", "aac", 48_000), WINDOWS, "levels.txt") == plain
    assert with_levels(plain, "film.mp4", TRACK, [], "levels.txt") == plain


def test_excerpts_are_sought_each_by_itself() -> None:
    """In one run."""
    arguments = excerpt_arguments(TRACK, [0.0, 40.0], [Window(start=0, end=2), Window(start=1, end=3)], ["a", "b"])
    assert arguments == [
        *("-vn", "-ss", "0.000000", "-t", "2.000000", "-i", "file:source"),
        *("-vn", "-ss", "40.000000", "-t", "3.000000", "-i", "file:source", "-filter_complex"),
        ";".join(
            [
                f"[0:a:0]aselect='between(t,0.000,2.000)',{NOTING}a[noted0]",
                f"[1:a:0]aselect='between(t,1.000,3.000)',{NOTING}b[noted1]",
            ]
        ),
        *("-map", "[noted0]", "-map", "[noted1]", "-f", "null", "-"),
    ]


def test_levels_are_read_with_their_times(tmp_path: Path) -> None:
    """Silence is as quiet as can be; the file is gone."""
    file = tmp_path / "levels.txt"
    file.write_text(
        "frame:0    pts:0       pts_time:0\nlavfi.astats.Overall.Peak_level=-12.5\n"
        "frame:1    pts:1024    pts_time:0.0213333\nlavfi.astats.Overall.Peak_level=-inf\n"
    )
    levels = read_levels(file)
    assert (levels.times, levels.decibels) == ([0.0, 0.0213333], [-12.5, -200.0])
    assert not file.exists()
    assert read_levels(file).times == ()
