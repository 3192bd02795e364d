"""Where a long edit is divided, so that its parts can be encoded apart and kept when others change. Pure."""

from __future__ import annotations

import math
from collections.abc import Sequence

from dailies.domain.edit.edit_list import Joint


def edit_joints(lengths: Sequence[float], seconds: float) -> tuple[Joint, ...]:
    """Divide a film of segments of these ``lengths`` into parts of about ``seconds``.

    Segments are gathered until they last a third of ``seconds``; a longer one is divided at the multiples of
    ``seconds`` from its own start, with a rest under a third left to the last. So what a segment's parts are depends
    on few of the others, and moving its end moves none of its joints.
    """
    least = seconds / 3
    joints: list[Joint] = []
    gathered = 0.0
    for number, length in enumerate(lengths):
        if gathered >= least:
            joints.append(Joint(segment=number))
            gathered = 0.0
        inner = range(1, math.ceil((length - least) / seconds))
        joints += [Joint(segment=number, seconds=round(place * seconds, 6)) for place in inner]
        gathered = length - len(inner) * seconds + (0.0 if inner else gathered)
    return tuple(joints)


def most_parts(lengths: Sequence[float], seconds: float) -> int:
    """How many parts :func:`edit_joints` makes of segments that are none of them longer than these, at most."""
    least = seconds / 3
    return len(lengths) + sum(max(0, math.ceil((length - least) / seconds) - 1) for length in lengths)


def seconds_between(lengths: Sequence[float], first: Joint | None, stop: Joint | None) -> float:
    """How long the part between two joints is; None: the film's own start or end. Transitions not counted."""
    begin = 0.0 if first is None else sum(lengths[: first.segment]) + first.seconds
    end = sum(lengths) if stop is None else sum(lengths[: stop.segment]) + stop.seconds
    return max(end - begin, 0.0)
