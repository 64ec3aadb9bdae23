"""What the load client counts: frames as they are cut up by TCP, offsets as they should follow one another."""

from collections import Counter

import msgspec
import pytest
from hypothesis import given
from hypothesis import strategies as st

from bench.manners import Daigang
from bench.plan import Plan
from bench.tally import NOT_A_MEMBER, Tally, contiguous
from clients.python import frames as wire
from server.core.protocol import Ping, Push, encode
from server.hub.frames import frame


def push(channel: str, offset: int, at_ms: int = 1_000) -> bytes:
    return encode(Push(channel=channel, epoch="e1", offset=offset, at_ms=at_ms, body=msgspec.Raw(b"\x80")))


def tally_of(*channels: str) -> Tally:
    plan = Plan(host="", port=0, viewers=1, rooms=(channels,), seed=bytes(32))
    return Tally(channels, Daigang(plan, lambda _id, _reply: None).read)


@given(st.binary(max_size=70_000), st.sampled_from([wire.BINARY, wire.PONG]))
def test_client_frame_is_read_back_by_unmasking(payload, opcode):
    data = wire.client_frame(payload, opcode)
    size = data[1] & 0x7F
    at = {126: 4, 127: 10}.get(size, 2)
    mask, body = data[at : at + 4], data[at + 4 :]
    assert data[0] == 0x80 | opcode
    assert data[1] & 0x80
    assert bytes(byte ^ mask[place % 4] for place, byte in enumerate(body)) == payload


@given(st.lists(st.binary(max_size=300), max_size=6), st.integers(min_value=0, max_value=2_000))
def test_frames_cut_anywhere_are_the_same_frames(payloads, cut):
    data = b"".join(frame(payload) for payload in payloads)
    head, used = wire.split(data[:cut])
    tail, rest = wire.split(data[:cut][used:] + data[cut:])
    assert [payload for _, payload in head + tail] == payloads
    assert used + rest == len(data)


@pytest.mark.parametrize("data", [b"\x02\x00", b"\x82\x80\x00\x00\x00\x00", b"\xc2\x00"])
def test_frames_no_server_of_ours_sends_are_errors(data):
    with pytest.raises(wire.WireError):
        wire.split(data)


def test_unbroken_rows_of_two_channels_that_stand_mixed():
    places = [(0, 5), (1, 1), (0, 6), (1, 2), (1, 4), (0, 7)]
    assert contiguous(places) == [(0, 5, 7), (1, 1, 2), (1, 4, 4)]


def test_same_bytes_are_read_once_and_counted_for_everyone():
    tally = tally_of("stage/S01")
    data = frame(push("stage/S01", 4))
    first, second = [3], [3]
    assert tally.known(data) is None
    runs, others, controls, used = tally.learn(data)
    tally.take(first, runs, 2_000_000)
    known = tally.known(data)
    assert known is runs
    tally.take(second, known, 6_000_000)
    assert (others, controls, used) == ([], [], len(data))
    assert (first, second, tally.deliveries) == ([4], [4], 2)
    report = tally.report({"stage/S01": {4: 1_000_000}}, [first, second], Counter(), 0.5)
    assert (report.deliveries, report.missing, report.repeats, report.last_ns) == (2, 0, 0, 6_000_000)
    assert report.latency.total == 2
    assert report.latency.max_us == pytest.approx(5_000, abs=20)


def test_holes_repeats_and_what_never_came_are_counted():
    tally = tally_of("stage/S01", "chat/S01")
    tops = [3, NOT_A_MEMBER]
    for offset in (4, 6, 6, 7):
        tally.take(tops, tally.learn(frame(push("stage/S01", offset)))[0], 1_000)
    sent = {"stage/S01": dict.fromkeys(range(4, 10), 0), "chat/S01": {1: 0}}
    report = tally.report(sent, [tops], Counter(), 0.0)
    assert report.repeats == 1
    assert report.missing == 3, "5 was jumped over, 8 and 9 never came; the chat was not joined"


def test_half_a_repeat_counts_what_is_new():
    tally = tally_of("chat/S01")
    tops = [4]
    tally.take(tops, tally.learn(frame(b"".join(push("chat/S01", offset) for offset in (3, 4, 5, 6))))[0], 1_000)
    assert (tops, tally.repeats, tally.deliveries, tally.holes) == ([6], 2, 2, 0)


def test_read_with_other_messages_is_not_taken_for_known():
    tally = tally_of("stage/S01")
    data = frame(push("stage/S01", 1)) + frame(encode(Ping(at_ms=1, tops={}))) + frame(b"half")[:3]
    runs, others, _, used = tally.learn(data)
    assert len(runs) == 1
    assert isinstance(others[0], Ping)
    assert used == len(data) - 3
    assert tally.known(data) is None


def test_begin_forgets():
    tally = tally_of("stage/S01")
    data = frame(push("stage/S01", 1))
    tally.take([0], tally.learn(data)[0], 1_000)
    tally.begin()
    assert tally.deliveries == 0
    assert tally.known(data) is None
    assert tally.report({}, [], Counter(), 0.0).latency.total == 0
