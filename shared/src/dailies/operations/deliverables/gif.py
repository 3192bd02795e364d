"""``gif``: a few seconds of a film as a small picture that moves and repeats, GIF or animated WebP."""

from __future__ import annotations

from pathlib import Path
from typing import Any, ClassVar, Literal

import ffmpeg
from pydantic import Field

from dailies.domain.job.result import Check, Facts, PictureFacts
from dailies.domain.model import Model
from dailies.domain.pictures.sampling import SLACK_SECONDS
from dailies.domain.recipe.fields import Output, Seconds
from dailies.domain.recipe.picture_outputs import Coloured
from dailies.domain.source.media_info import MediaInfo
from dailies.media.graphs.film.editing import INDEXED, RUN_UP_SECONDS
from dailies.media.graphs.pictures.one_size import decoded, reading
from dailies.media.graphs.pictures.picture import PictureParams, deinterlace, filter_picture, resolve_picture
from dailies.media.graphs.pictures.still import image_colours, image_output
from dailies.media.graphs.pictures.storyboard import tile_size
from dailies.media.run.ffmpeg_flags import SOURCE
from dailies.operations.checks.certificate import certified
from dailies.operations.checks.decode_errors import damage_check
from dailies.operations.media_step import MediaStep
from dailies.operations.pictures import choose_stream, list_image
from dailies.operations.resolution import resolve_window
from dailies.planning.operation import Estimate, Produced, Request, StepRun

EXAMPLE = {"outputs": {"preview": {"kind": "gif", "duration": 3}}}
# CPU seconds per megapixel: decoding a frame, and finding and applying a palette or encoding WebP.
_DECODE_COST, _ENCODE_COST, _START_COST = 0.002, 0.15, 0.6
# One frame more than the window is read, whatever the clock of the container rounds to.
_INPUT_SLACK_SECONDS = 0.5
# GIF's clock has hundredths of a second, WebP's thousandths.
_CLOCK_SECONDS = 0.01


class GifOutput(Coloured):
    """A few seconds of the film, small, without sound, repeating for ever: GIF, or WebP with colours of its own."""

    kind: Literal["gif"] = "gif"
    format: Literal["gif", "webp"] = Field("gif", description="webp: animated WebP, smaller and in full colour")
    start: Seconds | None = Field(None, description="seconds; the beginning when absent")
    duration: float = Field(3.0, ge=0.1, le=10, description="seconds; less where the source ends before")
    width: int = Field(320, ge=16, le=1024, description="pixels; height follows the aspect; never scaled up")
    fps: int = Field(10, ge=1, le=25, description="frames per second")


class GifParams(Model):
    """``seconds`` from ``start`` on. ``run_up``: how long before it the picture may have come that is on screen."""

    picture: PictureParams
    start: float
    seconds: float
    run_up: float
    fps: int
    format: Literal["gif", "webp"]

    @property
    def frames(self) -> int:
        return max(1, round(self.seconds * self.fps))


class GifResult(Facts):
    kind: Literal["gif"] = "gif"
    picture: PictureFacts
    frames: int
    fps: int


class GifOperation(MediaStep):
    """Answers outputs of kind ``gif``."""

    kind: ClassVar[str] = "gif"
    output: ClassVar[type[Output]] = GifOutput
    facts: ClassVar[type[Facts]] = GifResult
    version: ClassVar[str] = "1"
    filters: ClassVar[frozenset[str]] = frozenset({"palettegen", "paletteuse"})
    encoders: ClassVar[frozenset[str]] = frozenset({"gif", "libwebp_anim"})

    def request(self, field: str, output: GifOutput, info: MediaInfo) -> Request:
        stream = choose_stream(info, field)
        whole = resolve_picture(stream, None, output.hdr, field)
        start = resolve_window(output.start, None, info, field).start
        left = output.duration
        if info.duration_seconds is not None and info.duration_from != "estimate":
            left = info.duration_seconds - start
        params = GifParams(
            picture=whole.resized(*tile_size(whole.width, whole.height, output.width)),
            start=start,
            seconds=min(output.duration, left),
            run_up=RUN_UP_SECONDS[info.container in INDEXED] + stream.longest_frame_seconds,
            fps=output.fps,
            format=output.format,
        )
        return Request(self.kind, params)

    def file_name(self, name: str, output: GifOutput) -> str:
        return f"{name}.{output.format}"

    def estimate(self, params: GifParams, info: MediaInfo) -> Estimate:
        stream = info.main_video()
        coded = 0.0 if stream is None else stream.coded_width * stream.coded_height / 1e6
        rate = (stream.frames_per_second if stream is not None else None) or 30.0
        read = min(params.start, params.run_up) + params.seconds
        shown = params.picture.width * params.picture.height / 1e6 * params.frames
        return Estimate(cpu_seconds=_START_COST + _DECODE_COST * coded * rate * read + _ENCODE_COST * shown)

    def make(self, run: StepRun) -> Produced:
        params: GifParams = run.params
        path = run.scratch / f"preview.{params.format}"
        report = self.ffmpeg(
            run,
            gif_arguments(params, path.name),
            media_seconds=params.start + params.seconds,
            on_progress=lambda done: run.progress(min(0.9, done / params.seconds)),
        )
        size, times = self._read_back(run, path)
        seconds = times[-1] if times else 0.0
        return certified(
            path,
            f"image/{params.format}",
            [damage_check(report), _size_check(size, params), *_time_checks(times, params)],
            GifResult(
                picture=PictureFacts(
                    format=params.format,
                    width=params.picture.width,
                    height=params.picture.height,
                    at_seconds=params.start,
                ),
                frames=len(times),
                fps=params.fps,
            ),
            duration_seconds=seconds,
        )

    def _read_back(self, run: StepRun, path: Path) -> tuple[tuple[int, int], list[float]]:
        """The size, and when each frame ends, in seconds."""
        if run.params.format == "webp":
            size, times = read_webp(path.read_bytes())
            # Where nothing moves it is a still, which says no time.
            return size, times or [run.params.frames / run.params.fps]
        reader = list_image(self._toolbox, run, path, "gif")
        begins = [frame.seconds for frame in reader.frames]
        return reader.size or (0, 0), [*begins[1:], reader.end] if begins else []


