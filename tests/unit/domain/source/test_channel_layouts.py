"""Where each channel of every layout goes, in every format."""

from __future__ import annotations

import math

import pytest

from dailies.domain.recipe.formats import FORMATS
from dailies.domain.source.channel_layouts import LAYOUTS, Positions, fold, kept_as, positions_of


def side(position: str) -> int:
    """-1 left, 0 in the middle, 1 right."""
    last = position[1] if position in ("FLC", "FRC") else position[-1]
    return (last == "R") - (last == "L")


def is_near(position: str, into: set[str], target: Positions) -> bool:
    """Whether a channel that became ``into`` of ``target`` is heard where it was, or from its neighbours."""
    if position in target:
        return into == {position}
    if position.startswith("LFE"):
        return into in (set(), {"LFE"})
    sides = {side(each) for each in into}
    if target == ("FC",) or not side(position):
        return sides in ({0}, {-1, 1})
    return bool(into) and sides <= {side(position), 0}


@pytest.mark.parametrize("form", FORMATS)
def test_every_layout_has_its_place_in_every_format(form: str) -> None:
    """A channel stays where it is, or goes to its neighbours of the same side; nothing can clip, nothing but LFE is
    lost."""
    for name, source in LAYOUTS.items():
        layout = kept_as(source, FORMATS[form].layouts)
        target = LAYOUTS[layout]
        matrix = fold(source, target)
        if name in FORMATS[form].layouts:
            assert (layout, matrix) == (name, None)
            continue
        assert matrix is not None, name
        assert max(sum(row) for row in matrix) <= 1 + 1e-6, name
        for number, position in enumerate(source):
            gains = {target[n]: row[number] for n, row in enumerate(matrix) if row[number] > 0}
            assert is_near(position, set(gains), target), (name, position, gains)
            assert max(gains.values(), default=0) == pytest.approx(min(gains.values(), default=0)), (name, position)


@pytest.mark.parametrize(
    ("name", "form", "layout"),
    [
        ("5.1(side)", "opus", "5.1"), ("5.1(side)", "m4a", "5.1"), ("5.1(side)", "flac", "5.1(side)"),
        ("5.0(side)", "ogg", "5.0"), ("quad(side)", "ogg", "quad"), ("4.0", "ogg", "5.0"), ("4.0", "opus", "5.1"),
        ("5.0", "opus", "5.1"), ("6.1", "opus", "7.1"), ("6.1", "ogg", "6.1"), ("4.0", "m4a", "4.0"),
        ("3.0(back)", "opus", "quad"), ("2.1", "opus", "5.1"), ("6.1(back)", "ogg", "6.1"), ("7.0", "opus", "7.1"),
        ("hexagonal", "opus", "5.1"), ("hexagonal", "ogg", "6.1"), ("7.1(wide)", "opus", "5.1"),
        ("cube", "opus", "quad"), ("22.2", "wav", "7.1"), ("downmix", "m4a", "stereo"), ("7.1", "mp3", "stereo"),
        ("mono", "mp3", "mono"), ("binaural", "wav", "stereo"),
    ],
)  # fmt: skip
def test_the_nearest_layout_is_chosen(name: str, form: str, layout: str) -> None:
    """The smallest in which most channels have a place of their own."""
    assert kept_as(LAYOUTS[name], FORMATS[form].layouts) == layout


@pytest.mark.parametrize("name", ["5.1(side)", "5.0(side)", "quad(side)", "6.1(back)", "3.0(back)", "4.0", "hexagonal"])
def test_channels_that_only_change_their_name_keep_their_level(name: str) -> None:
    """Side for back, or one centre at the back for two loudspeakers there, at the same power."""
    source = LAYOUTS[name]
    matrix = fold(source, LAYOUTS[kept_as(source, FORMATS["ogg"].layouts)])
    assert matrix is not None
    for number in range(len(source)):
        assert math.hypot(*(row[number] for row in matrix)) == pytest.approx(1.0)


def test_the_downmix_is_that_of_the_itu() -> None:
    """BS.775-4: centre and surrounds at -3 dB, LFE dropped, scaled to full scale."""
    matrix = fold(LAYOUTS["5.1(side)"], LAYOUTS["stereo"])
    assert matrix is not None
    scale = 1 / (1 + math.sqrt(2))
    minus_3 = scale * math.sqrt(0.5)
    assert matrix[0] == pytest.approx((scale, 0, minus_3, 0, minus_3, 0))
    assert matrix[1] == pytest.approx((0, scale, minus_3, 0, 0, minus_3))
    assert fold(LAYOUTS["stereo"], LAYOUTS["mono"]) == ((0.5, 0.5),)


@pytest.mark.parametrize(
    ("layout", "channels", "expected"),
    [
        ("5.1(side)", 6, LAYOUTS["5.1(side)"]),
        (None, 6, LAYOUTS["5.1"]),
        (None, 10, None),
        ("3 channels (FL+FC+LFE2)", 3, ("FL", "FC", "LFE2")),
        ("3 channels (FL+USR70+LFE2)", 3, None),
        ("ambisonic 1", 4, None),
    ],
)
def test_layouts_are_read_as_ffmpeg_describes_them(
    layout: str | None, channels: int, expected: tuple[str, ...] | None
) -> None:
    """By name, by list, or what a number of channels is taken for."""
    assert positions_of(layout, channels) == expected
