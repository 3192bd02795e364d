"""``highlights``: which clips of the source are worth showing, each with its score and the reasons for it."""

from __future__ import annotations

from collections.abc import Callable
from itertools import pairwise
from typing import Any, ClassVar

from pydantic import SerializeAsAny

from dailies.domain.edit.highlights import Clip, Evidence, find_highlights
from dailies.domain.edit.speech import pauses, speech_seconds
from dailies.domain.errors import SourceRefused
from dailies.domain.loudness.loudness import Blocks
from dailies.domain.model import Model
from dailies.domain.recipe.edit_recipe import HighlightWish, Segment
from dailies.domain.source.audio_selection import AudioSelection
from dailies.domain.source.media_info import MediaInfo
from dailies.domain.transcript.transcript import Transcript
from dailies.media.graphs.film.highlight_signals import EnvelopeReader, envelope_arguments
from dailies.operations.media_step import MediaStep
from dailies.operations.sound.loudness_probe import MEASURE
from dailies.operations.steps.measure import MeasureParams, measured_blocks
from dailies.operations.steps.scenes import SCENES, Scenes, ScenesParams
from dailies.planning.operation import MAIN_FILE, Estimate, Known, Needs, Produced, Request, StepRun
from dailies.planning.plan import PROBE, NoParams

HIGHLIGHTS, _TRANSCRIPT = "highlights", "transcript"
# CPU seconds: per second of sound, at all.
_LISTEN_COST, _START_COST = 0.004, 0.7


class HighlightParams(Model):
    """``measured`` None: the source has no sound. ``speech``: of the transcript of it that the job makes anyway."""

    stream: int
    measured: MeasureParams | None
    voice: AudioSelection | None
    wish: HighlightWish
    speech: SerializeAsAny[Model] | None = None

    @property
    def scenes(self) -> ScenesParams:
        """What tells where pictures change."""
        return ScenesParams(stream=self.stream)


class Highlights(Model):
    """The step's artifact: clips in the order of the source."""

    clips: tuple[Clip, ...]

    def segments(self, wish: HighlightWish) -> tuple[Segment, ...]:
        """What an edit makes of them."""
        return tuple(
            Segment(start=clip.start, end=clip.end, transition=wish.transition, score=clip.score)
            for clip in self.clips
        )  # fmt: skip


class HighlightsOperation(MediaStep):
    """Listens to the whole track, and decides by what is seen and heard, in domain/edit/highlights.py."""

    kind: ClassVar[str] = HIGHLIGHTS
    version: ClassVar[str] = "5"

    def needs(self, params: HighlightParams, known: Known) -> Needs:
        needs = {PROBE: Request(PROBE, NoParams()), SCENES: Request(SCENES, params.scenes)}
        if params.measured is not None:
            needs[MEASURE] = Request(MEASURE, params.measured)
        if params.speech is not None:
            # Without it a clip is cut in pauses, as ever.
            needs[_TRANSCRIPT] = Request(_TRANSCRIPT, params.speech, spared=True)
        return needs

    def estimate(self, params: HighlightParams, info: MediaInfo) -> Estimate:
        listening = _LISTEN_COST if params.voice is not None else 0.0
        return Estimate(cpu_seconds=_START_COST + listening * (info.duration_seconds or 0.0))

    def make(self, run: StepRun) -> Produced:
        params: HighlightParams = run.params
        scenes = Scenes.model_validate(run.inputs[SCENES].data)
        seconds = scenes.seconds
        speech: list[bool] | None = None
        blocks: Blocks | None = None
        quiet: list[float] = []
        if params.voice is not None:
            envelope = EnvelopeReader()
            self._ffmpeg(run, envelope_arguments(params.voice), envelope.line)
            speech = speech_seconds(envelope.levels_dbfs)
            quiet = pauses(envelope.levels_dbfs)
            blocks = measured_blocks(run, run.inputs[MEASURE])
        evidence = Evidence(
            seconds=seconds, blocks=blocks, speech=speech, pauses=quiet, scenes=scenes.changes, **_said(run)
        )
        wish = params.wish
        clips = find_highlights(evidence, wish.count, wish.min, wish.max)
        if not clips:
            raise too_short(seconds, wish)
        return Produced(data=Highlights(clips=clips).model_dump(mode="json"))

    def _ffmpeg(self, run: StepRun, arguments: list[str], on_line: Callable[[str], None]) -> None:
        self.ffmpeg(run, arguments, media_seconds=self.probed(run).duration_seconds, on_line=on_line)


def _said(run: StepRun) -> dict[str, Any]:
    """When each word is said, and the moments between two sentences."""
    found = run.inputs.get(_TRANSCRIPT)
    if found is None:
        return {}
    segments = Transcript.model_validate_json(run.read(found, MAIN_FILE).read_bytes()).segments
    words = sorted((word.start, word.end) for segment in segments for word in segment.words)
    between = [(before.end + after.start) / 2 for before, after in pairwise(segments) if before.end <= after.start]
    return {"words": words, "sentences": [round(moment, 3) for moment in between]}


def too_short(seconds: float, wish: HighlightWish, field: str = "segments.auto.min") -> SourceRefused:
    """The refusal of a source that no clip fits into."""
    return SourceRefused(
        f"The source lasts {seconds:.2f} s: there is no clip of {wish.min:g} s in it, ask for a lower min.",
        code="too_short",
        field=field,
    )
