"""The quality score of an output: a few excerpts of it held against the same excerpts of its source."""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path

from dailies.domain import quality
from dailies.domain.audio_selection import AudioSelection, Window
from dailies.domain.excerpts import for_quality
from dailies.domain.loudness import Blocks
from dailies.media.excerpts import SoundReader, sound_arguments
from dailies.media.toolbox import Toolbox
from dailies.operations.resolution import AudioPart
from dailies.operations.verification import Verification
from dailies.planning.operation import StepRun

_PERFECT = 100


def quality_score_of(
    toolbox: Toolbox,
    run: StepRun,
    audio: AudioPart,
    *,
    window: Window,
    output: Path,
    verification: Verification,
    blocks: Blocks | None,
) -> int | None:
    """0–100 (domain/quality.py has the formula); a copied stream lost nothing. None when nothing can be heard."""
    if audio.encoding.copied:
        return _PERFECT
    duration = window.start + (verification.info.duration_seconds or 0.0)
    excerpts = for_quality(window, duration, blocks)
    shifted = [
        Window(start=e.start - window.start, end=None if e.end is None else e.end - window.start) for e in excerpts
    ]
    channels = audio.selection.channels
    heard = verification.heard
    return quality.quality_score(
        quality.Loudness(
            target=audio.normalize,
            integrated_lufs=verification.integrated_lufs,
            true_peak_dbtp=None if heard is None else heard.true_peak_dbtp,
        ),
        _listen(toolbox, run, run.source, excerpts, channels, audio.selection),
        _listen(toolbox, run, output, shifted, channels, None),
    )


def _listen(
    toolbox: Toolbox,
    run: StepRun,
    source: Path,
    windows: Sequence[Window],
    channels: int,
    selection: AudioSelection | None,
) -> quality.Sound | None:
    reader = SoundReader()
    toolbox.run(
        sound_arguments(windows, channels, selection=selection),
        scratch=run.scratch,
        source=source,
        stop=run.stop,
        media_seconds=None,
        on_line=reader.line,
    )
    return reader.sound()
