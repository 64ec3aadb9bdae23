"""Bytes from the net become a command or a refusal, and nothing else (promise 23)."""

import json
from typing import get_args

import msgpack
import msgspec
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from server.core import examples, protocol
from server.core.limits import MAX_IN_BYTES, MAX_NESTING
from server.core.model import Epoch, Since
from server.core.protocol import (
    COMMANDS,
    Command,
    Done,
    Join,
    command_of,
    decode_command,
    decode_json_command,
    decode_server,
    depth_of,
    encode,
    encode_json,
    json_ready,
    refusal_of,
    refused,
)
from server.core.refusal import MEANINGS, Code, Refusal
from tests.vectors.hostile import HOSTILE, HOSTILE_JSON, KEY

DOORS = pytest.mark.parametrize("door", [decode_command, decode_json_command])
FARTHEST = Since(epoch=Epoch("e"), offset=2**53)

scalars = (
    st.none()
    | st.booleans()
    | st.integers(min_value=-(2**63), max_value=2**64 - 1)
    | st.floats()
    | st.text(max_size=30)
    | st.binary(max_size=30)
)
anything = st.recursive(
    scalars,
    lambda inner: st.lists(inner, max_size=4) | st.dictionaries(st.text(max_size=12), inner, max_size=5),
    max_leaves=20,
)
field_names = sorted({name for kind in COMMANDS.values() for name in kind.__struct_fields__})


def outcome(door, data: bytes) -> Command | Refusal:
    """What a door makes of bytes. Any other exception is the failure this file looks for."""
    try:
        return door(data)
    except Refusal as refusal:
        return refusal


def check(result: Command | Refusal) -> None:
    if isinstance(result, Refusal):
        assert result.code in (Code.BAD_MESSAGE, Code.UNKNOWN_TYPE, Code.TOO_LARGE)
        assert set(result.params) <= set(MEANINGS[result.code].params)
        assert decode_server(encode(refused(result))) == [refused(result)]
    else:
        assert isinstance(result, get_args(Command))


@DOORS
@given(data=st.binary(max_size=400))
@settings(max_examples=250)
def test_any_bytes_are_a_command_or_a_refusal(door, data):
    check(outcome(door, data))


@given(plain=anything)
@settings(max_examples=300)
def test_any_msgpack_value_is_a_command_or_a_refusal(plain):
    check(outcome(decode_command, msgpack.packb(plain)))


@given(text=st.recursive(st.text(), lambda inner: st.builds("[{}]".format, inner)) | st.text())
def test_any_text_at_the_json_door_is_a_command_or_a_refusal(text):
    check(outcome(decode_json_command, text.encode("utf-8", "surrogatepass")))


@given(
    tag=st.sampled_from(sorted(COMMANDS)),
    fields=st.dictionaries(st.sampled_from(field_names), anything | st.just(KEY), max_size=8),
)
@settings(max_examples=250)
def test_known_types_with_wild_fields_are_a_command_or_a_refusal(tag, fields):
    check(outcome(decode_command, msgpack.packb({"t": tag, **fields})))


@given(
    example=st.sampled_from(examples.COMMANDS),
    place=st.integers(min_value=0),
    byte=st.integers(0, 255),
    cut=st.integers(min_value=0),
)
@settings(max_examples=250)
def test_a_damaged_command_is_a_command_or_a_refusal(example, place, byte, cut):
    data = bytearray(encode(example.message))
    data[place % len(data)] = byte
    check(outcome(decode_command, bytes(data)))
    check(outcome(decode_command, bytes(data[: cut % len(data)])))
    words = bytearray(encode_json(example.message))
    words[place % len(words)] = byte
    check(outcome(decode_json_command, bytes(words)))


@pytest.mark.parametrize("name", HOSTILE)
def test_hostile_msgpack_is_refused(name):
    with pytest.raises(Refusal) as caught:
        decode_command(HOSTILE[name])
    expected = Code.TOO_LARGE if len(HOSTILE[name]) > MAX_IN_BYTES else Code.BAD_MESSAGE
    assert caught.value.code in (expected, Code.UNKNOWN_TYPE)
    check(caught.value)


@pytest.mark.parametrize("name", HOSTILE_JSON)
def test_hostile_json_is_refused(name):
    with pytest.raises(Refusal) as caught:
        decode_json_command(HOSTILE_JSON[name])
    assert caught.value.code in (Code.BAD_MESSAGE, Code.UNKNOWN_TYPE)
    check(caught.value)


@DOORS
def test_a_message_of_one_byte_too_many_is_too_large(door):
    with pytest.raises(Refusal) as caught:
        door(b"\xc0" * (MAX_IN_BYTES + 1))
    assert caught.value.code is Code.TOO_LARGE
    assert caught.value.params == {"size_bytes": MAX_IN_BYTES + 1, "limit_bytes": MAX_IN_BYTES}


def test_a_message_that_just_fits_is_read():
    bare = {"t": "renew", "token": ""}
    wide = msgpack.packb({**bare, "token": "x" * (MAX_IN_BYTES - len(msgpack.packb(bare)) - 2)})
    assert len(wide) == MAX_IN_BYTES
    with pytest.raises(Refusal) as caught:
        decode_command(wide)
    assert caught.value.code is Code.BAD_MESSAGE  # the token is too long, the message is not


def nested(levels: int) -> object:
    value: object = 1
    for _ in range(levels):
        value = [value]
    return value


