"""Our own fragments read again: their samples, and their sound alone. Raises `ValueError` for what is not ours."""

import struct

from server.media.box import box, boxes_in, inside

VIDEO = 1
AUDIO = 2
NOT_KEY = 0x10000

Row = tuple[int, int, int, int]
"""Duration, size and flags of a sample, and how much later than decoded it is shown (B-frames of encoders)."""


def tracks_in(moof: bytes) -> list[tuple[int, int, int, list[Row]]]:
    """From the body of a moof, of each track: its number, decode time, offset of its data from the beginning of the
    box on, and its samples."""
    found = []
    for kind, traf in boxes_in(moof):
        if kind != b"traf":
            continue
        (number,) = struct.unpack_from(">I", inside(traf, b"tfhd"), 4)
        (at,) = struct.unpack_from(">Q", inside(traf, b"tfdt"), 4)
        trun = inside(traf, b"trun")
        flags, count, offset = struct.unpack_from(">IIi", trun)
        match flags & 0xFFFFFF:
            case 0x000701:
                rows = [(*row, 0) for row in struct.iter_unpack(">III", trun[12 : 12 + 12 * count])]
            case 0x000F01:
                rows = list(struct.iter_unpack(">IIII", trun[12 : 12 + 16 * count]))
            case _:
                raise ValueError("not our recording")
        found.append((number, at, offset, rows))
    return found


def samples_of(fragment: bytes, track: int) -> list[bytes]:
    """The samples of a track in a whole fragment; empty where it has none."""
    for number, _, offset, rows in tracks_in(inside(fragment, b"moof")):
        if number == track:
            found = []
            for _, size, _, _ in rows:
                found.append(fragment[offset : offset + size])
                offset += size
            return found
    return []


def sound_of(fragment: bytes) -> bytes:
    """The same fragment with its sound alone; empty where it has none."""
    moof = inside(fragment, b"moof")
    trafs = {
        struct.unpack_from(">I", inside(body, b"tfhd"), 4)[0]: body for kind, body in boxes_in(moof) if kind == b"traf"
    }
    if AUDIO not in trafs:
        return b""
    ((_, _, offset, rows),) = (one for one in tracks_in(moof) if one[0] == AUDIO)
    size = sum(row[1] for row in rows)
    head = box(b"mfhd", inside(moof, b"mfhd"))
    boxes = list(boxes_in(trafs[AUDIO]))

    def moof_of(at: int) -> bytes:
        parts = []
        for kind, body in boxes:
            parts.append(box(kind, body[:8] + struct.pack(">i", at) + body[12:] if kind == b"trun" else body))
        return box(b"moof", head, box(b"traf", *parts))

    return moof_of(len(moof_of(0)) + 8) + box(b"mdat", fragment[offset : offset + size])


def sound_header(header: bytes) -> bytes:
    """The header of the sound alone; empty where there is none."""
    moov = inside(header, b"moov")
    kept = []
    has_sound = False
    for kind, body in boxes_in(moov):
        if kind == b"trak":
            if struct.unpack_from(">I", inside(body, b"tkhd"), 12)[0] != AUDIO:
                continue
            has_sound = True
        if kind == b"mvex":
            body = b"".join(
                box(b"trex", trex) for _, trex in boxes_in(body) if struct.unpack_from(">I", trex, 4)[0] == AUDIO
            )
        kept.append(box(kind, body))
    return box(b"ftyp", inside(header, b"ftyp")) + box(b"moov", *kept) if has_sound else b""


def picture_config(header: bytes) -> bytes:
    """What a decoder of the picture is told first (avcC)."""
    for kind, body in boxes_in(inside(header, b"moov")):
        if kind == b"trak" and struct.unpack_from(">I", inside(body, b"tkhd"), 12)[0] == VIDEO:
            entry = inside(body, b"mdia", b"minf", b"stbl", b"stsd")[8:]
            return inside(inside(entry, b"avc1")[78:], b"avcC")
    raise ValueError("no picture")


def sound_config(header: bytes) -> bytes:
    """What a decoder of the sound is told first (AudioSpecificConfig); empty where there is none."""
    for kind, body in boxes_in(inside(header, b"moov")):
        if kind == b"trak" and struct.unpack_from(">I", inside(body, b"tkhd"), 12)[0] == AUDIO:
            entry = inside(body, b"mdia", b"minf", b"stbl", b"stsd")[8:]
            descriptors = inside(inside(entry, b"mp4a")[28:], b"esds")[4:]
            at = descriptors.index(b"\x40\x15") + 13  # behind the fixed part of the decoder's description
            return descriptors[at + 2 : at + 2 + descriptors[at + 1]]
    return b""
