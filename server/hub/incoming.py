"""Frames of one client become messages (RFC 6455 5): a short path for the frames that our clients send, whole, small
and binary, and the sans-I/O protocol of `websockets` for everything unusual.

Both agree by construction: the short path takes only whole frames between two messages, and the first frame it does
not know hands the connection over for good. A page of ours never leaves the short path, and that keeps what a viewer
costs in memory small (DESIGN 5); fragments, control frames, long frames and broken ones are read by a library that
others test too.
"""

import msgspec
from websockets.frames import CloseCode, Frame, Opcode
from websockets.protocol import Protocol, Side

from server.core.limits import MAX_IN_BYTES, Close

HARD_LIMIT_BYTES = 4 * MAX_IN_BYTES
"""A message above it is not even assembled: 1009. Between MAX_IN_BYTES and this the client is told the sizes."""
FRAGMENT_BYTES = 64
"""A message may come in one frame for each so many bytes of the limit: frames may be empty, so bytes alone bound
nothing."""
CONTROLS_MOST = 64
"""Pings and pongs of the websocket between two messages. They cost no command, so without a bound a stranger could keep
the loop busy, and by not reading have pongs pile up (27 MB/s). Libraries ping every 20 s; the hub's own pings, which
clients answer by messages, come about as often."""
FEED_BYTES = 4 * 1024
"""The library reads so much at once: 256 KiB of empty pings would hold the loop before anybody had counted them."""
BINARY_WHOLE = 0x80 | Opcode.BINARY
MASKED = 0x80
LONG_16 = 126


class Answer(msgspec.Struct, frozen=True):
    """Bytes to be written at once: a pong."""

    data: bytes


class Ended(msgspec.Struct, frozen=True):
    """The client closed, or broke the protocol: write these bytes (a close frame, or nothing) and close."""

    data: bytes


Item = bytes | str | Answer | Ended
"""A binary message, a text message, or what the protocol itself wants done."""


class Incoming:
    """Invariant: bytes before `_at` are used up, and with `_odd` set none wait in `_rest`."""

    __slots__ = ("_at", "_limit_bytes", "_odd", "_rest")

    def __init__(self, limit_bytes: int = HARD_LIMIT_BYTES) -> None:
        self._rest = b""
        self._at = 0
        self._odd: Odd | None = None
        self._limit_bytes = limit_bytes

    def allow(self, limit_bytes: int) -> None:
        """Messages may be so long from now on."""
        self._limit_bytes = limit_bytes
        if self._odd is not None:
            self._odd.allow(limit_bytes)

    def feed(self, data: bytes) -> None:
        """What came from the network."""
        if self._odd is not None:
            self._odd.feed(data)
        elif self._at == len(self._rest):
            self._rest, self._at = data, 0
        else:
            self._rest, self._at = self._rest[self._at :] + data, 0

    def next(self) -> Item | None:
        """The next thing to be done; None until more has come. After `Ended` nothing comes any more."""
        if self._odd is not None:
            return self._odd.next()
        rest, at = self._rest, self._at
        size = len(rest) - at
        if size < 2:
            return None if not size or rest[at] == BINARY_WHOLE else self._hand_over()
        length = rest[at + 1] ^ MASKED
        if rest[at] != BINARY_WHOLE or length > LONG_16:
            return self._hand_over()
        head = 6
        if length == LONG_16:
            if size < 4:
                return None
            length, head = int.from_bytes(rest[at + 2 : at + 4], "big"), 8
            if not LONG_16 <= length <= min(MAX_IN_BYTES, self._limit_bytes):
                return self._hand_over()
        if size < head + length:
            return None
        begin = at + head
        self._at = begin + length
        return unmasked(rest[begin : self._at], rest[begin - 4 : begin])

    def _hand_over(self) -> Item | None:
        self._odd = Odd(self._limit_bytes)
        self._odd.feed(self._rest[self._at :])
        self._rest, self._at = b"", 0
        return self._odd.next()


