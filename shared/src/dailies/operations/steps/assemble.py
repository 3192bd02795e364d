"""``assemble``: one MP4 of a long film from its chunks and its sound, joined by copying."""

from __future__ import annotations

from dataclasses import replace
from fractions import Fraction
from pathlib import Path
from typing import TYPE_CHECKING, ClassVar

from dailies.domain.edit.chunking import ChunkRules, chunk_windows, reason_for_one_piece
from dailies.domain.errors import QualityNotReached
from dailies.domain.job.result import Check, LoudnessFacts
from dailies.domain.loudness.level import Level
from dailies.domain.model import Model
from dailies.domain.source.audio_selection import Window
from dailies.domain.source.media_info import MediaInfo
from dailies.domain.source.tags import Span
from dailies.operations.checks.certificate import certified
from dailies.operations.checks.decode_errors import judge_damage, refuse_short
from dailies.operations.checks.inspection import Verification, Wanted, inspect
from dailies.operations.checks.scoring import MIX
from dailies.operations.checks.sync import along_check, film_points, source_levels
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
from dailies.operations.film.joining import chunk_role, film_ticks, join, shared_rate
from dailies.operations.film.rendered import VideoResult
from dailies.operations.media_step import MediaStep
from dailies.operations.resolution import PicturePart, RenderParams, tolerance
from dailies.operations.steps.chunk import ChunkFacts, ChunkParams
from dailies.operations.tagging import cover_request, tagging
from dailies.planning.operation import MAIN_FILE, Artifact, Estimate, Known, Needs, Produced, Request, StepRun
from dailies.planning.plan import PROBE, NoParams

if TYPE_CHECKING:
    from dailies.media.toolbox import Toolbox

ASSEMBLE = "assemble"
_AUDIO = "audio"
_NAME = "output.mp4"
# CPU seconds per second of film: copying, and hearing the sound once more.
_COST = 0.004
_START_COST = 0.5


class AssembleParams(Model):
    """The film as one piece would be, and the windows of its chunks."""

    film: RenderParams
    chunks: tuple[Window, ...]


def divided(
    film: RenderParams, info: MediaInfo, cpu_seconds: float, rules: ChunkRules
) -> AssembleParams | RenderParams:
    """The film in chunks when encoding it takes long, else itself, with the reason when it is long."""
    picture, stream = film.picture, info.main_video()
    if picture is None or picture.params is None or stream is None or cpu_seconds <= rules.above_seconds:
        return film
    reason = reason_for_one_piece(info, stream, film.audio.selection.stream if film.audio else None, film.window)
    if picture.burnt is not None:
        reason = "subtitles are burnt in"
    if reason is not None or info.duration_seconds is None:
        return film.model_copy(update={"picture": picture.model_copy(update={"one_piece": f"in one piece: {reason}"})})
    windows = chunk_windows(film.window, info.duration_seconds, rules.seconds)
    return film if len(windows) == 1 else AssembleParams(film=film, chunks=windows)


class AssembleOperation(MediaStep):
    """Joins the chunks of a film, and certifies the whole."""

    kind: ClassVar[str] = ASSEMBLE
    version: ClassVar[str] = "5"

    def needs(self, params: AssembleParams, known: Known) -> Needs:
        needs = {PROBE: Request(PROBE, NoParams()), **cover_request(params.film.tags)}
        film, last = params.film, len(params.chunks) - 1
        if film.picture is None:
            raise ValueError("a film without pictures has no chunks")
        # The same kind of step as an audio output: it fuses with those, and the sound is in one piece.
        if film.audio is not None:
            sound = film.model_copy(
                update={"muxer": "ipod", "extension": "m4a", "media_type": "audio/mp4", "picture": None, "tags": None}
            )
            needs[_AUDIO] = Request("audio", sound)
        for number, window in enumerate(params.chunks):
            chunk = ChunkParams(picture=film.picture, window=window, opens=number == 0, closes=number == last)
            needs[chunk_role(number)] = Request("chunk", chunk)
        return needs

    def estimate(self, params: AssembleParams, info: MediaInfo) -> Estimate:
        end = params.film.window.end if params.film.window.end is not None else info.duration_seconds
        return Estimate(cpu_seconds=_START_COST + _COST * max((end or 0.0) - params.film.window.start, 0.0))

    def make(self, run: StepRun) -> Produced:
        return _Film(self._toolbox, run).make()