@given(levels=st.integers(0, 3 * MAX_NESTING))
def test_depth_is_counted_up_to_one_past_the_limit(levels):
    assert depth_of(nested(levels), MAX_NESTING) == min(levels, MAX_NESTING + 1)


@pytest.mark.parametrize("levels", [MAX_NESTING - 1, MAX_NESTING])
def test_nesting_is_refused_one_past_the_limit(levels):
    with pytest.raises(Refusal) as caught:
        command_of({"t": "pong", "id": 4, "x": nested(levels)})
    too_deep = caught.value.params["detail"] == "nested too deep"
    assert too_deep is (levels + 1 > MAX_NESTING)


@DOORS
@pytest.mark.parametrize(
    ("fields", "code"),
    [
        ({"t": "nonsense"}, Code.UNKNOWN_TYPE),
        ({}, Code.UNKNOWN_TYPE),
        ({"t": "join"}, Code.BAD_MESSAGE),
        ({"t": "pong", "more": 1}, Code.BAD_MESSAGE),
        ({"t": "pong", "more": nested(20)}, Code.BAD_MESSAGE),
    ],
)
def test_a_refusal_answers_the_command_whose_id_could_be_read(door, fields, code):
    plain = {"id": 77, **fields}
    data = msgpack.packb(plain) if door is decode_command else json.dumps(plain).encode()
    with pytest.raises(Refusal) as caught:
        door(data)
    assert caught.value.code is code
    assert caught.value.in_reply_to == 77
    assert refused(caught.value).id == 77


@pytest.mark.parametrize("bad_id", [-1, 2**53 + 1, "7", 1.5, None, [1], True])
def test_an_id_that_is_no_id_is_answered_with_0(bad_id):
    with pytest.raises(Refusal) as caught:
        command_of({"t": "nonsense", "id": bad_id})
    assert caught.value.in_reply_to == 0


@pytest.mark.parametrize("example", examples.COMMANDS, ids=lambda example: example.name)
def test_every_command_is_itself_again_through_both_doors(example):
    assert decode_command(encode(example.message)) == example.message
    assert decode_json_command(encode_json(example.message)) == example.message


@pytest.mark.parametrize("example", examples.SERVER, ids=lambda example: example.name)
def test_every_server_message_is_itself_again(example):
    assert decode_server(encode(example.message)) == [example.message]


def test_examples_show_every_command_and_every_server_message():
    assert {type(example.message) for example in examples.COMMANDS} == set(get_args(Command))
    assert {type(example.message) for example in examples.SERVER} == set(get_args(protocol.ServerMessage))


@given(chosen=st.lists(st.sampled_from(examples.SERVER), max_size=8))
def test_several_messages_in_one_come_out_in_order(chosen):
    messages = [example.message for example in chosen]
    assert decode_server(b"".join(map(encode, messages))) == messages


def test_messages_of_a_newer_hub_are_left_out():
    newer = msgpack.packb({"t": "not_yet_known", "x": [1, 2]})
    with_more = msgpack.packb({"t": "done", "id": 3, "offset": 9, "not_yet_known": {"a": 1}})
    assert decode_server(newer + with_more + newer) == [Done(id=3, offset=9)]


@given(data=st.binary(max_size=300))
@settings(max_examples=250)
def test_a_client_refuses_a_strange_server_and_nothing_worse(data):
    try:
        messages = decode_server(data)
    except Refusal as refusal:
        messages = [refused(refusal)]
    assert all(isinstance(message, get_args(protocol.ServerMessage)) for message in messages)


@pytest.mark.parametrize(
    "data",
    [b"\x91" * 100_000, b"\xdd\x80\x00\x00\x00", b"\x00" * (protocol.MAX_SERVER_BYTES + 1), b"\xc0", b"\x81"],
    ids=["deep", "wide", "large", "nil", "cut off"],
)
def test_a_client_refuses_hostile_server_bytes(data):
    with pytest.raises(Refusal) as caught:
        decode_server(data)
    assert caught.value.code is Code.BAD_MESSAGE


@given(data=st.binary(min_size=1, max_size=40), cut=st.integers(1, 10))
def test_a_cut_off_server_message_is_refused_whole(data, cut):
    whole = encode(protocol.Ping(at_ms=1, tops={"stage/S": 1}))
    with pytest.raises(Refusal):
        decode_server(whole + whole[:-cut])


def test_json_opens_the_bodies():
    reply = examples.REPLIES[4].message
    assert json.loads(encode_json(reply)) == json_ready(reply)
    assert json_ready(reply)["entries"][0]["body"] == {"t": "card_hidden", "position": "P01"}


def test_since_is_typed_after_the_door():
    command = decode_command(encode(Join(id=1, channel="me/U01", since=FARTHEST)))
    assert isinstance(command, Join)
    assert command.since == FARTHEST


@pytest.mark.parametrize("example", [e for e in examples.REPLIES if isinstance(e.message, protocol.Refused)])
def test_a_refusal_comes_back_as_it_was(example):
    assert refused(refusal_of(example.message)) == example.message


def test_refused_copies_the_params():
    refusal = Refusal(Code.NOT_FOUND, what="session", id="S9")
    reply = refused(refusal)
    refusal.params["what"] = "changed"
    assert reply.params == {"what": "session", "id": "S9"}
    assert msgspec.to_builtins(reply)["code"] == "not_found"
