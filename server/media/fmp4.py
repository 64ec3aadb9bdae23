"""Fragmented MP4 (ISO/IEC 14496-12) as a MediaRecorder writes it (Safari), taken apart while it arrives.

A recorder gives it away one group of pictures at a time, so frames come in bursts. Every length is checked and bounded:
the bytes come from a stranger's program.
"""

import struct
from collections.abc import Iterator
from typing import Final

import msgspec

from server.media.bad_media import BadMedia
from server.media.mp4_formats import boxes_of, format_of, inner
from server.media.webm import Frame, Track

MOOV_LIMIT: Final = 64 * 1024
MOOF_LIMIT: Final = 256 * 1024
MDAT_LIMIT: Final = 4 * 1024 * 1024
"""A second at 8 Mbit/s is 1 MB; 0.22 MB for 2 s is the largest seen."""
SKIPPED_LIMIT: Final = 1024 * 1024
SAMPLES_LIMIT: Final = 4096
_WHOLE: Final = {b"moov": MOOV_LIMIT, b"moof": MOOF_LIMIT, b"mdat": MDAT_LIMIT}
_FIRST: Final = frozenset({b"ftyp", b"styp"})
_RIGHT_ANGLES: Final = frozenset({(1, 0, 0, 1), (0, 1, -1, 0), (-1, 0, 0, -1), (0, -1, 1, 0)})
_ONE: Final = 0x10000


class _Source(msgspec.Struct, kw_only=True):
    """What the header says of a track. `shift`: what its edit list takes off, in ticks."""

    track: Track
    scale: int
    shift: int = 0
    duration: int = 0
    size: int = 0


class _Waiting(msgspec.Struct, frozen=True):
    """A frame whose bytes come in the next mdat, `start` bytes into the recording."""

    source: _Source
    at: int
    shift: int
    start: int
    size: int

    @property
    def at_ms(self) -> float:
        return (self.at - self.source.shift) * 1000 / self.source.scale


