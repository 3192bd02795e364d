"""``thumbnail``: one picture of the source, at a time or the best of a dozen."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from pathlib import Path
from typing import ClassVar

from dailies.domain.errors import InvalidRecipe, SourceRefused
from dailies.domain.media_info import MediaInfo
from dailies.domain.model import Model
from dailies.domain.picture_outputs import ImageFormat, ThumbnailOutput
from dailies.domain.poster import Look, best, candidate_times, look
from dailies.domain.result import Check, PictureFacts
from dailies.media.picture import PictureParams
from dailies.media.still import IMAGES, candidate_arguments, still_arguments
from dailies.media.toolbox import Toolbox
from dailies.operations.certified import certified
from dailies.operations.pictures import choose_picture, list_image
from dailies.planning.operation import Estimate, Placement, Produced, Request, StepRun
from dailies.planning.plan import PROBE, NoParams

# CPU seconds: starting FFmpeg, and per megapixel for the run-up of half a GOP of 250 from a keyframe.
_START_COST = 0.15
_SEEK_COST_PER_MEGAPIXEL = 0.25


class ThumbnailParams(Model):
    """``at`` None: the best."""

    picture: PictureParams
    at: float | None
    format: ImageFormat


class ThumbnailOperation:
    """Answers outputs of kind ``thumbnail``."""

    kind: ClassVar[str] = "thumbnail"
    version: ClassVar[str] = "3"
    placement: ClassVar[Placement] = Placement.MEDIA
    uses_ffmpeg: ClassVar[bool] = True

    def __init__(self, toolbox: Toolbox) -> None:
        self._toolbox = toolbox

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

    def needs(self, params: ThumbnailParams) -> Mapping[str, Request]:
        return {PROBE: Request(PROBE, NoParams())}

    def estimate(self, params: ThumbnailParams, info: MediaInfo) -> Estimate:
        stream = info.main_video()
        megapixels = 0.0 if stream is None else stream.coded_width * stream.coded_height / 1e6
        runs = 1 if params.at is not None else 1 + len(candidate_times(info.duration_seconds))
        return Estimate(cpu_seconds=runs * (_START_COST + _SEEK_COST_PER_MEGAPIXEL * megapixels))

    def fuse(self, params: ThumbnailParams) -> str | None:
        return None

    def run(self, batch: Sequence[StepRun]) -> Iterator[tuple[StepRun, Produced]]:
        for run in batch:
            yield run, self._take(run)

    def _take(self, run: StepRun) -> Produced:
        params: ThumbnailParams = run.params
        at = self._best(run) if params.at is None else params.at
        media_type, extension = IMAGES[params.format]
        path = run.scratch / f"picture.{extension}"
        self._ffmpeg(run, still_arguments(params.picture, at, params.format, path.name))
        if not _holds_something(path):
            raise SourceRefused(
                f"The video has no picture at {at:g} s: ask for an earlier time.", code="no_picture", at_seconds=at
            )
        width, height = params.picture.width, params.picture.height
        return certified(
            path,
            media_type,
            [self._check(run, path)],
            picture=PictureFacts(format=params.format, width=width, height=height, at_seconds=at),
        )

    def _best(self, run: StepRun) -> float:
        info = MediaInfo.model_validate(run.inputs[PROBE].data)
        times = candidate_times(info.duration_seconds)
        looks: dict[float, Look] = {}
        for number, at in enumerate(times):
            path = run.scratch / "candidate.gray"
            path.unlink(missing_ok=True)
            self._ffmpeg(run, candidate_arguments(run.params.picture.stream, at, path.name))
            found = look(path.read_bytes()) if path.exists() else None
            if found is not None:
                looks[at] = found
            run.progress(0.9 * (number + 1) / len(times))
        # A film of one frame has none in the middle of its duration.
        return best(looks) if looks else 0.0

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

    def _ffmpeg(self, run: StepRun, arguments: list[str]) -> None:
        self._toolbox.run(arguments, scratch=run.scratch, source=run.source, stop=run.stop, media_seconds=0.0)


def _holds_something(path: Path) -> bool:
    return path.exists() and path.stat().st_size > 0
