"""MP4 as a recorder writes it, taken apart and through the packager; and MP4 that must not pass."""

import itertools
import random
import struct

import pytest

from server.media.bad_media import BadMedia
from server.media.fmp4 import MDAT_LIMIT, Mp4Reader
from server.media.pipe import Container, Order
from server.media.webm import Frame
from tests.media.recordings import FRAGMENTED_MP4, decoded, recording
from tests.media.test_packaging import Packed

MP4 = Order(offset_ms=0, container=Container.MP4)


def mp4(seconds: float = 4.0, *, spoken_as: str = "aac", late: int = 0, sound: bool = True) -> bytes:
    return recording(seconds, gop=25, form=FRAGMENTED_MP4, spoken_as=spoken_as, late=late, sound=sound)


def read(film: bytes, piece: int = 3_000) -> tuple[Mp4Reader, list[Frame]]:
    reader = Mp4Reader()
    frames = [frame for at in range(0, len(film), piece) for frame in reader.feed(film[at : at + piece])]
    return reader, frames


@pytest.mark.parametrize("spoken_as", ["aac", "libopus"])
def test_every_frame_comes_out_and_decodes(spoken_as: str) -> None:
    packed = Packed(mp4(5.0, spoken_as=spoken_as), order=MP4)
    pictures, sounds = decoded(packed.mp4())
    assert pictures == 125
    assert 228 <= sounds <= 238
    assert sum(part.duration for part in packed.parts) == pytest.approx(5 * 90_000, abs=2_000)  # AAC's run-up
    assert sum(part.opens for part in packed.parts) == 3  # a key frame every second, a segment every two


def test_b_frames_are_shown_in_their_order() -> None:
    film = mp4(3.0, late=2, sound=False)
    _, frames = read(film)
    shown = sorted(frame.at_ms + frame.shift_ms for frame in frames)
    assert [b - a for a, b in itertools.pairwise(shown)] == pytest.approx([40.0] * 74, abs=0.1)
    assert decoded(Packed(film, order=MP4).mp4()) == (75, 0)


def test_a_recording_fed_byte_by_byte_is_the_same() -> None:
    film = mp4(1.0)
    whole, one_by_one = read(film, len(film))[1], read(film, 1)[1]
    assert [(f.at_ms, f.data) for f in whole] == [(f.at_ms, f.data) for f in one_by_one]


def test_a_picture_that_was_turned_stays_so() -> None:
    film = bytearray(mp4(1.0))
    at = film.index(b"tkhd") + 4 + 36 + 4
    turned = struct.pack(">9i", 0, 0x10000, 0, -0x10000, 0, 0, 0, 0, 0x40000000)
    film[at - 4 : at - 4 + 36] = turned
    packed = Packed(bytes(film), order=MP4)
    assert turned[:20] in packed.headers[0]
    film[at - 4 : at] = struct.pack(">i", 0x20000)  # nonsense is upright
    assert turned[:20] not in Packed(bytes(film), order=MP4).headers[0]


@pytest.mark.parametrize(
    ("film", "reason"),
    [
        (b"\x1a\x45\xdf\xa3" + bytes(100), "not_mp4"),
        (b"\0\0\0\x08ftyp\0\0\0\x01mdat", "not_mp4"),
        (b"\0\0\0\x08ftyp\0\0\0\0mdat", "not_mp4"),
        (b"\0\0\0\x08ftyp" + struct.pack(">I", MDAT_LIMIT + 1) + b"mdat", "too_large"),
        (b"\0\0\0\x08ftyp\x7f\xff\xff\xffmoov", "too_large"),
        (b"\0\0\0\x08ftyp\0\0\0\x0cmoof\0\0\0\0", "not_mp4"),
        (b"\0\0\0\x08ftyp\0\0\0\x14moov\0\0\0\x0ctrak\0\0\0\0", "not_mp4"),
    ],
)
def test_rubbish_is_refused(film: bytes, reason: str) -> None:
    with pytest.raises(BadMedia) as found:
        Packed(film, order=MP4)
    assert found.value.reason == reason


def test_a_second_header_and_a_promise_of_many_frames() -> None:
    film = mp4(1.0)
    moof = film.index(b"moof") - 4
    with pytest.raises(BadMedia, match="began_twice"):
        Packed(film[:moof], film, order=MP4)
    many = bytearray(film)
    at = many.index(b"trun") + 8
    many[at : at + 4] = b"\xff\xff\xff\xff"
    with pytest.raises(BadMedia, match="too_large"):
        Packed(bytes(many), order=MP4)


def test_damaged_bytes_are_refused_or_read_and_nothing_else() -> None:
    film = mp4(1.0, sound=False)
    chance = random.Random(4)
    for _ in range(300):
        broken = bytearray(film)
        for _ in range(chance.randint(1, 8)):
            broken[chance.randrange(len(broken) if chance.random() < 0.3 else 1_400)] = chance.randrange(256)
        try:
            read(bytes(broken))
        except BadMedia:
            continue
