"""In which sizes a track's pictures come, and whether any of them is interlaced: by as few decodes as tell."""

from __future__ import annotations

from typing import Any

from .set_ups import BY_PICTURE, READ, START, may_interlace, mpeg_interlaced, set_up, unit_lengths

#: Keyframes decoded of a track that may be interlaced and has shown none yet, evenly spread where that is known.
LOOKS = 16
#: Set-ups decoded: a file that changes its size all the time is no film.
MOST_SET_UPS = 32
SHORTEST_SECONDS = 0.5

Size = tuple[int, int]


class Forms:
    """Fed with a track's packets and the frames that were decoded of it."""

    def __init__(self, context: Any, seconds: float | None) -> None:
        configuration = bytes(context.extradata or b"")
        self._codec: str = context.codec.canonical_name
        self._lengths = unit_lengths(self._codec, configuration)
        self._may = may_interlace(self._codec, configuration)
        self._spacing = max(SHORTEST_SECONDS, (seconds or 0.0) / LOOKS)
        self._sizes: dict[bytes, Size | None] = {}
        self._set_up = b""
        self._looks = 0
        self._looked: float | None = None
        self._lasting: dict[Size, float] = {}
        self._first: Size | None = None
        self._size: Size | None = None
        self.interlaced = False

    @property
    def unsure(self) -> bool:
        """Whether an interlaced picture may still come."""
        return self._may and not self.interlaced

    def decoded(self, frame: Any) -> None:
        """Take in a frame of the set-up that came last."""
        self.interlaced = self.interlaced or bool(frame.interlaced_frame)
        self._size = self._sizes[self._set_up] = (frame.width, frame.height)
        self._first = self._first or self._size

    def due(self, packet: Any, seconds: float | None) -> bool:
        """Take in a packet; whether it should be decoded for what it may show."""
        if not packet.is_keyframe:
            if self.unsure and self._codec == "mpeg2video":
                self.interlaced = mpeg_interlaced(bytes(packet))
            return False
        known = True
        if self._codec in READ and len(self._sizes) < MOST_SET_UPS:
            found = set_up(self._codec, bytes(packet), self._lengths) or self._set_up
            known = found in self._sizes or self._first is None
            self._set_up, self._size = found, self._sizes.get(found, self._size)
            # One whose size is known was asked about when it came.
            if not self._may and found not in self._sizes:
                self._may = may_interlace(self._codec, START + found if self._codec == "h264" else found)
        if self._first is None:
            return False
        spent = self._looks >= LOOKS or (self._looked is not None and (seconds or 0.0) < self._looked + self._spacing)
        if known and (spent or not self.unsure):
            return False
        self._looks += known
        self._looked = seconds
        return True

    def lasts(self, seconds: float) -> None:
        """Count the time of a packet for the size that came last."""
        size = self._size or self._first
        if size is not None and seconds > 0:
            self._lasting[size] = self._lasting.get(size, 0.0) + seconds

    def facts(self, *, square: bool) -> dict[str, Any]:
        """The size of most of it where that isn't the first one's; whether there are others; the scan.

        The first one's also where its samples aren't ``square``: nobody says of what shape the others' are.
        """
        if self._first is None:
            return {}
        longest = max(self._lasting, key=lambda size: self._lasting[size], default=self._first)
        times = self._lasting.get(longest, 0.0), self._lasting.get(self._first, 0.0)
        width, height = longest if square and times[0] > 2 * times[1] else self._first
        sizes = {size for size in self._sizes.values() if size is not None}
        return {"width": width, "height": height, "changes_size": len(sizes) > 1, "interlaced": self.interlaced}


def forms_of(context: Any, seconds: float | None) -> Forms | None:
    """None of a track that isn't decoded, or of a codec whose header says all."""
    if context is None or context.codec.canonical_name not in READ | BY_PICTURE:
        return None
    return Forms(context, seconds)
