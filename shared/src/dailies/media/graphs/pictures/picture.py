"""The video filter chain: any picture in, upright square-pixel 4:2:0 BT.709 SDR out. Pure."""

from __future__ import annotations

from typing import Any, Literal

from dailies.domain.errors import SourceRefused
from dailies.domain.model import Model
from dailies.domain.pictures.framing import cropped_size, frame_picture
from dailies.domain.recipe.edit_recipe import FramingMode
from dailies.domain.source.media_info import VideoStream
from dailies.media.graphs.pictures.upright import shown_part, upright_size

# An SD picture without tags is BT.601 to every player; from here on it is BT.709 (ITU-R BT.709 covers HD).
_HD_HEIGHT = 720
#: Pixels a side: a sample of 4:2:0's colour. Half of one is nothing that a film could have.
SMALLEST = 2
# Nominal peak of SDR, cd/m²: ITU-R BT.2408 puts HDR reference white at 203; tonemap works relative to 100.
_SDR_NITS = 100


class PictureParams(Model):
    """What happens to the picture, resolved against the source: canonical, so part of the step's key.

    ``raster``: of the upright picture, before it is cropped; pictures of other sizes are fitted into it. None: of
    formats that no codec changes the size of. ``square``: its samples are. ``canvas``: what it lies on, at the top
    left: it has no half samples of colour.
    ``shown``: column, row, width and height of what is left of that, where margins or an odd row or column are cut off.
    ``framed``: the part kept of width and height, 0–1, where a shape was asked for that the picture hasn't.
    ``frame``: the film's size, where bars around the ``width`` × ``height`` of the picture make it larger.
    """

    stream: int
    width: int
    height: int
    scaled: bool
    deinterlace: bool
    tonemap: bool
    input_transfer: str
    input_matrix: str
    input_primaries: str
    input_range: str
    converted: bool
    grey: bool = False
    raster: tuple[int, int] | None = None
    canvas: tuple[int, int] | None = None
    square: bool = True
    shown: tuple[int, int, int, int] | None = None
    framed: tuple[float, float] | None = None
    frame: tuple[int, int] | None = None

    @property
    def size(self) -> tuple[int, int]:
        """Of the film."""
        return self.frame or (self.width, self.height)

    def resized(self, width: int, height: int) -> PictureParams:
        """The same, at another size."""
        scaled = self.scaled or (width, height) != (self.width, self.height)
        return self.model_copy(update={"width": width, "height": height, "scaled": scaled})


