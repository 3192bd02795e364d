"""Any picture becomes upright, square-pixel, 4:2:0, BT.709."""

from __future__ import annotations

from typing import Any

import ffmpeg
import pytest

from dailies.domain.errors import SourceRefused
from dailies.domain.source.media_info import VideoStream
from dailies.media.graphs.pictures.picture import PictureParams, filter_picture, resolve_picture

BT709 = {"color_primaries": "bt709", "color_transfer": "bt709", "color_matrix": "bt709", "color_range": "tv"}
PQ = {"hdr": "pq", "color_primaries": "bt2020", "color_transfer": "smpte2084", "color_matrix": "bt2020nc"}
TAGS = "setparams=color_primaries=bt709:color_trc=bt709:colorspace=bt709:range=tv"
END = ["format=yuv420p", "setsar=1", TAGS]


def video(**facts: Any) -> VideoStream:
    known = {"codec": "h264", "width": 1920, "height": 1080, "pixel_format": "yuv420p", **BT709, **facts}
    coded = {"coded_width": known["width"], "coded_height": known["height"]}
    return VideoStream.model_validate({"index": 0, "track": 0, **coded, **known})


def resolved(stream: VideoStream, height: int | None = None, hdr: str = "refuse") -> PictureParams:
    return resolve_picture(stream, height, hdr, "outputs.web")


def planar(spread: str) -> list[str]:
    """In a format that zscale takes, no sample changed."""
    formats = "|".join(f"yuv{part}p{bits}" for bits in ("", "10", "12", "16") for part in (420, 422, 444))
    return [f"scale=in_range={spread}:out_range={spread}", f"format={formats}"]


def chain(params: PictureParams) -> list[str]:
    """The filters in order, without the labels between them."""
    out = ffmpeg.output(filter_picture(ffmpeg.input("in")["0"], params), "out").get_args()
    graph = out[out.index("-filter_complex") + 1]
    return [link.split("]", 1)[1].rsplit("[", 1)[0] for link in graph.split(";")]


def test_a_picture_that_fits_is_only_tagged() -> None:
    """BT.709 of an even size: no sample is touched."""
    params = resolved(video())
    assert (params.scaled, params.shown, params.converted, params.deinterlace) == (False, None, False, False)
    assert chain(params) == END


def test_scaling_keeps_the_aspect_and_never_enlarges() -> None:
    """Height decides, width follows and is even."""
    small = resolved(video(), height=720)
    assert (small.width, small.height, small.scaled) == (1280, 720, True)
    assert chain(small) == ["scale=1280:720:flags=bicubic", *END]
    assert resolved(video(width=640, height=360), height=720).scaled is False
    assert resolved(video(width=853, height=480), height=360).width % 2 == 0


def test_odd_sides_lose_a_row_and_a_column() -> None:
    """Cropping one line beats resampling them all."""
    params = resolved(video(width=321, height=181))
    assert (params.width, params.height, params.shown, params.scaled) == (320, 180, (0, 0, 320, 180), False)
    assert chain(params) == ["crop=320:180:0:0:exact=1", *END]


def test_margins_and_an_odd_column_are_cut_off_at_once() -> None:
    """Of the coded picture, wherever its sides are when it has been turned: what is left is even."""
    facts = {"coded_width": 322, "coded_height": 180, "width": 273, "height": 120, "cropping": (16, 20, 33, 40)}
    assert resolved(video(**facts)).shown == (16, 20, 272, 120)
    on_its_side = resolved(video(**{**facts, "width": 120, "height": 273, "rotation": 90}))
    assert (on_its_side.raster, on_its_side.shown) == ((180, 322), (40, 16, 120, 272))
    mirrored = resolved(video(**facts, flipped=True))
    assert mirrored.shown == (16, 40, 272, 120)
    assert chain(mirrored) == ["crop=272:120:16:40:exact=1", *END]


@pytest.mark.parametrize(
    ("form", "size", "canvas"),
    [("yuv420p", (321, 181), (322, 182)), ("yuv411p", (90, 62), (92, 62)), ("yuv444p", (320, 180), (320, 180))],
)
def test_a_canvas_has_no_half_samples_of_colour(form: str, size: tuple[int, int], canvas: tuple[int, int]) -> None:
    """What other sizes are fitted into; RGB doesn't change its size."""
    params = resolved(video(width=size[0], height=size[1], pixel_format=form))
    assert (params.raster, params.canvas) == (size, canvas)
    assert resolved(video(width=size[0], height=size[1], pixel_format="bgra")).raster is None


@pytest.mark.parametrize(("width", "height"), [(1, 64), (64, 1), (1, 1)])
def test_what_is_under_2_pixels_is_refused(width: int, height: int) -> None:
    """Of the source's picture; one that the recipe would make so small has two."""
    assert resolved(video(width=2, height=3)).size == (2, 2)
    with pytest.raises(SourceRefused, match="under 2 pixels") as refused:
        resolved(video(width=width, height=height))
    assert refused.value.error_code == "picture_too_small"
    assert resolved(video(width=16, height=1024), height=64).size == (2, 64)


def test_non_square_samples_are_made_square() -> None:
    """The displayed size is what comes out."""
    params = resolved(video(width=1024, height=576, coded_width=720, sample_aspect_ratio="64:45"))
    assert params.scaled
    assert chain(params)[0] == "scale=1024:576:flags=bicubic"


