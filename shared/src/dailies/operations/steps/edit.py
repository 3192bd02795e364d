"""``edit``: parts of a source, cut to the frame and joined in one film. What ``video`` becomes with segments."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from concurrent.futures import ThreadPoolExecutor
from dataclasses import replace
from itertools import pairwise
from typing import TYPE_CHECKING, ClassVar

from pydantic import Field

from dailies.domain.edit.chunking import ChunkRules, reason_for_one_piece
from dailies.domain.edit.edit_joints import edit_joints
from dailies.domain.edit.edit_list import EditList, Joint, check_segments
from dailies.domain.edit.highlights import Clip
from dailies.domain.edit.segment_levels import DEFAULT_SPREAD_LU, SegmentLevel, corrected
from dailies.domain.errors import QualityNotReached
from dailies.domain.job.result import Check
from dailies.domain.model import Model, digest_of
from dailies.domain.recipe.edit_recipe import FoundSegments, Segment
from dailies.domain.recipe.formats import DEFAULT_QUALITY
from dailies.domain.source.audio_selection import Window, select_audio
from dailies.domain.source.channel_layouts import STEREO_LAYOUTS
from dailies.domain.source.media_info import AudioStream, MediaInfo, VideoStream
from dailies.domain.source.tags import Span
from dailies.media.graphs.film.encoding import VIDEO_PRESET, audio_encoding
from dailies.media.graphs.pictures.picture import PictureParams, resolve_picture
from dailies.operations.checks.decode_errors import damage_check, judge_damage
from dailies.operations.checks.edit_certificate import Film, certify, shown_of, sound_checks
from dailies.operations.checks.edit_checks import frames_check
from dailies.operations.checks.inspection import Verification, Wanted, inspect
from dailies.operations.checks.sync import edit_points
from dailies.operations.checks.verification import ticks_check
from dailies.operations.film.joining import chunk_role, film_ticks, join, shared_rate
from dailies.operations.film.muxing import mux
from dailies.operations.media_step import MediaStep
from dailies.operations.resolution import choose_audio, tolerance
from dailies.operations.sound.loudness_probe import MEASURE
from dailies.operations.steps.chunk import ChunkFacts, picture_cost
from dailies.operations.steps.cuts import CUTS, CutsParams
from dailies.operations.steps.edit_chunk import EDIT_CHUNK, EditChunkParams, edit_pictures
from dailies.operations.steps.edit_sound import (
    EDIT_SOUND,
    MAX_MIXES,
    SOUND_COST,
    EditAudio,
    EditSoundParams,
    Sound,
    made_sound,
    make_sound,
    measure_of,
    measured_segments,
)
from dailies.operations.steps.highlights import HIGHLIGHTS, HighlightParams, Highlights, too_short
from dailies.operations.tagging import TagParams, cover_request, tag_params, tagging
from dailies.planning.operation import Estimate, Produced, Request, StepRun
from dailies.planning.plan import PROBE, NoParams

if TYPE_CHECKING:
    from dailies.operations.deliverables.video import VideoOutput

KIND = "edit"
_DEFAULT_QUALITY = "medium"
_AUDIO_FORMAT = "m4a"
_MUXER = "mp4"
# CPU seconds: per segment, at all, and per second of a film whose pictures and sound are made already.
_SEGMENT_COST, _START_COST, _JOIN_COST = 0.3, 2.0, 0.01
_PICTURES, _FILM = "pictures.mp4", "film.mp4"


class EditParams(Model):
    """An edit, resolved against the source. ``one_piece`` says why a long one has no joints."""

    segments: tuple[Segment, ...] = Field(description="empty: those that the highlights step finds")
    highlights: HighlightParams | None
    picture: PictureParams
    quality: str | int
    preset: str
    audio: EditAudio | None
    joints: tuple[Joint, ...] = Field((), description="where a long edit is divided; empty: encoded in this step")
    one_piece: str | None = None
    tags: TagParams | None = None

    @property
    def cuts(self) -> CutsParams:
        """The whole edit's; what a segment is worth cuts nothing."""
        segments = tuple(segment.model_copy(update={"score": None}) for segment in self.segments)
        return CutsParams(stream=self.picture.stream, segments=segments, highlights=self.highlights)


