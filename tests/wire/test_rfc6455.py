"""The websocket door by RFC 6455, over the wire: what has to be understood, what has to be answered, and what ends a
conversation with which code. The table is ours; numbers in it are sections of the RFC."""

import asyncio
import contextlib
from collections.abc import Iterator
from pathlib import Path
from typing import NamedTuple

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from server.core.limits import MAX_IN_BYTES, Close
from tests.wire.conversing import (
    BINARY,
    CLOSE,
    CONTINUED,
    PING,
    PONG,
    TEXT,
    Heard,
    command,
    made,
    parts,
    status,
    welcomed,
)
from tests.wire.hubs import Running, eventually, running

WRONG, NOT_UTF8, TOO_BIG = 1002, 1007, 1009
ONE = made(BINARY, command(1))
TWO = made(BINARY, command(2))
SNOWMAN = "雪人".encode()

# ---- what is understood: bytes, then ids of the commands done and payloads of the pongs, in the order given ----------

UNDERSTOOD: dict[str, tuple[bytes, str, list[bytes]]] = {
    "a whole frame (5.2)": (ONE, "c", []),
    "two frames in one segment": (ONE + TWO, "cc", []),
    "a message in three parts (5.4)": (parts(BINARY, command(1)[:3], command(1)[3:7], command(1)[7:]), "c", []),
    "a message byte by byte (5.4)": (parts(BINARY, *(command(1)[n : n + 1] for n in range(len(command(1))))), "c", []),
    "empty parts at both ends (5.4)": (parts(BINARY, b"", command(1), b""), "c", []),
    "a ping between parts is answered before the message (5.4)": (
        parts(BINARY, command(1)[:4], command(1)[4:], between=made(PING, b"amid")),
        "pc",
        [b"amid"],
    ),
    "pings between parts of two messages": (
        parts(BINARY, command(1)[:2], command(1)[2:], between=made(PING, b"1"))
        + parts(BINARY, command(2)[:5], command(2)[5:], between=made(PING, b"2")),
        "pcpc",
        [b"1", b"2"],
    ),
    "an empty ping (5.5.2)": (made(PING) + ONE, "pc", [b""]),
    "the longest ping (5.5)": (made(PING, b"x" * 125) + ONE, "pc", [b"x" * 125]),
    "a ping of any bytes (5.5.2)": (made(PING, bytes(range(256))[-125:]) + ONE, "pc", [bytes(range(256))[-125:]]),
    "ten pings, ten pongs in their order": (
        b"".join(made(PING, bytes((n,))) for n in range(10)) + ONE,
        "p" * 10 + "c",
        [bytes((n,)) for n in range(10)],
    ),
    "a pong nobody asked for (5.5.3)": (made(PONG, b"unasked") + ONE, "c", []),
    "pongs between parts": (parts(BINARY, command(1)[:4], command(1)[4:], between=made(PONG)), "c", []),
    "a mask of zeros (5.3)": (made(BINARY, command(1), mask=bytes(4)), "c", []),
    "a mask of ones (5.3)": (made(BINARY, command(1), mask=b"\xff" * 4), "c", []),
    "another mask for each part (5.3)": (
        made(BINARY, command(1)[:5], fin=False, mask=b"abcd")
        + made(CONTINUED, command(1)[5:], mask=b"\x00\x80\xff\x01"),
        "c",
        [],
    ),
}

# ---- what ends a conversation: bytes, and the codes that may be answered; None is an end without a close frame -------


class Ends(NamedTuple):
    data: bytes
    codes: frozenset[int]


def ends(data: bytes, *codes: int) -> Ends:
    return Ends(data, frozenset(codes))


