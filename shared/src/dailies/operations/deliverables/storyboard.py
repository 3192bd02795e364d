"""``storyboard``: small pictures of the whole source in a grid, and WebVTT that says which is shown when."""

from __future__ import annotations

import math
from collections.abc import Sequence
from itertools import pairwise
from pathlib import Path
from typing import ClassVar, Literal

from pydantic import Field, ValidationInfo, field_validator

from dailies.domain.errors import InvalidRecipe
from dailies.domain.job.result import Check, Facts, SamplingFacts, StoryboardFacts
from dailies.domain.model import Model
from dailies.domain.pictures.sampling import STILL_SECONDS, Sampling, plan_tiles
from dailies.domain.recipe.fields import MAX_SECONDS, Output
from dailies.domain.recipe.picture_outputs import Coloured, ImageFormat
from dailies.domain.source.media_info import MediaInfo
from dailies.media.graphs.pictures.frame_list import FrameReader
from dailies.media.graphs.pictures.picture import PictureParams, resolve_picture
from dailies.media.graphs.pictures.still import IMAGES
from dailies.media.graphs.pictures.storyboard import (
    Cue,
    Grid,
    cues,
    lay_out,
    read_vtt,
    sheet_name,
    storyboard_arguments,
    tile_size,
    write_vtt,
)
from dailies.operations.checks.certificate import certified
from dailies.operations.checks.decode_errors import damage_check
from dailies.operations.media_step import MediaStep
from dailies.operations.pictures import choose_stream, list_image, list_packets, mark_references
from dailies.planning.operation import Estimate, Produced, Request, StepRun

# CPU seconds per megapixel of a decoded frame; the sheets are nothing beside it.
_DECODE_COST = 0.002
_START_COST = 0.6
_MEDIA_TYPE = "text/vtt"


#: Pictures of a storyboard: one every ten seconds of a film of five hours and a half.
MAX_TILES = 2000
EXAMPLE = {"outputs": {"board": {"kind": "storyboard", "count": 25}}}


class StoryboardOutput(Coloured):
    """Small pictures of the whole source in a grid, with WebVTT that tells a player's seek bar which to show when."""

    kind: Literal["storyboard"] = "storyboard"
    format: ImageFormat = "jpeg"
    width: int = Field(160, ge=16, le=1024, description="of a tile, pixels; height follows the aspect; never scaled up")
    columns: int = Field(10, ge=1, le=64, description="tiles in a row; fewer where a sheet would pass 4096 pixels")
    interval: float | None = Field(None, ge=0.1, le=MAX_SECONDS, description="seconds between pictures; or count")
    count: int | None = Field(
        None,
        ge=1,
        le=MAX_TILES,
        validate_default=True,
        description="pictures; or interval; absent both: 100, and no more than one a second",
    )

    @field_validator("count")
    @classmethod
    def _at_most_one(cls, count: int | None, others: ValidationInfo) -> int | None:
        if count is not None and others.data.get("interval") is not None:
            raise ValueError("give either interval or count")
        return count


class StoryboardParams(Model):
    """``picture`` is of the size of a tile. Neither ``interval`` nor ``count``: see plan_tiles."""

    picture: PictureParams
    columns: int
    interval: float | None
    count: int | None
    format: ImageFormat


class StoryboardResult(Facts):
    kind: Literal["storyboard"] = "storyboard"
    storyboard: StoryboardFacts
    sampling: SamplingFacts


