"""How good what a job made is, in one figure that anybody can compute from the certificates. Pure."""

from __future__ import annotations

import math
from collections.abc import Iterable, Mapping, Sequence
from typing import Any


def quality_of(certificate: Mapping[str, Any]) -> int:
    """Of one output, 0–100, of the first that its certificate has.

    ``quality_score``, of sound (docs/loudness.md); of subtitles the mean share of those within each rule, times the
    share of words that they have; of a transcript the share of the speech that has words; else the share of checks that
    hold.
    """
    score, text = certificate.get("quality_score"), certificate.get("text")
    if isinstance(score, int):
        return score
    if isinstance(text, Mapping) and "rules" in text:
        return _percent(_mean(rule["share"] for rule in text["rules"]) * float(text["coverage"]))
    if "coverage" in certificate:
        return _percent(1.0 if certificate["coverage"] is None else float(certificate["coverage"]))
    checks: Sequence[Mapping[str, Any]] = certificate.get("checks", ())
    return _percent(_mean(1.0 if check["passed"] else 0.0 for check in checks))


def overall(scores: Iterable[int]) -> int:
    """Of all outputs: the mean of theirs, rounded down, and no more than 10 above the worst."""
    known = list(scores)
    return min(math.floor(_mean(float(score) for score in known)), min(known) + 10) if known else 100


def _mean(values: Iterable[float]) -> float:
    found = list(values)
    return math.fsum(found) / len(found) if found else 1.0


def _percent(share: float) -> int:
    return math.floor(100 * share + 1e-9)
