"""Which channels there are, which an encoder keeps, and how the others come into them. Pure.

Positions are FFmpeg's names (``FL``: front left). The fold-down follows ITU-R BS.775-4, annex 4: centre and surrounds
at −3 dB into left and right, LFE dropped; what it doesn't know goes to its nearest neighbours at −3 dB. A mix is
scaled so that no output can be louder than its loudest input: full scale in, full scale out.
"""

from __future__ import annotations

import re
from collections.abc import Collection, Iterable, Mapping

Positions = tuple[str, ...]
#: Gains: for each channel of the result, one for each channel of the source.
Matrix = tuple[tuple[float, ...], ...]

#: Every layout that FFmpeg names, in its order (``ffmpeg -layouts``, 9.0).
LAYOUTS: Mapping[str, Positions] = {
    name: tuple(positions.split("+"))
    for name, positions in {
        "mono": "FC",
        "stereo": "FL+FR",
        "2.1": "FL+FR+LFE",
        "3.0": "FL+FR+FC",
        "3.0(back)": "FL+FR+BC",
        "4.0": "FL+FR+FC+BC",
        "quad": "FL+FR+BL+BR",
        "quad(side)": "FL+FR+SL+SR",
        "3.1": "FL+FR+FC+LFE",
        "5.0": "FL+FR+FC+BL+BR",
        "5.0(side)": "FL+FR+FC+SL+SR",
        "4.1": "FL+FR+FC+LFE+BC",
        "5.1": "FL+FR+FC+LFE+BL+BR",
        "5.1(side)": "FL+FR+FC+LFE+SL+SR",
        "6.0": "FL+FR+FC+BC+SL+SR",
        "6.0(front)": "FL+FR+FLC+FRC+SL+SR",
        "3.1.2": "FL+FR+FC+LFE+TFL+TFR",
        "hexagonal": "FL+FR+FC+BL+BR+BC",
        "6.1": "FL+FR+FC+LFE+BC+SL+SR",
        "6.1(back)": "FL+FR+FC+LFE+BL+BR+BC",
        "6.1(front)": "FL+FR+LFE+FLC+FRC+SL+SR",
        "7.0": "FL+FR+FC+BL+BR+SL+SR",
        "7.0(front)": "FL+FR+FC+FLC+FRC+SL+SR",
        "7.1": "FL+FR+FC+LFE+BL+BR+SL+SR",
        "7.1(wide)": "FL+FR+FC+LFE+BL+BR+FLC+FRC",
        "7.1(wide-side)": "FL+FR+FC+LFE+FLC+FRC+SL+SR",
        "5.1.2": "FL+FR+FC+LFE+SL+SR+TFL+TFR",
        "5.1.2(back)": "FL+FR+FC+LFE+BL+BR+TFL+TFR",
        "octagonal": "FL+FR+FC+BL+BR+BC+SL+SR",
        "cube": "FL+FR+BL+BR+TFL+TFR+TBL+TBR",
        "5.1.4": "FL+FR+FC+LFE+SL+SR+TFL+TFR+TBL+TBR",
        "7.1.2": "FL+FR+FC+LFE+BL+BR+SL+SR+TFL+TFR",
        "7.1.4": "FL+FR+FC+LFE+BL+BR+SL+SR+TFL+TFR+TBL+TBR",
        "7.2.3": "FL+FR+FC+LFE+BL+BR+SL+SR+TFL+TFR+TBC+LFE2",
        "9.1.4": "FL+FR+FC+LFE+BL+BR+FLC+FRC+SL+SR+TFL+TFR+TBL+TBR",
        "9.1.6": "FL+FR+FC+LFE+BL+BR+FLC+FRC+SL+SR+TFL+TFR+TBL+TBR+TSL+TSR",
        "hexadecagonal": "FL+FR+FC+BL+BR+BC+SL+SR+TFL+TFC+TFR+TBL+TBC+TBR+WL+WR",
        "binaural": "BIL+BIR",
        "downmix": "DL+DR",
        "22.2": "FL+FR+FC+LFE+BL+BR+FLC+FRC+BC+SL+SR+TC+TFL+TFC+TFR+TBL+TBC+TBR+LFE2+TSL+TSR+BFC+BFL+BFR",
    }.items()
}
#: More are mixed down, also where a container would carry them.
MAX_KEPT_CHANNELS = 8
STEREO_LAYOUTS: Positions = ("mono", "stereo")
#: Vorbis I, 4.3.9: a number of channels has one meaning.
VORBIS_LAYOUTS: Positions = ("mono", "stereo", "3.0", "quad", "5.0", "5.1", "6.1", "7.1")
#: Opus has the same (RFC 7845, 5.1.1.2), but FFmpeg's libopus, 5.1 and 9.0, changes channels of 5.0 and 6.1 for others.
OPUS_LAYOUTS: Positions = ("mono", "stereo", "3.0", "quad", "5.1", "7.1")
#: AAC's channel configurations 1 to 7 (ISO/IEC 14496-3, 1.6.3.5). Others take a program config element, which many
#: players don't read.
AAC_LAYOUTS: Positions = ("mono", "stereo", "3.0", "4.0", "5.0", "5.1", "7.1")
#: WAVE_FORMAT_EXTENSIBLE's mask; FLAC has it as a comment (RFC 9639, 8.6.2).
_MASKED = frozenset("FL FR FC LFE BL BR FLC FRC BC SL SR TC TFL TFC TFR TBL TBC TBR".split())
MASK_LAYOUTS: Positions = tuple(
    name for name, own in LAYOUTS.items() if len(own) <= MAX_KEPT_CHANNELS and _MASKED.issuperset(own)
)

