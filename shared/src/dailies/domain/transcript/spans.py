"""Arithmetic on spans of time: sorted, disjoint pairs of start and end in seconds. Pure."""

from __future__ import annotations

from bisect import bisect_left
from collections.abc import Iterable, Sequence

Span = tuple[float, float]


def merged(spans: Iterable[Span], gap: float = 0.0) -> list[Span]:
    """Sorted, those that overlap or lie no more than ``gap`` apart as one; empty ones left out."""
    found: list[Span] = []
    for start, end in sorted(spans):
        if end <= start:
            continue
        if found and start - found[-1][1] <= gap:
            found[-1] = (found[-1][0], max(found[-1][1], end))
        else:
            found.append((start, end))
    return found


def without(spans: Sequence[Span], taken: Sequence[Span]) -> list[Span]:
    """What of ``spans`` lies in none of ``taken``; both sorted and disjoint."""
    found: list[Span] = []
    place = 0
    for begin, end in spans:
        start = begin
        while place < len(taken) and taken[place][1] <= start:
            place += 1
        at = place
        while at < len(taken) and taken[at][0] < end:
            if taken[at][0] > start:
                found.append((start, taken[at][0]))
            start = max(start, taken[at][1])
            at += 1
        if start < end:
            found.append((start, end))
    return found


def within(spans: Sequence[Span], start: float, end: float) -> list[Span]:
    """What of ``spans``, which are sorted and disjoint, lies between ``start`` and ``end``."""
    first = bisect_left(spans, start, key=lambda span: span[1])
    found = []
    for begin, stop in spans[first:]:
        if begin >= end:
            break
        if min(stop, end) > max(begin, start):
            found.append((max(begin, start), min(stop, end)))
    return found


def length(spans: Iterable[Span]) -> float:
    """Seconds in all."""
    return sum(end - start for start, end in spans)