def edit_request(field: str, output: VideoOutput, stream: VideoStream, info: MediaInfo, rules: ChunkRules) -> Request:
    """The step for a video output with segments. Raises InvalidRecipe or SourceRefused, naming the field."""
    duration = info.duration_seconds if info.duration_from != "estimate" else None
    sound = choose_audio(info, output.audio_track, field)
    audio = _audio(output, sound)
    segments: tuple[Segment, ...] = ()
    highlights: HighlightParams | None = None
    if isinstance(output.segments, FoundSegments):
        wish = output.segments.auto
        if duration is not None and duration < wish.min:
            raise too_short(duration, wish, f"{field}.segments.auto.min")
        highlights = HighlightParams(
            stream=stream.index,
            measured=None if audio is None else measure_of(audio),
            voice=None if sound is None else select_audio(sound, STEREO_LAYOUTS, 1),
            wish=wish,
        )
    else:
        segments = output.segments or ()
        check_segments(segments, duration, tolerance(duration or 0.0), field)
    params = EditParams(
        segments=segments,
        highlights=highlights,
        picture=resolve_picture(stream, output.height, output.hdr, field, aspect=output.aspect, framing=output.framing),
        quality=output.crf if output.crf is not None else output.quality or _DEFAULT_QUALITY,
        preset=output.preset or VIDEO_PRESET,
        audio=audio,
        tags=tag_params(info, output.metadata, _MUXER),
    )
    return Request(KIND, _divided(params, stream, info, rules))


def _divided(params: EditParams, stream: VideoStream, info: MediaInfo, rules: ChunkRules) -> EditParams:
    """With joints when encoding it takes long, and the reason when it is long and has none."""
    lengths = params.cuts.lengths(info)
    if sum(lengths) * picture_cost(params.picture, params.preset, info) <= rules.above_seconds:
        return params
    reason = reason_for_one_piece(info, stream, None, Window())
    if reason is not None:
        return params.model_copy(update={"one_piece": f"in one piece: {reason}"})
    return params.model_copy(update={"joints": edit_joints(lengths, rules.seconds)})