class Mp4Reader:
    """Bytes in, frames out, as `webm.WebmReader` has it; codecs have Matroska's names. Invariant: never holds more than
    one box of at most MDAT_LIMIT and what was fed last."""

    def __init__(self) -> None:
        self.tracks: dict[int, Track] = {}
        self.matrix: tuple[int, ...] = (1, 0, 0, 1)
        self._sources: dict[int, _Source] = {}
        self._buffer = bytearray()
        self._position = 0  # of the buffer's first byte in the recording
        self._skip = 0
        self._began = False
        self._waiting: list[_Waiting] = []

    def feed(self, data: bytes) -> list[Frame]:
        """The frames that are whole now, in the order in which they are decoded. Raises `BadMedia`."""
        self._buffer += data
        frames: list[Frame] = []
        try:
            while self._step(frames):
                pass
        except (struct.error, IndexError, OverflowError):
            raise BadMedia("not_mp4", "a box that ends early") from None
        return frames

    def _step(self, frames: list[Frame]) -> bool:
        if self._skip:
            step = min(self._skip, len(self._buffer))
            self._drop(step)
            self._skip -= step
            return not self._skip
        if len(self._buffer) < 8:
            return False
        size, kind = struct.unpack_from(">I4s", self._buffer)
        if not self._began:
            if kind not in _FIRST:
                raise BadMedia("not_mp4", "no ftyp")
            self._began = True
        if size < 8:
            raise BadMedia("not_mp4", "a box without a size")
        most = _WHOLE.get(kind)
        if size > (most or SKIPPED_LIMIT):
            raise BadMedia("too_large", f"a box of {size} bytes")
        if most is None:
            self._skip = size
            return True
        if len(self._buffer) < size:
            return False
        body = bytes(self._buffer[8:size])
        if kind == b"moov":
            self._read_header(body)
        elif kind == b"moof":
            self._read_fragment(body)
        else:
            frames += self._read_data(body)
        self._drop(size)
        return True

    def _drop(self, size: int) -> None:
        del self._buffer[:size]
        self._position += size

    # ---- moov ----

    def _read_header(self, body: bytes) -> None:
        if self.tracks:
            raise BadMedia("began_twice")
        defaults = {}
        for kind, held in boxes_of(body):
            if kind == b"trak":
                self._read_track(held)
            elif kind == b"mvex":
                for child, trex in boxes_of(held):
                    if child == b"trex":
                        ident, _, duration, size = struct.unpack_from(">4I", trex, 4)
                        defaults[ident] = (duration, size)
        for ident, source in self._sources.items():
            source.duration, source.size = defaults.get(ident, (0, 0))

    def _read_track(self, trak: bytes) -> None:
        head, mdia = inner(trak, b"tkhd"), inner(trak, b"mdia")
        wide = head[0] == 1
        (ident,) = struct.unpack_from(">I", head, 20 if wide else 12)
        mdhd, handler = inner(mdia, b"mdhd"), inner(mdia, b"hdlr")[8:12]
        (scale,) = struct.unpack_from(">I", mdhd, 20 if mdhd[0] == 1 else 12)
        if not 1 <= scale <= 10_000_000:
            raise BadMedia("not_mp4", "a strange clock")
        kind = {b"vide": 1, b"soun": 2}.get(handler)
        if kind is None:
            return
        entry = inner(inner(inner(mdia, b"minf"), b"stbl"), b"stsd")[8:]
        codec, private = format_of(entry)
        track = Track(number=ident, kind=kind, codec=codec, private=private)
        self.tracks[ident] = track
        self._sources[ident] = _Source(track=track, scale=scale, shift=_edited(trak))
        if kind == 1:
            matrix = struct.unpack_from(">9i", head, 48 if wide else 36)
            turned = tuple(round(matrix[index] / _ONE) for index in (0, 1, 3, 4))
            self.matrix = turned if turned in _RIGHT_ANGLES else self.matrix

    # ---- moof and mdat ----

    def _read_fragment(self, body: bytes) -> None:
        if not self.tracks:
            raise BadMedia("not_mp4", "a fragment before the header")
        if self._waiting:
            raise BadMedia("not_mp4", "a fragment without data")
        for kind, traf in boxes_of(body):
            if kind == b"traf":
                self._read_track_fragment(traf)
        self._waiting.sort(key=lambda one: one.at_ms)

    def _read_track_fragment(self, traf: bytes) -> None:
        tfhd = inner(traf, b"tfhd")
        flags, ident = struct.unpack_from(">II", tfhd)
        source = self._sources.get(ident)
        if source is None:
            return
        fields = _optional(tfhd, 8, flags, ((0x1, ">Q"), (0x2, ">I"), (0x8, ">I"), (0x10, ">I"), (0x20, ">I")))
        base = fields.get(0x1, self._position)
        duration, size = fields.get(0x8, source.duration), fields.get(0x10, source.size)
        tfdt = inner(traf, b"tfdt")
        (at,) = struct.unpack_from(">Q" if tfdt[0] == 1 else ">I", tfdt, 4)
        start = base
        for kind, trun in boxes_of(traf):
            if kind == b"trun":
                at, start = self._read_run(trun, source, (at, base, start), (duration, size))

    def _read_run(
        self, trun: bytes, source: _Source, where: tuple[int, int, int], usual: tuple[int, int]
    ) -> tuple[int, int]:
        """Where the next run of that track stands: its time and its first byte."""
        at, base, start = where
        version = trun[0]
        flags, count = struct.unpack_from(">II", trun)
        if count > SAMPLES_LIMIT - len(self._waiting):
            raise BadMedia("too_large", "too many frames in a fragment")
        fields = _optional(trun, 8, flags, ((0x1, ">i"), (0x4, ">I")))
        start = base + fields[0x1] if 0x1 in fields else start
        row_at = 8 + 4 * len(fields)
        row = ">" + "".join(form for flag, form in ((0x100, "I"), (0x200, "I"), (0x400, "I")) if flags & flag)
        row += ("i" if version else "I") if flags & 0x800 else ""
        for index in range(count):
            values = list(struct.unpack_from(row, trun, row_at + index * struct.calcsize(row)))
            duration = values.pop(0) if flags & 0x100 else usual[0]
            size = values.pop(0) if flags & 0x200 else usual[1]
            shift = values[-1] if flags & 0x800 else 0
            self._waiting.append(_Waiting(source, at, shift, start, size))
            at += duration
            start += size
        return at, start

    def _read_data(self, body: bytes) -> Iterator[Frame]:
        waiting, self._waiting = self._waiting, []
        begins = self._position + 8
        for one in waiting:
            at = one.start - begins
            if one.size == 0 or at < 0 or at + one.size > len(body):
                raise BadMedia("not_mp4", "a frame outside its data")
            yield Frame(
                track=one.source.track,
                at_ms=one.at_ms,
                key=False,  # H.264 says so itself
                data=body[at : at + one.size],
                shift_ms=one.shift * 1000 / one.source.scale,
            )


def _optional(data: bytes, at: int, flags: int, fields: tuple[tuple[int, str], ...]) -> dict[int, int]:
    """The fields that are there, by their flag."""
    found = {}
    for flag, form in fields:
        if flags & flag:
            (found[flag],) = struct.unpack_from(form, data, at)
            at += struct.calcsize(form)
    return found


def _edited(trak: bytes) -> int:
    """What the first edit skips (an encoder's run-up, the delay of B-frames), in ticks; empty edits are left out, our
    clock is the recorder's own."""
    edts = next((body for kind, body in boxes_of(trak) if kind == b"edts"), b"")
    elst = next((body for kind, body in boxes_of(edts) if kind == b"elst"), b"")
    if not elst:
        return 0
    (count,) = struct.unpack_from(">I", elst, 4)
    form = ">Qqi" if elst[0] == 1 else ">Iii"
    for index in range(min(count, 4)):
        media_at = struct.unpack_from(form, elst, 8 + index * struct.calcsize(form))[1]
        if media_at >= 0:
            return int(media_at)
    return 0
