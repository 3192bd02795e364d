"""Which gain, and how much limiting, brings a programme to its target loudness under its true-peak ceiling.

Three things stand between "target minus measured" and a file that measures right, and each is *heard*, not assumed:

* **A limiter takes loudness away.** Behind a gain g a limiter at c loses the same as behind g + x one at c + x: the
  loss is one curve over the *drive* g − c. Excerpts give its neighbourhood, one hearing of the whole the place.
* **A codec takes loudness away**: 0.4 LU in LAME, which scales by 0.95 below its top rates, up to 3 LU of wide-band
  noise at low rates, nothing in PCM. A pilot, the excerpts really encoded, tells how much.
* **A codec and a converter add true peak** over the limiter's sample ceiling: 0.1 dB for speech in PCM, 3 dB in
  AAC at 48 kbit/s. The pilot tells that, too.

The verified file has the last word: :func:`correct` turns its figures into the next attempt. The search itself is
in domain/loudness/level_search.py, its words (Level, Chain, LoudnessProbe …) in domain/loudness/level.py.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace

from dailies.domain.loudness.codec_effects import CodecEffect
from dailies.domain.loudness.level import Attempt, Chain, Heard, Level, LoudnessProbe, Material, peak_of
from dailies.domain.loudness.level_search import LOWEST_CEILING_DBFS, TOLERANCE_LU, LevelSearch, linear_reason
from dailies.domain.loudness.loudness import gated, integrated, powers
from dailies.domain.recipe.recipe import Normalize
from dailies.domain.source.audio_selection import Window

__all__ = [
    "MAX_GAIN_DB",
    "MAX_RENDERS",
    "TOLERANCE_LU",
    "Chain",
    "Heard",
    "Level",
    "LoudnessProbe",
    "Material",
    "correct",
    "find_level",
]

#: 8 of a 16-bit sample's bits: a programme so quiet that it needs more is mostly its own quantisation noise.
MAX_GAIN_DB = 48.0
#: Taken off a ceiling that the encoded file passed, on top of what it passed it by.
RETRY_MARGIN_DB = 0.15
#: What an encode that is its own pilot may be off by, LU: at the very edge, others measure it as over.
OWN_PILOT_TOLERANCE_LU = 0.07
#: Of the way from one encode to another, the part at either end where a third would tell little.
LEAST_PART = 0.1
#: Encodes of one output's sound before its step gives up with QualityNotReached.
MAX_RENDERS = 6


def find_level(material: Material, target: Normalize, effect: CodecEffect, probe: LoudnessProbe) -> Level:
    """The level at which the encoded window meets ``target``.

    Undefined loudness gives ``unchanged``; a target out of reach gives ``reachable`` False and a reason for the
    user. Otherwise the prediction is right to a few hundredths of a LU, without a pilot to a tenth or two.
    """
    material = _exact(material, probe)
    loudness = material.loudness
    if loudness is None:
        return Level(mode="unchanged", reason=_undefined(material))
    gain = target.integrated_lufs - loudness
    if gain > MAX_GAIN_DB:
        return Level(
            mode="unchanged",
            reason=f"too quiet: it would take {gain:.0f} dB of gain, and over {MAX_GAIN_DB:.0f} dB only noise rises",
            predicted_lufs=loudness,
        )
    return LevelSearch(material, target, probe, _loudness_for(material, target, loudness), effect).run()


def correct(
    material: Material, level: Level, target: Normalize, effect: CodecEffect, probe: LoudnessProbe, verified: Heard
) -> Level | None:
    """The next attempt after an encode that measured as ``verified``; None when it is within tolerance.

    A loudness error is stepped off. A peak over the ceiling lowers the limiter's by as much, and the gain is sought
    anew on the source, which is cheaper than one more encode that misses.
    """
    found = integrated(verified.blocks)
    if level.mode == "unchanged" or found is None:
        return None
    error = found - target.integrated_lufs
    over = peak_of(verified) - target.true_peak_dbtp
    if abs(error) <= (OWN_PILOT_TOLERANCE_LU if level.own_pilot else TOLERANCE_LU) and over <= 0:
        return None
    material = _exact(material, probe)
    before = material.loudness
    if before is None:
        return None
    before = _loudness_for(material, target, before)
    if over <= 0:
        attempts = (*level.attempts, Attempt(gain_db=level.gain_db, error_lu=error))
        gain = _next_gain(attempts, level.slope)
        changes = {"gain_db": gain, "attempts": attempts, "predicted_lufs": target.integrated_lufs}
        if level.mode == "linear":
            changes["reason"] = linear_reason(gain, target)
        return level.model_copy(update=changes)
    ceiling = level.limiter_ceiling_dbfs
    if ceiling is None:  # what the peaks were under a plain gain
        behind_gain: float | None = before + level.gain_db
        ceiling = min(material.sample_peak_dbfs + level.gain_db, target.true_peak_dbtp)
    else:
        behind_gain = integrated(probe.whole(level.chain, true_peak=False).blocks)
    shift = level.shift_lu if behind_gain is None else found - behind_gain
    search = LevelSearch(material, target, probe, before, effect, shift=shift)
    lowered = max(ceiling - over - RETRY_MARGIN_DB, LOWEST_CEILING_DBFS)
    settled = search.settle(level.gain_db - error / level.slope, lowered, level.slope)
    return settled.model_copy(update={"own_pilot": level.own_pilot})


def _next_gain(attempts: Sequence[Attempt], slope: float) -> float:
    """Between what was too quiet and what was too loud, else along the slope (regula falsi).

    An encoder may answer a tenth of a dB with a whole one: noise in AAC, whose quantisers work in steps of 1.5 dB.
    """
    quiet = max((each for each in attempts if each.error_lu < 0), key=lambda each: each.gain_db, default=None)
    loud = min((each for each in attempts if each.error_lu >= 0), key=lambda each: each.gain_db, default=None)
    if quiet is None or loud is None or quiet.gain_db >= loud.gain_db:
        return attempts[-1].gain_db - attempts[-1].error_lu / slope
    part = quiet.error_lu / (quiet.error_lu - loud.error_lu)
    return quiet.gain_db + min(max(part, LEAST_PART), 1 - LEAST_PART) * (loud.gain_db - quiet.gain_db)


def _loudness_for(material: Material, target: Normalize, loudness: float) -> float:
    """Loudness behind the gain that ``target`` takes, less that gain.

    Not quite ``loudness`` where there are blocks around the absolute gate: gain lifts them over it, they lower the
    mean, and with it the relative gate lets in others.
    """
    found = powers(material.blocks, material.window.start, material.window.end)
    gain = target.integrated_lufs - loudness
    for _ in range(2):
        lifted = gated([power * 10 ** (gain / 10) for power in found])
        if lifted is None:  # pushed below the absolute gate altogether
            return loudness
        loudness = lifted - gain
        gain = target.integrated_lufs - loudness
    return loudness


def _exact(material: Material, probe: LoudnessProbe) -> Material:
    """A short part of a track, measured by itself.

    In a few seconds a single block can decide whether others pass the gate, so that what the track's own grid says
    of them may be tenths of a LU off (docs/loudness.md), and the track's peak is seldom theirs.
    """
    if not material.covered or material.window.whole:
        return material
    heard = probe.excerpts(Chain(), true_peak=False)
    return replace(material, blocks=heard.blocks, window=Window(), sample_peak_dbfs=heard.sample_peak_dbfs)


def _undefined(material: Material) -> str:
    if not powers(material.blocks, material.window.start, material.window.end):
        return "loudness is undefined below 0.4 s: passed through unchanged"
    return "silence: nothing is louder than -70 LUFS, passed through unchanged"
