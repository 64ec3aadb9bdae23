"""RTMP without a network: commands, chunks, addresses; whatever comes, it is understood or refused."""

import contextlib
import ipaddress
import socket

import pytest
from hypothesis import given
from hypothesis import strategies as st

from server.media.rtmp import amf
from server.media.rtmp.address import BadAddress, may_connect, place_of, resolved
from server.media.rtmp.chunks import MESSAGE_LIMIT, BadChunks, ChunkReader, Kind, Message, chunked

VALUES = st.recursive(
    st.none() | st.booleans() | st.floats(allow_nan=False) | st.text(max_size=40),
    lambda inner: st.dictionaries(st.text(min_size=1, max_size=10), inner, max_size=5),
    max_leaves=12,
)


@given(st.lists(VALUES, max_size=6))
def test_commands_come_out_as_they_went_in(values: list[object]) -> None:
    assert amf.decode(amf.encode(values)) == values


@given(st.binary(max_size=300))
def test_any_bytes_are_a_command_or_none(data: bytes) -> None:
    with contextlib.suppress(amf.BadAmf):
        amf.decode(data)


@pytest.mark.parametrize(
    "data",
    [
        b"\x02\x00\x05abc",
        b"\x00\x00",
        b"\x03" * 40,
        b"\x0a\xff\xff\xff\xff\x05",
        b"\x0c\xff\xff\xff\xff",
        b"\x0d",
        b"\x03" + b"\x00\x01a\x05" * 300 + b"\x00\x00\x09",
    ],
)
def test_what_is_no_command(data: bytes) -> None:
    with pytest.raises(amf.BadAmf):
        amf.decode(data)


@given(
    st.lists(
        st.tuples(st.sampled_from([8, 9, 18, 20]), st.integers(0, 2**32 - 1), st.binary(max_size=9_000)), max_size=8
    ),
    st.sampled_from([128, 4096, 60_000]),
    st.integers(1, 5_000),
)
def test_messages_come_out_of_chunks_however_they_are_cut(said: list, size: int, piece: int) -> None:
    messages = [Message(kind, at_ms, body, 1) for kind, at_ms, body in said]
    data = chunked(Message(Kind.SET_CHUNK, 0, size.to_bytes(4, "big")), 2, 128)
    data += b"".join(chunked(message, 3 + index % 5, size) for index, message in enumerate(messages))
    reader, found = ChunkReader(), []
    for at in range(0, len(data), piece):
        found += reader.feed(data[at : at + piece])
    assert found == messages


def test_short_headers_carry_on_what_came_before() -> None:
    whole = chunked(Message(9, 1_000, b"aaaa", 1), 6, 128)
    delta = bytes([0x46]) + (40).to_bytes(3, "big") + (4).to_bytes(3, "big") + b"\x09" + b"bbbb"
    same = bytes([0xC6]) + b"cccc"
    only = bytes([0x86]) + (20).to_bytes(3, "big") + b"dddd"
    found = ChunkReader().feed(whole + delta + same + only)
    assert [(m.at_ms, m.body, m.kind, m.stream) for m in found] == [
        (1_000, b"aaaa", 9, 1),
        (1_040, b"bbbb", 9, 1),
        (1_080, b"cccc", 9, 1),
        (1_100, b"dddd", 9, 1),
    ]


def test_messages_of_two_streams_may_be_mixed() -> None:
    one, two = chunked(Message(9, 5, b"a" * 200, 1), 6, 128), chunked(Message(8, 6, b"b" * 200, 1), 4, 128)
    mixed = one[:140] + two[:140] + one[140:] + two[140:]
    assert [m.body[:1] for m in ChunkReader().feed(mixed)] == [b"a", b"b"]


@given(st.binary(max_size=2_000))
def test_any_bytes_are_chunks_or_none(data: bytes) -> None:
    with contextlib.suppress(BadChunks):
        ChunkReader().feed(data)


def test_more_than_anybody_needs_is_refused_before_it_comes() -> None:
    with pytest.raises(BadChunks, match="too long"):
        ChunkReader().feed(bytes([6]) + bytes(3) + (MESSAGE_LIMIT + 1).to_bytes(3, "big") + b"\x09" + bytes(4))
    with pytest.raises(BadChunks, match="chunk size"):
        ChunkReader().feed(chunked(Message(Kind.SET_CHUNK, 0, bytes(4)), 2, 128))
    with pytest.raises(BadChunks, match="no message"):
        ChunkReader().feed(b"\xc6abcd")
    began = bytes(3) + (1_000).to_bytes(3, "big") + b"\x09" + bytes(4 + 128)
    many = b"".join(bytes([channel]) + began for channel in range(2, 63))
    many += b"".join(bytes([0, channel]) + began for channel in range(20))
    with pytest.raises(BadChunks, match="no message"):
        ChunkReader().feed(many)


