"""What our font can draw."""

from __future__ import annotations

import pytest
from hypothesis import given, strategies as st

from dailies.domain.subtitles.glyphs import covered, lacking
from dailies.media.run.fonts import font_files


def test_our_font_has_the_scripts_that_it_is_said_to_have() -> None:
    """In both files: of a word of each, nothing is lacking."""
    for font in font_files():
        there = covered(font.read_bytes())
        assert lacking("Ångström fiancée Łódź ¿qué? Ελλάδα Київ नमस्ते “—” 1½ €\n", there) == []
        assert lacking("日本語 日 עברית", there)[:3] == ["日", "本", "語"]


@given(st.binary(max_size=200))
def test_what_is_no_font_is_refused(data: bytes) -> None:
    with pytest.raises(ValueError, match="font"):
        covered(data)
