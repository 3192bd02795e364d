"""A process that ends at one of its writes, before it or behind it."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any


class Killed(Exception):
    """The process ends here."""


def dying(number: int, *, after: bool) -> Callable[[Callable[..., Any]], Callable[..., Any]]:
    """Wraps what writes: the call of that ``number``, over all that is wrapped, is the last."""
    left = [number]

    def wrap(real: Callable[..., Any]) -> Callable[..., Any]:
        def write(*sent: Any, **named: Any) -> Any:
            left[0] -= 1
            if left[0] == -1 and not after:
                raise Killed
            done = real(*sent, **named)
            if left[0] == -1:
                raise Killed
            return done

        return write

    return wrap
