"""What packets say of the size and the scan of their pictures, without decoding them: enough to see that they change.

ISO/IEC 14496-10 (H.264), 23008-2 (HEVC), 13818-2 (MPEG-2), RFC 6386 (VP8), the VP9 Bitstream Specification 0.6.
"""

from __future__ import annotations

from collections.abc import Iterator

START = b"\0\0\1"
#: NAL units looked at: parameter sets come before slices.
MOST_UNITS = 16
MPEG_SEQUENCE, MPEG_EXTENSION = START + b"\xb3", START + b"\xb5"
#: H.264 profiles whose parameter sets say more of the samples (7.3.2.1.1).
HIGH_PROFILES = {100, 110, 122, 244, 44, 83, 86, 118, 128, 138, 139, 134, 135}
#: Codecs whose set-ups are read.
READ = {"h264", "hevc", "mpeg1video", "mpeg2video", "vp8", "vp9"}
#: Codecs whose pictures each say how they are scanned, and no header that they don't.
BY_PICTURE = {"mpeg4", "vc1", "prores", "dnxhd"}


def set_up(codec: str, keyframe: bytes, lengths: int) -> bytes:
    """The bytes of a keyframe that its size rests on, empty where there are none: the same for the same size.

    ``lengths``: bytes of the length before each NAL unit; 0 where start codes divide them.
    """
    if codec == "vp8":
        return keyframe[6:10]
    if codec == "vp9":
        return keyframe[:9]
    if codec in ("mpeg1video", "mpeg2video"):
        at = keyframe.find(MPEG_SEQUENCE)
        return b"" if at < 0 else keyframe[at : at + 8] + _sequence_extension(keyframe[at:])
    return b"".join(unit for unit in _units(keyframe, lengths) if _is_set(codec, unit))


def unit_lengths(codec: str, extradata: bytes) -> int:
    """As ``set_up`` takes them, by the decoder's configuration (ISO/IEC 14496-15)."""
    place = {"h264": 4, "hevc": 21}.get(codec, len(extradata))
    return (extradata[place] & 3) + 1 if extradata[:1] == b"\1" and place < len(extradata) else 0


def may_interlace(codec: str, configuration: bytes) -> bool:
    """Whether a set-up, or the decoder's configuration, leaves pictures free to be interlaced."""
    if codec in BY_PICTURE:
        return True
    if codec == "mpeg2video":
        extension = _sequence_extension(configuration)
        return bool(extension) and not extension[5] >> 3 & 1  # progressive_sequence
    if codec != "h264":
        return False
    if configuration[:1] == b"\1":  # avcC: its first parameter set, after a length of two bytes
        configuration = START + configuration[8:]
    sets = [unit for unit in _units(configuration, 0) if _is_set(codec, unit)]
    return any(not _frames_only(unit) for unit in sets)


def mpeg_interlaced(packet: bytes) -> bool:
    """Whether a picture of MPEG-2 is (6.3.10, progressive_frame)."""
    at = packet.find(MPEG_EXTENSION)
    while 0 <= at < len(packet) - 8:
        if packet[at + 4] >> 4 == 8:
            return not packet[at + 8] >> 7
        at = packet.find(MPEG_EXTENSION, at + 4)
    return False


def _sequence_extension(data: bytes) -> bytes:
    at = data.find(MPEG_EXTENSION)
    found = data[at : at + 10] if at >= 0 else b""
    return found if len(found) == 10 and found[4] >> 4 == 1 else b""


def _units(data: bytes, lengths: int) -> Iterator[bytes]:
    at = 0 if lengths else data.find(START)
    for _ in range(MOST_UNITS):
        if not 0 <= at < len(data):
            return
        if lengths:
            begin = at + lengths
            at = begin + int.from_bytes(data[at:begin], "big")
            yield data[begin:at]
        else:
            begin, at = at + 3, data.find(START, at + 3)
            yield data[begin : at if at >= 0 else len(data)].rstrip(b"\0")


def _is_set(codec: str, unit: bytes) -> bool:
    if codec == "h264":
        return unit[:1] != b"" and unit[0] & 0x1F == 7
    return codec == "hevc" and unit[:1] != b"" and unit[0] >> 1 & 0x3F == 33


def _frames_only(unit: bytes) -> bool:
    """frame_mbs_only_flag of H.264 (7.3.2.1.1); True of a parameter set that ends before it."""
    bits = _Bits(unit[1:].replace(b"\0\0\3", b"\0\0"))
    profile = bits.take(8)
    bits.take(16)
    bits.golomb()
    if profile in HIGH_PROFILES:
        if bits.golomb() == 3:
            bits.take(1)
        for _ in range(2):
            bits.golomb()
        if bits.take(2) & 1:
            return False  # scaling matrices, which few have: it may be
    bits.golomb()
    order = bits.golomb()
    if order == 0:
        bits.golomb()
    elif order == 1:
        bits.take(1)
        for _ in range(2):
            bits.golomb()
        for _ in range(min(bits.golomb(), 255)):
            bits.golomb()
    bits.golomb()
    bits.take(1)
    for _ in range(2):
        bits.golomb()
    return bits.over or bits.take(1) == 1


class _Bits:
    """Reads numbers off a string of bits; zeros behind its end."""

    def __init__(self, data: bytes) -> None:
        self._bits = "".join(f"{byte:08b}" for byte in data[:128])
        self._at = 0

    @property
    def over(self) -> bool:
        return self._at >= len(self._bits)

    def take(self, count: int) -> int:
        found = self._bits[self._at : self._at + count]
        self._at += count
        return int(found.ljust(count, "0"), 2)

    def golomb(self) -> int:
        """An unsigned one of exponential Golomb code (9.1)."""
        zeros = 0
        while not self.over and zeros < 32 and not self.take(1):
            zeros += 1
        return (1 << zeros) - 1 + (self.take(zeros) if zeros else 0)
