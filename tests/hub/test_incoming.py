"""What a client's bytes become, checked against frames made by `websockets`, cut anywhere, and against broken ones."""

import struct
from collections.abc import Iterator

import pytest
from hypothesis import given
from hypothesis import strategies as st
from websockets.frames import Frame, Opcode
from websockets.protocol import Protocol, Side

from server.core.limits import HELLO_BYTES, MAX_IN_BYTES
from server.hub.incoming import FRAGMENT_BYTES, HARD_LIMIT_BYTES, Answer, Ended, Incoming, Item, unmasked

FRAGMENTS = HARD_LIMIT_BYTES // FRAGMENT_BYTES
MASK = b"\x01\x02\x03\x04"


def client_frame(opcode: Opcode, payload: bytes = b"", *, fin: bool = True) -> bytes:
    return Frame(opcode, payload, fin).serialize(mask=True)


def cut(data: bytes, places: list[int]) -> Iterator[bytes]:
    marks = sorted({place % (len(data) + 1) for place in places})
    for begin, end in zip([0, *marks], [*marks, len(data)], strict=True):
        if end > begin:
            yield data[begin:end]


def read(incoming: Incoming, pieces: Iterator[bytes] | list[bytes]) -> list[Item]:
    items: list[Item] = []
    for piece in pieces:
        incoming.feed(piece)
        while (item := incoming.next()) is not None:
            items.append(item)
    return items


def close_code(ended: Item) -> int:
    assert isinstance(ended, Ended)
    client = Protocol(Side.CLIENT)
    client.receive_data(ended.data)
    assert client.close_rcvd is not None
    return client.close_rcvd.code


SIZES = st.one_of(st.integers(0, 130), st.sampled_from([125, 126, 127, MAX_IN_BYTES, MAX_IN_BYTES + 1, 60_000]))


@given(st.lists(SIZES, max_size=6), st.lists(st.integers(0, 200_000), max_size=12))
def test_whole_messages_come_through_however_they_are_cut(sizes: list[int], places: list[int]) -> None:
    messages = [bytes(number % 251 for number in range(size)) for size in sizes]
    data = b"".join(client_frame(Opcode.BINARY, message) for message in messages)
    assert read(Incoming(), cut(data, places)) == messages


PLAN = st.lists(
    st.one_of(
        st.tuples(st.just("whole"), st.binary(max_size=200)),
        st.tuples(st.just("parts"), st.lists(st.binary(max_size=40), min_size=1, max_size=4)),
        st.tuples(st.just("ping"), st.binary(max_size=125)),
        st.tuples(st.just("pong"), st.binary(max_size=125)),
        st.tuples(st.just("text"), st.text(max_size=60)),
    ),
    max_size=8,
)


@given(PLAN, st.lists(st.integers(0, 5_000), max_size=12))
def test_fragments_and_control_frames_among_messages(plan: list[tuple[str, object]], places: list[int]) -> None:
    data = bytearray()
    wanted: list[object] = []
    for kind, what in plan:
        if kind == "parts":
            parts = list(what)  # type: ignore[call-overload]
            for number, part in enumerate(parts):
                last = number == len(parts) - 1
                data += client_frame(Opcode.CONT if number else Opcode.BINARY, part, fin=last)
                data += b"" if last else client_frame(Opcode.PONG, b"between")
            wanted.append(b"".join(parts))
        elif kind == "text":
            data += client_frame(Opcode.TEXT, str(what).encode())
            wanted.append(what)
        else:
            opcode = {"whole": Opcode.BINARY, "ping": Opcode.PING, "pong": Opcode.PONG}[kind]
            assert isinstance(what, bytes)
            data += client_frame(opcode, what)
            wanted += [what] if kind == "whole" else []
    items = read(Incoming(), cut(bytes(data), places))
    assert [item for item in items if not isinstance(item, Answer)] == wanted
    answers = b"".join(item.data for item in items if isinstance(item, Answer))
    client = Protocol(Side.CLIENT)
    client.receive_data(answers)
    pongs = [event.data for event in client.events_received() if isinstance(event, Frame)]
    assert pongs == [what for kind, what in plan if kind == "ping"]


