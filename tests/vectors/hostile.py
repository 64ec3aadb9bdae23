"""Bytes that strangers send. Each is refused; none may do more than that."""

import msgpack

from server.core import protocol
from server.core.limits import MAX_IN_BYTES
from server.core.protocol import encode

KEY = "key-00000001"

HOSTILE = {
    "nothing": b"",
    "nested 100,000 deep": b"\x91" * 100_000,
    "nested as deep as fits": b"\x91" * MAX_IN_BYTES,
    "maps nested as deep as fits": b"\x81\xa1a" * (MAX_IN_BYTES // 3),
    "an array header of 2^31": b"\xdd\x80\x00\x00\x00",
    "a map header of 2^32 - 1": b"\xdf\xff\xff\xff\xff",
    "a string header of 2^32 - 1": b"\xdb\xff\xff\xff\xff",
    "a byte that is never used": b"\xc1",
    "keys that are numbers": msgpack.packb({1: 2, "t": "pong"}),
    "keys that are bytes": msgpack.packb({b"t": "pong"}),
    "keys that are nil": b"\x81\xc0\xc0",
    "bytes for text": msgpack.packb({"t": "join", "channel": b"stage/S01"}),
    "a type that is bytes": msgpack.packb({"t": b"pong"}),
    "text that is not UTF-8": b"\x81\xa1t\xa2\xff\xff",
    "an extension": msgpack.packb({"t": "pong", "id": msgpack.ExtType(5, b"x")}),
    "an empty extension": b"\x82\xa1t\xa4pong\xa2id\xc7\x00\x05",
    "an empty timestamp": b"\x82\xa1t\xa4pong\xa2id\xc7\x00\xff",
    "a timestamp": b"\x82\xa1t\xa4pong\xa2id\xd6\xff\x00\x00\x00\x00",
    "an empty extension for a map": b"\xc7\x00\x05",
    "an empty extension for a list": b"\x82\xa1t\xa8catch_up\xa5wants\xc7\x00\x05",
    "two commands in one message": encode(protocol.Pong()) * 2,
    "a list": msgpack.packb(["pong"]),
    "wrong type": msgpack.packb({"t": "join", "channel": 7}),
    "a boolean for a number": msgpack.packb({"t": "hello", "version": True, "token": "T"}),
    "a number that is no integer": msgpack.packb({"t": "hello", "version": float("nan"), "token": "T"}),
    "an unknown field": msgpack.packb({"t": "pong", "more": 1}),
    "an unknown field inside": msgpack.packb({"t": "catch_up", "wants": [{"channel": "stage/S", "x": 1}]}),
    "a missing field": msgpack.packb({"t": "join"}),
    "a negative id": msgpack.packb({"t": "pong", "id": -1}),
    "an id over 2^53": msgpack.packb({"t": "pong", "id": 2**53 + 1}),
    "an offset over 2^53": msgpack.packb({"t": "join", "channel": "stage/S", "since": {"epoch": "e", "offset": 2**63}}),
    "a negative offset": msgpack.packb({"t": "join", "channel": "stage/S", "since": {"epoch": "e", "offset": -1}}),
    "a short key": msgpack.packb({"t": "go_live", "session": "S", "key": "short"}),
    "a key of U+0000": msgpack.packb({"t": "go_live", "session": "S", "key": "\0" * 8}),
    "a key that ends in a line break": msgpack.packb({"t": "go_live", "session": "S", "key": KEY + "\n"}),
    "a session with U+0000": msgpack.packb({"t": "go_live", "session": "S\0", "key": KEY}),
    "a channel with U+0000": msgpack.packb({"t": "join", "channel": "stage/\0"}),
    "a position with U+0000": msgpack.packb(
        {"t": "report", "session": "S", "subject": "card", "reason": "fee", "position": "P\0", "key": KEY}
    ),
    "a version over 2^31 - 1": msgpack.packb(
        {
            "t": "apply",
            "session": "S",
            "position": "P",
            "name": "n",
            "phone": "p",
            "consent": "1",
            "age_confirmed": True,
            "key": KEY,
            "version": 2**31,
        }
    ),
    "a session of 65 characters": msgpack.packb({"t": "go_live", "session": "S" * 65, "key": KEY}),
    "no wants": msgpack.packb({"t": "catch_up", "wants": []}),
    "nine wants": msgpack.packb({"t": "catch_up", "wants": [{"channel": "stage/S"}] * 9}),
    "a limit of 0": msgpack.packb({"t": "list_applications", "enterprise": "E", "limit": 0}),
    "a status nobody knows": msgpack.packb(
        {"t": "answer_application", "application": "A", "status": "gone", "key": KEY}
    ),
}

HOSTILE_JSON = {
    "nothing": b"",
    "nested as deep as fits": b"[" * MAX_IN_BYTES,
    "maps nested as deep as fits": b'{"a":' * (MAX_IN_BYTES // 5),
    "closed nesting": b"[" * 8000 + b"]" * 8000,
    "a lone surrogate": b'{"t":"say","session":"S","key":"key-00000001","text":"\\ud800"}',
    "a number of 9,000 digits": b'{"t":"pong","id":' + b"9" * 9000 + b"}",
    "a type of 9,000 digits": b'{"t":' + b"9" * 9000 + b"}",
    "an exponent": b'{"t":"pong","id":1e999}',
    "NaN": b'{"t":"pong","id":NaN}',
    "not UTF-8": b'{"t":"\xff"}',
    "a byte order mark": b'\xef\xbb\xbf{"t":"pong"}',
    "two commands": b'{"t":"pong"}{"t":"pong"}',
    "a list": b"[]",
    "text for a number": b'{"t":"pong","id":"1"}',
    "an unknown field": b'{"t":"pong","more":1}',
    "a key of U+0000": b'{"t":"go_live","session":"S","key":"' + b"\\u0000" * 8 + b'"}',
}