ENDS: dict[str, Ends] = {
    "a frame without a mask (5.1)": ends(made(BINARY, command(1), mask=None), WRONG),
    "a ping without a mask (5.1)": ends(made(PING, b"x", mask=None), WRONG),
    **{f"reserved bit {bit} (5.2)": ends(made(BINARY, command(1), bits=bit), WRONG) for bit in (4, 2, 1, 7)},
    "a reserved bit of a ping (5.2)": ends(made(PING, bits=4), WRONG),
    "a reserved bit of a part (5.2)": ends(
        made(BINARY, command(1)[:4], fin=False) + made(CONTINUED, command(1)[4:], bits=2), WRONG
    ),
    **{f"opcode {code:#x} (5.2)": ends(made(code, b"x"), WRONG) for code in (3, 4, 5, 6, 7, 0xB, 0xC, 0xD, 0xE, 0xF)},
    "an unknown opcode amid parts (5.2)": ends(parts(BINARY, b"a", b"b", between=made(0xB)), WRONG),
    "a ping in parts (5.5)": ends(made(PING, b"x", fin=False), WRONG),
    "a pong in parts (5.5)": ends(made(PONG, b"x", fin=False), WRONG),
    "a close in parts (5.5)": ends(made(CLOSE, status(1000), fin=False), WRONG),
    "a ping of 126 bytes (5.5)": ends(made(PING, b"x" * 126), WRONG),
    "a pong of 126 bytes (5.5)": ends(made(PONG, b"x" * 126), WRONG),
    "a close of 126 bytes (5.5)": ends(made(CLOSE, status(1000, b"x" * 124)), WRONG),
    "a part of nothing (5.4)": ends(made(CONTINUED, command(1)), WRONG),
    "an unfinished part of nothing (5.4)": ends(made(CONTINUED, command(1), fin=False), WRONG),
    "a part after the end (5.4)": ends(parts(BINARY, command(1)[:4], command(1)[4:]) + made(CONTINUED, b"x"), WRONG),
    "a message amid another (5.4)": ends(made(BINARY, b"a", fin=False) + ONE, WRONG),
    "a text amid another (5.4)": ends(made(BINARY, b"a", fin=False) + made(TEXT, b"b"), WRONG),
    "text that is no UTF-8 (8.1)": ends(made(TEXT, b"\xce\xba\xe1\xbd\xb9\xed\xa0\x80"), NOT_UTF8),
    "text that ends within a character (8.1)": ends(made(TEXT, SNOWMAN[:-1]), NOT_UTF8),
    "text that is no UTF-8, in parts (8.1)": ends(parts(TEXT, SNOWMAN[:4], b"\xff", SNOWMAN[4:]), NOT_UTF8),
    "a surrogate in text (8.1)": ends(made(TEXT, b"\xed\xb0\x80"), NOT_UTF8),
    "text beyond Unicode (8.1)": ends(made(TEXT, b"\xf4\x90\x80\x80"), NOT_UTF8),
    "an overlong character (8.1)": ends(made(TEXT, b"\xc0\xaf"), NOT_UTF8),
    "a goodbye without a code (5.5.1)": ends(made(CLOSE), 1005, 1000),
    "a goodbye with half a code (5.5.1)": ends(made(CLOSE, b"\x03"), WRONG),
    "a goodbye with the longest reason (5.5.1)": ends(made(CLOSE, status(1000, b"r" * 123)), 1000),
    "a goodbye with a reason in Chinese (5.5.1)": ends(made(CLOSE, status(1000, SNOWMAN)), 1000),
    "a goodbye whose reason is no UTF-8 (8.1)": ends(made(CLOSE, status(1000, b"\xce\xba\xff")), NOT_UTF8, WRONG),
    **{
        f"a goodbye with {code} (7.4)": ends(made(CLOSE, status(code)), code)
        for code in (1000, 1001, 1002, 1003, 1007, 1008, 1009, 1010, 1011, 3000, 3999, 4000, 4999)
    },
    **{
        f"a goodbye with {code}, which nobody may send (7.4)": ends(made(CLOSE, status(code)), WRONG)
        for code in (0, 999, 1004, 1005, 1006, 1015, 1016, 1100, 2000, 2999, 5000, 65_535)
    },
    "a goodbye amid parts (5.4)": ends(made(BINARY, b"a", fin=False) + made(CLOSE, status(1000)), 1000),
    "words after goodbye (5.5.1)": ends(made(CLOSE, status(1000)) + ONE + made(PING, b"late"), 1000),
    "a length with the highest bit set (5.2)": ends(made(BINARY, claims=1 << 63, width=8), WRONG, TOO_BIG),
    "a length of 2^62": ends(made(BINARY, claims=1 << 62, width=8), TOO_BIG),
    "a megabyte claimed, none sent": ends(made(BINARY, claims=1 << 20, width=8), TOO_BIG),
    "a part that makes it too long": ends(
        made(BINARY, bytes(60_000), fin=False) + made(CONTINUED, claims=60_000, width=2), TOO_BIG
    ),
    "parts without end": ends(
        made(BINARY, b"", fin=False) + made(CONTINUED, b"", fin=False) * 40_000, TOO_BIG, Close.TOO_MANY
    ),
    "a text (this protocol's own rule)": ends(made(TEXT, SNOWMAN), Close.BAD_PROTOCOL),
    "an empty message (the same)": ends(made(BINARY), Close.BAD_PROTOCOL),
    "a message over MAX_IN_BYTES (the same)": ends(made(BINARY, bytes(MAX_IN_BYTES + 1)), Close.BAD_PROTOCOL),
    "the same in parts (the same)": ends(parts(BINARY, bytes(MAX_IN_BYTES), b"x"), Close.BAD_PROTOCOL),
}


async def heard_of(hub: Running, person: str, pieces: list[bytes], replies: int | None) -> Heard:
    """What a hub answers: so many answers, or until it hangs up."""
    async with welcomed(hub, person) as client:
        speaking = asyncio.create_task(client.say(pieces))
        try:
            if replies is None:
                return await client.read()
            return await client.read(until=lambda heard: len(heard.order) >= replies or heard.close is not None)
        finally:
            speaking.cancel()


async def test_what_has_to_be_understood(tmp_path: Path) -> None:
    wrong = {}
    async with running(tmp_path) as hub:
        for number, (name, (data, order, pongs)) in enumerate(UNDERSTOOD.items()):
            for pieces in ([data], [data[n : n + 1] for n in range(len(data))]):
                heard = await heard_of(hub, f"u{number}", pieces, len(order))
                wanted = Heard(list(range(1, order.count("c") + 1)), pongs, order, None, False)
                if heard != wanted:
                    wrong[name] = heard
    assert wrong == {}


