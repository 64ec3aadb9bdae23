"""AMF0: how RTMP writes commands. Only what commands need; everything read is bounded."""

import struct
from collections.abc import Mapping, Sequence
from typing import Final

Value = float | bool | str | None | dict[str, "Value"] | list["Value"]
"""What a command is made of."""
DEPTH: Final = 8
ITEMS: Final = 256


class BadAmf(ValueError):
    """These bytes are no AMF0."""


def encode(values: Sequence[object]) -> bytes:
    """Values one after another."""
    return b"".join(_encoded(value) for value in values)


def _encoded(value: object) -> bytes:
    match value:
        case bool():
            return struct.pack(">BB", 1, value)
        case int() | float():
            return struct.pack(">Bd", 0, value)
        case str():
            return b"\x02" + _text(value)
        case None:
            return b"\x05"
        case Mapping():
            fields = b"".join(_text(str(name)) + _encoded(each) for name, each in value.items())
            return b"\x03" + fields + b"\0\0\x09"
        case _:
            raise BadAmf(type(value).__name__)


def _text(text: str) -> bytes:
    data = text.encode()
    if len(data) > 0xFFFF:
        raise BadAmf("a text that is too long")
    return struct.pack(">H", len(data)) + data


def decode(data: bytes) -> list[Value]:
    """The values. Raises `BadAmf`."""
    reader = _Reader(data)
    found: list[Value] = []
    try:
        while reader.at < len(data) and len(found) < ITEMS:
            found.append(reader.value(0))
    except (struct.error, IndexError, UnicodeDecodeError):
        raise BadAmf("ends early") from None
    return found


class _Reader:
    def __init__(self, data: bytes) -> None:
        self._data = data
        self.at = 0

    def value(self, depth: int) -> Value:
        if depth > DEPTH:
            raise BadAmf("too deep")
        kind = self._data[self.at]
        self.at += 1
        match kind:
            case 0:
                return float(self._unpack(">d"))
            case 1:
                return bool(self._unpack(">B"))
            case 2:
                return self._text(">H")
            case 12:
                return self._text(">I")
            case 3:
                return self._fields(depth)
            case 8:
                self._unpack(">I")
                return self._fields(depth)
            case 10:
                return self._items(depth)
            case 11:
                at_ms = float(self._unpack(">d"))
                self._unpack(">h")
                return at_ms
            case 5 | 6:
                return None
            case _:
                raise BadAmf(f"kind {kind}")

    def _fields(self, depth: int) -> dict[str, Value]:
        found: dict[str, Value] = {}
        for _ in range(ITEMS):
            name = self._text(">H")
            if not name and self._data[self.at] == 9:
                self.at += 1
                return found
            found[name] = self.value(depth + 1)
        raise BadAmf("too many fields")

    def _items(self, depth: int) -> list[Value]:
        count = int(self._unpack(">I"))
        if count > ITEMS:
            raise BadAmf("too many items")
        return [self.value(depth + 1) for _ in range(count)]

    def _text(self, form: str) -> str:
        size = int(self._unpack(form))
        data = self._data[self.at : self.at + size]
        if len(data) != size:
            raise BadAmf("ends early")
        self.at += size
        return data.decode("utf-8", "replace")

    def _unpack(self, form: str) -> float:
        found: float
        (found,) = struct.unpack_from(form, self._data, self.at)
        self.at += struct.calcsize(form)
        return found