_UNNAMED = re.compile(r"\d+ channels \(([A-Z0-9+]+)\)")
#: What FFmpeg takes a number of channels for, and so do we.
USUAL_LAYOUTS = {1: "mono", 2: "stereo", 3: "2.1", 4: "4.0", 5: "5.0", 6: "5.1", 7: "6.1", 8: "7.1"}

_DOWN = 0.5**0.5
#: Where a position goes that the result lacks: the first place that is whole in it, else the last, step by step.
#: An equal is as good as the position itself where the source doesn't use it already.
_EQUALS: Mapping[str, Positions] = {
    "DL": ("FL",),
    "DR": ("FR",),
    "BIL": ("FL",),
    "BIR": ("FR",),
    "SL": ("BL",),
    "SR": ("BR",),
    "BL": ("SL",),
    "BR": ("SR",),
    "SDL": ("SL", "BL"),
    "SDR": ("SR", "BR"),
    "SSL": ("SL", "BL"),
    "SSR": ("SR", "BR"),
    "LFE2": ("LFE",),
}
_PLACES: Mapping[str, tuple[Positions, ...]] = {
    "FL": (("FC",),),
    "FR": (("FC",),),
    "FC": (("FL", "FR"),),
    "SL": (("BL",), ("FL",)),
    "SR": (("BR",), ("FR",)),
    "BL": (("SL",), ("FL",)),
    "BR": (("SR",), ("FR",)),
    "BC": (("BL", "BR"), ("SL", "SR")),
    "FLC": (("FL",),),
    "FRC": (("FR",),),
    "WL": (("FL",),),
    "WR": (("FR",),),
    "DL": (("FL",),),
    "DR": (("FR",),),
    "BIL": (("FL",),),
    "BIR": (("FR",),),
    "SDL": (("SL",),),
    "SDR": (("SR",),),
    "SSL": (("SL",),),
    "SSR": (("SR",),),
    "TFL": (("FL",),),
    "TFR": (("FR",),),
    "TFC": (("FC",),),
    "TC": (("FC",),),
    "TBL": (("BL",),),
    "TBR": (("BR",),),
    "TBC": (("BC",),),
    "TSL": (("SL",),),
    "TSR": (("SR",),),
    "TTL": (("TSL",),),
    "TTR": (("TSR",),),
    "BFL": (("FL",),),
    "BFR": (("FR",),),
    "BFC": (("FC",),),
    "LFE2": (("LFE",),),
}


