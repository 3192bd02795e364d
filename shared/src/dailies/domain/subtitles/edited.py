"""What an edit made of the source's time: each segment where it is seen, a crossfade divided in its middle. Pure."""

from __future__ import annotations

from fractions import Fraction

from dailies.domain.edit.edit_list import EditList
from dailies.domain.subtitles.time_map import Piece, TimeMap


def of_edit(edit: EditList) -> TimeMap:
    """The map of a film that was cut by ``edit``."""
    pieces: list[Piece] = []
    for number, cut in enumerate(edit.cuts):
        after = edit.cuts[number + 1].overlap if number + 1 < len(edit.cuts) else 0
        begin = cut.at + Fraction(cut.overlap, 2)
        end = cut.at + cut.frames - Fraction(after, 2)
        if end <= begin:
            continue
        # A film frame shows the source's moment that lies as far behind the segment's first frame.
        origin = Fraction(str(cut.start)) + (cut.skipped - cut.at) / edit.rate
        pieces.append(
            Piece(
                1000 * (origin + begin / edit.rate), 1000 * (origin + end / edit.rate), 1000 * begin / edit.rate,
            )
        )  # fmt: skip
    return tuple(pieces)
