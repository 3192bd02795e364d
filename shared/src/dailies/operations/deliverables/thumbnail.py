"""``thumbnail``: one picture of the source, at a time or the best of a dozen."""

from __future__ import annotations

from collections.abc import Callable
from functools import partial
from pathlib import Path
from typing import ClassVar, Literal

from pydantic import Field

from dailies.domain.errors import InvalidRecipe, SourceRefused
from dailies.domain.job.result import Check, Facts, PictureFacts
from dailies.domain.model import Model
from dailies.domain.pictures.poster import Look, best, candidate_times, look
from dailies.domain.recipe.fields import Output, Seconds
from dailies.domain.recipe.picture_outputs import ImageFormat, Pictured
from dailies.domain.source.media_info import MediaInfo
from dailies.media.graphs.film.editing import INDEXED, RUN_UP_SECONDS
from dailies.media.graphs.pictures.picture import PictureParams
from dailies.media.graphs.pictures.still import (
    IMAGES,
    NEXT_SECONDS,
    Moment,
    candidate_arguments,
    candidates_arguments,
    still_arguments,
)
from dailies.operations.checks.certificate import certified
from dailies.operations.media_step import MediaStep
from dailies.operations.pictures import choose_picture, list_image
from dailies.planning.operation import Estimate, Produced, Request, StepRun

# CPU seconds: starting FFmpeg, and per megapixel for the run-up of half a GOP of 250 from a keyframe.
_START_COST = 0.15
_SEEK_COST_PER_MEGAPIXEL = 0.25
# A second try begins this much earlier, before the still that the first one landed behind.
_STILL_SECONDS = 60.0
EXAMPLE = {"outputs": {"poster": {"kind": "thumbnail", "height": 720}}}


class ThumbnailOutput(Pictured):
    """One picture of the source."""

    kind: Literal["thumbnail"] = "thumbnail"
    at: Seconds | Literal["best"] = Field(
        "best", description="seconds from the source's start; best: sharp, well exposed and not in a transition"
    )
    format: ImageFormat = "jpeg"


class ThumbnailParams(Model):
    """``at`` None: the best."""

    picture: PictureParams
    at: float | None
    format: ImageFormat


class ThumbnailResult(Facts):
    kind: Literal["thumbnail"] = "thumbnail"
    picture: PictureFacts


class ThumbnailOperation(MediaStep):
    """Answers outputs of kind ``thumbnail``."""

    kind: ClassVar[str] = "thumbnail"
    output: ClassVar[type[Output]] = ThumbnailOutput
    facts: ClassVar[type[Facts]] = ThumbnailResult
    version: ClassVar[str] = "4"

    def request(self, field: str, output: ThumbnailOutput, info: MediaInfo) -> Request:
        at = None if output.at == "best" else float(output.at)
        duration = info.duration_seconds if info.duration_from != "estimate" else None
        if at is not None and duration is not None and at >= duration:
            raise InvalidRecipe(
                f"{field}.at: {at:g} s is past the source's end ({duration:.2f} s).", field=f"{field}.at"
            )
        picture = choose_picture(output, info, field)
        return Request(self.kind, ThumbnailParams(picture=picture, at=at, format=output.format))

    def file_name(self, name: str, output: ThumbnailOutput) -> str:
        return f"{name}.{IMAGES[output.format][1]}"

    def estimate(self, params: ThumbnailParams, info: MediaInfo) -> Estimate:
        stream = info.main_video()
        megapixels = 0.0 if stream is None else stream.coded_width * stream.coded_height / 1e6
        looks = 0 if params.at is not None else 1 if _is_short(info) else len(candidate_times(info.duration_seconds))
        return Estimate(cpu_seconds=(1 + looks) * (_START_COST + _SEEK_COST_PER_MEGAPIXEL * megapixels))

    def make(self, run: StepRun) -> Produced:
        params: ThumbnailParams = run.params
        at = self._best(run) if params.at is None else params.at
        media_type, extension = IMAGES[params.format]
        path = run.scratch / f"picture.{extension}"
        shown = self._first_of(
            run, path, at, lambda moment: still_arguments(params.picture, moment, params.format, path.name)
        )
        if not shown:
            raise SourceRefused(
                f"The video has no picture that can be decoded at {at:g} s: ask for another time.",
                code="no_picture",
                at_seconds=at,
            )
        width, height = params.picture.width, params.picture.height
        return certified(
            path,
            media_type,
            [self._check(run, path)],
            ThumbnailResult(picture=PictureFacts(format=params.format, width=width, height=height, at_seconds=at)),
        )

    def _best(self, run: StepRun) -> float:
        info, picture = self.probed(run), run.params.picture
        paths = {at: run.scratch / f"{at:g}.gray" for at in candidate_times(info.duration_seconds)}
        if _is_short(info):
            names = [path.name for path in paths.values()]
            self.ffmpeg(run, candidates_arguments(picture, list(paths), names), media_seconds=info.duration_seconds)
        looks: dict[float, Look] = {}
        for number, (at, path) in enumerate(paths.items()):
            shown = _holds_something(path) or self._first_of(
                run, path, at, partial(candidate_arguments, picture, name=path.name)
            )
            found = look(path.read_bytes()) if shown else None
            if found is not None:
                looks[at] = found
            run.progress(0.9 * (number + 1) / len(paths))
        return best(looks) if looks else 0.0

    def _first_of(self, run: StepRun, path: Path, at: float, arguments: Callable[[Moment], list[str]]) -> bool:
        """Whether the picture on screen ``at`` was written to ``path``: by the cheapest way that has one."""
        info = self.probed(run)
        run_ups = [run_up for run_up in (RUN_UP_SECONDS[info.container in INDEXED], _STILL_SECONDS) if run_up < at]
        for moment in (*(Moment(at, run_up) for run_up in run_ups), Moment(at)):
            path.unlink(missing_ok=True)
            self.ffmpeg(run, arguments(moment), media_seconds=0.0)
            if _holds_something(path):
                return True
        return False

    def _check(self, run: StepRun, path: Path) -> Check:
        params: ThumbnailParams = run.params
        reader = list_image(self._toolbox, run, path, params.format)
        size = reader.size or (0, 0)
        wanted = (params.picture.width, params.picture.height)
        return Check(
            name="picture",
            expected=f"{wanted[0]}×{wanted[1]}, 1 frame",
            measured=f"{size[0]}×{size[1]}, {len(reader.frames)} frame" + ("" if len(reader.frames) == 1 else "s"),
            passed=size == wanted and len(reader.frames) == 1,
        )


def _is_short(info: MediaInfo) -> bool:
    """Whether all of the source takes no longer to decode than the candidates' run-ups would."""
    times = candidate_times(info.duration_seconds)
    run_up = RUN_UP_SECONDS[info.container in INDEXED]
    return len(times) > 1 and sum(min(at, run_up) + NEXT_SECONDS for at in times) >= (info.duration_seconds or 0.0)


def _holds_something(path: Path) -> bool:
    return path.exists() and path.stat().st_size > 0
