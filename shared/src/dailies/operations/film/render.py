"""What the ``audio`` and ``video`` operations share: one fused FFmpeg run, verification, one certificate each."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from concurrent.futures import Executor, ThreadPoolExecutor
from dataclasses import replace
from fractions import Fraction
from pathlib import Path
from typing import Any

from dailies.domain.checks.sound_sync import NO_LEVELS, Point, points_along
from dailies.domain.job.result import Check
from dailies.domain.loudness.level import Level
from dailies.domain.loudness.levelling import MAX_RENDERS
from dailies.domain.source.media_info import MediaInfo
from dailies.domain.source.tags import Span
from dailies.media.ffmpeg import RunReport
from dailies.media.graphs.film.rendering import AudioBranch, PictureBranch, Rendering, render_arguments
from dailies.media.toolbox import Toolbox
from dailies.operations.checks.certificate import certified
from dailies.operations.checks.decode_errors import damage_check
from dailies.operations.checks.inspection import Verification, Wanted, inspect
from dailies.operations.checks.scoring import (
    Compared,
    Comparison,
    Together,
    listen_to_source,
    mix_checks,
    quality_score_of,
)
from dailies.operations.checks.source_ends import SourceEnds
from dailies.operations.checks.sync import along_check, noted_levels, noting_levels
from dailies.operations.checks.verification import (
    SAMPLED_PICTURES,
    audio_checks,
    audio_facts,
    decode_check,
    duration_check,
    loudness_checks,
    loudness_facts,
    picture_checks,
    sync_check,
    ticks_check,
    video_facts,
)
from dailies.operations.film.muxing import mux
from dailies.operations.film.rendered import AudioResult, VideoResult
from dailies.operations.resolution import LEVEL, PicturePart, RenderParams, tolerance
from dailies.operations.sound.correction import correction
from dailies.operations.sound.loudness_probe import material_of
from dailies.operations.tagging import NOTHING, tagged_arguments, tagging
from dailies.operations.text.burning import Burning, burning_of
from dailies.planning.operation import MAIN_FILE, Produced, StepRun
from dailies.planning.plan import PROBE

# The part of a step's progress that is the encode; the rest is verification.
_ENCODE_SHARE = 0.9
# The source is heard beside the encode, the output beside its verification.
_LISTENERS = 2


def render(toolbox: Toolbox, batch: Sequence[StepRun]) -> Iterator[tuple[StepRun, Produced]]:
    """Encode every output of ``batch`` in one run of FFmpeg, then verify and yield each.

    Raises what FFmpeg's run does; SourceRefused ``source_truncated`` when the source ends before its header
    says; QualityNotReached when an output stays outside tolerance.
    """
    scratch = batch[0].scratch
    jobs = [_Job(toolbox, run, number, scratch) for number, run in enumerate(batch)]
    with ThreadPoolExecutor(_LISTENERS) as pool:
        for job in jobs:
            job.listen_to_source(pool)
        report = _encode(toolbox, jobs, scratch)
        damage_check(report)
        for job in jobs:
            job.ends.check(report)
            yield job.run, job.finish(pool, report.of_output(job.place), scratch)


def _encode(toolbox: Toolbox, jobs: Sequence[_Job], scratch: Path) -> RunReport:
    first = jobs[0]
    longest = max((job.expected_seconds() or 0.0 for job in jobs), default=0.0)

    def progress(seconds: float) -> None:
        for job in jobs:
            job.run.progress(_ENCODE_SHARE * min(1.0, seconds / longest) if longest else 0.0)

    points = [(job.params.audio.selection.stream, job.points) for job in jobs if job.params.audio is not None]
    arguments = noting_levels(render_arguments([job.rendering() for job in jobs]), first.info, points)
    report = toolbox.run(
        tagged_arguments(arguments, scratch, {job.name: job.tagging for job in jobs}),
        scratch=scratch,
        source=first.run.source,
        stop=first.run.stop,
        media_seconds=_work_seconds(jobs),
        on_progress=progress,
        extra_sources={name: path for job in jobs for name, path in job.tagging.sources.items()},
    )
    noted = noted_levels(scratch, points)
    for job in jobs:
        if job.points and job.params.audio is not None:
            job.source_levels = noted[job.params.audio.selection.stream]
    return report


def _work_seconds(jobs: Sequence[_Job]) -> float | None:
    """What is encoded, of all outputs, and a tenth of what is read on the way to it; None where nobody knows."""
    lengths = [job.expected_seconds() for job in jobs]
    if None in lengths:
        return None
    return sum(length or 0.0 for length in lengths) + max(job.params.window.start for job in jobs) / 10


class _Job:
    """One output on its way: its rendering, and the corrections that verification asks for."""

    def __init__(self, toolbox: Toolbox, run: StepRun, number: int, scratch: Path) -> None:
        self.run = run
        self.params: RenderParams = run.params
        self.info = MediaInfo.model_validate(run.inputs[PROBE].data)
        self._toolbox = toolbox
        self.name = f"output-{number}.{self.params.extension}"
        self.place = number
        self.ends = SourceEnds(self.params, self.info, number)
        window, film = self.params.window, self.params.picture is not None
        self.tagging = tagging(
            run, self.params.tags, self.params.muxer, [Span(window.start, window.end)], number=number, pictures=film
        )
        level = run.inputs.get(LEVEL)
        self.level = Level.model_validate(level.data) if level is not None else None
        self.points = self._points()
        self.source_levels = NO_LEVELS
        self._comparison: Comparison | None = None
        self._normalize = self.params.audio.normalize if self.params.audio is not None else None
        self._burning = burning_of(toolbox, run, scratch, number)
        if self.level is not None and not self.level.reachable:
            # The user gets the sound as it is and the reason, rather than nothing, or something crushed.
            self.level = Level(mode="unchanged", reason=f"passed through unchanged: {self.level.reason}")

    def rendering(self) -> Rendering:
        audio, picture = self.params.audio, self.params.picture
        return Rendering(
            name=self.name,
            muxer=self.params.muxer,
            window=self.params.window,
            audio=None if audio is None else AudioBranch(audio.selection, audio.encoding, self.level),
            picture=None if picture is None else _branch(picture, self._burning),
        )

    def expected_seconds(self) -> float | None:
        """How long the output should be, by the header."""
        end = self.params.window.end if self.params.window.end is not None else self.info.duration_seconds
        return None if end is None else max(end - self.params.window.start, 0.0)

    def _points(self) -> list[Point]:
        """Along a film whose sound is encoded, as far as its length is known."""
        audio, seconds = self.params.audio, self.expected_seconds()
        if self.params.picture is None or audio is None or audio.encoding.copied or seconds is None:
            return []
        return points_along(seconds, source=self.params.window.start)

    def listen_to_source(self, pool: Executor) -> None:
        """For the quality score. Where the headers don't say how long the source is, it waits for the encode."""
        seconds = self.expected_seconds()
        if seconds is not None:
            self._compare_source(pool, seconds)

    def finish(self, pool: Executor, report: RunReport, scratch: Path) -> Produced:
        """Verify, encode the sound again while its loudness is off, and certify. Raises QualityNotReached."""
        path = scratch / self.name
        if self._comparison is None:
            self._compare_source(pool, self.ends.decoded_seconds(report))
        found, compared = self._inspect(pool, path)
        for _ in range(MAX_RENDERS - 1):
            again = correction(self._toolbox, self.run, self.params, self.level, found)
            if again is None:
                break
            if compared is not None:
                compared.wait()
            self.level = again
            self._encode_sound(path)
            found, compared = self._inspect(pool, path)
        checks = self._checks(found, report)
        audio, picture = self.params.audio, self.params.picture
        copied = (audio is None or audio.encoding.copied) and (picture is None or picture.params is None)
        said: dict[str, Any] = {
            "copied": copied,
            "audio": audio_facts(found.info),
            "loudness": loudness_facts(found, self.level, asked=self._normalize is not None),
            "metadata": self.tagging.facts(found.info),
            "quality_score": None if audio is None else quality_score_of(audio, found, compared),
        }
        pieces = None if picture is None else picture.one_piece
        return certified(
            path,
            self.params.media_type,
            checks,
            AudioResult(**said)
            if picture is None
            else VideoResult(**said, video=video_facts(found.info, report.pictures or None, pieces)),
            sha256={MAIN_FILE: found.sha256},
            duration_seconds=found.info.duration_seconds or 0.0,
        )

    def _encode_sound(self, path: Path) -> None:
        """At another level than before; the pictures beside it stay as they are."""
        rendering, tags = self.rendering(), self.tagging
        if rendering.picture is not None:
            rendering, tags = replace(rendering, name=f"{path.stem}.m4a", muxer="ipod", picture=None), NOTHING
        self._toolbox.run(
            tags.arguments(render_arguments([rendering]), path.parent, rendering.name),
            scratch=path.parent,
            source=self.run.source,
            stop=self.run.stop,
            media_seconds=self.info.duration_seconds,
            extra_sources=tags.sources,
        )
        if self.params.picture is not None:
            sound = path.with_name(rendering.name)
            film = mux(self._toolbox, self.run.stop, path, sound, f"{path.stem}-levelled.mp4", self.tagging)
            film.replace(path)

    def _compare_source(self, pool: Executor, seconds: float) -> None:
        audio = self.params.audio
        if audio is None:
            return
        blocks = material_of(self.run, self.params.window).blocks if audio.normalize is not None else None
        self._comparison = listen_to_source(
            pool,
            self._toolbox,
            self.run,
            audio,
            window=self.params.window,
            seconds=seconds,
            blocks=blocks,
            measured=True,
        )

    def _inspect(self, pool: Executor, path: Path) -> tuple[Verification, Compared | None]:
        """Open the output, and hear it beside its source: in one run where both are short."""
        audio, beside, compared = self.params.audio, None, None
        if audio is not None and self._comparison is not None:
            if self._comparison.together:
                beside = Together(self._comparison, self.run, audio, path)
                compared = beside.compared
            else:
                compared = self._comparison.output(pool, self._toolbox, self.run, audio, path)
        picture = self.params.picture
        wanted = Wanted(
            heard_at=None if audio is None or audio.encoding.copied else audio.encoding.sample_rate_hz,
            true_peak=self._normalize is not None,
            media_seconds=self.info.duration_seconds,
            beside=beside,
            points=self.points,
            pictures_at=None if picture is None or picture.params is None else Fraction(picture.rate),
        )
        found = inspect(self._toolbox, path, self.run.stop, wanted)
        return found, compared

    def _checks(self, found: Verification, report: RunReport) -> list[Check]:
        audio, picture = self.params.audio, self.params.picture
        expected = self.ends.decoded_seconds(report)
        checks = [duration_check(found.info, expected, tolerance(expected)), damage_check(report)]
        checks += self.tagging.checks(found.info)
        if audio is not None:
            checks += audio_checks(found.info, audio.encoding)
            if self._comparison is not None:
                checks += mix_checks(self._toolbox, self.run, audio.selection, self._comparison.windows)
            if self.level is not None and self._normalize is not None:
                checks += loudness_checks(found, self.level, self._normalize)
        encoded = picture is not None and picture.params is not None
        checks += decode_check(found, SAMPLED_PICTURES if encoded else "")
        if picture is not None:
            checks += picture_checks(found.info, None if picture.params is None else picture.params.size)
            if encoded:
                checks.append(ticks_check(found.ticks, report.pictures))
            checks += sync_check(found.info)
            checks += along_check(self.points, self.source_levels, found.levels, picture.rate)
        if self._burning is not None:
            checks += self._burning.checks
        return checks


def _branch(picture: PicturePart, burning: Burning | None) -> PictureBranch:
    draw = None if burning is None else burning.draw
    return PictureBranch(
        picture.stream, picture.params, picture.quality, picture.preset, picture.rate, picture.reach, draw
    )
