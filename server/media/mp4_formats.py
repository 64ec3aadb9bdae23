"""What a stranger's MP4 says of its tracks: the codec's name as Matroska has it, and what its decoder must know."""

import struct
from collections.abc import Iterator

from server.media.bad_media import BadMedia
from server.media.boxes import AUDIO_SCALE


def boxes_of(data: bytes) -> Iterator[tuple[bytes, bytes]]:
    """Kind and body of the boxes that follow each other. Raises `BadMedia`."""
    at = 0
    while at + 8 <= len(data):
        size, kind = struct.unpack_from(">I4s", data, at)
        if size < 8 or at + size > len(data):
            raise BadMedia("not_mp4", "a box larger than its parent")
        yield kind, data[at + 8 : at + size]
        at += size


def inner(data: bytes, wanted: bytes) -> bytes:
    """The body of the first box of that kind. Raises `BadMedia`."""
    found = next((body for kind, body in boxes_of(data) if kind == wanted), None)
    if found is None:
        raise BadMedia("not_mp4", f"no {wanted.decode()}")
    return found


def format_of(entry: bytes) -> tuple[str, bytes]:
    """Matroska's name of the codec, and what its decoder must know."""
    kind = entry[4:8]
    if kind in (b"avc1", b"avc3"):
        avcc = inner(entry[8 + 78 :], b"avcC")
        if avcc[4] & 3 != 3:
            raise BadMedia("codec", "short lengths")
        return "V_MPEG4/ISO/AVC", avcc
    if kind == b"Opus":
        return "A_OPUS", _opus_head(inner(entry[8 + 28 :], b"dOps"))
    if kind == b"mp4a":
        return "A_AAC", _specific(inner(entry[8 + 28 :], b"esds")[4:])
    return kind.decode("ascii", "replace"), b""


def _opus_head(dops: bytes) -> bytes:
    """OpusHead (RFC 7845) of a dOps box: the same with the other byte order."""
    channels = dops[1]
    skip, rate, gain = struct.unpack_from(">HIh", dops, 2)
    if channels > 2 or dops[10]:
        raise BadMedia("codec", "more than stereo")
    return b"OpusHead\x01" + bytes([channels]) + struct.pack("<HIh", skip, rate or AUDIO_SCALE, gain) + b"\0"


def _specific(descriptors: bytes) -> bytes:
    """The AudioSpecificConfig inside ES, decoder config and decoder specific info (ISO/IEC 14496-1)."""
    at = 0
    for tag, skip in ((3, 3), (4, 13), (5, 0)):
        if descriptors[at] != tag:
            raise BadMedia("not_mp4", "esds")
        at += 1
        size = 0
        for _ in range(4):
            byte = descriptors[at]
            at += 1
            size = size << 7 | byte & 0x7F
            if not byte & 0x80:
                break
        if tag == 5:
            return descriptors[at : at + min(size, 64)]
        at += skip
    raise BadMedia("not_mp4", "esds")
