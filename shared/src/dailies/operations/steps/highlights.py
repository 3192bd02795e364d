"""``highlights``: which clips of the source are worth showing, each with its score and the reasons for it."""

from __future__ import annotations

from collections.abc import Callable
from typing import ClassVar

from dailies.domain.edit.highlights import Clip, Evidence, find_highlights
from dailies.domain.edit.speech import pauses, speech_seconds
from dailies.domain.errors import SourceRefused
from dailies.domain.loudness.loudness import Blocks
from dailies.domain.model import Model
from dailies.domain.recipe.edit_recipe import HighlightWish, Segment
from dailies.domain.source.audio_selection import AudioSelection
from dailies.domain.source.media_info import MediaInfo
from dailies.media.graphs.film.highlight_signals import EnvelopeReader, envelope_arguments
from dailies.operations.media_step import MediaStep
from dailies.operations.sound.loudness_probe import MEASURE
from dailies.operations.steps.measure import MeasureParams, measured_blocks
from dailies.operations.steps.scenes import SCENES, Scenes, ScenesParams
from dailies.planning.operation import Estimate, Known, Needs, Produced, Request, StepRun
from dailies.planning.plan import PROBE, NoParams

HIGHLIGHTS = "highlights"
# CPU seconds: per second of sound, at all.
_LISTEN_COST, _START_COST = 0.004, 0.7


class HighlightParams(Model):
    """``measured`` None: the source has no sound."""

    stream: int
    measured: MeasureParams | None
    voice: AudioSelection | None
    wish: HighlightWish

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
    version: ClassVar[str] = "4"

    def needs(self, params: HighlightParams, known: Known) -> Needs:
        needs = {PROBE: Request(PROBE, NoParams()), SCENES: Request(SCENES, params.scenes)}
        if params.measured is not None:
            needs[MEASURE] = Request(MEASURE, params.measured)
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
        evidence = Evidence(seconds=seconds, blocks=blocks, speech=speech, pauses=quiet, scenes=scenes.changes)
        wish = params.wish
        clips = find_highlights(evidence, wish.count, wish.min, wish.max)
        if not clips:
            raise too_short(seconds, wish)
        return Produced(data=Highlights(clips=clips).model_dump(mode="json"))

    def _ffmpeg(self, run: StepRun, arguments: list[str], on_line: Callable[[str], None]) -> None:
        self.ffmpeg(run, arguments, media_seconds=self.probed(run).duration_seconds, on_line=on_line)


def too_short(seconds: float, wish: HighlightWish, field: str = "segments.auto.min") -> SourceRefused:
    """The refusal of a source that no clip fits into."""
    return SourceRefused(
        f"The source lasts {seconds:.2f} s: there is no clip of {wish.min:g} s in it, ask for a lower min.",
        code="too_short",
        field=field,
    )
