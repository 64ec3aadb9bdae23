"""Our own fragmented MP4 taken apart again, for platforms that want RTMP. Reads what `boxes` writes, no more."""

import struct
from typing import Final

import msgspec

from server.media.bad_media import BadMedia
from server.media.boxes import AUDIO, SCALE, VIDEO

_INSIDE: Final = frozenset({b"moov", b"trak", b"mdia", b"minf", b"stbl"})
_KEY: Final = 0x02000000
DESCRIPTORS_AT: Final = 8 + 28 + 8 + 4
"""Of esds inside mp4a: its header, an AudioSampleEntry, its own header, version and flags."""


class Formats(msgspec.Struct, frozen=True):
    """What a header says: the avcC record, and the AudioSpecificConfig if there is sound."""

    avcc: bytes
    aac: bytes | None


class Shown(msgspec.Struct, frozen=True):
    """One frame, in milliseconds on the session's clock."""

    track: int
    at_ms: float
    shift_ms: float
    key: bool
    data: bytes


def formats_of(header: bytes) -> Formats:
    """Raises `BadMedia`."""
    avcc, aac = b"", None
    try:
        for entry in _entries(header):
            if entry[4:8] == b"avc1":
                avcc = next(body for kind, body in _boxes(entry[8 + 78 :]) if kind == b"avcC")
            elif entry[4:8] == b"mp4a":
                aac = _specific(entry[DESCRIPTORS_AT:])
    except (struct.error, IndexError, StopIteration):
        raise BadMedia("broken", "header") from None
    if not avcc:
        raise BadMedia("broken", "no picture")
    return Formats(avcc, aac)


def _entries(data: bytes) -> list[bytes]:
    found: list[bytes] = []
    for kind, body in _boxes(data):
        if kind in _INSIDE:
            found += _entries(body)
        elif kind == b"stsd":
            found.append(body[8:])
    return found


def _specific(descriptors: bytes) -> bytes:
    """The innermost of ES, decoder config, decoder specific info; each has one byte of length."""
    at = 0
    for tag, skip in ((3, 3), (4, 13)):
        if descriptors[at] != tag:
            raise BadMedia("broken", "esds")
        at += 2 + skip
    if descriptors[at] != 5:
        raise BadMedia("broken", "esds")
    return descriptors[at + 2 : at + 2 + descriptors[at + 1]]


def frames_of(part: bytes) -> list[Shown]:
    """The frames of a part in the order in which they are sent. Raises `BadMedia`."""
    found: list[Shown] = []
    try:
        for kind, body in _boxes(part):
            if kind == b"moof":
                for inner, fields in _boxes(body):
                    if inner == b"traf":
                        found += _frames(dict(_boxes(fields)), part)
    except (struct.error, IndexError, KeyError):
        raise BadMedia("broken", "part") from None
    found.sort(key=lambda one: one.at_ms)
    return found


def _frames(traf: dict[bytes, bytes], part: bytes) -> list[Shown]:
    (track,) = struct.unpack_from(">I", traf[b"tfhd"], 4)
    (at,) = struct.unpack_from(">Q", traf[b"tfdt"], 4)
    trun = traf[b"trun"]
    flags, count, offset = struct.unpack_from(">IIi", trun, 0)
    if track not in (VIDEO, AUDIO):
        raise BadMedia("broken", "track")
    form = ">IIII" if flags & 0x800 else ">III"
    found: list[Shown] = []
    for index in range(count):
        row = struct.unpack_from(form, trun, 12 + index * struct.calcsize(form))
        data = part[offset : offset + row[1]]
        if len(data) != row[1]:
            raise BadMedia("broken", "part ends early")
        shift = row[3] if len(row) > 3 else 0
        scale = SCALE[track] / 1000
        found.append(Shown(track, at / scale, shift / scale, bool(row[2] & _KEY), data))
        at += row[0]
        offset += row[1]
    return found


def _boxes(data: bytes) -> list[tuple[bytes, bytes]]:
    found, at = [], 0
    while at + 8 <= len(data):
        size, kind = struct.unpack_from(">I4s", data, at)
        if size < 8 or at + size > len(data):
            raise BadMedia("broken", "box")
        found.append((kind, data[at + 8 : at + size]))
        at += size
    return found
