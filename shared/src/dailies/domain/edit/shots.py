"""Which changes of scene, seen in keyframes alone, are where a shot begins. Pure."""

from __future__ import annotations

from collections.abc import Sequence
from itertools import pairwise

#: Keyframes nearer to each other than the encoder's own distance were put there for what is seen.
_SHORTER = 0.98
_SAME_SECONDS = 0.002


def shot_changes(changes: Sequence[float], keyframes: Sequence[float]) -> list[float]:
    """Those ``changes`` whose keyframe an encoder put out of its turn: there the shot begins, to the frame.

    One in its turn may come any time after the change that is seen in it. All times in seconds, in order.
    """
    gaps = [after - before for before, after in pairwise(keyframes)]
    turn = max(gaps, default=0.0)
    early = [after for (_, after), gap in zip(pairwise(keyframes), gaps, strict=True) if gap < _SHORTER * turn]
    return [change for change in changes if any(abs(change - key) <= _SAME_SECONDS for key in early)]