BROKEN = {
    "no mask": (b"\x82\x01a", 1002),
    "a reserved bit": (b"\xc2\x81" + MASK + b"a", 1002),
    "an unknown opcode": (b"\x83\x81" + MASK + b"a", 1002),
    "a control frame in parts": (b"\x09\x80" + MASK, 1002),
    "a control frame of 126 bytes": (b"\x89\xfe\x00\x7e" + MASK + bytes(126), 1002),
    "a continuation of nothing": (client_frame(Opcode.CONT, b"a"), 1002),
    "a message within a message": (
        client_frame(Opcode.BINARY, b"a", fin=False) + client_frame(Opcode.BINARY, b"b"),
        1002,
    ),
    "text that is not UTF-8": (client_frame(Opcode.TEXT, b"\xff"), 1007),
    "a close with half a code": (client_frame(Opcode.CLOSE, b"\x03"), 1002),
    "a close with a code nobody may send": (client_frame(Opcode.CLOSE, struct.pack(">H", 1006)), 1002),
    "a close with a reason that is not UTF-8": (client_frame(Opcode.CLOSE, struct.pack(">H", 1000) + b"\xff"), 1007),
    "a message over the limit": (b"\x82\xff" + (HARD_LIMIT_BYTES + 1).to_bytes(8, "big") + MASK, 1009),
    "a message that claims 2^63 bytes": (b"\x82\xff" + b"\x80" + bytes(7) + MASK, 1009),
    "a goodbye": (client_frame(Opcode.CLOSE, struct.pack(">H", 1000)), 1000),
    "a goodbye amid the parts of a message": (
        client_frame(Opcode.BINARY, b"a", fin=False) + client_frame(Opcode.CLOSE, struct.pack(">H", 1000)),
        1000,
    ),
    "a goodbye without a code": (client_frame(Opcode.CLOSE), 1005),
    "too many parts": (
        client_frame(Opcode.BINARY, b"", fin=False)
        + client_frame(Opcode.CONT, b"", fin=False) * (HARD_LIMIT_BYTES // FRAGMENT_BYTES),
        1009,
    ),
    "parts over the limit": (
        client_frame(Opcode.BINARY, bytes(60_000), fin=False) + client_frame(Opcode.CONT, bytes(60_000), fin=False),
        1009,
    ),
}


@pytest.mark.parametrize("name", BROKEN)
def test_what_ends_a_conversation(name: str) -> None:
    data, code = BROKEN[name]
    incoming = Incoming()
    items = read(incoming, [client_frame(Opcode.BINARY, b"before") + data + client_frame(Opcode.BINARY, b"after")])
    assert items[0] == b"before"
    assert close_code(items[-1]) == code
    assert len(items) == 2
    assert read(incoming, [client_frame(Opcode.BINARY, b"later")]) == []


@given(st.lists(st.binary(max_size=300), max_size=8))
def test_any_bytes_become_messages_or_an_end(pieces: list[bytes]) -> None:
    items = read(Incoming(), pieces)
    assert all(not isinstance(item, Ended) for item in items[:-1])


@pytest.mark.parametrize(
    "begun",
    [
        client_frame(Opcode.BINARY, bytes(HELLO_BYTES + 1))[:8],
        client_frame(Opcode.TEXT, bytes(HELLO_BYTES + 1))[:8],
        client_frame(Opcode.BINARY, bytes(100_000))[:14],
        client_frame(Opcode.BINARY, bytes(HELLO_BYTES), fin=False) + client_frame(Opcode.CONT, b"a", fin=False),
    ],
)
def test_a_stranger_holds_little(begun: bytes) -> None:
    """Nobody waits for the rest of a message that may not be: thousands of strangers could each hold half of one."""
    (item,) = read(Incoming(HELLO_BYTES), [begun])
    assert close_code(item) == 1009


@pytest.mark.parametrize("first", [b"", client_frame(Opcode.PING)])
def test_who_is_no_stranger_any_more_may_say_more(first: bytes) -> None:
    incoming = Incoming(HELLO_BYTES)
    hello, more = bytes(HELLO_BYTES), bytes(MAX_IN_BYTES)
    assert read(incoming, [first + client_frame(Opcode.BINARY, hello)])[-1] == hello
    incoming.allow(HARD_LIMIT_BYTES)
    assert read(incoming, [client_frame(Opcode.BINARY, more)]) == [more]


@given(st.binary(max_size=64), st.binary(min_size=4, max_size=4))
def test_masks_come_off(data: bytes, mask: bytes) -> None:
    assert unmasked(data, mask) == bytes(byte ^ mask[place % 4] for place, byte in enumerate(data))
