"""A track laid out as samples."""

from __future__ import annotations

from dailies.media.graphs.sound.redaction import track_arguments
from tests.selections import on_the_clock, selection_of


def test_a_track_is_laid_out_on_the_sources_clock_without_its_tags() -> None:
    assert track_arguments(selection_of(0, 1), "redacted.wav") == [
        "-vn", "-i", "file:source", "-filter_complex", on_the_clock("0:0", 0, layout="FC"), "-map", "[s2]",
        "-f", "wav", "-acodec", "pcm_f32le", "-fflags", "+bitexact", "-map_metadata", "-1", "-rf64", "auto",
        "file:redacted.wav",
    ]  # fmt: skip
