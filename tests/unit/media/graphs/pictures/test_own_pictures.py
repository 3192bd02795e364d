"""How films of ours are decoded to be verified."""

from __future__ import annotations

from dataclasses import replace

import pytest

from dailies.media.graphs.pictures.black_bars import bars_arguments
from dailies.media.graphs.pictures.frame_list import frame_arguments
from dailies.media.graphs.pictures.own_pictures import picture_arguments
from dailies.media.run.ffmpeg_flags import DEFAULT_POLICY, guarded


@pytest.mark.parametrize("words", [frame_arguments(), picture_arguments("film.mp4", "frames.txt"), bars_arguments()])
def test_a_film_of_ours_is_decoded_by_one_thread(words: list[str]) -> None:
    """Several lose FFmpeg's note of one frame in ten that was patched up, so that a damaged film could pass."""
    assert words.count("-threads") == words.count("-i") > 0
    assert threads(words) == {"1"}
    assert threads(guarded(words, replace(DEFAULT_POLICY, decoder_threads=4))) == {"1"}, "the setting is for the others"


def threads(words: list[str]) -> set[str]:
    return {words[place + 1] for place, word in enumerate(words) if word == "-threads"}
