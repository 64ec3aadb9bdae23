"""A stretch of a recording as one MP4 file that begins to play at once: a table of all samples, then the samples.

The recording is our own (`boxes.fragment`), so it is taken at its word, and nothing is encoded anew. Nothing here
imports libav; only tables of 12 bytes a sample are held in memory.
"""

import os
import struct
from typing import BinaryIO, Final

from server.media.box import box, boxes_in, full_box, inside
from server.media.fragments import NOT_KEY, VIDEO, Row, tracks_in

MOVIE_SCALE: Final = 1000
COPY_BYTES: Final = 1024 * 1024
_MATRIX: Final = struct.pack(">9i", 0x10000, 0, 0, 0, 0x10000, 0, 0, 0, 0x40000000)


class Track:
    """Samples of one track: chunks lie where they lie in the recording."""

    def __init__(self, trak: bytes) -> None:
        self.number = int(struct.unpack_from(">I", inside(trak, b"tkhd"), 12)[0])
        self.tkhd = inside(trak, b"tkhd")
        self.mdia = inside(trak, b"mdia")
        self.scale = int(struct.unpack_from(">I", inside(self.mdia, b"mdhd"), 12)[0])
        self.stsd = inside(self.mdia, b"minf", b"stbl", b"stsd")
        self.is_video = self.number == VIDEO
        self.begins = -1  # ticks, on the recording's clock
        self.ends = -1
        self.durations: list[int] = []
        self.shifts: list[int] = []
        self.sizes: list[int] = []
        self.keys: list[int] = []
        self.chunks: list[tuple[int, int, int]] = []  # where, bytes, samples

    def add(self, at: int, where: int, rows: list[Row]) -> None:
        """The samples of one fragment."""
        if self.begins < 0:
            self.begins = at
        elif at > self.ends:
            self.durations[-1] += at - self.ends  # a jump of the clock: the one before lasts longer
        self.ends = at
        for duration, size, flags, shift in rows:
            self.durations.append(duration)
            self.shifts.append(shift)
            self.sizes.append(size)
            if not flags & NOT_KEY:
                self.keys.append(len(self.sizes))
            self.ends += duration
        self.chunks.append((where, sum(row[1] for row in rows), len(rows)))


def write_clip(film: BinaryIO, header_bytes: int, start: int, end: int, out: BinaryIO) -> float:
    """Write the samples that lie between two places of the film; the length in seconds. Raises `ValueError` for what is
    no recording of ours, `OSError`."""
    tracks = _tracks(film.read(header_bytes))
    film.seek(start)
    _scan(film, end, tracks)
    tracks = [track for track in tracks if track.sizes]
    if not tracks or not tracks[0].is_video:
        raise ValueError("no picture")
    first = tracks[0].begins / tracks[0].scale
    ftyp = box(b"ftyp", b"isom", struct.pack(">I", 512), b"isomiso2avc1mp41")
    moov = _moov(tracks, first, 0)
    out.write(ftyp)
    out.write(_moov(tracks, first, len(ftyp) + len(moov) + 16))
    chunks = sorted(chunk for track in tracks for chunk in track.chunks)
    out.write(struct.pack(">I4sQ", 1, b"mdat", 16 + sum(length for _, length, _ in chunks)))
    for where, length, _ in chunks:  # picture and sound side by side, as they were
        _copy(film, where, length, out)
    return max(track.ends / track.scale for track in tracks) - first


def _tracks(header: bytes) -> list[Track]:
    moov = inside(header, b"moov")
    return sorted((Track(body) for kind, body in boxes_in(moov) if kind == b"trak"), key=lambda one: one.number)


def _scan(film: BinaryIO, end: int, tracks: list[Track]) -> None:
    """Fragments before the first key frame are left out: nobody could decode them."""
    by_number = {track.number: track for track in tracks}
    video = by_number.get(VIDEO)
    while (at := film.tell()) < end:
        head = film.read(8)
        if len(head) < 8:
            return
        size, kind = struct.unpack(">I4s", head)
        if size < 8:
            raise ValueError("half a box")
        if kind != b"moof":
            film.seek(size - 8, os.SEEK_CUR)
            continue
        found = tracks_in(film.read(size - 8))
        begun = video is None or video.sizes
        if not begun and not any(number == VIDEO and not rows[0][2] & NOT_KEY for number, _, _, rows in found):
            continue
        for number, decode_at, offset, rows in found:
            if number in by_number:
                by_number[number].add(decode_at, at + offset, rows)


