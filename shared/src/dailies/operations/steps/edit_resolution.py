"""Resolves an edit against the source: its segments, its shape, its sound, and whether it is divided."""

from __future__ import annotations

from collections.abc import Sequence
from typing import TYPE_CHECKING

from pydantic import Field

from dailies.domain.edit.chunking import ChunkRules, reason_for_one_piece
from dailies.domain.edit.edit_joints import edit_joints
from dailies.domain.edit.edit_list import Joint, check_segments
from dailies.domain.edit.segment_levels import DEFAULT_SPREAD_LU
from dailies.domain.model import Model
from dailies.domain.recipe.edit_recipe import FoundSegments, Segment
from dailies.domain.recipe.formats import DEFAULT_QUALITY
from dailies.domain.source.audio_selection import Window, select_audio
from dailies.domain.source.channel_layouts import STEREO_LAYOUTS
from dailies.domain.source.media_info import AudioStream, MediaInfo, VideoStream
from dailies.media.graphs.film.encoding import VIDEO_PRESET, audio_encoding
from dailies.media.graphs.pictures.picture import PictureParams, resolve_picture
from dailies.operations.resolution import choose_audio, tolerance
from dailies.operations.sound.edit_sound import EditAudio, measure_of
from dailies.operations.steps.chunk import picture_cost
from dailies.operations.steps.cuts import CutsParams
from dailies.operations.steps.highlights import HighlightParams, too_short
from dailies.operations.tagging import TagParams, tag_params
from dailies.planning.operation import Request

if TYPE_CHECKING:
    from dailies.operations.deliverables.video import VideoOutput

EDIT = "edit"
EDIT_MUXER = "mp4"
_DEFAULT_QUALITY = "medium"
_AUDIO_FORMAT = "m4a"


class EditParams(Model):
    """An edit, resolved against the source. ``one_piece`` says why a long one has no joints.

    ``part_seconds`` is no part of the key: what is made of it, the chunks, is.
    """

    segments: tuple[Segment, ...] = Field(description="empty: those that the highlights step finds")
    highlights: HighlightParams | None
    picture: PictureParams
    quality: str | int
    preset: str
    audio: EditAudio | None
    joints: tuple[Joint, ...] = Field((), description="where a long edit is divided; empty: encoded in this step")
    one_piece: str | None = None
    tags: TagParams | None = None
    part_seconds: float | None = Field(
        None, exclude=True, description="how long about the parts of a long edit are whose segments are found"
    )

    @property
    def divided(self) -> bool:
        """Whether its pictures and its sound are steps of their own."""
        return bool(self.joints) or self.part_seconds is not None

    def cuts(self, segments: Sequence[Segment]) -> CutsParams:
        """The whole edit's; what a segment is worth cuts nothing."""
        worthless = tuple(segment.model_copy(update={"score": None}) for segment in segments)
        return CutsParams(stream=self.picture.stream, segments=worthless)

    def lengths(self, info: MediaInfo) -> list[float]:
        """Seconds of each segment of the film; of found ones the most that they may have."""
        if self.highlights is None:
            return self.cuts(self.segments).lengths(info)
        wish, duration = self.highlights.wish, info.duration_seconds
        # Of all together; one may be longer than another.
        return [wish.max if duration is None else min(wish.max, duration / wish.count)] * wish.count


def edit_request(
    field: str,
    output: VideoOutput,
    stream: VideoStream,
    info: MediaInfo,
    rules: ChunkRules,
    *,
    speech: Model | None = None,
) -> Request:
    """The step for a video output with segments. Raises InvalidRecipe or SourceRefused, naming the field.

    ``speech``: of the job's transcript of that sound, which tells where sentences end.
    """
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
            speech=speech,
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
        tags=tag_params(info, output.metadata, EDIT_MUXER),
    )
    return Request(EDIT, _divided(params, stream, info, rules))


def _divided(params: EditParams, stream: VideoStream, info: MediaInfo, rules: ChunkRules) -> EditParams:
    """With joints when encoding it takes long, and the reason when it is long and has none."""
    lengths = params.lengths(info)
    if sum(lengths) * picture_cost(params.picture, params.preset, info) <= rules.above_seconds:
        return params
    reason = reason_for_one_piece(info, stream, None, Window())
    if reason is not None:
        return params.model_copy(update={"one_piece": f"in one piece: {reason}"})
    if params.highlights is not None:
        return params.model_copy(update={"part_seconds": rules.seconds})
    return params.model_copy(update={"joints": edit_joints(lengths, rules.seconds)})


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
