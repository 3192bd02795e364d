"""Which gain brings each segment of an edit near the others, and how near they came. Pure arithmetic on blocks.

The whole is levelled afterwards like any other programme (domain/loudness/levelling.py): here it is about
the differences.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, replace

from dailies.domain.loudness.levelling import MAX_GAIN_DB
from dailies.domain.loudness.loudness import Blocks, integrated, powers

#: What segments may lie apart when the recipe doesn't say.
DEFAULT_SPREAD_LU = 1.5
#: A limiter takes more from one segment than from another, and a codec too: this much of the spread is left to them.
_MARGIN_LU = 0.5


@dataclass(frozen=True, slots=True)
class SegmentLevel:
    """``wanted_lufs`` None: the segment is passed through; ``reason`` says why."""

    loudness_lufs: float | None
    wanted_lufs: float | None
    gain_db: float
    reason: str


def segment_levels(
    blocks: Blocks, windows: Sequence[tuple[float, float]], target_lufs: float, max_spread_lu: float
) -> tuple[SegmentLevel, ...]:
    """Bring the segments of a measured source around ``target_lufs``, no further apart than ``max_spread_lu``.

    Differences that fit into the spread stay, as they are the programme's own; larger ones are cut off at its edges.
    """
    found = [integrated(blocks, start, end) for start, end in windows]
    usable = [loudness for loudness in found if loudness is not None and target_lufs - loudness <= MAX_GAIN_DB]
    centre = (max(usable) + min(usable)) / 2 if usable else target_lufs
    half = max(0.0, max_spread_lu - _MARGIN_LU) / 2
    levels: list[SegmentLevel] = []
    for loudness, (start, end) in zip(found, windows, strict=True):
        if loudness is None:
            short = not powers(blocks, start, end)
            reason = "loudness is undefined below 0.4 s" if short else "silence: nothing is louder than -70 LUFS"
            levels.append(SegmentLevel(None, None, 0.0, f"passed through: {reason}"))
        elif target_lufs - loudness > MAX_GAIN_DB:
            reason = f"passed through: it would take over {MAX_GAIN_DB:.0f} dB of gain, and only noise rises"
            levels.append(SegmentLevel(loudness, None, 0.0, reason))
        else:
            wanted = target_lufs + min(max(loudness - centre, -half), half)
            gain = wanted - loudness
            levels.append(SegmentLevel(loudness, wanted, gain, f"{loudness:.1f} LUFS in the source, {gain:+.1f} dB"))
    return tuple(levels)


def spread_lu(loudnesses: Sequence[float | None]) -> float | None:
    """How far the loudest and the softest lie apart, LU; None below two that have a loudness."""
    known = [loudness for loudness in loudnesses if loudness is not None]
    return max(known) - min(known) if len(known) > 1 else None


def corrected(
    levels: Sequence[SegmentLevel], measured: Sequence[float | None], max_spread_lu: float
) -> tuple[SegmentLevel, ...] | None:
    """The next gains after the encoded segments measured as ``measured``; None when they are near enough.

    Each is moved towards its wanted place among the others; a common offset is not this module's business.
    """
    pairs = [
        (level.wanted_lufs, found)
        for level, found in zip(levels, measured, strict=True)
        if level.wanted_lufs is not None and found is not None
    ]
    spread = spread_lu([found for _, found in pairs])
    if spread is None or spread <= max_spread_lu:
        return None
    common = sum(found - wanted for wanted, found in pairs) / len(pairs)
    return tuple(
        level
        if level.wanted_lufs is None or found is None
        else replace(level, gain_db=level.gain_db - (found - common - level.wanted_lufs))
        for level, found in zip(levels, measured, strict=True)
    )
