"""An encoder's stream without a network: its clock, its changes, and what no encoder should send."""

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from server.media.bad_media import BadMedia
from server.media.boxes import VIDEO_SCALE
from server.media.cutting import Part
from server.media.flv import aac_config, audio_body, audio_of, video_body, video_of
from server.media.fragments import AUDIO, VIDEO, samples_of
from server.media.h264 import Parameters
from server.media.rtmp.chunks import Kind, Message
from tests.media.recordings import need_av

need_av()
from server.media.pulling import Pulling, Timed  # noqa: E402

SPS = bytes.fromhex("6742c01ed9005005bb016a020202800000030080000019078b1724")
PPS = bytes.fromhex("68cb83cb20")
AVCC = Parameters(SPS, PPS).avcc()
AAC = b"\x11\x90"
"""AAC-LC, 48 kHz, two channels."""
NOW = 1_700_000_000_000.0


def picture(at_ms: int, *, key: bool = False, shift_ms: int = 0) -> Message:
    unit = bytes([0x65 if key else 0x41]) + bytes(20)
    return Message(
        Kind.VIDEO, at_ms & 0xFFFFFFFF, video_body(len(unit).to_bytes(4, "big") + unit, key=key, shift_ms=shift_ms)
    )


def sound(at_ms: int) -> Message:
    return Message(Kind.AUDIO, at_ms & 0xFFFFFFFF, audio_body(b"\x21" * 30))


HEADS = [
    Message(Kind.DATA, 0, b"\x02\x00\x0aonMetaData"),
    Message(Kind.VIDEO, 0, video_body(AVCC, key=True, config=True)),
    Message(Kind.AUDIO, 0, audio_body(AAC, config=True)),
]


class Watched:
    """A generation and what came of it."""

    def __init__(self, offset_ms: float = 0.0, heads: list[Message] | None = None) -> None:
        self.headers: list[bytes] = []
        self.parts: list[Part] = []
        self.pulling = Pulling(offset_ms, NOW, self.headers.append, self.parts.append)
        for message in HEADS if heads is None else heads:
            self.pulling.feed(message, NOW)

    def seconds(self, first_ms: int, length_s: float, *, late_ms: float = 0, arrived_ms: float | None = None) -> None:
        """A steady stream whose frames arrive when they are due, or all at `arrived_ms`."""
        for index in range(round(length_s * 25)):
            at_ms = first_ms + index * 40
            now_ms = NOW + (arrived_ms if arrived_ms is not None else late_ms + index * 40)
            self.pulling.feed(picture(at_ms, key=index % 50 == 0), now_ms)
            self.pulling.feed(sound(at_ms), now_ms)

    def many(self, messages: list[Message]) -> None:
        for index, message in enumerate(messages):
            self.pulling.feed(message, NOW + 1_000 + index)

    @property
    def begins_ms(self) -> float:
        return self.parts[0].at * 1000 / VIDEO_SCALE


def test_times_are_moments_of_arrival() -> None:
    watched = Watched(offset_ms=7_000)
    watched.seconds(123_456, 4, late_ms=800)
    watched.pulling.end()
    assert len(watched.headers) == 1
    assert watched.begins_ms == pytest.approx(7_800, abs=1)
    assert [part.opens for part in watched.parts].count(True) == 2
    frames = sum(len(samples_of(part.data, VIDEO)) for part in watched.parts)
    assert frames == 100
    assert sum(len(samples_of(part.data, AUDIO)) for part in watched.parts) >= 95


def test_a_burst_from_the_servers_memory_does_not_make_the_picture_look_newer() -> None:
    """SRS hands a newcomer the last seconds at once: the newest of them is the one that arrives when it is taken."""
    watched = Watched()
    watched.seconds(0, 2, arrived_ms=3_000)
    for index in range(50, 75):
        watched.pulling.feed(picture(index * 40, key=index == 50), NOW + 3_000 + (index - 49) * 40)
    watched.pulling.end()
    assert watched.begins_ms == pytest.approx(3_000 - 49 * 40, abs=1)


def test_no_generation_begins_before_the_one_before_it_ended() -> None:
    watched = Watched(offset_ms=5_000)
    watched.seconds(0, 6, arrived_ms=10)
    watched.pulling.end()
    assert watched.begins_ms >= 5_000


def test_times_go_on_where_32_bits_end() -> None:
    time = Timed()
    assert [time(at) for at in (0xFFFFFFF0, 0xFFFFFFFF, 0x10, 0x8)] == [0, 15, 32, 24]
    watched = Watched()
    watched.seconds(0xFFFFFFFF - 1_000, 4)
    watched.pulling.end()
    assert sum(part.duration for part in watched.parts) == 4 * VIDEO_SCALE


