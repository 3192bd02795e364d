"""The quality score of an output: a few excerpts of it held against the same excerpts of its source."""

from __future__ import annotations

from collections.abc import Sequence
from concurrent import futures
from concurrent.futures import Executor, Future
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Any

from dailies.domain.checks import quality
from dailies.domain.job.result import Check
from dailies.domain.loudness.excerpts import for_quality
from dailies.domain.loudness.loudness import Blocks
from dailies.domain.source.audio_selection import AudioSelection, Window
from dailies.media.graphs.sound.cancellation import MOST_CHANNELS, CancellationReader, cancellation_arguments
from dailies.media.graphs.sound.excerpts import SoundReader, heard_into, sound_arguments
from dailies.operations.checks.inspection import Verification
from dailies.operations.resolution import AudioPart
from dailies.planning.operation import StepRun

if TYPE_CHECKING:
    from dailies.media.toolbox import Toolbox

#: The name of the check of channels that are mixed.
MIX = "mix"
_PERFECT = 100
# Two microphones an arm's length apart lose 3 dB in mono, phasey stereo 6.
_CANCELLED_DB, _INAUDIBLE_DB = 10.0, 60.0
#: Up to here the start of an FFmpeg takes longer than what it hears: an output, and its source, are heard in one run.
TOGETHER_SECONDS = 30.0


@dataclass(frozen=True, slots=True)
class Comparison:
    """Excerpts of an output's source, and the hearing of them, which begins at once and beside the encode.

    The output begins ``start`` seconds into the source.
    """

    start: float
    windows: Sequence[Window]
    source: Future[quality.Sound | None]
    together: bool = False
    """Nobody listens yet: :class:`Together` will."""

    def output(self, pool: Executor, toolbox: Toolbox, run: StepRun, audio: AudioPart, path: Path) -> Compared:
        """Start to listen to the same excerpts of the encoded file."""
        channels = audio.selection.channels
        heard = pool.submit(_listen, toolbox, run, "output", path, self.shifted(), channels=channels, selection=None)
        return Compared(self.source, heard)

    def shifted(self) -> list[Window]:
        """The windows on the output's clock."""
        return [
            Window(start=w.start - self.start, end=None if w.end is None else w.end - self.start) for w in self.windows
        ]


@dataclass(frozen=True, slots=True)
class Compared:
    """The same excerpts of source and output, heard in the background while the output is verified."""

    source: Future[quality.Sound | None]
    output: Future[quality.Sound | None]

    def wait(self) -> None:
        """Until both were heard, or failed: the output may then be replaced."""
        futures.wait((self.source, self.output))


class Together:
    """Both sides of a short comparison, heard in the run that measures the output; the source the first time only.

    A ``Beside`` of ``verification.inspect``.
    """

    def __init__(self, comparison: Comparison, run: StepRun, audio: AudioPart, path: Path) -> None:
        self.source = run.source
        self.compared = Compared(comparison.source, Future())
        self._comparison = comparison
        self._audio = audio
        self._name = path.name
        self._sides = {f"{path.name}-heard.txt": self.compared.output}
        if not comparison.source.done():
            self._sides[f"{path.name}-source-heard.txt"] = comparison.source

    def outputs(self) -> list[Any]:
        ours, *theirs = self._sides
        selection = self._audio.selection
        windows, channels = self._comparison.windows, selection.channels
        output = heard_into(ours, self._comparison.shifted(), channels, name=f"file:{self._name}")
        return [output, *(heard_into(file, windows, channels, selection=selection) for file in theirs)]

    def heard(self, folder: Path) -> None:
        for name, side in self._sides.items():
            reader, file = SoundReader(), folder / name
            if file.exists():
                for line in file.read_text().splitlines():
                    reader.line(line)
                file.unlink()
            side.set_result(reader.sound())


def listen_to_source(
    pool: Executor,
    toolbox: Toolbox,
    run: StepRun,
    audio: AudioPart,
    *,
    window: Window,
    seconds: float,
    blocks: Blocks | None,
    measured: bool = False,
) -> Comparison | None:
    """Start to listen; ``seconds`` is how long the output should last. None for a copied stream: it lost nothing.

    ``measured``: the output is, so that both can be heard in that run where they are short (:class:`Together`).
    """
    if audio.encoding.copied:
        return None
    excerpts = for_quality(window, window.start + seconds, blocks)
    if measured and seconds <= TOGETHER_SECONDS:
        return Comparison(window.start, excerpts, Future(), together=True)
    channels, selection = audio.selection.channels, audio.selection
    heard = pool.submit(_listen, toolbox, run, "source", run.source, excerpts, channels=channels, selection=selection)
    return Comparison(window.start, excerpts, heard)


def quality_score_of(audio: AudioPart, verification: Verification, compared: Compared | None) -> int | None:
    """0–100 (domain/checks/quality.py has the formula). None when nothing can be heard."""
    if compared is None:
        return _PERFECT
    heard = verification.heard
    return quality.quality_score(
        quality.Loudness(
            target=audio.normalize,
            integrated_lufs=verification.integrated_lufs,
            true_peak_dbtp=None if heard is None else heard.true_peak_dbtp,
        ),
        compared.source.result(),
        compared.output.result(),
    )


def mix_checks(toolbox: Toolbox, run: StepRun, selection: AudioSelection, windows: Sequence[Window]) -> list[Check]:
    """Whether channels that are mixed cancel each other out, in excerpts: stereo whose one side is inverted is
    silence in mono. Advisory, as it was asked for so; none where channels aren't mixed."""
    matrix = selection.matrix
    if matrix is None or all(sum(gain > 0 for gain in row) <= 1 for row in matrix):
        return []
    if len(matrix[0]) + len(matrix) > MOST_CHANNELS:
        return []
    scratch = run.scratch / "heard-mix"
    scratch.mkdir(exist_ok=True)
    reader = CancellationReader()
    arguments = cancellation_arguments(selection, windows)
    toolbox.run(arguments, scratch=scratch, source=run.source, stop=run.stop, media_seconds=None, on_line=reader.line)
    kept = reader.kept_db(matrix)
    if kept is None:
        return []
    passed = kept >= -_CANCELLED_DB
    measured = f"{kept:+.1f} dB" if kept > -_INAUDIBLE_DB else "silence"
    said = measured if passed else f"{measured}: the channels cancel each other out, keep them or take one"
    expected = f"≥ -{_CANCELLED_DB:g} dB of the channels' power"
    return [Check(name=MIX, expected=expected, measured=said, passed=passed, advisory=True)]


def _listen(
    toolbox: Toolbox,
    run: StepRun,
    side: str,
    source: Path,
    windows: Sequence[Window],
    *,
    channels: int,
    selection: AudioSelection | None,
) -> quality.Sound | None:
    # A folder of its own: the source has the same name in every run.
    scratch = run.scratch / f"heard-{side}"
    scratch.mkdir(exist_ok=True)
    reader = SoundReader()
    toolbox.run(
        sound_arguments(windows, channels, selection=selection),
        scratch=scratch,
        source=source,
        stop=run.stop,
        media_seconds=sum((window.end or 0.0) - window.start for window in windows),
        on_line=reader.line,
    )
    return reader.sound()
