"""Of a picture that its container or its decoder crops comes out what players show, through every kind of output."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path

import pytest

from dailies.domain.errors import SourceRefused
from dailies.media.ffmpeg import FFmpeg
from tests.croppings import with_clean_aperture, with_picture_region, with_pixel_crop
from tests.integration.media.cards import CORNERS, SOUND, WISHES, X264, card, looks, shown
from tests.integration.media.conftest import Make
from tests.integration.media.films import WHOLE, Bench, bench_of

SIZE = (320, 180)
CROP = (48, 20, 32, 40)
LEFT = (240, 120)
FILES = ("pixel.mkv", "clap.mp4", "clap.mov")


@pytest.fixture
def cropped(make: Make, tmp_path: Path) -> Callable[[str], Path]:
    """One of ``FILES``; what is outside of its picture is magenta."""

    def of(name: str) -> Path:
        plain = make(name, *card(*SIZE, CROP), *X264, "-y")
        if name.endswith("mkv"):
            return with_pixel_crop(plain, tmp_path / name, CROP)
        return with_clean_aperture(plain, tmp_path / name, SIZE, CROP)

    return of


@pytest.mark.parametrize("name", FILES)
def test_the_probe_tells_what_is_left(bench: Bench, cropped: Callable[[str], Path], name: str) -> None:
    """Coded and shown size, and the margins."""
    video = bench.look(cropped(name)).video[0]
    assert (video.coded_width, video.coded_height, video.cropping) == (*SIZE, CROP)
    assert (video.width, video.height, video.sample_aspect_ratio) == (*LEFT, "1:1")


@pytest.mark.parametrize(
    ("name", "wish"), [*(("pixel.mkv", wish) for wish in WISHES), ("clap.mp4", "video"), ("clap.mp4", "thumbnail")]
)
def test_a_container_that_crops_is_obeyed(
    binary: FFmpeg, bundled: FFmpeg, cropped: Callable[[str], Path], name: str, wish: str, tmp_path: Path
) -> None:
    """By both FFmpegs, of which one would crop by itself: the corners are the picture's."""
    found = shown(bundled, bench_of(binary, tmp_path), cropped(name), wish, rules=WHOLE)
    assert set(found) == {(LEFT, CORNERS)}


def test_what_is_cropped_is_never_copied(bench: Bench, bundled: FFmpeg, cropped: Callable[[str], Path]) -> None:
    """A film for which nothing is asked: a copy would show the margins again, in some players."""
    made, certificate, _ = bench.make(cropped("clap.mp4"), WHOLE, kind="video", quality=None)
    assert not certificate["copied"]
    assert set(looks(bundled, made)) == {(LEFT, CORNERS)}


@pytest.mark.parametrize(
    ("turn", "corners"),
    [
        (["-display_rotation", "-90"], ("blue", "red", "yellow", "lime")),
        (["-display_rotation", "180"], ("yellow", "blue", "lime", "red")),
        (["-display_rotation", "90"], ("lime", "yellow", "red", "blue")),
        (["-display_hflip"], ("lime", "red", "yellow", "blue")),
        (["-display_vflip"], ("blue", "yellow", "red", "lime")),
        (["-display_rotation", "90", "-display_hflip"], ("yellow", "lime", "blue", "red")),
        (["-display_rotation", "90", "-display_vflip"], ("red", "blue", "lime", "yellow")),
    ],
    ids=["quarter", "half", "back", "mirror", "down", "quarter-mirror", "quarter-down"],
)
def test_a_picture_is_cropped_and_turned(
    binary: FFmpeg, bundled: FFmpeg, make: Make, tmp_path: Path, turn: list[str], corners: tuple[str, ...]
) -> None:
    """The margins are those of the coded picture, which lies on its side or on its head."""
    plain = make("plain.mp4", *card(*SIZE, CROP), *X264, "-y")
    turned = make("turned.mp4", *turn, "-i", str(plain), "-c", "copy", "-y")
    source = with_clean_aperture(turned, tmp_path / "source.mp4", SIZE, CROP)
    size = LEFT[::-1] if "90" in "".join(turn) else LEFT
    assert shown(bundled, bench_of(binary, tmp_path), source, "thumbnail", rules=WHOLE) == [(size, corners)]


@pytest.mark.parametrize("wish", ["video", "thumbnail"])
def test_a_decoder_crops_to_the_pixel(binary: FFmpeg, bundled: FFmpeg, make: Make, tmp_path: Path, wish: str) -> None:
    """Theora from an odd column on, odd in size: FFmpeg keeps some columns more unless told, each build its own."""
    coded, size, left, bottom = (128, 96), (91, 61), 3, 5
    margins = (left, coded[1] - size[1] - bottom, coded[0] - size[0] - left, bottom)
    plain = make("plain.ogv", *card(*coded, margins, seconds=3), "-c:v", "libtheora", "-q:v", "10", "-an", "-y")
    source = with_picture_region(plain, tmp_path / "region.ogv", size, left, bottom)
    bench = bench_of(binary, tmp_path)
    video = bench.look(source).video[0]
    assert (video.coded_width, video.coded_height) == size
    assert set(shown(bundled, bench, source, wish, rules=WHOLE)) == {((90, 60), CORNERS)}


@pytest.mark.parametrize("size", [(1, 1), (1, 64), (64, 1)], ids=["one", "narrow", "low"])
def test_a_picture_of_one_pixel_is_refused(bench: Bench, make: Make, size: tuple[int, int]) -> None:
    """By every kind, before anything is encoded: a film's colour has one sample for two pixels."""
    picture = ["-f", "lavfi", "-i", "color=c=red:s={}x{}:d=4:r=25".format(*size)]
    source = make("tiny.mp4", *picture, *SOUND, "-t", "4", *X264, "-pix_fmt", "yuv444p", "-y")
    for wish in WISHES.values():
        with pytest.raises(SourceRefused, match="2 pixels") as caught:
            bench.make(source, WHOLE, **wish)
        assert caught.value.error_code == "picture_too_small"


@pytest.mark.parametrize("size", [(2, 2), (3, 9), (15, 4), (17, 17)], ids=["2", "3x9", "15x4", "17"])
@pytest.mark.parametrize("wish", WISHES)
def test_a_tiny_picture_is_taken(bench: Bench, bundled: FFmpeg, make: Make, wish: str, size: tuple[int, int]) -> None:
    """As it is, but for an odd column or row."""
    picture = ["-f", "lavfi", "-i", "color=c=red:s={}x{}:d=4:r=25".format(*size)]
    source = make("small.mp4", *picture, *SOUND, "-t", "4", *X264, "-pix_fmt", "yuv444p", "-y")
    even = (size[0] // 2 * 2, size[1] // 2 * 2)
    assert {got for got, _ in shown(bundled, bench, source, wish, rules=WHOLE)} == {even}
