"""H.264 as recorders write it (Annex B, start codes) into what MP4 wants (lengths, avcC). ITU-T H.264, ISO 14496-15."""

import re
from typing import Final

import msgspec

from server.media.bad_media import BadMedia

SPS: Final = 7
PPS: Final = 8
IDR: Final = 5
_DELIMITER: Final = 9
_START = re.compile(rb"\x00\x00\x01")
_HIGH: Final = frozenset({100, 110, 122, 244, 44, 83, 86, 118, 128})


class Parameters(msgspec.Struct, frozen=True):
    """What a decoder must know before the first frame."""

    sps: bytes
    pps: bytes

    @property
    def codec(self) -> str:
        """As RFC 6381 has it, such as avc1.42E01E."""
        return "avc1." + self.sps[1:4].hex().upper()

    def avcc(self) -> bytes:
        """The AVCDecoderConfigurationRecord with one SPS and one PPS."""
        sps, pps = self.sps, self.pps
        record = b"\x01" + sps[1:4] + b"\xff\xe1" + len(sps).to_bytes(2, "big") + sps
        record += b"\x01" + len(pps).to_bytes(2, "big") + pps
        if sps[1] in _HIGH:
            record += b"\xfd\xf8\xf8\x00"  # 4:2:0, 8 bit: what browsers encode
        return record


def units(data: bytes, *, lengths: bool) -> list[bytes]:
    """The NAL units of one frame: with four-byte lengths (the container carries an avcC record) or with start codes.
    The bytes themselves cannot tell: a length of 256 looks like a start code. Raises `BadMedia`."""
    if not lengths:
        starts = [found.start() for found in _START.finditer(data)]
        ends = [*starts[1:], len(data)]
        if not starts:
            raise BadMedia("not_h264", "no start code")
        # rstrip: the fourth zero of a long start code, and trailing_zero_8bits.
        return [unit for a, b in zip(starts, ends, strict=True) if (unit := data[a + 3 : b].rstrip(b"\0"))]
    found, at = [], 0
    while at + 4 <= len(data):
        size = int.from_bytes(data[at : at + 4], "big")
        if size == 0 or at + 4 + size > len(data):
            raise BadMedia("not_h264", "a unit longer than its frame")
        found.append(data[at + 4 : at + 4 + size])
        at += 4 + size
    if at != len(data) or not found:
        raise BadMedia("not_h264", "bytes after the last unit")
    return found


def kind(unit: bytes) -> int:
    """nal_unit_type."""
    return unit[0] & 0x1F


def parameters_in(found: list[bytes]) -> Parameters | None:
    """SPS and PPS if both are among the units. Raises `BadMedia` for a broken SPS."""
    sps = next((unit for unit in found if kind(unit) == SPS), None)
    pps = next((unit for unit in found if kind(unit) == PPS), None)
    if sps is None or pps is None:
        return None
    if not 8 <= len(sps) <= 1024 or len(pps) > 1024:
        raise BadMedia("not_h264", "a strange parameter set")
    return Parameters(sps, pps)


def parameters_of(avcc: bytes) -> Parameters | None:
    """SPS and PPS of an avcC record (a container's private data), None when it is something else."""
    try:
        if avcc[0] != 1 or avcc[5] & 0x1F < 1:
            return None
        size = int.from_bytes(avcc[6:8], "big")
        sps = avcc[8 : 8 + size]
        at = 8 + size
        if avcc[at] < 1:
            return None
        size = int.from_bytes(avcc[at + 1 : at + 3], "big")
        return parameters_in([sps, avcc[at + 3 : at + 3 + size]])
    except IndexError:
        return None


def sample(found: list[bytes]) -> bytes:
    """The frame as an MP4 sample. Parameter sets stay in it: they cost 40 bytes per key frame, and a recording stays
    decodable where a decoder missed a new header."""
    return b"".join(len(unit).to_bytes(4, "big") + unit for unit in found if kind(unit) != _DELIMITER)


def is_key(found: list[bytes]) -> bool:
    """Whether decoding can begin here."""
    return any(kind(unit) == IDR for unit in found)


class _Bits:
    """Reads an RBSP bit by bit."""

    def __init__(self, unit: bytes) -> None:
        self._data = unit.replace(b"\0\0\3", b"\0\0")
        self._at = 0

    def take(self, count: int) -> int:
        value = 0
        for _ in range(count):
            byte, bit = divmod(self._at, 8)
            if byte >= len(self._data):
                raise BadMedia("not_h264", "an SPS that ends early")
            value = value << 1 | self._data[byte] >> 7 - bit & 1
            self._at += 1
        return value

    def ue(self) -> int:
        zeros = 0
        while not self.take(1):
            zeros += 1
            if zeros > 31:
                raise BadMedia("not_h264", "a number that is too long")
        return (1 << zeros) - 1 + self.take(zeros)

    def se(self) -> int:
        value = self.ue()
        return (value + 1) // 2 if value & 1 else -(value // 2)


def picture_size(sps: bytes) -> tuple[int, int]:
    """Width and height in pixels (H.264 7.3.2.1.1). Raises `BadMedia`."""
    bits = _Bits(sps[1:])
    profile = bits.take(24) >> 16
    bits.ue()
    chroma = 1
    if profile in _HIGH:
        chroma = _high_profile(bits)
    bits.ue()  # log2_max_frame_num
    order = bits.ue()
    if order == 0:
        bits.ue()
    elif order == 1:
        bits.take(1)
        bits.se()
        bits.se()
        for _ in range(min(bits.ue(), 255)):
            bits.se()
    bits.ue()
    bits.take(1)
    width, rows = (bits.ue() + 1) * 16, bits.ue() + 1
    frames_only = bits.take(1)
    if not frames_only:
        bits.take(1)
    height = rows * 16 * (2 - frames_only)
    bits.take(1)
    if bits.take(1):
        across = 1 if chroma in (0, 3) else 2
        down = (2 if chroma == 1 else 1) * (2 - frames_only)
        width -= across * (bits.ue() + bits.ue())
        height -= down * (bits.ue() + bits.ue())
    if not (16 <= width <= 4096 and 16 <= height <= 4096):
        raise BadMedia("not_h264", "a strange size")
    return width, height


def _high_profile(bits: _Bits) -> int:
    chroma = bits.ue()
    if chroma == 3:
        bits.take(1)
    bits.ue()
    bits.ue()
    bits.take(1)
    if bits.take(1):  # scaling lists
        for index in range(8 if chroma != 3 else 12):
            if bits.take(1):
                _skip_scaling_list(bits, 16 if index < 6 else 64)
    return chroma


def _skip_scaling_list(bits: _Bits, size: int) -> None:
    last = following = 8
    for _ in range(size):
        if following:
            following = (last + bits.se()) % 256
        last = following or last
