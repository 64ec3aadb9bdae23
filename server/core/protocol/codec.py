"""How bytes become messages and messages bytes. Bytes from the net can only produce a `Refusal` here, nothing else."""

from collections.abc import Iterator
from typing import Any

import msgpack
import msgspec

from server.core.limits import MAX_IN_BYTES, MAX_NESTING
from server.core.protocol.message import Message, Refused
from server.core.protocol.unions import COMMANDS, SERVER_TAGS, Command, ServerMessage
from server.core.refusal import Code, Refusal
from server.core.unreadable import UNREADABLE

MAX_SERVER_BYTES = 4 * 1024 * 1024
"""What a client takes in one websocket message: `MAX_OUT_BYTES` and more, for a long single reply."""


_encoder = msgspec.msgpack.Encoder()


_server_decoder: msgspec.msgpack.Decoder[ServerMessage] = msgspec.msgpack.Decoder(ServerMessage)


def encode(message: Message) -> bytes:
    """The msgpack bytes of a message of either side."""
    return _encoder.encode(message)


def encode_json(message: Message) -> bytes:
    """The JSON bytes of a message of either side."""
    return msgspec.json.encode(json_ready(message))


def json_ready(message: Message) -> Any:
    """The message as plain values, raw bodies opened."""
    return msgspec.msgpack.decode(_encoder.encode(message))


def decode_command(data: bytes) -> Command:
    """The command those msgpack bytes hold. Raises `Refusal`, with `in_reply_to` where an id can be read."""
    if len(data) > MAX_IN_BYTES:
        raise Refusal(Code.TOO_LARGE, size_bytes=len(data), limit_bytes=MAX_IN_BYTES)
    try:
        plain = msgpack.unpackb(data, strict_map_key=True, max_ext_len=0)
    except Exception as error:  # msgpack lets ValueErrors of many kinds out, and bytes from the net are hostile
        raise Refusal(Code.BAD_MESSAGE, detail=type(error).__name__) from None
    return command_of(plain)


def decode_json_command(data: bytes) -> Command:
    """The same for JSON bytes."""
    if len(data) > MAX_IN_BYTES:
        raise Refusal(Code.TOO_LARGE, size_bytes=len(data), limit_bytes=MAX_IN_BYTES)
    try:
        plain = msgspec.json.decode(data)
    except UNREADABLE as error:
        raise Refusal(Code.BAD_MESSAGE, detail=type(error).__name__) from None
    return command_of(plain)


def command_of(plain: object) -> Command:
    """The command those plain values mean. Raises `Refusal`."""
    command_id = 0
    try:
        if not isinstance(plain, dict):
            raise Refusal(Code.BAD_MESSAGE, detail="not a map")
        raw_id = plain.get("id", 0)
        command_id = raw_id if type(raw_id) is int and 0 <= raw_id <= 2**53 else 0
        if depth_of(plain, MAX_NESTING) > MAX_NESTING:
            raise Refusal(Code.BAD_MESSAGE, detail="nested too deep")
        kind = plain.get("t")
        if not isinstance(kind, str) or kind not in COMMANDS:
            raise Refusal(Code.UNKNOWN_TYPE, type=kind[:40] if isinstance(kind, str) else "")
        return msgspec.convert(plain, COMMANDS[kind])
    except Refusal as refusal:
        refusal.in_reply_to = command_id
        raise
    except msgspec.ValidationError as error:
        bad = Refusal(Code.BAD_MESSAGE, detail=str(error)[:200])
        bad.in_reply_to = command_id
        raise bad from None


_NESTS = (dict, list)


def depth_of(plain: object, limit: int) -> int:
    """How deep maps and lists stand in each other, counted up to one past the limit."""
    layer, depth = [plain] if isinstance(plain, dict | list) and plain else [], 0
    while layer and depth <= limit:
        depth += 1
        layer = [
            inner
            for outer in layer
            for inner in (outer.values() if isinstance(outer, dict) else outer)
            if inner and isinstance(inner, _NESTS)
        ]
    return depth


class _Tag(msgspec.Struct):
    t: str


_tag_decoder = msgspec.msgpack.Decoder(_Tag)


def decode_server(data: bytes) -> list[ServerMessage]:
    """The messages of one websocket message from the server; types that are not known are left out, so that
    a newer hub may say more. Raises `Refusal(BAD_MESSAGE)`."""
    messages = []
    try:
        for one in _split(data):
            if _tag_decoder.decode(one).t in SERVER_TAGS:
                messages.append(_server_decoder.decode(one))
    except (msgpack.UnpackException, *UNREADABLE) as error:
        raise Refusal(Code.BAD_MESSAGE, detail=str(error)[:200]) from None
    return messages


def _split(data: bytes) -> Iterator[bytes]:
    """The msgpack objects that stand one after another in `data`."""
    unpacker = msgpack.Unpacker(max_buffer_size=MAX_SERVER_BYTES, strict_map_key=True)
    unpacker.feed(data)
    start = 0
    while start < len(data):
        unpacker.skip()
        end = unpacker.tell()
        yield data[start:end]
        start = end


def refused(refusal: Refusal) -> Refused:
    """The reply a refusal becomes."""
    return Refused(id=refusal.in_reply_to, code=refusal.code, temporary=refusal.temporary, params=dict(refusal.params))


def refusal_of(reply: Refused) -> Refusal:
    """The refusal a reply tells of: the way back of `refused`."""
    refusal = Refusal(reply.code, temporary=reply.temporary)
    refusal.params = dict(reply.params)
    refusal.in_reply_to = reply.id
    return refusal
