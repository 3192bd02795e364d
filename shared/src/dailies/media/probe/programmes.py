"""Which tracks of a transport stream belong together: its programme tables (ISO/IEC 13818-1), read here. Pure."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

from dailies.domain.source.media_info import MediaInfo

#: The tables are repeated ten times a second.
HEAD_BYTES = 2 << 20
_PACKET, _SYNC = 188, 0x47


def programmes(head: bytes) -> dict[int, int]:
    """The programme of each packet identifier, from a stream's first bytes."""
    # Blu-ray discs and camcorders put four bytes of time before each packet.
    step, start = (192, 4) if head[4:5] == head[196:197] == b"G" else (_PACKET, 0)
    tables: dict[int, int] = {}
    found: dict[int, int] = {}
    for place in range(start, len(head) - _PACKET + 1, step):
        packet = head[place : place + _PACKET]
        pid = _number(packet[1:3]) & 0x1FFF
        if packet[0] != _SYNC or not packet[1] & 0x40 or not packet[3] & 0x10:
            continue
        section = _section(packet)
        if pid == 0 and section[:1] == b"\0":
            entries = section[8:]
            for at in range(0, len(entries) - 3, 4):
                tables[_number(entries[at + 2 : at + 4]) & 0x1FFF] = _number(entries[at : at + 2])
        elif pid in tables and section[:1] == b"\2":
            found |= dict.fromkeys(_elementary(section), tables[pid])
    return found


def with_programmes(info: MediaInfo, streams: Sequence[Mapping[str, Any]], head: bytes) -> MediaInfo:
    """``info`` with the programme of each track; ``streams`` are the probe's facts."""
    of = programmes(head)
    numbers = {stream["index"]: of.get(stream.get("id", -1)) for stream in streams}
    return info.model_copy(
        update={
            "audio": tuple(a.model_copy(update={"programme": numbers.get(a.index)}) for a in info.audio),
            "video": tuple(v.model_copy(update={"programme": numbers.get(v.index)}) for v in info.video),
        }
    )


def _section(packet: bytes) -> bytes:
    """The section that begins in a packet, as far as it is in there, without its checksum."""
    payload = packet[5 + packet[4] :] if packet[3] & 0x20 else packet[4:]
    section = payload[1 + payload[0] :] if payload else b""
    return section[: 3 + (_number(section[1:3]) & 0xFFF) - 4]


def _elementary(section: bytes) -> list[int]:
    place, pids = 12 + (_number(section[10:12]) & 0xFFF), []
    while place + 5 <= len(section):
        pids.append(_number(section[place + 1 : place + 3]) & 0x1FFF)
        place += 5 + (_number(section[place + 3 : place + 5]) & 0xFFF)
    return pids


def _number(data: bytes) -> int:
    return int.from_bytes(data, "big")