def gif_arguments(params: GifParams, name: str) -> list[str]:
    """The frames on screen at even intervals as ``file:name``, each tick the last frame at or before it."""
    seek = max(0.0, params.start - params.run_up)
    until = params.start - seek + params.seconds + _INPUT_SLACK_SECONDS
    # From the keyframe on: what is on screen at the start may have begun before, and an accurate seek would drop it.
    options: dict[str, Any] = {"noaccurate_seek": None, "ss": f"{seek:.6f}"} if seek > 0 else {}
    stream = decoded(
        ffmpeg.input(SOURCE, an=None, t=f"{until:.6f}", **options, **reading(params.picture)), params.picture
    )
    if params.picture.deinterlace:
        stream = deinterlace(stream)
    stream = stream.filter("tpad", stop=-1, stop_mode="clone")
    begin = params.start - seek + SLACK_SECONDS
    stream = stream.filter("fps", fps=params.fps, start_time=f"{begin:.6f}", round="up")
    stream = stream.filter("trim", end_frame=params.frames).filter("setpts", "PTS-STARTPTS")
    stream = filter_picture(stream, params.picture.model_copy(update={"deinterlace": False}))
    if params.format == "webp":
        return image_output(image_colours(stream, "webp"), name, f="webp", vcodec="libwebp_anim", quality=75, loop=0)
    both = image_colours(stream, "png").filter_multi_output("split", 2)
    # Colours of what moves; an ordered dither, which stands still where the picture does.
    palette = both[0].filter("palettegen", stats_mode="diff")
    shown = ffmpeg.filter([both[1], palette], "paletteuse", dither="bayer", bayer_scale=4, diff_mode="rectangle")
    return image_output(shown, name, f="gif", vcodec="gif", loop=0)


def read_webp(data: bytes) -> tuple[tuple[int, int], list[float]]:
    """Size, and when each frame of an animation ends, in seconds (RFC 9649): not every FFmpeg reads one."""
    size, ends, place = (0, 0), [0.0], 12
    while place + 8 <= len(data) and data[:4] == b"RIFF":
        name, length = data[place : place + 4], int.from_bytes(data[place + 4 : place + 8], "little")
        chunk = data[place + 8 : place + 8 + length]
        if name == b"VP8X":
            size = int.from_bytes(chunk[4:7], "little") + 1, int.from_bytes(chunk[7:10], "little") + 1
        elif name == b"VP8 " and size == (0, 0):
            size = int.from_bytes(chunk[6:8], "little") & 0x3FFF, int.from_bytes(chunk[8:10], "little") & 0x3FFF
        elif name == b"ANMF":
            ends.append(ends[-1] + int.from_bytes(chunk[12:15], "little") / 1000)
        place += 8 + length + length % 2
    return size, ends[1:]


def _size_check(size: tuple[int, int], params: GifParams) -> Check:
    wanted = (params.picture.width, params.picture.height)
    return Check(
        name="picture",
        expected=f"{wanted[0]}×{wanted[1]}",
        measured=f"{size[0]}×{size[1]}",
        passed=size == wanted,
    )


def _time_checks(times: list[float], params: GifParams) -> list[Check]:
    """Frames that show the same may be one that lasts longer."""
    seconds, wanted, allowed = (times[-1] if times else 0.0), params.frames / params.fps, 1 / params.fps
    return [
        Check(
            name="frames",
            expected=f"1 to {params.frames}",
            measured=f"{len(times)}",
            passed=0 < len(times) <= params.frames,
        ),
        Check(
            name="duration",
            expected=f"{wanted:.2f} s ± {allowed + _CLOCK_SECONDS:.2f}",
            measured=f"{seconds:.2f} s",
            passed=abs(seconds - wanted) <= allowed + _CLOCK_SECONDS,
        ),
    ]
