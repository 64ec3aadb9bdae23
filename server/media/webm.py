"""A live WebM stream (RFC 9559, as MediaRecorder writes it) taken apart while it arrives.

Written by hand because it must give each frame at once: a general demuxer wants to see 32 kB first and loses
frames when told not to. What is read is little, and every length is checked: the bytes come from a stranger's program.
"""

from typing import Final

import msgspec

from server.media import ebml
from server.media.bad_media import BadMedia

EBML: Final = 0x1A45DFA3
SEGMENT: Final = 0x18538067
INFO: Final = 0x1549A966
TIMESTAMP_SCALE: Final = 0x2AD7B1
TRACKS: Final = 0x1654AE6B
TRACK_ENTRY: Final = 0xAE
CLUSTER: Final = 0x1F43B675
CLUSTER_TIME: Final = 0xE7
SIMPLE_BLOCK: Final = 0xA3
BLOCK_GROUP: Final = 0xA0
BLOCK: Final = 0xA1
REFERENCE: Final = 0xFB

HEADER_LIMIT: Final = 64 * 1024
BLOCK_LIMIT: Final = 2 * 1024 * 1024
"""The largest frame seen was a key frame of 0.2 MB."""
_WHOLE: Final = {EBML: 4096, INFO: HEADER_LIMIT, TRACKS: HEADER_LIMIT, CLUSTER_TIME: 8}
_WHOLE_BLOCKS: Final = {SIMPLE_BLOCK: BLOCK_LIMIT, BLOCK_GROUP: BLOCK_LIMIT + 1024}
_OPENED: Final = frozenset({SEGMENT, CLUSTER})


class Track(msgspec.Struct, frozen=True, kw_only=True):
    """One track: `kind` is 1 for video, 2 for audio; `codec` is Matroska's name (V_MPEG4/ISO/AVC, V_VP8,
    A_OPUS, A_AAC)."""

    number: int
    kind: int
    codec: str
    private: bytes = b""


class Frame(msgspec.Struct, frozen=True, kw_only=True):
    """One frame as it was recorded. `at_ms`: since the recording began; it is shown `shift_ms` later."""

    track: Track
    at_ms: float
    key: bool
    data: bytes
    shift_ms: float = 0.0


class WebmReader:
    """Bytes in, frames out. Invariant: never holds more than one element of at most BLOCK_LIMIT and what was fed
    last."""

    def __init__(self) -> None:
        self.tracks: dict[int, Track] = {}
        self._buffer = bytearray()
        self._skip = 0
        self._began = False
        self._ms_per_tick = 1.0
        self._cluster_at = 0

    def feed(self, data: bytes) -> list[Frame]:
        """The frames that are whole now. Raises `BadMedia`."""
        self._buffer += data
        frames: list[Frame] = []
        at = 0
        while True:
            if self._skip:
                step = min(self._skip, len(self._buffer) - at)
                self._skip -= step
                at += step
                if self._skip:
                    break
            found = ebml.head(self._buffer, at)
            if found is None:
                break
            after = self._element(*found, frames)
            if after is None:
                break
            at = after
        del self._buffer[:at]
        return frames

    def _element(self, ident: int, size: int, start: int, frames: list[Frame]) -> int | None:
        """Where the next element begins; None when this one has not come whole."""
        if not self._began and ident != EBML:
            raise BadMedia("not_webm", "no EBML header")
        if ident in _OPENED:
            return start  # its children follow, one by one; its end needs no notice
        if size == ebml.UNKNOWN:
            raise BadMedia("not_webm", "an element without a size")
        most = _WHOLE.get(ident) or _WHOLE_BLOCKS.get(ident)
        if most is None:
            self._skip = size
            return start
        if size > most:
            raise BadMedia("too_large", f"an element of {size} bytes")
        if start + size > len(self._buffer):
            return None
        self._whole(ident, bytes(self._buffer[start : start + size]), frames)
        return start + size

    def _whole(self, ident: int, body: bytes, frames: list[Frame]) -> None:
        match ident:
            case 0x1A45DFA3:
                if self._began:
                    raise BadMedia("began_twice")
                self._began = True
            case 0x1549A966:
                for child, value in ebml.children(body):
                    if child == TIMESTAMP_SCALE:
                        self._ms_per_tick = _scale(ebml.unsigned(value))
            case 0x1654AE6B:
                self._read_tracks(body)
            case 0xE7:
                self._cluster_at = ebml.unsigned(body)
            case 0xA3:
                frames.extend(self._block(body, key=bool(_flags(body) & 0x80)))
            case _:
                group = dict(ebml.children(body))
                if BLOCK in group:
                    frames.extend(self._block(group[BLOCK], key=REFERENCE not in group))

    def _read_tracks(self, body: bytes) -> None:
        if self.tracks:
            raise BadMedia("began_twice")
        for child, entry in ebml.children(body):
            if child == TRACK_ENTRY:
                fields = dict(ebml.children(entry))
                track = Track(
                    number=ebml.unsigned(fields.get(0xD7, b"")),
                    kind=ebml.unsigned(fields.get(0x83, b"")),
                    codec=fields.get(0x86, b"").rstrip(b"\0").decode("ascii", "replace"),
                    private=fields.get(0x63A2, b""),
                )
                self.tracks[track.number] = track

    def _block(self, body: bytes, *, key: bool) -> list[Frame]:
        number, at = ebml.number(body, 0)
        if at + 3 > len(body):
            raise BadMedia("not_webm", "a block that ends early")
        track = self.tracks.get(number)
        if track is None:
            return []
        if body[at + 2] & 0x06:
            raise BadMedia("not_webm", "several frames in one block")
        ticks = self._cluster_at + int.from_bytes(body[at : at + 2], "big", signed=True)
        return [Frame(track=track, at_ms=ticks * self._ms_per_tick, key=key, data=body[at + 3 :])]


def _scale(nanoseconds: int) -> float:
    if not 1000 <= nanoseconds <= 100_000_000:
        raise BadMedia("not_webm", "a strange clock")
    return nanoseconds / 1e6


def _flags(body: bytes) -> int:
    at = ebml.number(body, 0)[1] + 2
    return body[at] if at < len(body) else 0
