"""The video filter chain: any picture in, upright square-pixel 4:2:0 BT.709 SDR out. Pure."""

from __future__ import annotations

from typing import Any

from dailies.domain.edit_recipe import FramingMode
from dailies.domain.errors import SourceRefused
from dailies.domain.framing import cropped_size, frame_picture
from dailies.domain.media_info import VideoStream
from dailies.domain.model import Model
from dailies.media.encoding import MAX_RATE

# An SD picture without tags is BT.601 to every player; from here on it is BT.709 (ITU-R BT.709 covers HD).
_HD_HEIGHT = 720
# Nominal peak of SDR, cd/m²: ITU-R BT.2408 puts HDR reference white at 203; tonemap works relative to 100.
_SDR_NITS = 100


class PictureParams(Model):
    """What happens to the picture, resolved against the source: canonical, so part of the step's key.

    ``framed``: the part kept of width and height, 0–1, where a shape was asked for that the picture hasn't.
    ``frame``: the film's size, where bars around the ``width`` × ``height`` of the picture make it larger.
    """

    stream: int
    width: int
    height: int
    scaled: bool
    cropped: bool
    deinterlace: bool
    tonemap: bool
    input_transfer: str
    input_matrix: str
    input_primaries: str
    input_range: str
    converted: bool
    framed: tuple[float, float] | None = None
    frame: tuple[int, int] | None = None

    @property
    def size(self) -> tuple[int, int]:
        """Of the film."""
        return self.frame or (self.width, self.height)


def resolve_picture(
    stream: VideoStream,
    height: int | None,
    hdr: str,
    field: str,
    *,
    aspect: str | None = None,
    framing: FramingMode = "auto",
) -> PictureParams:
    """Decide size and colour handling. Raises SourceRefused ``hdr_source`` for HDR that nobody asked to map."""
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
    fit = frame_picture((stream.width, stream.height), aspect, framing, height)
    width, tall = fit.picture
    framed = fit.crop if fit.crop != (1.0, 1.0) else None
    square = stream.sample_aspect_ratio in ("1:1", "0:1")
    # What is left of the picture when an odd row or column is cut off: no filter takes half a chroma sample.
    even = (stream.width // 2 * 2, stream.height // 2 * 2)
    odd = bool(stream.coded_width % 2 or stream.coded_height % 2)
    matrix, primaries, transfer, full = _input_colour(stream)
    tonemap = stream.hdr is not None and transfer in ("smpte2084", "arib-std-b67")
    return PictureParams(
        stream=stream.index,
        width=width,
        height=tall,
        # Where the crop leaves just these pixels, the crop alone makes the size.
        scaled=(width, tall) != (even if framed is None else cropped_size(even, fit.crop)) or not square,
        cropped=odd,
        deinterlace=stream.interlaced,
        tonemap=tonemap,
        input_transfer=transfer,
        input_matrix=matrix,
        input_primaries=primaries,
        input_range="full" if full else "limited",
        converted=tonemap or matrix != "bt709" or primaries != "bt709" or full,
        framed=framed,
        frame=fit.frame if fit.padded else None,
    )


def deinterlace(stream: Any) -> Any:
    """One progressive frame for each interlaced one; those that say they are progressive pass."""
    return stream.filter("bwdif", mode="send_frame", deint="interlaced")


def steady(stream: Any, *, start: float | None) -> Any:
    """Put the frames on the ticks of the source's frame rate, at most MAX_RATE: the nearest frame, held until the next.

    FFmpeg's own way, without a filter, depends on all frames before. From ``start`` seconds on the first frame fills.
    """
    begun = {} if start is None else {"start_time": f"{start:.6f}"}
    return stream.filter("fps", fps=f"min(source_fps,{MAX_RATE})", **begun)


def filter_picture(stream: Any, params: PictureParams) -> Any:
    """Append the chain to an ffmpeg-python stream. FFmpeg has turned the picture upright already."""
    if params.deinterlace:
        stream = deinterlace(stream)
    if params.cropped:
        # One row or column less beats resampling the whole picture to an even size.
        stream = stream.filter("crop", "trunc(iw/2)*2", "trunc(ih/2)*2", 0, 0)
    if params.framed is not None:
        # By parts, not pixels: with samples that aren't square the picture's pixels are not the frame's.
        across, down = params.framed
        stream = stream.filter("crop", f"round(iw*{across:.6f}/2)*2", f"round(ih*{down:.6f}/2)*2")
    size = {"w": params.width, "h": params.height} if params.scaled else {}
    if params.tonemap:
        stream = _tonemap(stream, params)
    elif params.converted:
        stream = stream.filter("format", _planar(params))
        stream = stream.filter("zscale", **_zscale_input(params), **_BT709_OUT, **size)
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
_ZSCALE_TRANSFER = {"bt709": "709", "smpte170m": "601", "bt470bg": "bt470bg", "bt470m": "bt470m", "linear": "linear",
                    "smpte240m": "smpte240m", "iec61966-2-1": "iec61966-2-1", "bt2020-10": "2020_10",
                    "bt2020-12": "2020_12", "smpte2084": "smpte2084", "arib-std-b67": "arib-std-b67"}  # fmt: skip


def _tonemap(stream: Any, params: PictureParams) -> Any:
    # Tone mapping needs linear light in float RGB; hable keeps detail in highlights, desat=0 keeps their hue.
    stream = stream.filter("zscale", **_zscale_input(params), transfer="linear", npl=_SDR_NITS)
    stream = stream.filter("format", "gbrpf32le").filter("zscale", primaries="709")
    stream = stream.filter("tonemap", "hable", desat=0)
    return stream.filter("zscale", **_BT709_OUT)


def _zscale_input(params: PictureParams) -> dict[str, str]:
    return {
        "matrixin": _ZSCALE_MATRIX[params.input_matrix],
        "transferin": _ZSCALE_TRANSFER[params.input_transfer],
        "primariesin": _ZSCALE_PRIMARIES[params.input_primaries],
        "rangein": params.input_range,
    }


def _planar(params: PictureParams) -> str:
    """zscale takes planar formats only; FFmpeg converts palettes and packed RGB into these."""
    return "gbrp" if params.input_matrix == "gbr" else "yuv420p|yuv422p|yuv444p|yuv420p10|yuv422p10|yuv444p10"


def _input_colour(stream: VideoStream) -> tuple[str, str, str, bool]:
    """Matrix, primaries, transfer as zscale must read them, and whether the range is full."""
    pixel_format = stream.pixel_format or ""
    full = stream.color_range in ("pc", "full", "jpeg") or pixel_format.startswith("yuvj")
    if pixel_format.startswith(("gbr", "rgb", "bgr", "argb", "abgr", "0rgb", "0bgr", "pal8")):
        return "gbr", "bt709", "iec61966-2-1", True
    high_definition = stream.coded_height >= _HD_HEIGHT or stream.coded_width > 1024
    matrix = stream.color_matrix or ""
    if matrix not in _ZSCALE_MATRIX:
        matrix = "bt709" if high_definition else "smpte170m"
    primaries = stream.color_primaries or ""
    if primaries not in _ZSCALE_PRIMARIES:
        primaries = matrix if matrix in ("bt709", "smpte170m", "bt470bg") else "bt2020" if "2020" in matrix else "bt709"
    transfer = stream.color_transfer or ""
    if transfer not in _ZSCALE_TRANSFER:
        transfer = "bt709"
    return matrix, primaries, transfer, full