class EditOperation(MediaStep):
    """Cuts, joins, levels and encodes: the pictures in one run of FFmpeg, the sound beside it.

    Of a long edit both are steps of their own, the pictures many: here they are put together.
    """

    kind: ClassVar[str] = KIND
    version: ClassVar[str] = "5"

    def needs(self, params: EditParams) -> Mapping[str, Request]:
        cuts = params.cuts
        needs = {PROBE: Request(PROBE, NoParams()), CUTS: Request(CUTS, cuts), **cover_request(params.tags)}
        if params.audio is not None and params.audio.normalize is not None:
            needs[MEASURE] = Request(MEASURE, measure_of(params.audio))
        if params.highlights is not None:
            needs[HIGHLIGHTS] = Request(HIGHLIGHTS, params.highlights)
        if not params.joints:
            return needs
        if params.audio is not None:
            needs[EDIT_SOUND] = Request(EDIT_SOUND, EditSoundParams(audio=params.audio, cuts=cuts))
        ends = [None, *params.joints, None]
        for number, (begin, stop) in enumerate(pairwise(ends)):
            chunk = EditChunkParams(
                picture=params.picture, quality=params.quality, preset=params.preset, cuts=cuts.part(begin, stop)
            )
            needs[chunk_role(number)] = Request(EDIT_CHUNK, chunk)
        return needs

    def estimate(self, params: EditParams, info: MediaInfo) -> Estimate:
        lengths = params.cuts.lengths(info)
        per_second = _JOIN_COST
        if not params.joints:
            sound = SOUND_COST if params.audio is not None else 0.0
            per_second = sound + picture_cost(params.picture, params.preset, info)
        return Estimate(cpu_seconds=_START_COST + len(lengths) * _SEGMENT_COST + sum(lengths) * per_second)

    def fuse(self, params: EditParams) -> str | None:
        """The same parts of the same track, in whatever shape and quality."""
        return None if params.joints else f"{KIND}-{digest_of(params.cuts.model_dump(mode='json'))}"

    def run(self, batch: Sequence[StepRun]) -> Iterator[tuple[StepRun, Produced]]:
        first = batch[0]
        info = MediaInfo.model_validate(first.inputs[PROBE].data)
        edit = EditList.model_validate(first.inputs[CUTS].data)
        if first.params.joints:
            for run in batch:
                yield run, self._finished(run, info, self._joined(run, edit))
            return
        # The sound takes one processor for a while, the encoder of the pictures leaves some of both.
        with ThreadPoolExecutor(1) as pool:
            sounding = pool.submit(self._sounds, batch, edit, info)
            report = edit_pictures(self._toolbox, batch, edit, _MUXER, _PICTURES)
            sounds = sounding.result()
        for number, (run, sound) in enumerate(zip(batch, sounds, strict=True)):
            made = report.of_output(number)
            checks = [frames_check(made.pictures, edit), damage_check(made)]
            yield run, self._finished(run, info, self._film_of(run, edit, sound, checks, run.params.one_piece))

    def _joined(self, run: StepRun, edit: EditList) -> Film:
        """Of its chunks and its sound. Raises QualityNotReached when there are more or fewer frames than counted."""
        artifacts = [run.inputs[chunk_role(number)] for number in range(len(run.params.joints) + 1)]
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
        sound = None if run.params.audio is None else made_sound(run, run.inputs[EDIT_SOUND])
        filled = sum(chunk.frames > 0 for chunk in chunks)
        return self._film_of(run, edit, sound, checks, f"in {filled} chunks")

    def _film_of(
        self, run: StepRun, edit: EditList, sound: Sound | None, checks: Sequence[Check], pieces: str | None
    ) -> Film:
        params: EditParams = run.params
        clips: tuple[Clip, ...] = ()
        segments, wish = params.segments, None
        if params.highlights is not None:
            wish = params.highlights.wish
            highlights = Highlights.model_validate(run.inputs[HIGHLIGHTS].data)
            clips, segments = highlights.clips, highlights.segments(wish)
        spans = [Span(*edit.window(number), at=float(cut.at / edit.rate)) for number, cut in enumerate(edit.cuts)]
        tags = tagging(run, params.tags, _MUXER, spans, pictures=True)
        return Film(run.scratch / _FILM, edit, checks, pieces, sound, segments, clips, wish, tags)

    def _finished(self, run: StepRun, info: MediaInfo, film: Film) -> Produced:
        """Put together, its segments levelled better while that helps, and certified."""
        params: EditParams = run.params
        with ThreadPoolExecutor(1) as pool:
            # Whatever becomes of the sound, the pictures are these.
            looking = pool.submit(shown_of, self._toolbox, run, run.scratch / _PICTURES, film.edit)
            found = self._film(run, film)
            for _ in range(MAX_MIXES - 1):
                levels = _better_levels(params.audio, film.sound, found, film.edit)
                if levels is None or params.audio is None:
                    break
                sound = make_sound(self._toolbox, run, film.edit, params.audio, info.container, levels)
                film = replace(film, sound=sound)
                found = self._film(run, film)
        if params.audio is not None:
            checks = sound_checks(self._toolbox, run, film.edit, params.audio, found)
            film = replace(film, checks=[*film.checks, *checks])
        return certify(film, found, looking.result(), params.picture, params.audio)

    def _sounds(self, batch: Sequence[StepRun], edit: EditList, info: MediaInfo) -> list[Sound | None]:
        """One for each film; what several ask for alike is made once."""
        made: list[tuple[EditAudio, Sound]] = []
        sounds: list[Sound | None] = []
        for run in batch:
            audio: EditAudio | None = run.params.audio
            sound = next((other for wish, other in made if wish == audio), None)
            if sound is not None:
                # Its own: where its levels are corrected, the others' stay what they would be alone.
                own = run.scratch / sound.file.name
                own.hardlink_to(sound.file)
                sound = replace(sound, file=own)
            elif audio is not None:
                sound = make_sound(self._toolbox, run, edit, audio, info.container)
                made.append((audio, sound))
            sounds.append(sound)
        return sounds

    def _film(self, run: StepRun, film: Film) -> Verification:
        """Put pictures and sound together, and look at the film as anybody would."""
        sound = None if film.sound is None else film.sound.file
        mux(self._toolbox, run.stop, run.scratch / _PICTURES, sound, _FILM, film.tagging)
        audio: EditAudio | None = run.params.audio
        heard_at = None if audio is None else audio.encoding.sample_rate_hz
        wanted = Wanted(heard_at, film.edit.seconds, points=edit_points(film.edit) if audio is not None else ())
        return inspect(self._toolbox, film.path, run.stop, wanted)


def _better_levels(
    audio: EditAudio | None, sound: Sound | None, found: Verification, edit: EditList
) -> tuple[SegmentLevel, ...] | None:
    if audio is None or audio.normalize is None or sound is None or found.heard is None:
        return None
    return corrected(sound.levels, measured_segments(found.heard.blocks, edit), audio.max_spread_lu)


def _audio(output: VideoOutput, stream: AudioStream | None) -> EditAudio | None:
    if stream is None:
        return None
    selection = select_audio(stream, STEREO_LAYOUTS)
    quality = output.quality or DEFAULT_QUALITY
    wish = output.normalize
    return EditAudio(
        selection=selection,
        encoding=audio_encoding(_AUDIO_FORMAT, quality, stream, selection, processed=True),
        source_rate_hz=stream.sample_rate_hz,
        normalize=wish and wish.measured_in(selection.channels),
        max_spread_lu=DEFAULT_SPREAD_LU if wish is None or wish.max_spread_lu is None else wish.max_spread_lu,
    )
