"""The words of levelling: what is done to samples, what is decided, what is heard, and of what. Pure.

Gains and peaks are in dB, ceilings in dBFS (sample) or dBTP (true peak, ITU-R BS.1770-4, annex 2), loudness in LUFS.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Protocol

from pydantic import Field

from dailies.domain.job.result import LoudnessMode
from dailies.domain.loudness.loudness import Blocks, integrated
from dailies.domain.model import Model
from dailies.domain.source.audio_selection import Window


class Chain(Model):
    """What is done to the samples: a gain and, where a ceiling is given, the limiter behind it."""

    gain_db: float = 0.0
    limiter_ceiling_dbfs: float | None = None


class Attempt(Model):
    """An encode that was off: by how much, LU, at which gain."""

    gain_db: float
    error_lu: float


class Level(Model):
    """The decision for one output; a step's artifact, and what ``render`` builds its filters from."""

    mode: LoudnessMode
    gain_db: float = 0.0
    limiter_ceiling_dbfs: float | None = Field(None, description="sample peak the limiter holds; null: no limiter")
    reason: str
    predicted_lufs: float | None = Field(None, description="of the encoded file; null when undefined")
    shift_lu: float = Field(0.0, description="of which the codec's: loudness after it minus before")
    own_pilot: bool = Field(False, description="the encode is its own pilot, and made again sooner than another")
    slope: float = Field(1.0, description="LU that a further dB of gain adds; below 1 where it meets the limiter")
    attempts: tuple[Attempt, ...] = Field((), description="encodes before it, through the same limiter")
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


class LoudnessProbe(Protocol):
    """Plays the window through a chain and measures it; ``media/graphs/sound/loudness.py`` builds the FFmpeg runs."""

    def excerpts(self, chain: Chain, *, true_peak: bool) -> Heard:
        """The excerpts, one after the other; of a chain without a limiter, only those of the pilot."""

    def pilot(self, chain: Chain) -> Heard:
        """The pilot's excerpts (domain/loudness/excerpts.py), really encoded and decoded again, true peak included."""

    def whole(self, chain: Chain, *, true_peak: bool) -> Heard:
        """The whole window."""


@dataclass(frozen=True, slots=True)
class Material:
    """What the measure step knows of the window. ``sample_peak_dbfs`` may be that of more than the window.

    ``covered``: the excerpts (domain/loudness/excerpts.py) are the whole window.
    """

    blocks: Blocks
    window: Window
    sample_peak_dbfs: float
    excerpts: tuple[Window, ...]
    covered: bool

    @property
    def loudness(self) -> float | None:
        return integrated(self.blocks, self.window.start, self.window.end)


def peak_of(heard: Heard) -> float:
    """True peak where it was measured, else sample peak."""
    return heard.sample_peak_dbfs if heard.true_peak_dbtp is None else heard.true_peak_dbtp