class _Film:
    def __init__(self, toolbox: Toolbox, run: StepRun) -> None:
        self._toolbox = toolbox
        self._run = run
        self._params: RenderParams = run.params.film
        self._windows: tuple[Window, ...] = run.params.chunks
        self._info = MediaInfo.model_validate(run.inputs[PROBE].data)
        self._artifacts = [run.inputs[chunk_role(number)] for number in range(len(self._windows))]
        self._chunks = [ChunkFacts.model_validate(artifact.data) for artifact in self._artifacts]
        self._sound = run.inputs.get(_AUDIO)

    def make(self) -> Produced:
        """Raises SourceRefused ``source_truncated`` or ``decode_failed``; QualityNotReached."""
        damage = judge_damage(
            sum(chunk.broken_frames for chunk in self._chunks), sum(chunk.frames for chunk in self._chunks)
        )
        rate = shared_rate(self._chunks)
        frames = self._contiguous(rate)
        sounding = None if self._sound is None else self._run.read(self._sound, MAIN_FILE)
        pieces = list(zip(self._artifacts, self._chunks, strict=True))
        window = self._params.window
        spans = [Span(window.start, window.end)]
        tags = tagging(self._run, self._params.tags, self._params.muxer, spans, pictures=True)
        path = join(self._toolbox, self._run, pieces, _NAME, sounding, self._info.duration_seconds, tagging=tags)
        self._run.progress(0.5)
        audio = self._params.audio
        heard_at = None if audio is None or audio.encoding.copied else audio.encoding.sample_rate_hz
        points = [] if heard_at is None else film_points(float(frames / rate), window.start)
        wanted = Wanted(heard_at, self._info.duration_seconds, points=points, pictures_at=rate)
        found = inspect(self._toolbox, path, self._run.stop, replace(wanted, true_peak=self._normalized))
        checks = [*self._checks(found, frames / rate), damage, *self._frame_checks(path, found, frames, rate)]
        checks += tags.checks(found.info)
        if audio is not None and points:
            levels = source_levels(self._toolbox, self._run, self._info, audio.selection.stream, points)
            checks += along_check(points, levels, found.levels, rate)
        sound = self._sound.data if self._sound is not None else {}
        return certified(
            path,
            self._params.media_type,
            checks,
            VideoResult(
                audio=audio_facts(found.info),
                video=video_facts(found.info, frames, f"in {len(self._chunks)} chunks"),
                loudness=self._loudness(found),
                metadata=tags.facts(found.info),
                quality_score=sound.get("quality_score"),
            ),
            sha256={MAIN_FILE: found.sha256},
            duration_seconds=found.info.duration_seconds or 0.0,
        )

    @property
    def _normalized(self) -> bool:
        return self._params.audio is not None and self._params.audio.normalize is not None

    def _contiguous(self, rate: Fraction) -> int:
        """The number of frames. Raises SourceRefused when the pictures end early, QualityNotReached for a gap."""
        filled = [chunk for chunk in self._chunks if chunk.frames]
        next_tick = filled[0].first_tick
        for chunk in filled:
            if chunk.first_tick != next_tick or chunk.gaps:
                raise QualityNotReached(
                    f"The chunks of the film don't meet: frame {chunk.first_tick} comes where {next_tick} should."
                )
            next_tick += chunk.frames
        stream = next((s for s in self._info.video if s.index == self._picture.stream), None)
        if stream is not None and stream.duration_seconds is not None and not stream.variable_frame_rate:
            declared = stream.start_seconds + stream.duration_seconds
            refuse_short(declared, float(next_tick / rate), self._info.duration_from, self._params.window.end)
        return next_tick - filled[0].first_tick

    @property
    def _picture(self) -> PicturePart:
        if self._params.picture is None:
            raise ValueError("a film without pictures has no chunks")
        return self._params.picture

    def _checks(self, found: Verification, picture_seconds: Fraction) -> list[Check]:
        expected = float(picture_seconds)
        audio, params = self._params.audio, self._picture.params
        if self._sound is not None:
            expected = max(expected, float(self._sound.data["duration_seconds"]))
        checks = [duration_check(found.info, expected, tolerance(expected))]
        if audio is not None:
            checks += audio_checks(found.info, audio.encoding)
            if audio.normalize is not None:
                heard = self._heard()
                checks += loudness_checks(found, Level(mode=heard.mode, reason=heard.reason), audio.normalize)
            mixed = () if self._sound is None else self._sound.data["checks"]
            checks += [Check.model_validate(check) for check in mixed if check["name"] == MIX]
        checks += decode_check(found, SAMPLED_PICTURES)
        checks += picture_checks(found.info, None if params is None else params.size)
        return checks + sync_check(found.info)

    def _frame_checks(self, path: Path, found: Verification, frames: int, rate: Fraction) -> list[Check]:
        """Every frame of the film on its tick, and sound and pictures as far apart at the end as they should be."""
        ticks = film_ticks(self._toolbox, self._run, path, found.info.video[0].index, rate)
        checks = [ticks_check(ticks, frames)]
        if self._sound is not None and found.info.audio:
            sound = found.info.audio[0]
            wanted = float(self._sound.data["duration_seconds"]) - float(frames / rate)
            ends = sound.start_seconds + (sound.duration_seconds or 0.0) - float((ticks[-1] + 1) / rate)
            limit = float(1 / rate)
            checks.append(
                Check(
                    name="A/V offset at the end",
                    expected=f"≤ {limit * 1000:.0f} ms",
                    measured=f"{(ends - wanted) * 1000:+.0f} ms",
                    passed=abs(ends - wanted) <= limit,
                )
            )
        return checks

    def _heard(self) -> LoudnessFacts:
        """How the sound was levelled."""
        sound: Artifact | None = self._sound
        if sound is None:
            raise ValueError("a film without sound was not levelled")
        return LoudnessFacts.model_validate(sound.data["loudness"])

    def _loudness(self, found: Verification) -> LoudnessFacts | None:
        if self._sound is None or not self._normalized:
            return loudness_facts(found, None, asked=self._normalized)
        heard = self._heard()
        return loudness_facts(found, Level(mode=heard.mode, reason=heard.reason, gain_db=heard.gain_db), asked=True)
