"""Frames are what RFC 6455 says, checked against the sans-I/O parser of `websockets`."""

import pytest
from hypothesis import given
from hypothesis import strategies as st
from websockets.frames import Frame, Opcode
from websockets.protocol import Protocol, Side, State

from server.hub.fanout import next_tick_s
from server.hub.frames import frame, frames


def parsed(data: bytes) -> list[bytes]:
    protocol = Protocol(Side.CLIENT, state=State.OPEN, max_size=None)
    protocol.receive_data(data)
    payloads = []
    for event in protocol.events_received():
        assert isinstance(event, Frame)
        assert event.opcode is Opcode.BINARY
        assert event.fin
        payloads.append(bytes(event.data))
    return payloads


@pytest.mark.parametrize("size", [0, 1, 125, 126, 127, 65_535, 65_536, 70_000])
def test_every_length_form(size: int) -> None:
    payload = bytes(size)
    assert parsed(frame(payload)) == [payload]


@given(st.lists(st.binary(min_size=1, max_size=60), max_size=30), st.integers(50, 120))
def test_messages_keep_their_order_and_frames_their_limit(messages: list[bytes], limit: int) -> None:
    payloads = parsed(frames(messages, limit))
    assert b"".join(payloads) == b"".join(messages)
    assert all(len(payload) <= max(limit, 60) for payload in payloads)


def test_few_frames() -> None:
    assert len(parsed(frames([b"x" * 100] * 100, 1_000))) == 10


@given(st.floats(0, 1e6), st.sampled_from([0.1, 0.25, 0.5]), st.floats(0, 0.999))
def test_the_next_tick_is_ahead_and_at_most_one_tick_away(now_s: float, tick_s: float, phase: float) -> None:
    ahead_s = next_tick_s(now_s, tick_s, phase) - now_s
    assert -1e-6 <= ahead_s <= tick_s + 1e-6
