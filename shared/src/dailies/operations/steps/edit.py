"""``edit``: parts of a source, cut to the frame and joined in one film. What ``video`` becomes with segments."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from concurrent.futures import ThreadPoolExecutor
from dataclasses import replace
from itertools import pairwise
from typing import ClassVar

from dailies.domain.edit.edit_joints import edit_joints, most_parts
from dailies.domain.edit.edit_list import EditList
from dailies.domain.edit.highlights import Clip
from dailies.domain.errors import QualityNotReached
from dailies.domain.job.result import Check
from dailies.domain.model import digest_of
from dailies.domain.source.media_info import MediaInfo
from dailies.domain.source.tags import Span
from dailies.operations.checks.decode_errors import damage_check, judge_damage
from dailies.operations.checks.edit_certificate import Film, SourceSound, certify, shown_of
from dailies.operations.checks.edit_checks import frames_check
from dailies.operations.checks.inspection import Verification, Wanted, inspect
from dailies.operations.checks.sync import edit_points
from dailies.operations.checks.verification import ticks_check
from dailies.operations.film.joining import chunk_role, film_ticks, join, shared_rate
from dailies.operations.film.muxing import mux
from dailies.operations.media_step import MediaStep
from dailies.operations.sound.edit_sound import (
    MAX_MIXES,
    EditAudio,
    made_sound,
    may_be_corrected,
    sound_may_come,
    sound_needs,
)
from dailies.operations.steps.chunk import CHUNK_COST, ChunkFacts, picture_cost
from dailies.operations.steps.cuts import CUTS, cuts_cost
from dailies.operations.steps.edit_chunk import EDIT_CHUNK, EditChunkParams, edit_pictures
from dailies.operations.steps.edit_resolution import EDIT, EDIT_MUXER, EditParams
from dailies.operations.steps.highlights import HIGHLIGHTS, Highlights
from dailies.operations.tagging import cover_request, tagging
from dailies.planning.operation import Estimate, Known, MayCome, Needs, Produced, Request, StepRun, Unfolding
from dailies.planning.plan import PROBE, NoParams

# CPU seconds: per segment, at all, and per second of a film whose pictures and sound are made already.
_SEGMENT_COST, _START_COST, _JOIN_COST = 0.3, 2.0, 0.01
_PICTURES, _FILM = "pictures.mp4", "film.mp4"


class EditOperation(MediaStep):
    """Cuts, joins, levels and encodes: the pictures in one run of FFmpeg, the sound beside it.

    Of a long edit both are steps of their own, the pictures many: here they are put together.
    """

    kind: ClassVar[str] = EDIT
    version: ClassVar[str] = "6"

    def needs(self, params: EditParams, known: Known) -> Needs:
        needs = {PROBE: Request(PROBE, NoParams()), **cover_request(params.tags)}
        segments, joints = params.segments, params.joints
        if params.highlights is not None:
            needs[HIGHLIGHTS] = Request(HIGHLIGHTS, params.highlights)
            found = known(needs[HIGHLIGHTS])
            if found is None:
                return Unfolding(needs)
            segments = Highlights.model_validate(found).segments(params.highlights.wish)
            lengths = [segment.end - segment.start for segment in segments]
            joints = () if params.part_seconds is None else edit_joints(lengths, params.part_seconds)
        cuts = params.cuts(segments)
        needs[CUTS] = Request(CUTS, cuts)
        sound = None if params.audio is None else sound_needs(params.audio, cuts, known)
        needs |= sound or {}
        ends = [None, *joints, None] if params.divided else []
        for number, (begin, stop) in enumerate(pairwise(ends)):
            chunk = EditChunkParams(
                picture=params.picture, quality=params.quality, preset=params.preset, cuts=cuts.part(begin, stop)
            )
            needs[chunk_role(number)] = Request(EDIT_CHUNK, chunk)
        return Unfolding(needs) if params.audio is not None and sound is None else needs

    def estimate(self, params: EditParams, info: MediaInfo) -> Estimate:
        lengths = params.lengths(info)
        per_second = _JOIN_COST if params.divided else picture_cost(params.picture, params.preset, info)
        return Estimate(cpu_seconds=_START_COST + len(lengths) * _SEGMENT_COST + sum(lengths) * per_second)

    def may_come(self, params: EditParams, info: MediaInfo, known: Known) -> tuple[MayCome, ...]:
        """What the clips that the highlights step finds may take, and further mixes when one doesn't come out."""
        lengths = params.lengths(info)
        further = 0 if params.audio is None else MAX_MIXES - 1 if may_be_corrected(params.audio, len(lengths)) else 0
        if params.highlights is None or known(Request(HIGHLIGHTS, params.highlights)) is not None:
            return sound_may_come(lengths, further)
        wish = params.highlights.wish
        sound = () if params.audio is None else sound_may_come(lengths, 1 + further)
        parts = 0 if params.part_seconds is None else most_parts([wish.max] * wish.count, params.part_seconds)
        listings = Estimate((parts + 1) * cuts_cost(info))
        encoding = parts * CHUNK_COST + sum(lengths) * picture_cost(params.picture, params.preset, info)
        chunks = () if not parts else (MayCome(EDIT_CHUNK, parts, Estimate(encoding)),)
        return (MayCome(CUTS, parts + 1, listings), *chunks, *sound)

    def fuse(self, params: EditParams) -> str | None:
        """The same parts of the same track, in whatever shape and quality."""
        if params.divided:
            return None
        found = None if params.highlights is None else params.highlights.model_dump(mode="json")
        return f"{EDIT}-{digest_of([params.cuts(params.segments).model_dump(mode='json'), found])}"

    def run(self, batch: Sequence[StepRun]) -> Iterator[tuple[StepRun, Produced]]:
        edit = EditList.model_validate(batch[0].inputs[CUTS].data)
        source = SourceSound(self._toolbox, edit)
        if batch[0].params.divided:
            for run in batch:
                yield run, self._finished(run, self._joined(run, edit), source)
            return
        report = edit_pictures(self._toolbox, batch, edit, EDIT_MUXER, _PICTURES)
        for number, run in enumerate(batch):
            made = report.of_output(number)
            checks = [frames_check(made.pictures, edit), damage_check(made)]
            yield run, self._finished(run, self._film_of(run, edit, checks, run.params.one_piece), source)

    def _joined(self, run: StepRun, edit: EditList) -> Film:
        """Of its chunks and its sound. Raises QualityNotReached when there are more or fewer frames than counted."""
        parts = sum(artifact.kind == EDIT_CHUNK for artifact in run.inputs.values())
        artifacts = [run.inputs[chunk_role(number)] for number in range(parts)]
        chunks = [ChunkFacts.model_validate(artifact.data) for artifact in artifacts]
        frames = sum(chunk.frames for chunk in chunks)
        if shared_rate(chunks) != edit.rate or any(chunk.gaps for chunk in chunks):
            raise QualityNotReached(f"The chunks of the edit are not at {edit.rate} frames a second.")
        pieces = list(zip(artifacts, chunks, strict=True))
        path = join(self._toolbox, run, pieces, _PICTURES, None, edit.seconds)
        checks = [
            ticks_check(film_ticks(self._toolbox, run, path, 0, edit.rate), edit.frames),
            judge_damage(sum(chunk.broken_frames for chunk in chunks), frames),
        ]
        filled = sum(chunk.frames > 0 for chunk in chunks)
        return self._film_of(run, edit, checks, f"in {filled} chunks")

    def _film_of(self, run: StepRun, edit: EditList, checks: Sequence[Check], pieces: str | None) -> Film:
        params: EditParams = run.params
        sound = None if params.audio is None else made_sound(run)
        clips: tuple[Clip, ...] = ()
        segments, wish = params.segments, None
        if params.highlights is not None:
            wish = params.highlights.wish
            highlights = Highlights.model_validate(run.inputs[HIGHLIGHTS].data)
            clips, segments = highlights.clips, highlights.segments(wish)
        spans = [Span(*edit.window(number), at=float(cut.at / edit.rate)) for number, cut in enumerate(edit.cuts)]
        tags = tagging(run, params.tags, EDIT_MUXER, spans, pictures=True)
        return Film(run.scratch / _FILM, edit, checks, pieces, sound, segments, clips, wish, tags)

    def _finished(self, run: StepRun, film: Film, source: SourceSound) -> Produced:
        """Put together, and certified."""
        params: EditParams = run.params
        with ThreadPoolExecutor(1) as pool:
            looking = pool.submit(shown_of, self._toolbox, run, run.scratch / _PICTURES, film.edit)
            found = self._film(run, film)
        if params.audio is not None:
            checks = source.checks(run, params.audio.selection, found)
            film = replace(film, checks=[*film.checks, *checks])
        return certify(film, found, looking.result(), params.picture, params.audio)

    def _film(self, run: StepRun, film: Film) -> Verification:
        """Put pictures and sound together, and look at the film as anybody would."""
        sound = None if film.sound is None else film.sound.file
        mux(self._toolbox, run.stop, run.scratch / _PICTURES, sound, _FILM, film.tagging)
        audio: EditAudio | None = run.params.audio
        wanted = Wanted(media_seconds=film.edit.seconds)
        if audio is not None:
            wanted = replace(
                wanted,
                heard_at=audio.encoding.sample_rate_hz,
                true_peak=audio.normalize is not None,
                points=edit_points(film.edit),
            )
        return inspect(self._toolbox, film.path, run.stop, wanted)
