"""Verifies a film that was edited, and hands it over with its certificate."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING

from dailies.domain.checks.sound_sync import Levels
from dailies.domain.edit.edit_list import EditList
from dailies.domain.edit.highlights import Clip
from dailies.domain.job.result import Check, SegmentFacts
from dailies.domain.loudness.level import Level
from dailies.domain.recipe.edit_recipe import HighlightWish, Segment
from dailies.domain.source.audio_selection import AudioSelection
from dailies.domain.source.media_info import MediaInfo
from dailies.media.graphs.pictures.black_bars import BarReader, bars_arguments
from dailies.media.graphs.pictures.picture import PictureParams
from dailies.operations.checks.certificate import certified
from dailies.operations.checks.edit_checks import (
    clip_checks,
    end_sync_check,
    framing_check,
    litmus_check,
    spread_checks,
)
from dailies.operations.checks.inspection import Verification, read_own
from dailies.operations.checks.scoring import mix_checks
from dailies.operations.checks.sync import along_check, edit_points, source_levels
from dailies.operations.checks.verification import (
    audio_checks,
    audio_facts,
    decode_check,
    duration_check,
    loudness_checks,
    loudness_facts,
    picture_checks,
    sync_check,
    video_facts,
)
from dailies.operations.film.rendered import VideoResult
from dailies.operations.sound.edit_sound import EditAudio, Sound, measured_segments
from dailies.operations.tagging import Tagging
from dailies.planning.operation import MAIN_FILE, Produced, StepRun
from dailies.planning.plan import PROBE

if TYPE_CHECKING:
    from dailies.media.toolbox import Toolbox


@dataclass(frozen=True, slots=True)
class Film:
    """What was made: the file, and what was to be in it."""

    path: Path
    edit: EditList
    checks: Sequence[Check]
    """What was found while it was encoded."""
    pieces: str | None
    sound: Sound | None
    segments: Sequence[Segment]
    clips: Sequence[Clip]
    """Of segments that were found: the reasons."""
    wish: HighlightWish | None
    tagging: Tagging


def certify(
    film: Film,
    found: Verification,
    shown: tuple[int, int] | None,
    picture: PictureParams,
    audio: EditAudio | None,
) -> Produced:
    """``found`` is what the film measures, ``shown`` the size of what isn't black in it.

    Raises QualityNotReached when it isn't what was asked for.
    """
    edit = film.edit
    normalized = audio is not None and audio.normalize is not None
    frame = float(1 / edit.rate)
    checks = [
        duration_check(found.info, edit.seconds, frame),
        *film.checks,
        *decode_check(found, "each keyframe"),
        *picture_checks(found.info, picture.size),
        framing_check(shown, picture),
        *sync_check(found.info),
        *end_sync_check(found.info, edit),
        *clip_checks(edit, film.wish),
        *film.tagging.checks(found.info),
    ]
    heard: list[float | None] = [None for _ in edit.cuts]
    level: Level | None = None
    if audio is not None:
        encoding = audio.encoding
        checks += audio_checks(found.info, encoding)
    if audio is not None and audio.normalize is not None and film.sound is not None and found.heard is not None:
        level = _level_of(film.sound)
        heard = measured_segments(found.heard.blocks, edit)
        checks += loudness_checks(found, level, audio.normalize)
        if level.mode != "unchanged":
            checks += litmus_check(found.integrated_lufs, audio.normalize.integrated_lufs)
            checks += spread_checks(heard, audio.max_spread_lu)
    return certified(
        film.path,
        "video/mp4",
        checks,
        VideoResult(
            audio=audio_facts(found.info),
            video=video_facts(found.info, edit.frames, film.pieces),
            loudness=loudness_facts(found, level, asked=normalized),
            quality_score=None if film.sound is None else film.sound.facts["quality_score"],
            metadata=film.tagging.facts(found.info),
            segments=_segments(film, heard),
        ),
        sha256={MAIN_FILE: found.sha256},
        duration_seconds=found.info.duration_seconds or 0.0,
    )


def _level_of(sound: Sound) -> Level:
    facts = sound.facts["loudness"]
    return Level(mode=facts["mode"], gain_db=facts["gain_db"], reason=facts["reason"])


def shown_of(toolbox: Toolbox, run: StepRun, pictures: Path, edit: EditList) -> tuple[int, int] | None:
    """Width and height of what isn't black in the film's keyframes. Works in a folder of its own.

    Raises QualityNotReached when one of them can't be decoded.
    """
    folder = run.scratch / "shown"
    folder.mkdir(exist_ok=True)
    reader, arguments = BarReader(), bars_arguments()
    read_own(toolbox, pictures, arguments, run.stop, reader.line, scratch=folder, media_seconds=edit.seconds)
    return reader.picture()


class SourceSound:
    """The source's sound where films of one edit are held against it, heard once for all of a selection."""

    def __init__(self, toolbox: Toolbox, edit: EditList) -> None:
        self._toolbox = toolbox
        self._rate = edit.rate
        self._points = edit_points(edit)
        self._heard: list[tuple[AudioSelection, Levels, Sequence[Check]]] = []

    def checks(self, run: StepRun, selection: AudioSelection, found: Verification) -> list[Check]:
        """The film's sound held against it: when it sounds, and what is left of channels that are mixed."""
        heard = next((heard for heard in self._heard if heard[0] == selection), None)
        if heard is None:
            info = MediaInfo.model_validate(run.inputs[PROBE].data)
            levels = source_levels(self._toolbox, run, info, selection.stream, self._points)
            mixed = mix_checks(self._toolbox, run, selection, [point.of_source for point in self._points])
            heard = (selection, levels, mixed)
            self._heard.append(heard)
        return [*along_check(self._points, heard[1], found.levels, self._rate), *heard[2]]


def _segments(film: Film, heard: Sequence[float | None]) -> tuple[SegmentFacts, ...]:
    facts = []
    for number, (cut, segment) in enumerate(zip(film.edit.cuts, film.segments, strict=True)):
        level = film.sound.levels[number] if film.sound is not None else None
        start, end = film.edit.window(number)
        loudness = heard[number]
        facts.append(
            SegmentFacts(
                source_start=round(start, 6),
                source_end=round(end, 6),
                start=round(float(cut.at / film.edit.rate), 6),
                end=round(float((cut.at + cut.frames) / film.edit.rate), 6),
                frames=cut.frames,
                transition=cut.transition,
                score=segment.score,
                terms=film.clips[number].terms if film.clips else (),
                gain_db=round(level.gain_db, 2) if level is not None else 0.0,
                integrated_lufs=None if loudness is None else round(loudness, 2),
                levelling=level.reason if level is not None else "no audio track",
            )
        )
    return tuple(facts)
