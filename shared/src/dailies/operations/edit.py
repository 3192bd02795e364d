"""``edit``: parts of a source, cut to the frame and joined in one film. What ``video`` becomes with segments."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from concurrent.futures import ThreadPoolExecutor
from dataclasses import replace
from typing import ClassVar

from pydantic import Field

from dailies.domain.audio_selection import select_audio
from dailies.domain.edit_list import EditList, check_segments, edit_list, nominal_rate
from dailies.domain.edit_recipe import FoundSegments, Segment
from dailies.domain.errors import SourceRefused
from dailies.domain.formats import DEFAULT_QUALITY
from dailies.domain.highlights import Clip
from dailies.domain.media_info import AudioStream, MediaInfo, VideoStream
from dailies.domain.model import Model, digest_of
from dailies.domain.recipe import VideoOutput
from dailies.domain.segment_levels import DEFAULT_SPREAD_LU, SegmentLevel, corrected
from dailies.media.editing import INDEXED, RUN_UP_SECONDS, FilmBranch, film_arguments, pictures_arguments
from dailies.media.encoding import VIDEO_PRESET, audio_encoding, video_arguments
from dailies.media.ffmpeg import RunReport
from dailies.media.frame_list import FrameReader, packet_arguments
from dailies.media.picture import PictureParams, resolve_picture
from dailies.media.toolbox import Toolbox
from dailies.operations.chunk import picture_cost
from dailies.operations.edit_certificate import Film, certify, shown_of
from dailies.operations.edit_sound import MAX_MIXES, EditAudio, Sound, make_sound, measured_segments
from dailies.operations.highlights import HIGHLIGHTS, HighlightParams, Highlights, too_short
from dailies.operations.listening import MEASURE
from dailies.operations.measure import MeasureParams
from dailies.operations.resolution import AudioPart, choose_audio, tolerance
from dailies.operations.verification import Verification, inspect
from dailies.planning.operation import Estimate, Placement, Produced, Request, StepRun
from dailies.planning.plan import PROBE, NoParams

KIND = "edit"
_DEFAULT_QUALITY = "medium"
_AUDIO_FORMAT, _AUDIO_CHANNELS = "m4a", 2
# CPU seconds: per second of sound, per segment, at all.
_SOUND_COST, _SEGMENT_COST, _START_COST = 0.12, 0.3, 2.0
# The part of a step's progress that is the encode.
_ENCODE_SHARE = 0.95
_PICTURES, _FILM = "pictures.mp4", "film.mp4"


class EditParams(Model):
    """An edit, resolved against the source."""

    segments: tuple[Segment, ...] = Field(description="empty: those that the highlights step finds")
    highlights: HighlightParams | None
    picture: PictureParams
    quality: str | int
    preset: str
    audio: EditAudio | None


def edit_request(field: str, output: VideoOutput, stream: VideoStream, info: MediaInfo) -> Request:
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
            voice=None if sound is None else select_audio(sound, 1, 1),
            wish=wish,
        )
    else:
        segments = output.segments or ()
        check_segments(segments, duration, tolerance(duration or 0.0), field)
    return Request(
        KIND,
        EditParams(
            segments=segments,
            highlights=highlights,
            picture=resolve_picture(
                stream, output.height, output.hdr, field, aspect=output.aspect, framing=output.framing
            ),
            quality=output.crf if output.crf is not None else output.quality or _DEFAULT_QUALITY,
            preset=output.preset or VIDEO_PRESET,
            audio=audio,
        ),
    )


class EditOperation:
    """Cuts, joins, levels and encodes: the pictures in one run of FFmpeg, the sound beside it."""

    kind: ClassVar[str] = KIND
    version: ClassVar[str] = "2"
    placement: ClassVar[Placement] = Placement.MEDIA
    uses_ffmpeg: ClassVar[bool] = True

    def __init__(self, toolbox: Toolbox) -> None:
        self._toolbox = toolbox

    def needs(self, params: EditParams) -> Mapping[str, Request]:
        needs = {PROBE: Request(PROBE, NoParams())}
        if params.audio is not None and params.audio.normalize is not None:
            needs[MEASURE] = Request(MEASURE, measure_of(params.audio))
        if params.highlights is not None:
            needs[HIGHLIGHTS] = Request(HIGHLIGHTS, params.highlights)
        return needs

    def estimate(self, params: EditParams, info: MediaInfo) -> Estimate:
        seconds, count = sum(segment.end - segment.start for segment in params.segments), len(params.segments)
        if params.highlights is not None:
            wish = params.highlights.wish
            seconds, count = min(info.duration_seconds or 0.0, wish.count * wish.max), wish.count
        picture = picture_cost(params.picture, params.preset, info)
        sound = _SOUND_COST if params.audio is not None else 0.0
        return Estimate(cpu_seconds=_START_COST + count * _SEGMENT_COST + seconds * (picture + sound))

    def fuse(self, params: EditParams) -> str | None:
        """The same parts of the same track, in whatever shape and quality."""
        wish = [segment.model_dump(mode="json") for segment in params.segments]
        found = None if params.highlights is None else params.highlights.model_dump(mode="json")
        return f"edit-{digest_of([params.picture.stream, wish, found])}"

    def run(self, batch: Sequence[StepRun]) -> Iterator[tuple[StepRun, Produced]]:
        first = batch[0]
        info = MediaInfo.model_validate(first.inputs[PROBE].data)
        clips: tuple[Clip, ...] = ()
        segments, wish = first.params.segments, None
        if first.params.highlights is not None:
            wish = first.params.highlights.wish
            highlights = Highlights.model_validate(first.inputs[HIGHLIGHTS].data)
            clips, segments = highlights.clips, highlights.segments(wish)
        edit = self._edit_list(first, segments, info)
        # The sound takes one processor for a while, the encoder of the pictures leaves some of both.
        with ThreadPoolExecutor(1) as pool:
            sounding = pool.submit(self._sounds, batch, edit, info)
            report = self._pictures(batch, edit, RUN_UP_SECONDS[info.container in INDEXED])
            if any(report.of_output(number).pictures < edit.frames for number in range(len(batch))):
                # A seek that led past the segment: the file's index is wrong, its beginning never is.
                report = self._pictures(batch, edit, None)
            sounds = sounding.result()
        for number, (run, sound) in enumerate(zip(batch, sounds, strict=True)):
            made = Film(run.scratch / _FILM, edit, report.of_output(number), sound, segments, clips, wish)
            yield run, self._finished(run, info, made)

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
        return certify(film, found, looking.result(), params.picture, params.audio)

    def _sounds(self, batch: Sequence[StepRun], edit: EditList, info: MediaInfo) -> list[Sound | None]:
        """One for each film; what several ask for alike is made once."""
        made: list[tuple[EditAudio, Sound]] = []
        sounds: list[Sound | None] = []
        for run in batch:
            audio: EditAudio | None = run.params.audio
            sound = next((other for wish, other in made if wish == audio), None)
            if sound is not None:
                own = run.scratch / sound.file.name
                own.hardlink_to(sound.file)
                sound = replace(sound, file=own)
            elif audio is not None:
                sound = make_sound(self._toolbox, run, edit, audio, info.container)
                made.append((audio, sound))
            sounds.append(sound)
        return sounds

    def _edit_list(self, run: StepRun, segments: Sequence[Segment], info: MediaInfo) -> EditList:
        params: EditParams = run.params
        reader = FrameReader()
        self._toolbox.run(
            packet_arguments(params.picture.stream),
            scratch=run.scratch,
            source=run.source,
            stop=run.stop,
            media_seconds=info.duration_seconds,
            on_line=reader.line,
        )
        times = sorted(packet.seconds for packet in reader.packets())
        if not times:
            raise SourceRefused("The video track holds no pictures: it is empty or damaged.", code="decode_failed")
        stream = next(stream for stream in info.video if stream.index == params.picture.stream)
        rate = nominal_rate(times, stream.frame_rate, variable=stream.variable_frame_rate)
        return edit_list(segments, times, rate)

    def _pictures(self, batch: Sequence[StepRun], edit: EditList, run_up: float | None) -> RunReport:
        first = batch[0]
        films = [self._branch(run.params, f"film-{number}.mp4") for number, run in enumerate(batch)]

        def progress(seconds: float) -> None:
            for run in batch:
                run.progress(_ENCODE_SHARE * min(1.0, seconds / edit.seconds))

        report = self._toolbox.run(
            pictures_arguments(edit, films, run_up),
            scratch=first.scratch,
            source=first.source,
            stop=first.stop,
            media_seconds=len(batch) * (max(cut.end for cut in edit.cuts) if run_up is None else edit.seconds),
            on_progress=progress,
        )
        for run, film in zip(batch, films, strict=True):
            (first.scratch / film.name).replace(run.scratch / _PICTURES)
        return report

    def _branch(self, params: EditParams, name: str) -> FilmBranch:
        return FilmBranch(params.picture, video_arguments(params.quality, params.preset), name)

    def _film(self, run: StepRun, film: Film) -> Verification:
        """Put pictures and sound together, and look at the film as anybody would."""
        pictures = run.scratch / _PICTURES
        self._toolbox.run(
            film_arguments(_PICTURES, None if film.sound is None else film.sound.file.name, _FILM),
            scratch=run.scratch,
            source=pictures,
            stop=run.stop,
            media_seconds=None,
        )
        audio: EditAudio | None = run.params.audio
        heard_at = None if audio is None or audio.normalize is None else audio.encoding.sample_rate_hz
        return inspect(self._toolbox, film.path, run.stop, heard_at=heard_at, media_seconds=film.edit.seconds)


def _better_levels(
    audio: EditAudio | None, sound: Sound | None, found: Verification, edit: EditList
) -> tuple[SegmentLevel, ...] | None:
    if audio is None or audio.normalize is None or sound is None or found.heard is None:
        return None
    return corrected(sound.levels, measured_segments(found.heard.blocks, edit), audio.max_spread_lu)


def measure_of(audio: AudioPart) -> MeasureParams:
    """The measurement that levels and highlights rest on."""
    return MeasureParams(selection=audio.selection, sample_rate_hz=audio.source_rate_hz)


def _audio(output: VideoOutput, stream: AudioStream | None) -> EditAudio | None:
    if stream is None:
        return None
    selection = select_audio(stream, None, _AUDIO_CHANNELS)
    quality = output.quality or DEFAULT_QUALITY
    wish = output.normalize
    return EditAudio(
        selection=selection,
        encoding=audio_encoding(_AUDIO_FORMAT, quality, stream, selection.channels, processed=True),
        source_rate_hz=stream.sample_rate_hz,
        normalize=wish,
        max_spread_lu=DEFAULT_SPREAD_LU if wish is None or wish.max_spread_lu is None else wish.max_spread_lu,
    )
