"""What each format means in codecs, bit rates and limits."""

from __future__ import annotations

from typing import get_args

import pytest

from dailies.domain.recipe.formats import FORMATS, LOSSLESS_FORMATS, AudioFormat, encoded_rate


def test_every_format_of_the_recipe_is_described() -> None:
    """The recipe's words and the table are one list."""
    assert set(FORMATS) == set(get_args(AudioFormat))
    assert all(form.name == name for name, form in FORMATS.items())


@pytest.mark.parametrize("name", sorted(set(FORMATS) - LOSSLESS_FORMATS))
def test_lossy_formats_have_a_bit_rate_for_each_quality(name: str) -> None:
    """More quality is more bits."""
    rates = FORMATS[name].bitrate_kbps
    assert list(rates) == ["low", "medium", "high"]
    assert rates["low"] < rates["medium"] < rates["high"]


@pytest.mark.parametrize("name", sorted(LOSSLESS_FORMATS))
def test_lossless_formats_have_none(name: str) -> None:
    """Their size is what the samples need."""
    assert FORMATS[name].bitrate_kbps == {}


@pytest.mark.parametrize("name", sorted(FORMATS))
def test_rates_ascend(name: str) -> None:
    """The search for the next rate takes the first that is enough."""
    rates = FORMATS[name].sample_rates_hz
    assert rates is None or list(rates) == sorted(rates)
    assert rates is None or rates[-1] == FORMATS[name].max_sample_rate_hz


@pytest.mark.parametrize(
    ("name", "source", "encoded"),
    [
        ("mp3", 44_100, 44_100),
        ("mp3", 44_056, 44_100),
        ("mp3", 96_000, 48_000),
        ("mp3", 6000, 8000),
        ("m4a", 96_000, 96_000),
        ("m4a", 192_000, 96_000),
        ("opus", 8000, 48_000),
        ("opus", 44_100, 48_000),
        ("wav", 44_056, 44_056),
        ("flac", 384_000, 192_000),
        ("ogg", 22_050, 22_050),
    ],
)
def test_the_sources_rate_is_kept_where_the_codec_has_it(name: str, source: int, encoded: int) -> None:
    """Else the next higher one, so that no bandwidth is lost; the highest for sources above all."""
    assert encoded_rate(name, source) == encoded
