"""Builds the FFmpeg run of a storyboard's sheets, and writes and reads the WebVTT that goes with them. Pure."""

from __future__ import annotations

import re
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

import ffmpeg

from dailies.domain.model import Model
from dailies.domain.pictures.sampling import Sampling
from dailies.media.graphs.pictures.frame_sampling import shown_at_interval
from dailies.media.graphs.pictures.picture import PictureParams, filter_picture
from dailies.media.graphs.pictures.still import IMAGES, image_colours

#: Pixels a side: the largest picture that the GPUs of older phones take as one texture.
MAX_SIDE = 4096
# Small pictures need less than a poster: a third of its bytes, and no difference at this size.
_ENCODERS: dict[str, dict[str, Any]] = {
    "jpeg": {"vcodec": "mjpeg", "qscale:v": 4},
    "png": {"vcodec": "png"},
    "webp": {"vcodec": "libwebp", "quality": 75},
}
_CUE = re.compile(
    r"^(\d+):(\d\d):(\d\d\.\d{3}) --> (\d+):(\d\d):(\d\d\.\d{3})\n(\S+)#xywh=(\d+),(\d+),(\d+),(\d+)$", re.MULTILINE
)


class Grid(Model):
    """``tiles`` pictures in sheets of ``columns`` × ``rows``, filled row by row."""

    tiles: int
    tile_width: int
    tile_height: int
    columns: int
    rows: int

    @property
    def sheets(self) -> int:
        return -(-self.tiles // (self.columns * self.rows))

    @property
    def size(self) -> tuple[int, int]:
        """Of each sheet, pixels."""
        return self.columns * self.tile_width, self.rows * self.tile_height


def lay_out(tiles: int, width: int, height: int, columns: int) -> Grid:
    """Sheets of at most ``MAX_SIDE`` a side, as few as it takes and all of one size."""
    across = min(columns, tiles, MAX_SIDE // width)
    down = -(-tiles // across)
    sheets = -(-down // (MAX_SIDE // height))
    return Grid(tiles=tiles, tile_width=width, tile_height=height, columns=across, rows=-(-down // sheets))


def tile_size(width: int, height: int, wanted: int) -> tuple[int, int]:
    """A picture ``wanted`` wide, or smaller: even sides, never scaled up, and none longer than a sheet."""
    scale = min(1.0, wanted / width, MAX_SIDE / height)
    return max(2, round(width * scale / 2) * 2), max(2, int(height * scale / 2) * 2)


def storyboard_arguments(params: PictureParams, sampling: Sampling, grid: Grid, form: str) -> list[str]:
    """The sheets as ``file:sheet-1.jpg`` and on, and on stdout a line for each tile (frame_list.py)."""
    stream, params = shown_at_interval(params, sampling)
    tiles = filter_picture(stream, params).filter_multi_output("split", 2)
    sheet = tiles[0].filter("tile", layout=f"{grid.columns}x{grid.rows}")
    sheets = ffmpeg.output(
        image_colours(sheet, form),
        f"file:{sheet_name('%d', form)}",
        f="image2",
        fps_mode="passthrough",
        fflags="+bitexact",
        **_ENCODERS[form],
    )
    listed = ffmpeg.output(tiles[1], "-", f="framecrc", fps_mode="passthrough")
    arguments: list[str] = ffmpeg.merge_outputs(sheets, listed).get_args()
    return arguments


def sheet_name(number: int | str, form: str) -> str:
    """``sheet-1.jpg`` for the first."""
    return f"sheet-{number}.{IMAGES[form][1]}"


@dataclass(frozen=True, slots=True)
class Cue:
    """A tile: when it is shown, in seconds, in which file, and where in it (x, y, width, height)."""

    start: float
    end: float
    file: str
    area: tuple[int, int, int, int]


def cues(grid: Grid, form: str, start: float, interval: float, duration: float) -> list[Cue]:
    """One cue a tile, without gaps, from 0 to ``duration``, which is after the last tile's time."""
    starts = [0.0, *(start + number * interval for number in range(1, grid.tiles))]
    ends = [*starts[1:], duration]
    found = []
    for number, (begin, end) in enumerate(zip(starts, ends, strict=True)):
        sheet, place = divmod(number, grid.columns * grid.rows)
        row, column = divmod(place, grid.columns)
        area = (column * grid.tile_width, row * grid.tile_height, grid.tile_width, grid.tile_height)
        found.append(Cue(begin, end, sheet_name(sheet + 1, form), area))
    return found


def write_vtt(found: Sequence[Cue]) -> str:
    """WebVTT (W3C) whose cues are a file and a spatial media fragment ``#xywh`` (W3C Media Fragments URI 1.0, 4.2.2):
    what Video.js, Plyr and JW Player read for the pictures on their seek bars."""
    blocks = [
        f"{_clock(cue.start)} --> {_clock(cue.end)}\n{cue.file}#xywh={','.join(map(str, cue.area))}" for cue in found
    ]
    return "WEBVTT\n\n" + "\n\n".join(blocks) + "\n"


def read_vtt(text: str) -> list[Cue]:
    """The cues of such a file."""
    found = []
    for match in _CUE.finditer(text):
        start, end = _seconds(*match.group(1, 2, 3)), _seconds(*match.group(4, 5, 6))
        x, y, width, height = (int(part) for part in match.group(8, 9, 10, 11))
        found.append(Cue(start, end, match[7], (x, y, width, height)))
    return found


def _clock(seconds: float) -> str:
    minutes, rest = divmod(round(seconds * 1000), 60_000)
    hours, minutes = divmod(minutes, 60)
    return f"{hours:02d}:{minutes:02d}:{rest // 1000:02d}.{rest % 1000:03d}"


def _seconds(hours: str, minutes: str, seconds: str) -> float:
    return int(hours) * 3600 + int(minutes) * 60 + float(seconds)
