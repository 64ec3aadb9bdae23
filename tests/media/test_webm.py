"""A live WebM stream taken apart, whole and broken; no PyAV needed."""

import contextlib
import itertools
import struct

import pytest
from hypothesis import given
from hypothesis import strategies as st

from server.media.bad_media import BadMedia
from server.media.webm import Frame, WebmReader

UNKNOWN = b"\x01\xff\xff\xff\xff\xff\xff\xff"


def element(ident: str, body: bytes) -> bytes:
    return bytes.fromhex(ident) + struct.pack(">I", 0x10000000 | len(body)) + body


def track(number: int, kind: int, codec: bytes, private: bytes = b"") -> bytes:
    fields = element("d7", bytes([number])) + element("83", bytes([kind])) + element("86", codec)
    return element("ae", fields + (element("63a2", private) if private else b""))


def block(number: int, ticks: int, data: bytes, flags: int = 0x80) -> bytes:
    return element("a3", bytes([0x80 | number]) + struct.pack(">hB", ticks, flags) + data)


HEAD = element("1a45dfa3", element("4282", b"webm")) + bytes.fromhex("18538067") + UNKNOWN
INFO = element("1549a966", element("2ad7b1", (1_000_000).to_bytes(3, "big")))
TRACKS = element("1654ae6b", track(1, 1, b"V_MPEG4/ISO/AVC") + track(2, 2, b"A_OPUS", b"OpusHead"))
CLUSTER_HEAD = bytes.fromhex("1f43b675") + UNKNOWN
CLUSTER = CLUSTER_HEAD + element("e7", (5000).to_bytes(2, "big"))
STREAM = HEAD + INFO + TRACKS + element("ec", bytes(30)) + CLUSTER
STREAM += block(1, 0, b"key") + block(2, 7, b"snd") + block(1, 40, b"more", flags=0)
STREAM += CLUSTER + element("a0", element("a1", b"\x81" + struct.pack(">hB", 80, 0) + b"grouped"))


def read(pieces: list[bytes]) -> list[Frame]:
    reader = WebmReader()
    return [frame for piece in pieces for frame in reader.feed(piece)]


def told(frames: list[Frame]) -> list[tuple[int, float, bool, bytes]]:
    return [(frame.track.number, frame.at_ms, frame.key, frame.data) for frame in frames]


WHOLE = [
    (1, 5000.0, True, b"key"),
    (2, 5007.0, True, b"snd"),
    (1, 5040.0, False, b"more"),
    (1, 5080.0, True, b"grouped"),
]


def test_frames_of_a_stream():
    assert told(read([STREAM])) == WHOLE


@given(st.lists(st.integers(1, len(STREAM) - 1), max_size=12))
def test_it_does_not_matter_how_it_is_cut(cuts: list[int]):
    at = [0, *sorted(set(cuts)), len(STREAM)]
    assert told(read([STREAM[a:b] for a, b in itertools.pairwise(at)])) == WHOLE


@given(st.binary(max_size=400))
def test_whatever_comes_it_is_read_or_refused(data: bytes):
    for stream in (data, HEAD + data, STREAM + data):
        with contextlib.suppress(BadMedia):
            read([stream])


@given(st.integers(0, len(STREAM) - 1), st.integers(0, 255))
def test_one_wrong_byte_is_read_or_refused(at: int, value: int):
    broken = bytearray(STREAM)
    broken[at] = value
    with contextlib.suppress(BadMedia):
        read([bytes(broken)])


def test_a_frame_may_not_be_endless():
    with pytest.raises(BadMedia, match="too_large"):
        read([HEAD + INFO + TRACKS + CLUSTER + bytes.fromhex("a3") + b"\x08\x7f\xff\xff\xff"])


def test_a_long_element_that_nobody_needs_is_not_kept():
    reader = WebmReader()
    reader.feed(HEAD + bytes.fromhex("1254c367") + struct.pack(">BI", 0x08, 50_000_000))
    for _ in range(100):
        reader.feed(bytes(500_000))
    assert len(reader._buffer) < 10
    assert len(reader.feed(INFO + TRACKS + CLUSTER + block(1, 0, b"key"))) == 1
