"""The quality score: one figure for how much an output kept of its source, and met what was asked. Pure."""

from __future__ import annotations

from dataclasses import dataclass

from dailies.domain.recipe.recipe import Normalize

#: Lower and upper edges, Hz, of the bands that tell a bandwidth (None: no upper edge), and what each counts.
BANDS_HZ: tuple[tuple[int, int | None], ...] = ((4000, 8000), (8000, 12000), (12000, 16000), (16000, None))
BAND_WEIGHTS = (0.4, 0.3, 0.2, 0.1)
#: A sample at or over it counts as clipped: full scale less a 16-bit step or two, for decoders that round.
CLIP_LEVEL = 0.9999

# Weight of each term, and the deviation at which it is lost altogether.
_LOUDNESS_WEIGHT, _LOUDNESS_LU = 25.0, 2.0
_PEAK_WEIGHT, _PEAK_DB = 20.0, 2.0
_CLIPPING_WEIGHT, _CLIPPED_PART = 20.0, 0.001
_BANDWIDTH_WEIGHT = 20.0
_NOISE_WEIGHT, _NOISE_DB = 15.0, 12.0
# Within these nothing is lost: the promised loudness tolerance, and what two measurements of noise differ by.
_LOUDNESS_FREE_LU = 0.1
_NOISE_FREE_DB = 1.0
# A band is there when it is louder than this, absolutely and below the whole; it is lost between these two losses.
_BAND_FLOOR_DBFS, _BAND_BELOW_DB = -84.0, 60.0
_BAND_FREE_DB, _BAND_LOST_DB = 3.0, 20.0
# The noise of 16-bit quantisation: a floor below it is not heard behind one.
_FLOOR_DBFS = -96.0


@dataclass(frozen=True, slots=True)
class Sound:
    """A few excerpts of a file, as ``media/graphs/sound/excerpts.py`` measures them. Levels are RMS, dBFS.

    ``trough_dbfs`` is the quietest 50 ms; ``bands_dbfs`` are of :data:`BANDS_HZ`; ``clipped`` is the part of all
    samples, 0–1, at which a channel is at or over full scale.
    """

    level_dbfs: float
    trough_dbfs: float
    bands_dbfs: tuple[float, ...]
    clipped: float


@dataclass(frozen=True, slots=True)
class Loudness:
    """Of the whole encoded file, against what was asked. Both None: nothing was, or it is undefined."""

    target: Normalize | None = None
    integrated_lufs: float | None = None
    true_peak_dbtp: float | None = None


def quality_score(loudness: Loudness, source: Sound | None, output: Sound | None) -> int | None:
    """0 (nothing is left) to 100 (nothing was lost): the weighted mean of the terms that could be measured.

    ========== ====== ==================================================== =====================================
    term       weight what is measured                                     kept part, 1 to 0
    ========== ====== ==================================================== =====================================
    loudness   25     e = distance of integrated and target, LU            1 − (e − 0.1) / 2
    true peak  20     o = true peak − ceiling, dB                          1 − o / 2
    clipping   20     c = clipped samples more than in the source          1 − c / 0.001
    bandwidth  20     l = level lost relative to the whole, dB, in 4–8,    mean of 1 − (l − 3) / 17, weighted
                      8–12, 12–16 and over 16 kHz, where the source has    0.4, 0.3, 0.2, 0.1
                      anything there
    noise      15     n = rise of the quietest 50 ms relative to the       1 − (n − 1) / 12
                      level, dB, down to −96 dBFS
    ========== ====== ==================================================== =====================================

    Each part is cut off at 0 and 1. Loudness and true peak are of the whole file and drop out, with their weight,
    where nothing was normalised; the other three are of the same excerpts of source and output and drop out
    where those could not be measured. None when no term is left.
    """
    terms = [*_asked(loudness), *(_kept(source, output) if source is not None and output is not None else [])]
    total = sum(weight for weight, _ in terms)
    if not total:
        return None
    return round(100.0 * sum(weight * min(max(part, 0.0), 1.0) for weight, part in terms) / total)


def bandwidth_kept(source: Sound, output: Sound) -> float | None:
    """0–1; None when the source has nothing over 4 kHz."""
    kept = weights = 0.0
    for weight, before, after in zip(BAND_WEIGHTS, source.bands_dbfs, output.bands_dbfs, strict=True):
        if before < max(_BAND_FLOOR_DBFS, source.level_dbfs - _BAND_BELOW_DB):
            continue
        lost = (before - source.level_dbfs) - (after - output.level_dbfs)
        part = 1.0 - (lost - _BAND_FREE_DB) / (_BAND_LOST_DB - _BAND_FREE_DB)
        kept += weight * min(max(part, 0.0), 1.0)
        weights += weight
    return kept / weights if weights else None


def noise_rise_db(source: Sound, output: Sound) -> float:
    """How much the floor came nearer to the programme, dB, at least 0."""
    expected = max(source.trough_dbfs + output.level_dbfs - source.level_dbfs, _FLOOR_DBFS)
    return max(max(output.trough_dbfs, _FLOOR_DBFS) - expected, 0.0)


def _asked(loudness: Loudness) -> list[tuple[float, float]]:
    terms: list[tuple[float, float]] = []
    if loudness.target is None:
        return terms
    if loudness.integrated_lufs is not None:
        error = abs(loudness.integrated_lufs - loudness.target.integrated_lufs)
        terms.append((_LOUDNESS_WEIGHT, 1.0 - (error - _LOUDNESS_FREE_LU) / _LOUDNESS_LU))
    if loudness.true_peak_dbtp is not None:
        terms.append((_PEAK_WEIGHT, 1.0 - (loudness.true_peak_dbtp - loudness.target.true_peak_dbtp) / _PEAK_DB))
    return terms


def _kept(source: Sound, output: Sound) -> list[tuple[float, float]]:
    terms = [
        (_CLIPPING_WEIGHT, 1.0 - (output.clipped - source.clipped) / _CLIPPED_PART),
        (_NOISE_WEIGHT, 1.0 - (noise_rise_db(source, output) - _NOISE_FREE_DB) / _NOISE_DB),
    ]
    bandwidth = bandwidth_kept(source, output)
    if bandwidth is not None:
        terms.append((_BANDWIDTH_WEIGHT, bandwidth))
    return terms
