"""A made-up programme, limiter and codec that can be asked in no time, for the tests of levelling."""

from __future__ import annotations

import math
from dataclasses import dataclass, field

from dailies.domain.loudness.codec_effects import codec_effect
from dailies.domain.loudness.excerpts import for_level
from dailies.domain.loudness.level import Chain, Heard, Level, Material
from dailies.domain.loudness.loudness import Blocks, integrated
from dailies.domain.recipe.recipe import Normalize
from dailies.domain.source.audio_selection import Window

PCM = codec_effect("pcm_s16le", None, 2)
AAC = codec_effect("aac", 192_000, 2)
TARGET = Normalize(integrated_lufs=-16.0, true_peak_dbtp=-1.0)


@dataclass
class Studio:
    """A programme whose blocks each have a crest, a soft-kneed limiter, and a codec with its own ideas.

    Implements LoudnessProbe; ``shift`` and ``overshoot`` are the codec's, ``intersample`` the programme's. ``grain``:
    how many LU its quantisers' steps make the codec waver by.
    """

    lufs: list[float]
    crest: float = 12.0
    shift: float = 0.0
    overshoot: float = 0.0
    intersample: float = 0.1
    surprise: float = 0.0
    grain: float = 0.0
    asked: list[str] = field(default_factory=list)

    @property
    def peak(self) -> float:
        return max(self.lufs) + self.crest

    def material(self, window: Window | None = None) -> Material:
        window = window or Window()
        blocks = Blocks.of(self.lufs)
        excerpts = for_level(blocks, window)
        self._excerpts = excerpts.windows
        self._window = window
        return Material(blocks, window, self.peak, excerpts.windows, excerpts.covered)

    def _through(self, chain: Chain, first: int, last: int) -> tuple[list[float], float]:
        result, top = [], -math.inf
        for lufs in self.lufs[first:last]:
            peak = lufs + self.crest + chain.gain_db
            over = 0.0 if chain.limiter_ceiling_dbfs is None else max(0.0, peak - chain.limiter_ceiling_dbfs)
            result.append(lufs + chain.gain_db - 0.6 * over**2 / (over + 6))
            top = max(top, peak - over)
        return result, top

    def _heard(self, chain: Chain, windows: tuple[Window, ...], *, coded: bool) -> Heard:
        lufs: list[float] = []
        top = -math.inf
        for window in windows:
            first = round(window.start * 10)
            last = len(self.lufs) if window.end is None else round(window.end * 10) - (3 if len(windows) == 1 else 0)
            part, peak = self._through(chain, first, last)
            lufs += part
            top = max(top, peak)
        shift, over = (self.shift, self.overshoot) if coded else (0.0, 0.0)
        if coded:
            shift += self.grain * math.sin(chain.gain_db / 1.5 * math.tau)
        return Heard(Blocks.of(x + shift for x in lufs), top + over / 2, top + self.intersample + over)

    def excerpts(self, chain: Chain, *, true_peak: bool) -> Heard:
        self.asked.append("excerpts")
        return self._heard(chain, self._excerpts, coded=False)

    def pilot(self, chain: Chain) -> Heard:
        self.asked.append("pilot")
        return self._heard(chain, self._excerpts, coded=True)

    def whole(self, chain: Chain, *, true_peak: bool) -> Heard:
        self.asked.append("whole")
        return self._heard(chain, (self._window,), coded=False)

    def encode(self, level: Level) -> Heard:
        heard = self._heard(level.chain, (self._window,), coded=True)
        return Heard(heard.blocks, heard.sample_peak_dbfs, (heard.true_peak_dbtp or 0) + self.surprise)


def speech(seconds: int, low: float = -45.0, high: float = -22.0) -> list[float]:
    return [low + (high - low) * (0.5 + 0.5 * math.sin(n / 7) * math.cos(n / 191)) for n in range(seconds * 10)]


def error_of(heard: Heard) -> float:
    found = integrated(heard.blocks)
    assert found is not None
    return abs(found - TARGET.integrated_lufs)