class Odd:
    """A connection that sent something unusual, from then on."""

    __slots__ = ("_controls", "_ended", "_frames", "_items", "_kind", "_most_frames", "_parts", "_protocol")

    def __init__(self, limit_bytes: int) -> None:
        self._protocol = Protocol(Side.SERVER, max_size=limit_bytes)
        self._most_frames = limit_bytes // FRAGMENT_BYTES
        self._items: list[Item] = []  # in reverse order
        self._parts: list[bytes] = []
        self._kind: Opcode = Opcode.CONT
        self._frames = 0
        self._controls = 0
        self._ended = False

    def allow(self, limit_bytes: int) -> None:
        """As of `Incoming`."""
        self._protocol.max_message_size = limit_bytes
        self._most_frames = limit_bytes // FRAGMENT_BYTES

    def feed(self, data: bytes) -> None:
        """What came from the network."""
        for start in range(0, len(data), FEED_BYTES):
            if self._ended:
                return
            self._feed(data[start : start + FEED_BYTES])

    def _feed(self, data: bytes) -> None:
        self._protocol.receive_data(data)
        items: list[Item] = []
        for event in self._protocol.events_received():
            item = self._taken(event) if isinstance(event, Frame) else None
            if item is not None:
                items.append(item)
                if isinstance(item, Ended):
                    break
        if items and isinstance(items[-1], Ended):
            self._ended = True  # what the library would say comes too late
        elif self._protocol.close_expected():
            self._ended = True
            items.append(Ended(self._goodbye()))
        self._protocol.data_to_send()  # pongs, which stand among the messages already, and the close
        self._items = [*reversed(items), *self._items]

    def _goodbye(self) -> bytes:
        # A goodbye is answered as one wherever it comes (RFC 6455 5.4): the library says 1002 amid parts of a message.
        said = self._protocol.close_rcvd or self._protocol.close_sent
        if said is None:
            return b""
        payload = b"" if said.code == CloseCode.NO_STATUS_RCVD else said.serialize()
        return Frame(Opcode.CLOSE, payload).serialize(mask=False)

    def next(self) -> Item | None:
        """As of `Incoming`."""
        return self._items.pop() if self._items else None

    def _taken(self, frame: Frame) -> Item | None:
        """The message that this frame completes, or the pong it wants: in its place among the messages."""
        if frame.opcode in (Opcode.PING, Opcode.PONG):
            self._controls += 1
            if self._controls > CONTROLS_MOST:
                return Ended(close_frame(Close.TOO_MANY))
        if frame.opcode is Opcode.PING:
            return Answer(Frame(Opcode.PONG, frame.data).serialize(mask=False))
        if frame.opcode in (Opcode.TEXT, Opcode.BINARY):
            self._kind, self._frames = frame.opcode, 0
        elif frame.opcode is not Opcode.CONT:
            return None
        self._frames += 1
        if self._frames > self._most_frames:
            return Ended(close_frame(CloseCode.MESSAGE_TOO_BIG))
        self._parts.append(bytes(frame.data))
        if not frame.fin:
            return None
        whole, self._parts, self._controls = b"".join(self._parts), [], 0
        if self._kind is Opcode.BINARY:
            return whole
        try:
            return whole.decode("utf-8")
        except UnicodeDecodeError:
            return Ended(close_frame(CloseCode.INVALID_DATA))


def unmasked(data: bytes, mask: bytes) -> bytes:
    """The payload under the client's mask of four bytes (RFC 6455 5.3)."""
    size = len(data)
    repeated = (mask * (size // 4 + 1))[:size]
    return (int.from_bytes(data, "big") ^ int.from_bytes(repeated, "big")).to_bytes(size, "big")


def close_frame(code: int) -> bytes:
    """The frame that ends a conversation with that code (RFC 6455 5.5.1)."""
    return b"\x88\x02" + code.to_bytes(2, "big")
