"""Recordings through the packager as the child runs it, and recordings that must not pass."""

import struct

import pytest

from server.media.bad_media import BadMedia
from server.media.cutting import Part
from server.media.pipe import Order
from tests.media.recordings import decoded, need_av, recording
from tests.media.test_boxes import inside
from tests.media.test_h264 import IDR, PPS, SPS
from tests.media.test_webm import CLUSTER, CLUSTER_HEAD, HEAD, INFO, block, element, track


class Packed:
    """What came out of a recording."""

    def __init__(self, *films: bytes, order: Order | None = None) -> None:
        need_av()
        from server.media.packaging import Packaging

        self.headers: list[bytes] = []
        self.parts: list[Part] = []
        packaging = Packaging(order or Order(offset_ms=0), self.headers.append, self.parts.append)
        for film in films:
            for at in range(0, len(film), 3_000):
                packaging.feed(film[at : at + 3_000])
        packaging.end()

    def mp4(self) -> bytes:
        return self.headers[0] + b"".join(part.data for part in self.parts)


def test_every_frame_comes_out_and_decodes():
    packed = Packed(recording(5.0))
    pictures, sounds = decoded(packed.mp4())
    assert pictures == 125
    assert 230 <= sounds <= 237
    assert sum(part.duration for part in packed.parts) == 5 * 90_000


def test_a_recording_without_sound():
    packed = Packed(recording(2.0, sound=False))
    assert decoded(packed.mp4()) == (50, 0)


def test_times_begin_where_the_hub_says():
    packed = Packed(recording(1.0), order=Order(offset_ms=60_000))
    first = packed.parts[0]
    assert first.at == 60 * 90_000
    assert struct.unpack(">Q", inside(first.data, b"moof", b"traf", b"tfdt")[4:]) == (60 * 90_000,)


def test_vp8_becomes_h264_where_that_is_allowed():
    film = recording(4.0, codec="libvpx", size=(640, 360))
    packed = Packed(film, order=Order(offset_ms=0, transcode=True))
    pictures, _ = decoded(packed.mp4())
    assert pictures == 100
    assert sum(part.opens for part in packed.parts) == 2
    with pytest.raises(BadMedia, match="codec"):
        Packed(film)


def test_another_codec_in_the_same_place():
    with pytest.raises(BadMedia, match="codec"):
        Packed(recording(1.0, codec="libvpx-vp9"))


def test_a_recording_in_the_middle_of_another():
    with pytest.raises(BadMedia, match="began_twice"):
        Packed(recording(1.0), recording(1.0, size=(640, 360)))


@pytest.mark.parametrize("second_ms", [-35_000, 60_000])
def test_a_clock_that_leaps(second_ms: int):
    frame = b"".join(b"\0\0\0\1" + unit for unit in (SPS, PPS, IDR))
    tracks = element("1654ae6b", track(1, 1, b"V_MPEG4/ISO/AVC"))
    later = CLUSTER_HEAD + element("e7", (35_000 + second_ms).to_bytes(4, "big"))
    stream = HEAD + INFO + tracks + CLUSTER + block(1, 30_000, frame) + later + block(1, 0, frame)
    with pytest.raises(BadMedia, match="clock"):
        Packed(stream)