@pytest.mark.parametrize(
    ("url", "host", "port", "app", "tc_url"),
    [
        ("rtmp://a.cn/live", "a.cn", 1935, "live", "rtmp://a.cn/live"),
        ("rtmp://a.cn:1936/live/two/", "a.cn", 1936, "live/two", "rtmp://a.cn:1936/live/two"),
        ("rtmps://a.cn/live?x=1", "a.cn", 443, "live?x=1", "rtmps://a.cn/live?x=1"),
        ("rtmp://[2001:db8::1]/live", "2001:db8::1", 1935, "live", "rtmp://[2001:db8::1]/live"),
    ],
)
def test_addresses(url: str, host: str, port: int, app: str, tc_url: str) -> None:
    place = place_of(url)
    assert (place.host, place.port, place.app, place.url) == (host, port, app, tc_url)


@pytest.mark.parametrize(
    "url",
    [
        "",
        "http://a.cn/live",
        "rtmp://a.cn",
        "rtmp:///live",
        "rtmp://a.cn:99999/live",
        "rtmp://a.cn:0/live",
        "rtmp://a.cn/li ve",
        "rtmp://u:p@a.cn/live",
        "rtmp://a.cn/live#x",
        "rtmp://例.cn/live",
        "rtmp://a.cn/live\r\nx",
        "rtmp://a.cn/" + "x" * 400,
        "file:///etc/passwd",
    ],
)
def test_what_is_no_address(url: str) -> None:
    with pytest.raises(BadAddress):
        place_of(url)


@pytest.mark.parametrize(
    "inside",
    [
        *(
            "127.0.0.1",
            "10.1.2.3",
            "172.16.0.1",
            "192.168.1.1",
            "169.254.169.254",
            "0.0.0.0",
            "100.64.0.1",
            "224.0.0.1",
        ),
        *("::1", "::", "fe80::1", "fd00::1", "::ffff:127.0.0.1", "::ffff:10.0.0.1", "64:ff9b::7f00:1", "2002:7f00:1::"),
        *("64:ff9b:1::a00:1", "::ffff:0:10.0.0.1", "::7f00:1", "fec0::1", "5f00::1", "4000::1"),
        *("224.0.0.1", "255.255.255.255", "198.18.0.1", "192.0.2.1", "ff02::1"),
    ],
)
def test_private_addresses_are_not_connected_to(inside: str) -> None:
    assert not may_connect(ipaddress.ip_address(inside), ())


def test_public_ones_are_and_private_ones_that_are_named() -> None:
    for public in ("93.184.216.34", "2606:2800:220:1::1", "::ffff:93.184.216.34"):
        assert may_connect(ipaddress.ip_address(public), ())
    own = (ipaddress.ip_network("10.0.0.0/8"), ipaddress.ip_network("fd00::/8"))
    for named in ("10.1.2.3", "fd00::1", "::ffff:10.1.2.3"):
        assert may_connect(ipaddress.ip_address(named), own)
    assert not may_connect(ipaddress.ip_address("192.168.0.1"), own)


def test_a_name_that_points_inside_too_is_refused(monkeypatch: pytest.MonkeyPatch) -> None:
    with pytest.raises(BadAddress, match="private"):
        resolved(place_of("rtmp://localhost/live"), ())
    with pytest.raises(BadAddress, match="private"):
        resolved(place_of("rtmp://127.1/live"), ())
    stream = (socket.AF_INET, socket.SOCK_STREAM, 6, "")
    both = [(*stream, ("93.184.216.34", 1935)), (*stream, ("10.0.0.1", 1935))]
    monkeypatch.setattr(socket, "getaddrinfo", lambda *_, **__: both)
    with pytest.raises(BadAddress, match="private"):
        resolved(place_of("rtmp://two.example.cn/live"), ())
    monkeypatch.setattr(socket, "getaddrinfo", lambda *_, **__: both[:1])
    assert resolved(place_of("rtmp://one.example.cn/live"), ()) == (socket.AF_INET, "93.184.216.34")
