"""Our own header and parts as frames again, for platforms that want RTMP."""

import msgspec

from server.media.box import inside
from server.media.boxes import SCALE
from server.media.fragments import NOT_KEY, picture_config, sound_config, tracks_in


class Formats(msgspec.Struct, frozen=True):
    """What a header says: the avcC record, and the AudioSpecificConfig, empty without sound."""

    avcc: bytes
    aac: bytes


class Shown(msgspec.Struct, frozen=True):
    """One frame, in milliseconds on the session's clock."""

    track: int
    at_ms: float
    shift_ms: float
    key: bool
    data: bytes


def formats_of(header: bytes) -> Formats:
    """Raises `ValueError`."""
    return Formats(picture_config(header), sound_config(header))


def frames_of(part: bytes) -> list[Shown]:
    """The frames of a part in the order in which they are sent. Raises `ValueError`."""
    found: list[Shown] = []
    for track, at, offset, rows in tracks_in(inside(part, b"moof")):
        scale = SCALE[track] / 1000
        for duration, size, flags, shift in rows:
            key = not flags & NOT_KEY
            found.append(Shown(track, at / scale, shift / scale, key, part[offset : offset + size]))
            at += duration
            offset += size
    found.sort(key=lambda one: one.at_ms)
    return found