def test_interlaced_pictures_are_deinterlaced_first() -> None:
    """Before anything mixes the lines of two fields."""
    assert chain(resolved(video(interlaced=True), height=720))[0] == "bwdif=deint=interlaced:mode=send_frame"


@pytest.mark.parametrize(
    ("facts", "matrix", "primaries", "full"),
    [
        ({"width": 720, "height": 576}, "smpte170m", "smpte170m", "limited"),
        ({"width": 1280, "height": 720}, "bt709", "bt709", "limited"),
        ({"width": 720, "height": 576, "color_matrix": "bt470bg"}, "bt470bg", "bt470bg", "limited"),
        ({"width": 1920, "height": 1080, "color_range": "pc"}, "bt709", "bt709", "full"),
        ({"width": 640, "height": 480, "pixel_format": "rgb24"}, "gbr", "bt709", "full"),
        ({"width": 640, "height": 480, "color_matrix": "reserved"}, "smpte170m", "smpte170m", "limited"),
        ({"width": 640, "height": 480, "color_matrix": "gbr"}, "smpte170m", "smpte170m", "limited"),
        ({"width": 640, "height": 480, "codec": "mjpeg", "color_matrix": "bt470bg"}, "bt470bg", "bt709", "limited"),
        ({"width": 640, "height": 480, "pixel_format": "gray"}, "bt709", "bt709", "full"),
        ({"width": 640, "height": 480, "pixel_format": "gray10le", "color_range": "tv"}, "bt709", "bt709", "limited"),
    ],
)
def test_untagged_pictures_are_read_as_players_do(
    facts: dict[str, Any], matrix: str, primaries: str, full: str
) -> None:
    """SD is BT.601, HD is BT.709, RGB is full range; a tag that is there is believed."""
    untagged = dict.fromkeys(("color_primaries", "color_transfer", "color_matrix", "color_range"))
    params = resolved(video(**{**untagged, **facts}))
    assert (params.input_matrix, params.input_primaries, params.input_range) == (matrix, primaries, full)
    assert params.converted is (params.grey or (matrix, full) != ("bt709", "limited"))


@pytest.mark.parametrize(
    ("facts", "transfer"),
    [
        ({"color_transfer": "iec61966-2-1"}, "bt709"),
        ({"color_transfer": "bt470bg"}, "bt709"),
        ({"color_transfer": "linear"}, "linear"),
        ({"pixel_format": "gbrp10le", "color_transfer": "smpte2084", "hdr": "pq"}, "smpte2084"),
    ],
)
def test_an_sdr_curve_is_taken_for_bt709s(facts: dict[str, Any], transfer: str) -> None:
    """What is looked at as it is stays as it is; light itself, and HDR in RGB, too, are converted."""
    params = resolved(video(**facts), hdr="tonemap")
    assert params.input_transfer == transfer
    assert params.tonemap is (transfer == "smpte2084")


def test_grey_keeps_its_samples_until_its_range_is_known() -> None:
    """swscale would take limited grey for full, and squeeze full grey once more than zscale."""
    params = resolved(video(pixel_format="gray10le", color_range="tv"))
    assert chain(params)[:2] == planar("full")
    assert "rangein=limited" in chain(params)[2]


def test_conversion_and_scaling_are_one_filter() -> None:
    """zscale does both in one pass, from planar pictures."""
    untagged = dict.fromkeys(("color_primaries", "color_transfer", "color_matrix", "color_range"))
    golden = [
        *planar("limited"),
        (
            "zscale=h=240:matrix=709:matrixin=170m:primaries=709:primariesin=170m:range=limited:rangein=limited"
            ":transfer=709:transferin=709:w=320"
        ),
    ]
    assert chain(resolved(video(**untagged, width=640, height=480), height=240)) == [*golden, *END]


@pytest.mark.parametrize("hdr", ["pq", "hlg", "dolby_vision"])
def test_hdr_is_refused_unless_asked_for(hdr: str) -> None:
    """Nobody gets grey pictures without a word: the error names the option."""
    with pytest.raises(SourceRefused) as refused:
        resolved(video(**{**PQ, "hdr": hdr}))
    assert refused.value.error_code == "hdr_source"
    assert refused.value.details["field"] == "outputs.web.hdr"
    assert "tonemap" in refused.value.message


def test_hdr_is_mapped_in_linear_light() -> None:
    """PQ to linear float RGB, BT.709 primaries, tone mapped, and back."""
    params = resolved(video(**PQ, pixel_format="yuv420p10le"), hdr="tonemap")
    linear = "npl=100:primaries=2020:primariesin=2020:rangein=limited:transfer=linear:transferin=smpte2084"
    assert chain(params) == [
        *planar("limited"),
        f"zscale=matrixin=2020_ncl:{linear}",
        "format=gbrpf32le",
        "zscale=primaries=709",
        "tonemap=hable:desat=0",
        "zscale=matrix=709:primaries=709:range=limited:transfer=709",
        *END,
    ]


def test_dolby_vision_without_a_base_layer_is_refused() -> None:
    """Profile 5 looks green and purple to every other decoder."""
    with pytest.raises(SourceRefused) as refused:
        resolved(video(**{**PQ, "hdr": "dolby_vision"}, dolby_vision_profile=5), hdr="tonemap")
    assert refused.value.error_code == "dolby_vision_5"
