"""Cuts speech into requests to an engine: at pauses, full windows, within its limits; and finds the way back. Pure.

A chunk is one file. It is put together of takes, stretches of the source in their order, long silences between them
left out, and divided into windows, which an engine hears one by one. Everything lies on the engine's samples, so that a
time of the file is a time of the source to the sample.
"""

from __future__ import annotations

from bisect import bisect_right
from collections.abc import Iterator, Sequence
from dataclasses import dataclass

from pydantic import Field

from dailies.domain.model import Model
from dailies.domain.transcript.activity import Activity
from dailies.domain.transcript.spans import Span, within

RATE_HZ = 16_000
"""Samples a second of what an engine is given."""
_BYTES_PER_SECOND = 2 * RATE_HZ
_HEADER_BYTES = 44
#: Silences up to it stay as they are: what is said on either side belongs together. Seconds.
_KEPT_SILENCE = 2.0
#: In the last part of a window its longest pause is taken, before that the last one there is.
_LAST_PART = 0.85
#: A chunk for an engine that has windows holds so much: what is lost with one is half a minute of work. Seconds.
_TARGET_SECONDS = 300.0


@dataclass(frozen=True, slots=True)
class Limits:
    """Of one request; see ``Capabilities`` of ports/transcriber.py."""

    window_seconds: float
    max_seconds: float
    max_bytes: int = 1 << 40
    target_seconds: float = _TARGET_SECONDS
    """How much a request for an engine that has windows holds, where it may hold more."""

    @property
    def seconds(self) -> float:
        """How much a chunk may hold."""
        most = min(self.max_seconds, (self.max_bytes - _HEADER_BYTES) / _BYTES_PER_SECOND)
        return most if self.window_seconds >= most else min(most, max(self.target_seconds, self.window_seconds))


class Take(Model):
    """Samples ``first`` to ``last`` (exclusive) of the source, which lie at ``at`` in the file."""

    first: int = Field(ge=0)
    last: int = Field(gt=0)
    at: int = Field(ge=0)


class Chunk(Model):
    """``windows``: first and last sample of each in the file; whole takes or parts of one, never parts of two."""

    takes: tuple[Take, ...]
    windows: tuple[tuple[int, int], ...]

    @property
    def samples(self) -> int:
        """Of the file."""
        take = self.takes[-1]
        return take.at + take.last - take.first

    def file_sample(self, sample: int) -> int:
        """Where a sample of the source lies in the file, which holds it."""
        take = next(take for take in self.takes if take.first <= sample < take.last)
        return take.at + sample - take.first

    def part(self, start: float, end: float) -> Chunk:
        """A chunk of its own of what this one holds of the source between two moments."""
        kept, at = [], 0
        for begin, stop in within(self.spans(), start, end):
            first, last = round(begin * RATE_HZ), round(stop * RATE_HZ)
            kept.append(Take(first=first, last=last, at=at))
            at += last - first
        return Chunk(takes=tuple(kept), windows=((0, at),))

    def spans(self) -> list[Span]:
        """What it holds of the source, in seconds."""
        return [(take.first / RATE_HZ, take.last / RATE_HZ) for take in self.takes]

    def source_spans(self, start: float, end: float) -> list[Span]:
        """All that a span of the file holds of the source, in seconds."""
        found = []
        for take in self.takes:
            first = max(take.at, round(start * RATE_HZ))
            last = min(take.at + take.last - take.first, round(end * RATE_HZ))
            if last > first:
                found.append(((take.first + first - take.at) / RATE_HZ, (take.first + last - take.at) / RATE_HZ))
        return found

    def source_span(self, start: float, end: float) -> Span:
        """Where a span of the file lies in the source, in seconds; over a splice it is where its middle lies."""
        middle = round((start + end) / 2 * RATE_HZ)
        take = self.takes[max(bisect_right(self.takes, middle, key=lambda one: one.at) - 1, 0)]
        offset = (take.first - take.at) / RATE_HZ
        lowest, highest = take.first / RATE_HZ, take.last / RATE_HZ
        begin = min(max(start + offset, lowest), highest)
        return round(begin, 6), round(min(max(end + offset, begin), highest), 6)


def chunked(activity: Activity, limits: Limits) -> tuple[Chunk, ...]:
    """The requests that hear all speech; none without any."""
    windows = list(
        _packed(_pieces(activity.speech, activity.quiet, min(limits.window_seconds, limits.seconds)), limits)
    )
    chunks: list[Chunk] = []
    held: list[list[Span]] = []
    for window in windows:
        if held and _seconds([*held, window]) > limits.seconds:
            chunks.append(_chunk(held))
            held = []
        held.append(window)
    if held:
        chunks.append(_chunk(held))
    return tuple(chunks)


def _pieces(speech: Sequence[Span], quiet: Sequence[Span], most: float) -> Iterator[Span]:
    """Stretches of speech of at most ``most`` seconds, cut in pauses as far as there are any."""
    middles = [(start + end) / 2 for start, end in quiet]
    for begin, end in speech:
        start = begin
        while end - start > most:
            first, last = bisect_right(middles, start), bisect_right(middles, start + most)
            late = [place for place in range(first, last) if middles[place] >= start + _LAST_PART * most]
            if late:
                cut = middles[max(late, key=lambda place: (round(quiet[place][1] - quiet[place][0], 2), place))]
            elif last > first:
                cut = middles[last - 1]
            else:
                cut = start + most
            yield start, cut
            start = cut
        yield start, end


def _packed(pieces: Iterator[Span], limits: Limits) -> Iterator[list[Span]]:
    """Windows: as many pieces as go into one. What is near stays in one take, silence and all."""
    most = min(limits.window_seconds, limits.seconds)
    window: list[Span] = []
    for start, end in pieces:
        grown = _appended(window, start, end)
        if window and sum(b - a for a, b in grown) > most + 0.5 / RATE_HZ:
            yield window
            grown = [(start, end)]
        window = grown
    if window:
        yield window


def _appended(window: list[Span], start: float, end: float) -> list[Span]:
    if window and start - window[-1][1] <= _KEPT_SILENCE:
        return [*window[:-1], (window[-1][0], end)]
    return [*window, (start, end)]


def _seconds(windows: Sequence[Sequence[Span]]) -> float:
    return sum(end - start for window in windows for start, end in window)


def _chunk(windows: Sequence[Sequence[Span]]) -> Chunk:
    takes: list[Take] = []
    bounds = []
    at = 0
    for window in windows:
        begin = at
        for start, end in window:
            first, last = round(start * RATE_HZ), round(end * RATE_HZ)
            if last > first:
                takes.append(Take(first=first, last=last, at=at))
                at += last - first
        bounds.append((begin, at))
    return Chunk(takes=tuple(takes), windows=tuple(bounds))