def test_what_changes_ends_the_generation() -> None:
    other = Parameters(SPS[:-2] + b"\x00\x01", PPS).avcc()
    for message in (
        Message(Kind.VIDEO, 900, video_body(other, key=True, config=True)),
        Message(Kind.AUDIO, 900, audio_body(b"\x12\x10", config=True)),
    ):
        watched = Watched()
        watched.seconds(0, 1)
        with pytest.raises(BadMedia, match="size_changed"):
            watched.pulling.feed(message, NOW + 1_000)
    silent = Watched(heads=HEADS[:2])
    for index in range(25):
        silent.pulling.feed(picture(index * 40, key=index == 0), NOW + index * 40)
    with pytest.raises(BadMedia, match="size_changed"):
        silent.pulling.feed(sound(1_000), NOW + 1_000)


def test_the_same_headers_again_are_no_change() -> None:
    watched = Watched()
    watched.seconds(0, 1)
    for message in HEADS:
        watched.pulling.feed(message, NOW + 1_000)
    watched.pulling.end()
    assert len(watched.headers) == 1


@pytest.mark.parametrize(
    ("body", "reason"),
    [
        (bytes([0x12]) + bytes(20), "codec"),  # Sorenson
        (b"\x90hvc1" + bytes(20), "codec"),  # enhanced RTMP
        (b"\x17\x01\xff\xff\x00" + bytes(20), "clock"),
        (b"\x27\x01\x00\x00\x00\xff\xff\xff\xff" + bytes(20), "not_h264"),
        (b"\x27\x01\x00\x00\x00" + bytes(8), "not_h264"),
        (b"\x17\x00\x00\x00\x00" + bytes(30), "codec"),
        (b"\x17\x00\x00\x00\x00" + b"\x01\x6e\x00\x1f\xff\xe1" + bytes(30), "codec"),  # High 10
    ],
)
def test_pictures_no_encoder_should_send(body: bytes, reason: str) -> None:
    watched = Watched()
    watched.seconds(0, 1)
    with pytest.raises(BadMedia) as bad:
        watched.pulling.feed(Message(Kind.VIDEO, 1_000, body), NOW + 1_000)
    assert bad.value.reason == reason


def test_sound_no_encoder_should_send() -> None:
    for body in (b"\x2f\x01\x21\x21", b"\x3f\x00\x11\x90"):
        with pytest.raises(BadMedia, match="codec"):
            audio_of(body)
    for data in (b"", b"\x00", b"\x07\xff\xff", b"\xff\xff", bytes(100)):
        with pytest.raises(BadMedia, match="codec"):
            aac_config(data)
    assert aac_config(AAC).fits()
    assert not aac_config(b"\x12\x10").fits()  # 44.1 kHz
    assert not aac_config(b"\x2b\x92\x08\x00").fits()  # HE-AAC
    assert [video_of(b""), audio_of(b""), video_of(b"\x57\x01\0\0\0x")] == [None] * 3


def test_a_clock_that_leaps_and_a_stream_that_floods_end_it() -> None:
    for at_ms in (60_000, -60_000):
        watched = Watched()
        watched.seconds(90_000, 1)
        with pytest.raises(BadMedia, match="clock"):
            watched.pulling.feed(picture(90_000 + at_ms), NOW + 1_000)
    watched = Watched()
    watched.seconds(0, 1)
    big = Message(Kind.VIDEO, 1_000, b"\x27\x02" + bytes(1_000_000))
    with pytest.raises(BadMedia, match="too_large"):
        watched.many([big] * 100)


def test_a_stream_without_a_picture_ends() -> None:
    watched = Watched(heads=[])
    with pytest.raises(BadMedia, match="no_video"):
        watched.many([HEADS[2]] * 30)


BODIES = st.one_of(
    st.binary(max_size=60),
    st.binary(max_size=60).map(lambda data: b"\x17\x00\x00\x00\x00" + data),
    st.binary(max_size=60).map(lambda data: b"\x17\x01\x00\x00\x00" + data),
    st.binary(max_size=60).map(lambda data: b"\x27\x01\x00\x00\x00" + len(data).to_bytes(4, "big") + data),
    st.binary(max_size=20).map(lambda data: b"\xaf\x00" + data),
    st.binary(max_size=60).map(lambda data: b"\xaf\x01" + data),
)


MESSAGES = st.tuples(st.sampled_from([8, 9, 18, 22]), st.integers(0, 2**32 - 1), BODIES)


@settings(max_examples=200)
@given(
    st.lists(st.tuples(st.sampled_from([8, 9, 18, 22]), st.integers(0, 2**32 - 1), BODIES), max_size=12), st.booleans()
)
def test_whatever_comes_is_a_picture_or_bad_media(said: list, begun: bool) -> None:
    watched = Watched(heads=None if begun else [])
    if begun:
        watched.seconds(0, 1)
    try:
        for index, (kind, at_ms, body) in enumerate(said):
            watched.pulling.feed(Message(kind, at_ms, body), NOW + 1_000 + index * 100)
        watched.pulling.end()
    except (BadMedia, ValueError):
        pass  # libav's errors are ValueErrors: the child ends, with `broken`