async def test_what_ends_a_conversation_and_with_which_code(tmp_path: Path) -> None:
    wrong = {}
    async with running(tmp_path) as hub:
        for number, (name, (data, codes)) in enumerate(ENDS.items()):
            try:
                # What was understood before is answered, nothing after it.
                heard = await heard_of(hub, f"e{number}", [made(BINARY, command(9)), data], None)
            except TimeoutError:
                wrong[name] = "no end"
                continue
            if heard.done[:1] != [9] or heard.close not in codes:
                wrong[name] = str(heard)
        await eventually(lambda: hub.hub.counts.connections == 0)
    assert wrong == {}


@pytest.mark.parametrize("cut", [1, 2, 5, 20])
async def test_half_a_frame_and_then_nothing_ends_too(tmp_path: Path, cut: int) -> None:
    async with running(tmp_path) as hub, welcomed(hub, "h") as client:
        await client.say([ONE[:cut]])
        client.half_close()
        assert (await client.read()).done == []
        await eventually(lambda: hub.hub.counts.connections == 0)


# ---- any conversation ------------------------------------------------------------------------------------------------

MASKS = st.binary(min_size=4, max_size=4)
CONTROL = st.tuples(st.sampled_from([PING, PONG]), st.binary(max_size=125), MASKS)
MESSAGE = st.tuples(st.lists(st.integers(0, 40), max_size=4), st.lists(CONTROL, max_size=3), MASKS)
LAST = st.sampled_from(["", *ENDS])


class Said(NamedTuple):
    """Bytes of a conversation, and what has to come back."""

    data: bytes
    done: list[int]
    pongs: list[bytes]
    order: str


def said(plan: list[tuple[list[int], list[tuple[int, bytes, bytes]], bytes]]) -> Said:
    """Each message cut at the places, with the control frames spread between its parts."""
    data, pongs, order = b"", list[bytes](), ""
    for id, (places, controls, mask) in enumerate(plan, start=1):
        payload = command(id)
        cuts = sorted({min(place, len(payload)) for place in places})
        pieces = [payload[a:b] for a, b in zip([0, *cuts], [*cuts, len(payload)], strict=True)]
        for place, piece in enumerate(pieces):
            is_last = place == len(pieces) - 1
            for opcode, text, other in controls if is_last else controls[place : place + 1]:
                if is_last and controls.index((opcode, text, other)) < place:
                    continue  # it stood earlier
                data += made(opcode, text, mask=other)
                if opcode == PING:
                    pongs.append(text)
                    order += "p"
            data += made(CONTINUED if place else BINARY, piece, fin=is_last, mask=mask)
        order += "c"
    return Said(data, list(range(1, len(plan) + 1)), pongs, order)


@pytest.fixture
def hub_beside(tmp_path: Path) -> Iterator[tuple[asyncio.Runner, Running]]:
    """A hub in a loop of its own, for a test that is not a coroutine."""
    with asyncio.Runner() as runner:
        stack = contextlib.AsyncExitStack()
        yield runner, runner.run(stack.enter_async_context(running(tmp_path)))
        runner.run(stack.aclose())


@settings(deadline=None, max_examples=60, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(plan=st.lists(MESSAGE, min_size=1, max_size=8), last=LAST, places=st.lists(st.integers(0, 2_000), max_size=8))
def test_any_conversation_is_understood_up_to_what_ends_it(
    hub_beside: tuple[asyncio.Runner, Running],
    plan: list[tuple[list[int], list[tuple[int, bytes, bytes]], bytes]],
    last: str,
    places: list[int],
) -> None:
    runner, hub = hub_beside
    talk = said(plan)
    data = talk.data + (ENDS[last].data if last else b"")
    cuts = sorted({min(place, len(data)) for place in places})
    pieces = [data[a:b] for a, b in zip([0, *cuts], [*cuts, len(data)], strict=True)]
    heard = runner.run(heard_of(hub, "any", pieces, None if last else len(talk.order)))
    assert heard.done[: len(talk.done)] == talk.done
    assert heard.pongs[: len(talk.pongs)] == talk.pongs
    assert heard.order.startswith(talk.order)
    if last:
        assert heard.close in ENDS[last].codes


@settings(deadline=None, max_examples=40, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(noise=st.binary(min_size=1, max_size=400))
def test_noise_ends_its_own_conversation_and_no_other(hub_beside: tuple[asyncio.Runner, Running], noise: bytes) -> None:
    runner, hub = hub_beside

    async def converse() -> None:
        async with welcomed(hub, "calm") as calm, welcomed(hub, "noisy") as noisy:
            await noisy.say([noise])
            noisy.half_close()
            await noisy.read()
            await calm.say([ONE])
            assert (await calm.read(until=lambda heard: bool(heard.order))).done == [1]

    runner.run(converse())