def positions_of(layout: str | None, channels: int) -> Positions | None:
    """The channels of a layout as FFmpeg describes it; None where they have no common meaning."""
    if layout is not None and (named := LAYOUTS.get(layout)) is not None:
        return named
    if layout is not None and (listed := _UNNAMED.fullmatch(layout)) is not None:
        found = tuple(listed[1].split("+"))
        return found if all(each in _KNOWN for each in found) and len(set(found)) == channels else None
    return LAYOUTS.get(USUAL_LAYOUTS.get(channels, "")) if layout is None else None


def kept_as(source: Positions, kept: Collection[str]) -> str:
    """The layout of ``kept`` that ``source`` comes into: itself, else the one that most of its channels have a place
    of their own in, and of those the smallest."""
    for name in kept:
        if LAYOUTS[name] == source:
            return name
    return min(kept, key=lambda name: (_homeless(source, LAYOUTS[name]), len(LAYOUTS[name])))


def fold(source: Positions, target: Positions) -> Matrix | None:
    """The gains that bring ``source`` into ``target``; None where nothing is to be done.

    Scaled where channels are mixed: each of the result's then sums up to 1 at most.
    """
    if source == target:
        return None
    columns = [_gains(position, source, target) for position in source]
    rows = [[column.get(position, 0.0) for column in columns] for position in target]
    loudest = max(sum(row) for row in rows)
    mixed = any(sum(gain > 0 for gain in row) > 1 for row in rows)
    scale = 1 / loudest if mixed and loudest > 1 else 1.0
    return tuple(tuple(round(gain * scale, 9) for gain in row) for row in rows)


def halves(channels: int, result: int) -> Matrix:
    """Of channels without a common meaning, odd ones left and even ones right, or all to mono, at equal parts."""
    parts = [range(channels)] if result == 1 else [range(0, channels, 2), range(1, channels, 2)]
    return tuple(tuple(round(1 / len(part), 9) if n in part else 0.0 for n in range(channels)) for part in parts)


def _homeless(source: Positions, target: Positions) -> int:
    """How many channels of ``source`` have no place of their own in ``target``."""
    return sum(not _at_home(position, source, target) for position in source)


def _at_home(position: str, source: Positions, target: Positions) -> bool:
    if position in target or _equal(position, source, target) is not None:
        return True
    # A single centre at the back is heard between the two there, if nothing else is played from them.
    behind = next((set(pair) for pair in _PLACES["BC"] if set(pair) <= set(target)), None)
    used = {each if each in target else _equal(each, source, target) for each in source}
    return position == "BC" and behind is not None and not behind & used


def _equal(position: str, source: Positions, target: Positions) -> str | None:
    equals = _EQUALS.get(position, ())
    return next((other for other in equals if other in target and other not in source), None)


def _gains(position: str, source: Positions, target: Positions, gain: float = 1.0) -> dict[str, float]:
    """What of ``position`` goes where in ``target``."""
    if position in target:
        return {position: gain}
    equal = _equal(position, source, target)
    if equal is not None:
        return {equal: gain}
    places = _PLACES.get(position, ())
    if not places:  # LFE: a full-range loudspeaker is not what it was mixed for
        return {}
    place = next((each for each in places if set(each) <= set(target)), places[-1])
    found: dict[str, float] = {}
    for each in place:
        for into, part in _gains(each, source, target, gain * _DOWN).items():
            found[into] = found.get(into, 0.0) + part
    return found


def _all_positions(layouts: Iterable[Positions]) -> frozenset[str]:
    return frozenset(position for layout in layouts for position in layout)


_KNOWN = _all_positions(LAYOUTS.values()) | _PLACES.keys()
