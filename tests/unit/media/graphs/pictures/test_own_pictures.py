"""How films of ours are decoded to be verified."""

from __future__ import annotations

import pytest

from dailies.media.graphs.pictures.frame_list import frame_arguments
from dailies.media.graphs.pictures.own_pictures import picture_arguments


@pytest.mark.parametrize("words", [frame_arguments(), picture_arguments("film.mp4", "frames.txt")])
def test_a_film_of_ours_is_decoded_by_one_thread(words: list[str]) -> None:
    """Several lose FFmpeg's note of one frame in ten that was patched up, so that a damaged film could pass."""
    assert words.count("-threads") == words.count("-i") > 0
    assert {words[place + 1] for place, word in enumerate(words) if word == "-threads"} == {"1"}
