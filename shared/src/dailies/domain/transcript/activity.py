"""What of a source is speech, from its envelope: what is sent to an engine, and what has to come back. Pure."""

from __future__ import annotations

from collections.abc import Sequence
from itertools import groupby
from typing import Self

from dailies.domain.edit.speech import ENVELOPE_HZ, quiet_spans, speech_seconds
from dailies.domain.model import Model
from dailies.domain.transcript.spans import Span, length, merged, within, without

#: A word may begin or trail off in a second that has too little of it to be told from noise; and a lone "yes" has no
#: rhythm of syllables, but lies near other speech. Seconds.
_AROUND = 1.0
#: Of a pause at its ends so much is kept: consonants are quiet. Seconds.
_EDGE = 0.2


class Activity(Model):
    """Sorted and disjoint spans of a source, in seconds.

    ``speech``: what is worth hearing, the quiet at its ends cut off; ``voiced``: where somebody certainly speaks,
    pauses left out; ``quiet``: every pause of a quarter of a second or more.
    """

    seconds: float
    speech: tuple[Span, ...] = ()
    voiced: tuple[Span, ...] = ()
    quiet: tuple[Span, ...] = ()

    @classmethod
    def of(cls, levels_dbfs: Sequence[float]) -> Self:
        """``levels_dbfs``: the envelope of domain/edit/speech.py."""
        seconds = len(levels_dbfs) / ENVELOPE_HZ
        quiet = quiet_spans(levels_dbfs)
        heard: list[Span] = []
        place = 0
        for speaks, run in groupby(speech_seconds(levels_dbfs)):
            after = place + sum(1 for _ in run)
            if speaks:
                heard.append((float(place), min(float(after), seconds)))
            place = after
        around = merged((max(start - _AROUND, 0.0), min(end + _AROUND, seconds)) for start, end in heard)
        # Whole pauses at the ends go; one inside stays.
        speech = [trimmed for span in around if (trimmed := _trimmed(span, quiet)) is not None]
        voiced = [(round(a, 3), round(b, 3)) for a, b in without(heard, quiet)]
        return cls(seconds=seconds, speech=tuple(merged(speech)), voiced=tuple(voiced), quiet=tuple(quiet))

    def voiced_seconds(self, start: float, end: float) -> float:
        """How much certain speech there is between two moments."""
        return length(within(self.voiced, start, end))


def _trimmed(span: Span, quiet: Sequence[Span]) -> Span | None:
    loud = without([span], quiet)
    if not loud:
        return None
    return max(span[0], round(loud[0][0] - _EDGE, 3)), min(span[1], round(loud[-1][1] + _EDGE, 3))