def resolve_picture(
    stream: VideoStream,
    height: int | None,
    hdr: str,
    field: str,
    *,
    aspect: str | None = None,
    framing: FramingMode = "auto",
) -> PictureParams:
    """Decide size and colour handling.

    Raises SourceRefused ``hdr_source`` for HDR that nobody asked to map, ``picture_too_small``, ``dolby_vision_5``.
    """
    if stream.hdr is not None and hdr != "tonemap":
        names = {"pq": "PQ (HDR10)", "hlg": "HLG", "dolby_vision": "Dolby Vision"}
        raise SourceRefused(
            f"HDR input not supported ({names[stream.hdr]}): pass hdr: tonemap (--hdr tonemap) to map it to SDR.",
            code="hdr_source",
            field=f"{field}.hdr",
        )
    if stream.dolby_vision_profile == 5:
        raise SourceRefused(
            "Dolby Vision profile 5 has no base layer that can be shown: export it as HDR10, HLG or SDR first.",
            code="dolby_vision_5",
            field=field,
        )
    left, top, across, down = shown_part(stream)
    _refuse_tiny(min(stream.width, stream.height, across, down), f"{stream.width}×{stream.height}", field)
    raster = upright_size(stream) if stream.pixel_format and samples_of(stream.pixel_format) == "yuv" else None
    canvas = None if raster is None else _without_half_samples(raster, stream.pixel_format or "")
    fit = frame_picture((stream.width, stream.height), aspect, framing, height)
    width, tall = fit.picture
    framed = fit.crop if fit.crop != (1.0, 1.0) else None
    square = stream.sample_aspect_ratio in ("1:1", "0:1")
    # What is left of the picture when an odd row or column is cut off: one less beats resampling all to an even size.
    even = (stream.width // 2 * 2, stream.height // 2 * 2)
    shown = (left, top, across // 2 * 2, down // 2 * 2)
    matrix, primaries, transfer, full = _input_colour(stream)
    tonemap = stream.hdr is not None and transfer in ("smpte2084", "arib-std-b67")
    grey = samples_of(stream.pixel_format or "") == "grey"
    return PictureParams(
        stream=stream.index,
        width=width,
        height=tall,
        # Where the crop leaves just these pixels, the crop alone makes the size.
        scaled=(width, tall) != (even if framed is None else cropped_size(even, fit.crop)) or not square,
        deinterlace=stream.interlaced,
        tonemap=tonemap,
        input_transfer=transfer,
        input_matrix=matrix,
        input_primaries=primaries,
        input_range="full" if full else "limited",
        # Also grey of limited range: nothing but zscale leaves it so.
        converted=tonemap or grey or full or (matrix, primaries, transfer) != ("bt709", "bt709", "bt709"),
        grey=grey,
        raster=raster,
        canvas=canvas,
        square=square,
        shown=None if shown == (0, 0, *(canvas or upright_size(stream))) else shown,
        framed=framed,
        frame=fit.frame if fit.padded else None,
    )


def _without_half_samples(size: tuple[int, int], pixel_format: str) -> tuple[int, int]:
    across = 4 if "410" in pixel_format or "411" in pixel_format else 2
    return -(-size[0] // across) * across, size[1] + size[1] % 2


def _refuse_tiny(side: int, size: str, field: str) -> None:
    if side < SMALLEST:
        raise SourceRefused(
            f"The picture is {size}: nothing is made of one that is under {SMALLEST} pixels wide or high.",
            code="picture_too_small",
            field=field,
        )


def crop_to_shown(stream: Any, params: PictureParams) -> Any:
    """Cut off what players leave out."""
    if params.shown is None:
        return stream
    left, top, width, height = params.shown
    return stream.filter("crop", width, height, left, top, exact=1)


def deinterlace(stream: Any) -> Any:
    """One progressive frame for each interlaced one; those that say they are progressive pass."""
    return stream.filter("bwdif", mode="send_frame", deint="interlaced")


def steady(stream: Any, rate: str, *, start: float | None, **options: str) -> Any:
    """Put the frames on the ticks of ``rate`` per second: the nearest frame, held until the next.

    FFmpeg's own way, without a filter, depends on all frames before. At ``start`` seconds the frame is on screen that
    came last; a first one that comes later fills.
    """
    begun = {} if start is None else {"start_time": f"{start:.6f}"}
    return stream.filter("fps", fps=rate, **begun, **options)


def filter_picture(stream: Any, params: PictureParams) -> Any:
    """Append the chain to an ffmpeg-python stream. FFmpeg has turned the picture upright already."""
    if params.deinterlace:
        stream = deinterlace(stream)
    stream = crop_to_shown(stream, params)
    if params.framed is not None:
        # By parts, not pixels: with samples that aren't square the picture's pixels are not the frame's.
        across, down = params.framed
        stream = stream.filter("crop", f"round(iw*{across:.6f}/2)*2", f"round(ih*{down:.6f}/2)*2")
    size = {"w": params.width, "h": params.height} if params.scaled else {}
    if params.tonemap:
        stream = _tonemap(_planar(stream, params), params)
    elif params.converted:
        stream = _planar(stream, params).filter("zscale", **_zscale_input(params), **_BT709_OUT, **size)
        size = {}
    if size:
        stream = stream.filter("scale", size["w"], size["h"], flags="bicubic")
    stream = stream.filter("format", "yuv420p")
    if params.frame is not None:
        stream = stream.filter("pad", *params.frame, "trunc((ow-iw)/4)*2", "trunc((oh-ih)/4)*2", color="black")
    return tag_bt709(stream.filter("setsar", 1))


def tag_bt709(stream: Any) -> Any:
    """Say that the frames are limited-range BT.709, which some filters forget."""
    return stream.filter("setparams", range="tv", color_primaries="bt709", color_trc="bt709", colorspace="bt709")


_BT709_OUT = {"matrix": "709", "transfer": "709", "primaries": "709", "range": "limited"}
_ZSCALE_MATRIX = {"bt709": "709", "bt470bg": "470bg", "smpte170m": "170m", "bt2020nc": "2020_ncl", "gbr": "gbr",
                  "smpte240m": "240m", "fcc": "fcc", "bt2020c": "2020_cl", "ycgco": "ycgco"}  # fmt: skip
_ZSCALE_PRIMARIES = {"bt709": "709", "bt470bg": "bt470bg", "smpte170m": "170m", "bt2020": "2020", "bt470m": "bt470m",
                     "smpte240m": "240m", "film": "film", "smpte431": "smpte431", "smpte432": "smpte432"}  # fmt: skip
# Every SDR curve is taken for BT.709's, as players do: sRGB, and PAL's nominal gamma of 2.8 (BT.470), name the camera's
# or the tube's, and the code values were made to be looked at as they are. These are not:
_OWN_CURVES = {"bt709": "709", "linear": "linear", "smpte2084": "smpte2084", "arib-std-b67": "arib-std-b67"}


def _tonemap(stream: Any, params: PictureParams) -> Any:
    # Tone mapping needs linear light in float RGB; hable keeps detail in highlights, desat=0 keeps their hue.
    given = _zscale_input(params)
    # The primaries stay, by name: what isn't set here is the frame's own tag, which need not be there.
    stream = stream.filter("zscale", **given, primaries=given["primariesin"], transfer="linear", npl=_SDR_NITS)
    stream = stream.filter("format", "gbrpf32le").filter("zscale", primaries="709")
    stream = stream.filter("tonemap", "hable", desat=0)
    return stream.filter("zscale", **_BT709_OUT)


def _zscale_input(params: PictureParams) -> dict[str, str]:
    return {
        "matrixin": _ZSCALE_MATRIX[params.input_matrix],
        "transferin": _OWN_CURVES[params.input_transfer],
        "primariesin": _ZSCALE_PRIMARIES[params.input_primaries],
        "rangein": params.input_range,
    }


def _planar(stream: Any, params: PictureParams) -> Any:
    """In a planar format with the very samples of the source, as zscale takes them."""
    if params.input_matrix == "gbr":
        return stream.filter("format", _deep("gbrp"))
    # swscale takes every grey picture for full range and believes frames that were tagged on the way: between equal
    # ranges it changes no sample. zscale is told which one it is.
    spread = "full" if params.grey else params.input_range
    return stream.filter("scale", in_range=spread, out_range=spread).filter("format", _deep(*_SUBSAMPLED))


_SUBSAMPLED = ("yuv420p", "yuv422p", "yuv444p")


def _deep(*formats: str) -> str:
    return "|".join(f"{each}{bits}" for bits in ("", "10", "12", "16") for each in formats)


Samples = Literal["yuv", "grey", "rgb"]
#: What names of pixel formats begin with (libavutil/pixdesc.c); all others are RGB, palettes and raw sensors included.
_YUV = ("yuv", "yvyu", "uyvy", "uyyvyy", "uyva", "vuy", "vyu", "ayuv", "nv", "p0", "p2", "p4", "y2", "xv", "v30x")
_GREY = ("gray", "mono", "ya")


def samples_of(pixel_format: str) -> Samples:
    """What the samples of a pixel format are, by FFmpeg's name of it."""
    if pixel_format.startswith(_GREY):
        return "grey"
    return "yuv" if pixel_format.startswith(_YUV) or not pixel_format else "rgb"


def _input_colour(stream: VideoStream) -> tuple[str, str, str, bool]:
    """Matrix, primaries, transfer as zscale must read them, and whether the range is full."""
    samples = samples_of(stream.pixel_format or "")
    transfer = stream.color_transfer or ""
    if transfer not in _OWN_CURVES:
        transfer = "bt709"
    primaries = stream.color_primaries or ""
    if samples == "rgb":
        return "gbr", primaries if primaries in _ZSCALE_PRIMARIES else "bt709", transfer, True
    if samples == "grey":
        # There is no colour to convert. FFmpeg's grey is full range where nothing says otherwise.
        return "bt709", "bt709", transfer, stream.color_range not in ("tv", "limited", "mpeg")
    full = stream.color_range in ("pc", "full", "jpeg") or (stream.pixel_format or "").startswith("yuvj")
    high_definition = stream.coded_height >= _HD_HEIGHT or stream.coded_width > 1024
    matrix = stream.color_matrix or ""
    if matrix not in _ZSCALE_MATRIX or matrix == "gbr":
        matrix = "bt709" if high_definition else "smpte170m"
    if primaries not in _ZSCALE_PRIMARIES:
        # JPEG's matrix is BT.601's, its primaries are sRGB's (JFIF 1.02).
        own = matrix in ("bt709", "smpte170m", "bt470bg") and stream.codec != "mjpeg"
        primaries = matrix if own else "bt2020" if "2020" in matrix else "bt709"
    return matrix, primaries, transfer, full