def _copy(film: BinaryIO, where: int, length: int, out: BinaryIO) -> None:
    film.seek(where)
    while length > 0:
        data = film.read(min(length, COPY_BYTES))
        if not data:
            raise ValueError("the film ends too early")
        out.write(data)
        length -= len(data)


# ---- the table -------------------------------------------------------------------------------------------------------


def _moov(tracks: list[Track], first_s: float, place: int) -> bytes:
    """`place`: where the samples begin in the file. Its length does not depend on that."""
    length = round(max(track.ends / track.scale - first_s for track in tracks) * MOVIE_SCALE)
    mvhd = struct.pack(">IIII", 0, 0, MOVIE_SCALE, length) + struct.pack(">IHHII", 0x10000, 0x0100, 0, 0, 0)
    mvhd += _MATRIX + bytes(24) + struct.pack(">I", len(tracks) + 1)
    places: dict[int, int] = {}
    for where, size, _ in sorted(chunk for track in tracks for chunk in track.chunks):
        places[where] = place
        place += size
    return box(b"moov", full_box(b"mvhd", 0, 0, mvhd), *(_trak(track, first_s, places) for track in tracks))


def _trak(track: Track, first_s: float, places: dict[int, int]) -> bytes:
    length = sum(track.durations)
    shown = round(length / track.scale * MOVIE_SCALE)
    late = track.begins / track.scale - first_s
    edits = []
    if late > 0:
        edits.append(struct.pack(">IiI", round(late * MOVIE_SCALE), -1, 0x10000))
    skip = max(0, round(-late * track.scale))
    edits.append(struct.pack(">IiI", max(1, shown - round(skip / track.scale * MOVIE_SCALE)), skip, 0x10000))
    tkhd = track.tkhd[:20] + struct.pack(">I", shown + max(0, round(late * MOVIE_SCALE))) + track.tkhd[24:]
    mdhd = struct.pack(">IIIIHH", 0, 0, track.scale, length, 0x55C4, 0)
    minf = [box(kind, body) for kind, body in boxes_in(inside(track.mdia, b"minf")) if kind != b"stbl"]
    return box(
        b"trak",
        box(b"tkhd", tkhd),
        box(b"edts", full_box(b"elst", 0, 0, struct.pack(">I", len(edits)), *edits)),
        box(
            b"mdia",
            full_box(b"mdhd", 0, 0, mdhd),
            box(b"hdlr", inside(track.mdia, b"hdlr")),
            box(b"minf", *minf, _stbl(track, places)),
        ),
    )


def _stbl(track: Track, places: dict[int, int]) -> bytes:
    per_chunk: list[tuple[int, int, int]] = []
    for index, (_, _, samples) in enumerate(track.chunks, 1):
        if not per_chunk or per_chunk[-1][1] != samples:
            per_chunk.append((index, samples, 1))
    offsets = [places[where] for where, _, _ in track.chunks]
    tables = [
        box(b"stsd", track.stsd),
        _table(b"stts", _runs(track.durations)),
        *([_table(b"ctts", _runs(track.shifts))] if any(track.shifts) else []),
        _table(b"stsc", [struct.pack(">III", *row) for row in per_chunk]),
        full_box(b"stsz", 0, 0, struct.pack(f">II{len(track.sizes)}I", 0, len(track.sizes), *track.sizes)),
        full_box(b"co64", 0, 0, struct.pack(f">I{len(offsets)}Q", len(offsets), *offsets)),
    ]
    if track.is_video:
        tables.append(full_box(b"stss", 0, 0, struct.pack(f">I{len(track.keys)}I", len(track.keys), *track.keys)))
    return box(b"stbl", *tables)


def _runs(values: list[int]) -> list[bytes]:
    """Values as how often each comes in a row."""
    runs: list[list[int]] = []
    for value in values:
        if runs and runs[-1][1] == value:
            runs[-1][0] += 1
        else:
            runs.append([1, value])
    return [struct.pack(">II", *run) for run in runs]


def _table(kind: bytes, rows: list[bytes]) -> bytes:
    return full_box(kind, 0, 0, struct.pack(">I", len(rows)), *rows)
