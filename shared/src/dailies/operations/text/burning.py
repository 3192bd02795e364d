"""Draws subtitles into a film: with a font of ours, of text that the font can show, verified on a blank picture."""

from __future__ import annotations

import shutil
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Any

from dailies.domain.errors import SourceRefused
from dailies.domain.job.result import Check
from dailies.planning.operation import MAIN_FILE, StepRun

if TYPE_CHECKING:
    from dailies.media.toolbox import Toolbox

SUBTITLES = "subtitles"
#: Of a refusal: a whole script would be a long sentence.
_MOST_NAMED = 8


@dataclass(frozen=True, slots=True)
class Burning:
    """An ASS and the fonts in a run's scratch folder, and what was found out about drawing them."""

    name: str
    checks: tuple[Check, ...]

    def draw(self, stream: Any) -> Any:
        """The pictures with the subtitles on them."""
        from dailies.media.run.fonts import FOLDER
        from dailies.operations.deliverables.video import burn

        return burn(stream, self.name, FOLDER)


def burning_of(toolbox: Toolbox, run: StepRun, scratch: Path, number: int) -> Burning | None:
    """Lay out what is drawn into output ``number`` of a run; None where nothing is.

    Raises SourceRefused ``no_glyphs`` for text that the font can't show: another would depend on the machine.
    """
    artifact = run.inputs.get(SUBTITLES)
    if artifact is None:
        return None
    from dailies.domain.subtitles.ass import read_ass
    from dailies.domain.subtitles.glyphs import covered, lacking
    from dailies.media.run.fonts import FAMILY, FOLDER, font_files

    place = scratch / f"subtitles-{number}.ass"
    shutil.copyfile(run.read(artifact, MAIN_FILE), place)
    cues = read_ass(place.read_text(encoding="utf-8"))
    upright, *_ = font_files()
    missing = lacking("".join(cue.text for cue in cues), covered(upright.read_bytes()))
    if missing:
        named = " ".join(missing[:_MOST_NAMED])
        raise SourceRefused(
            f"The subtitles can't be burnt in: {FAMILY} lacks {len(missing)} of their characters, such as {named}. Ask"
            " for text_track or the kind subtitles.",
            code="no_glyphs",
        )
    (scratch / FOLDER).mkdir(exist_ok=True)
    for count, font in enumerate(font_files()):
        shutil.copyfile(font, scratch / FOLDER / f"font-{count}.ttf")
    if not cues:
        return Burning(place.name, (_check(0, 0.0),))
    middle = (cues[0].start_ms + cues[0].end_ms) / 2000
    return Burning(place.name, (_check(len(cues), _drawn(toolbox, run, scratch, place.name, middle)),))


def _drawn(toolbox: Toolbox, run: StepRun, scratch: Path, name: str, seconds: float) -> float:
    """The share of a blank picture that a subtitle covers: without a font FFmpeg draws nothing and is content."""
    from dailies.media.graphs.text.blank_picture import blank_arguments, drawn_share

    picture = scratch / f"{name}.gray"
    toolbox.run(
        blank_arguments(lambda stream: Burning(name, ()).draw(stream), seconds, picture.name),
        scratch=scratch,
        source=run.source,
        stop=run.stop,
        media_seconds=0.0,
    )
    share = drawn_share(picture.read_bytes())
    picture.unlink()
    return share


def _check(count: int, share: float) -> Check:
    return Check(
        name="burnt in",
        expected=f"{count} subtitles, visible",
        measured=f"{count} subtitles, the first on {100 * share:.1f} % of a blank picture",
        passed=share > 0 or not count,
    )
