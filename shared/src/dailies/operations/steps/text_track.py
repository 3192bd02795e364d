"""``text-track``: a finished film with subtitles that a player can switch on; pictures and sound as they are."""

from __future__ import annotations

from pathlib import Path
from typing import Any, ClassVar

from dailies.domain.job.result import Check, OutputResult
from dailies.domain.model import Model
from dailies.domain.source.media_info import MediaInfo
from dailies.domain.subtitles.srt import read_srt
from dailies.media.graphs.text.subtitle_tracks import TimeReader, times_arguments
from dailies.media.graphs.text.text_track import film_hash_arguments, text_track_arguments
from dailies.operations.checks.certificate import certified
from dailies.operations.checks.inspection import read_own
from dailies.operations.media_step import MediaStep
from dailies.operations.resolution import RenderParams
from dailies.operations.steps.assemble import ASSEMBLE, AssembleParams
from dailies.operations.steps.edit_resolution import EDIT, EditParams
from dailies.operations.text.subtitle_files import times_check
from dailies.operations.text.subtitle_params import SUBTITLES, SubtitlesParams
from dailies.operations.text.subtitle_sources import three_letters
from dailies.planning.operation import MAIN_FILE, Estimate, Known, Needs, Produced, Request, StepRun
from dailies.planning.plan import PROBE, NoParams

TEXT_TRACK = "text-track"
_FILM = "film"
_TEXT, _NAME = "subtitles.srt", "subtitled.mp4"
# CPU seconds per second of source: the film is copied once and read twice.
_COST, _START_COST = 0.001, 0.5


class TextTrackParams(Model):
    """The film as it would be without, and the subtitles in its time."""

    film: RenderParams | AssembleParams | EditParams
    subtitles: SubtitlesParams

    @property
    def film_request(self) -> Request:
        """The step that makes the film."""
        kinds: dict[type[Model], str] = {RenderParams: "video", AssembleParams: ASSEMBLE, EditParams: EDIT}
        return Request(kinds[type(self.film)], self.film)


def with_text_track(film: Request, subtitles: SubtitlesParams) -> Request:
    """The step that makes the film with a track of text, which is in the film's own time."""
    params: Any = film.params
    return Request(TEXT_TRACK, TextTrackParams(film=params, subtitles=subtitles.model_copy(update={"apart": True})))


class TextTrackOperation(MediaStep):
    """Copies a film and adds a track of text (3GPP Timed Text, ``mov_text``)."""

    kind: ClassVar[str] = TEXT_TRACK
    version: ClassVar[str] = "1"

    def needs(self, params: TextTrackParams, known: Known) -> Needs:
        return {
            PROBE: Request(PROBE, NoParams()),
            _FILM: params.film_request,
            SUBTITLES: Request(SUBTITLES, params.subtitles),
        }

    def estimate(self, params: TextTrackParams, info: MediaInfo) -> Estimate:
        return Estimate(cpu_seconds=_START_COST + _COST * (info.duration_seconds or 0.0))

    def make(self, run: StepRun) -> Produced:
        film = run.read(run.inputs[_FILM], MAIN_FILE)
        text = run.read(run.inputs[SUBTITLES], MAIN_FILE)
        wanted = [(cue.start_ms, cue.end_ms) for cue in read_srt(text.read_text(encoding="utf-8"))]
        path = run.scratch / _NAME
        language = three_letters(run.inputs[SUBTITLES].data["language"])
        self._toolbox.run(
            text_track_arguments(self._toolbox.policy, _TEXT if wanted else None, language, _NAME),
            scratch=run.scratch,
            source=film,
            stop=run.stop,
            media_seconds=None,
            extra_sources={_TEXT: text} if wanted else None,
        )
        made = OutputResult.model_validate({**run.inputs[_FILM].data, "path": None, "bytes": 0, "sha256": ""})
        checks = [*made.checks, self._copied(run, film, path), self._text_check(run, path, wanted)]
        return certified(path, made.media_type, checks, made.facts, duration_seconds=made.duration_seconds)

    def _copied(self, run: StepRun, film: Path, path: Path) -> Check:
        """Every packet of the film is the film's, in its order."""
        before, after = (self._hash(run, each) for each in (film, path))
        return Check(
            name="pictures and sound",
            expected="as without the text track",
            measured="the same" if before == after else "changed",
            passed=bool(before) and before == after,
        )

    def _hash(self, run: StepRun, path: Path) -> list[str]:
        lines: list[str] = []
        read_own(
            self._toolbox, path, film_hash_arguments(), run.stop, lines.append, scratch=run.scratch, media_seconds=None
        )
        return [line for line in lines if "=" in line]

    def _text_check(self, run: StepRun, path: Path, wanted: list[tuple[int, int]]) -> Check:
        """The track as FFmpeg reads it. Where nobody speaks there is none."""
        reader = TimeReader()
        if wanted:
            read_own(
                self._toolbox, path, times_arguments("s:0"), run.stop, reader.line, scratch=run.scratch,
                media_seconds=None,
            )  # fmt: skip
        return times_check("text track", wanted, reader.times, most_ms=1)
