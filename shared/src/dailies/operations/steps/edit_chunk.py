"""``edit-chunk``: the pictures of a part of a long edit, encoded by itself."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from typing import TYPE_CHECKING, ClassVar

from pydantic import Field

from dailies.domain.edit.edit_joints import seconds_between
from dailies.domain.edit.edit_list import EditList
from dailies.domain.model import Model, digest_of
from dailies.domain.source.media_info import MediaInfo
from dailies.media.ffmpeg import RunReport
from dailies.media.graphs.film.chunking import MUXER
from dailies.media.graphs.film.editing import INDEXED, RUN_UP_SECONDS, FilmBranch, pictures_arguments
from dailies.media.graphs.film.encoding import video_arguments
from dailies.media.graphs.pictures.picture import PictureParams
from dailies.operations.media_step import MediaStep
from dailies.operations.steps.chunk import CHUNK_COST, CHUNK_MEDIA_TYPE, ChunkFacts, chunk_facts, picture_cost
from dailies.operations.steps.cuts import CUTS, CutsParams
from dailies.planning.operation import MAIN_FILE, Estimate, Known, Needs, Produced, Request, StepRun
from dailies.planning.plan import PROBE, NoParams

if TYPE_CHECKING:
    from dailies.media.toolbox import Toolbox

EDIT_CHUNK = "edit-chunk"
_NAME = f"chunk.{MUXER}"
# The part of a step's progress that is the encode.
_ENCODE_SHARE = 0.95


class EditChunkParams(Model):
    """``cuts`` is no part of the key: what it makes is, so that a chunk outlives a change of the edit elsewhere."""

    picture: PictureParams
    quality: str | int
    preset: str
    cuts: CutsParams = Field(exclude=True)


class EditChunkOperation(MediaStep):
    """Cuts, joins and encodes the frames of one part; chunks of several shapes of it share the decode."""

    kind: ClassVar[str] = EDIT_CHUNK
    version: ClassVar[str] = "3"

    def needs(self, params: EditChunkParams, known: Known) -> Needs:
        return {PROBE: Request(PROBE, NoParams()), CUTS: Request(CUTS, params.cuts)}

    def estimate(self, params: EditChunkParams, info: MediaInfo) -> Estimate:
        seconds = seconds_between(params.cuts.lengths(info), params.cuts.begin, params.cuts.stop)
        return Estimate(cpu_seconds=CHUNK_COST + seconds * picture_cost(params.picture, params.preset, info))

    def fuse(self, params: EditChunkParams) -> str | None:
        return f"{EDIT_CHUNK}-{digest_of(params.cuts.model_dump(mode='json'))}"

    def run(self, batch: Sequence[StepRun]) -> Iterator[tuple[StepRun, Produced]]:
        edit = EditList.model_validate(batch[0].inputs[CUTS].data)
        if not edit.frames:
            # The source ends before the part: it is shorter than it says.
            for run in batch:
                yield run, Produced(data=ChunkFacts().model_dump(mode="json"))
            return
        report = edit_pictures(self._toolbox, batch, edit, MUXER, _NAME)
        for number, run in enumerate(batch):
            facts = chunk_facts(self._toolbox, run, run.scratch / _NAME, report.of_output(number))
            files = {MAIN_FILE: (run.scratch / _NAME, CHUNK_MEDIA_TYPE)}
            yield run, Produced(data=facts.model_dump(mode="json"), files=files)


def edit_pictures(toolbox: Toolbox, batch: Sequence[StepRun], edit: EditList, muxer: str, name: str) -> RunReport:
    """Encode the pictures of ``edit`` once for each step, whose parameters have picture, quality and preset.

    Each is placed in its step's scratch as ``name``.
    """
    films = [
        FilmBranch(
            run.params.picture, video_arguments(run.params.quality, run.params.preset), f"film-{number}.{muxer}", muxer
        )
        for number, run in enumerate(batch)
    ]
    info = MediaInfo.model_validate(batch[0].inputs[PROBE].data)
    report = _pictures(toolbox, batch, edit, films, RUN_UP_SECONDS[info.container in INDEXED])
    if any(report.of_output(number).pictures < edit.frames for number in range(len(batch))):
        # A seek that led past the segment: the file's index is wrong, its beginning never is.
        report = _pictures(toolbox, batch, edit, films, None)
    for run, film in zip(batch, films, strict=True):
        (batch[0].scratch / film.name).replace(run.scratch / name)
    return report


def _pictures(
    toolbox: Toolbox, batch: Sequence[StepRun], edit: EditList, films: Sequence[FilmBranch], run_up: float | None
) -> RunReport:
    def progress(seconds: float) -> None:
        for run in batch:
            run.progress(_ENCODE_SHARE * min(1.0, seconds / edit.seconds))

    return toolbox.run(
        pictures_arguments(edit, films, run_up),
        scratch=batch[0].scratch,
        source=batch[0].source,
        stop=batch[0].stop,
        media_seconds=len(batch) * (max(cut.end for cut in edit.cuts) if run_up is None else edit.seconds),
        on_progress=progress,
    )
