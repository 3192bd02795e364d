"""Which gain, and how much limiting, brings a programme to its target loudness under its true-peak ceiling.

Three things stand between "target minus measured" and a file that measures right, and each is *heard*, not assumed:

* **A limiter takes loudness away.** Behind a gain g a limiter at c loses the same as behind g + x one at c + x: the
  loss is one curve over the *drive* g − c. Excerpts give its neighbourhood, one hearing of the whole the place.
* **A codec takes loudness away**: 0.4 LU in LAME, which scales by 0.95 below its top rates, up to 3 LU of wide-band
  noise at low rates, nothing in PCM. A pilot, the excerpts really encoded, tells how much.
* **A codec and a converter add true peak** over the limiter's sample ceiling: 0.1 dB for speech in PCM, 3 dB in
  AAC at 48 kbit/s. The pilot tells that, too.

The verified file has the last word: :func:`correct` turns its figures into the next attempt. Gains and peaks are
in dB, ceilings in dBFS (sample) or dBTP (ITU-R BS.1770-4, annex 2), loudness in LUFS. The search itself is in
domain/level_search.py.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Protocol

from pydantic import Field

from dailies.domain.audio_selection import Window
from dailies.domain.codec_effects import CodecEffect
from dailies.domain.loudness import Blocks, integrated, powers
from dailies.domain.model import Model
from dailies.domain.recipe import Normalize
from dailies.domain.result import LoudnessMode

#: What the encoded file may be off by, LU. EBU R 128 allows ±0.5 (±1.0 live); we promise a tenth.
TOLERANCE_LU = 0.1
#: 8 of a 16-bit sample's bits: a programme so quiet that it needs more is mostly its own quantisation noise.
MAX_GAIN_DB = 48.0
#: Loudness lost to the limiter, LU, over which the target is called out of reach: the sound would be crushed.
MAX_LOSS_LU = 12.0
#: The alimiter filter's lowest ``limit``, 0.0625.
LOWEST_CEILING_DBFS = -24.0
#: Taken off a ceiling that the encoded file passed, on top of what it passed it by.
RETRY_MARGIN_DB = 0.15
#: Encodes of one output before its step gives up with QualityNotReached.
MAX_RENDERS = 4


class Chain(Model):
    """What is done to the samples: a gain and, where a ceiling is given, the limiter behind it."""

    gain_db: float = 0.0
    limiter_ceiling_dbfs: float | None = None


class Level(Model):
    """The decision for one output; a step's artifact, and what ``render`` builds its filters from."""

    mode: LoudnessMode
    gain_db: float = 0.0
    limiter_ceiling_dbfs: float | None = Field(None, description="sample peak the limiter holds; null: no limiter")
    reason: str
    predicted_lufs: float | None = Field(None, description="of the encoded file; null when undefined")
    shift_lu: float = Field(0.0, description="of which the codec's: loudness after it minus before")
    slope: float = Field(1.0, description="LU that a further dB of gain adds; below 1 where it meets the limiter")
    reachable: bool = Field(True, description="false: the target can't be met; the reason says why")

    @property
    def chain(self) -> Chain:
        return Chain(gain_db=self.gain_db, limiter_ceiling_dbfs=self.limiter_ceiling_dbfs)


@dataclass(frozen=True, slots=True)
class Heard:
    """A measurement of what came out of a chain. ``true_peak_dbtp`` None: it was not asked for."""

    blocks: Blocks
    sample_peak_dbfs: float
    true_peak_dbtp: float | None = None


class Hearing(Protocol):
    """Plays the window through a chain and measures it; ``media/loudness.py`` builds the FFmpeg runs."""

    def excerpts(self, chain: Chain, *, true_peak: bool) -> Heard:
        """The excerpts, one after the other: a fifth of a CPU second."""

    def pilot(self, chain: Chain) -> Heard:
        """The same, really encoded and decoded again, true peak included."""

    def whole(self, chain: Chain, *, true_peak: bool) -> Heard:
        """The whole window."""


@dataclass(frozen=True, slots=True)
class Material:
    """What the measure step knows of the window. ``sample_peak_dbfs`` may be that of more than the window.

    ``covered``: the excerpts (domain/excerpts.py) are the whole window.
    """

    blocks: Blocks
    window: Window
    sample_peak_dbfs: float
    excerpts: tuple[Window, ...]
    covered: bool

    @property
    def loudness(self) -> float | None:
        return integrated(self.blocks, self.window.start, self.window.end)


def find_level(material: Material, target: Normalize, effect: CodecEffect, hearing: Hearing) -> Level:
    """The level at which the encoded window meets ``target``.

    Undefined loudness gives ``unchanged``; a target out of reach gives ``reachable`` False and a reason for the
    user. Otherwise the prediction is right to a few hundredths of a LU.
    """
    from dailies.domain.level_search import LevelSearch

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
    return LevelSearch(material, target, hearing, loudness, effect).run()


def correct(
    material: Material, level: Level, target: Normalize, effect: CodecEffect, hearing: Hearing, verified: Heard
) -> Level | None:
    """The next attempt after an encode that measured as ``verified``; None when it is within tolerance.

    A loudness error counts as the codec's; a peak over the ceiling lowers the limiter's by as much, and the gain is
    sought anew on the source, which is cheaper than one more encode that misses.
    """
    from dailies.domain.level_search import LevelSearch

    found, before = integrated(verified.blocks), material.loudness
    if level.mode == "unchanged" or found is None or before is None:
        return None
    error = found - target.integrated_lufs
    over = peak_of(verified) - target.true_peak_dbtp
    if abs(error) <= TOLERANCE_LU and over <= 0:
        return None
    search = LevelSearch(material, target, hearing, before, effect, shift=level.shift_lu + error)
    ceiling = level.limiter_ceiling_dbfs
    if ceiling is None and over <= 0:
        return search.linear_level()
    if ceiling is None:  # what the peaks were under a plain gain
        ceiling = min(material.sample_peak_dbfs + level.gain_db, target.true_peak_dbtp)
    lowered = max(ceiling - max(over + RETRY_MARGIN_DB, 0.0), LOWEST_CEILING_DBFS)
    return search.settle(level.gain_db - error / level.slope, lowered, level.slope)


def peak_of(heard: Heard) -> float:
    """True peak where it was measured, else sample peak."""
    return heard.sample_peak_dbfs if heard.true_peak_dbtp is None else heard.true_peak_dbtp


def _undefined(material: Material) -> str:
    if not powers(material.blocks, material.window.start, material.window.end):
        return "loudness is undefined below 0.4 s: passed through unchanged"
    return "silence: nothing is louder than -70 LUFS, passed through unchanged"