class StoryboardOperation(MediaStep):
    """Answers outputs of kind ``storyboard``."""

    kind: ClassVar[str] = "storyboard"
    output: ClassVar[type[Output]] = StoryboardOutput
    facts: ClassVar[type[Facts]] = StoryboardResult
    version: ClassVar[str] = "3"

    def request(self, field: str, output: StoryboardOutput, info: MediaInfo) -> Request:
        whole = resolve_picture(choose_stream(info, field), None, output.hdr, field)
        _check_tiles(output.interval, info.duration_seconds, f"{field}.interval")
        picture = whole.resized(*tile_size(whole.width, whole.height, output.width))
        wish = output.model_dump(include={"columns", "interval", "count", "format"})
        return Request(self.kind, StoryboardParams(picture=picture, **wish))

    def file_name(self, name: str, output: StoryboardOutput) -> str:
        return f"{name}/storyboard.vtt"

    def estimate(self, params: StoryboardParams, info: MediaInfo) -> Estimate:
        """As if every frame had to be decoded: only the packets tell whether keyframes are enough."""
        stream = info.main_video()
        coded = 0.0 if stream is None else stream.coded_width * stream.coded_height / 1e6
        rate = (stream.frames_per_second if stream is not None else None) or 30.0
        return Estimate(cpu_seconds=_START_COST + _DECODE_COST * coded * rate * (info.duration_seconds or 0.0))

    def make(self, run: StepRun) -> Produced:
        params: StoryboardParams = run.params
        info = self.probed(run)
        duration = info.duration_seconds
        packets, end = list_packets(self._toolbox, run, params.picture.stream, info)
        # By the packets where the header has no duration, or one that the pictures don't fit in.
        end = duration if duration is not None and duration > end - STILL_SECONDS else end
        _check_tiles(params.interval, end, "interval")
        sampling = plan_tiles(packets, params.interval, params.count, end=end)
        if sampling.decode == "full":
            packets = mark_references(self._toolbox, run, params.picture, info, packets)
            sampling = plan_tiles(packets, params.interval, params.count, end=end)
        grid = lay_out(sampling.frames, params.picture.width, params.picture.height, params.columns)
        tiles = FrameReader()
        report = self.ffmpeg(
            run,
            storyboard_arguments(params.picture, sampling, grid, params.format),
            media_seconds=duration,
            on_progress=lambda done: run.progress(min(0.95, done / duration) if duration else 0.0),
            on_line=tiles.line,
        )
        sheets = [run.scratch / sheet_name(number + 1, params.format) for number in range(grid.sheets)]
        step = sampling.interval_seconds
        path = run.scratch / "storyboard.vtt"
        path.write_text(write_vtt(cues(grid, params.format, sampling.start, step, end)))
        media_type = IMAGES[params.format][0]
        return certified(
            path,
            _MEDIA_TYPE,
            [
                damage_check(report),
                tiles_check(tiles, sampling),
                self._sheets_check(run, sheets, grid),
                cues_check(read_vtt(path.read_text()), grid, {sheet.name for sheet in sheets}, end),
            ],
            StoryboardResult(
                storyboard=StoryboardFacts(format=params.format, sheets=grid.sheets, **grid.model_dump()),
                sampling=SamplingFacts(
                    distinct_frames=len({frame.checksum for frame in tiles.frames}),
                    **sampling.model_dump(exclude={"start"}),
                ),
            ),
            beside={sheet.name: (sheet, media_type) for sheet in sheets},
            duration_seconds=end,
        )

    def _sheets_check(self, run: StepRun, sheets: Sequence[Path], grid: Grid) -> Check:
        form = run.params.format
        found = [list_image(self._toolbox, run, sheet, form) for sheet in sheets if sheet.exists()]
        sizes = sorted({reader.size or (0, 0) for reader in found if len(reader.frames) == 1})
        return Check(
            name="sheets",
            expected=f"{grid.sheets} of {grid.size[0]}×{grid.size[1]}",
            measured=f"{len(found)} of {' and '.join(f'{width}×{height}' for width, height in sizes) or 'no size'}",
            passed=len(found) == grid.sheets and sizes == [grid.size],
        )


def tiles_check(tiles: FrameReader, sampling: Sampling) -> Check:
    """As many pictures as there are cues."""
    return Check(
        name="tiles",
        expected=f"{sampling.frames}",
        measured=f"{len(tiles.frames)}",
        passed=len(tiles.frames) == sampling.frames,
    )


def cues_check(found: Sequence[Cue], grid: Grid, sheets: set[str], end: float) -> Check:
    """Read back from the file: one cue a tile, without a gap from 0 to ``end``, each within a sheet, none twice."""
    gapless = all(math.isclose(a.end, b.start, abs_tol=1e-9) for a, b in pairwise(found))
    ordered = all(cue.start < cue.end for cue in found)
    width, height = grid.size
    inside = all(
        cue.file in sheets and cue.area[0] + cue.area[2] <= width and cue.area[1] + cue.area[3] <= height
        for cue in found
    )
    different = len({(cue.file, cue.area) for cue in found}) == len(found)
    first, last = (found[0].start, found[-1].end) if found else (0.0, 0.0)
    return Check(
        name="cues",
        expected=f"{grid.tiles}, 0 to {end:.3f} s without a gap",
        measured=f"{len(found)}, {first:g} to {last:.3f} s" + ("" if gapless else " with gaps"),
        passed=len(found) == grid.tiles
        and first == 0.0
        and abs(last - end) <= 0.0015  # a WebVTT clock has milliseconds
        and gapless and ordered and inside and different,
    )  # fmt: skip


def _check_tiles(interval: float | None, seconds: float | None, field: str) -> None:
    if interval is not None and seconds is not None and seconds / interval > MAX_TILES:
        raise InvalidRecipe(
            f"{field}: {interval:g} s would make {math.ceil(seconds / interval)} pictures of {seconds:.0f} s and"
            f" {MAX_TILES} are allowed: ask for {math.ceil(10 * seconds / MAX_TILES) / 10:g} or more.",
            field=field,
        )
