"""A link of one viewer as lean as can be: TCP, a guest's token, the websocket's handshake, frames. One object of some
hundred bytes and one socket; what comes is read once for all viewers (`readings`)."""

import json
import os
import socket
from typing import TYPE_CHECKING

from msgspec.structs import replace

from clients.python import frames
from clients.python.comeback import LOST
from clients.simulator.readings import Reading
from server.core.limits import PROTOCOL_VERSION
from server.core.protocol import Command, Hello, Pong, ServerMessage, encode
from server.core.refusal import Refusal

if TYPE_CHECKING:
    from clients.simulator.crowd import Crowd

READ_BYTES = 64 * 1024
HANG_UP = b"\x01\x00\x00\x00\x00\x00\x00\x00"  # SO_LINGER on, 0 s: no TIME_WAIT, the next one needs the port
GONE, CALLING, ASKING, UPGRADING, GREETING, JOINING, IN = range(7)
PONG = frames.client_frame(encode(Pong()))


class LeanLink:
    """Invariant: `sock` is open and known to the poller unless `state` is GONE."""

    __slots__ = ("crowd", "hall", "held", "ids", "person", "sock", "state")

    def __init__(self, crowd: "Crowd", person: int, hall: int) -> None:
        self.crowd = crowd
        self.person = person
        self.hall = hall
        self.sock: socket.socket | None = None
        self.state = GONE
        self.held = b""
        self.ids = 0

    # ---- what a viewer makes of it -----------------------------------------------------------------------------------

    def told(self, reading: Reading) -> None:
        """Bytes came that were read before."""
        raise NotImplementedError

    def on(self, message: ServerMessage) -> None:
        """A message came."""
        raise NotImplementedError

    def gone(self, code: int, *, reset: bool = True) -> None:
        """The link has ended with this code, or has to end now."""
        raise NotImplementedError

    def called_off(self, after_s: float) -> None:
        """The hub asks to come again so much later; the link is closed."""
        raise NotImplementedError

    # ---- getting in --------------------------------------------------------------------------------------------------

    def call(self) -> None:
        """Connect. Called by the crowd when it is this one's turn."""
        address = self.crowd.address
        sock = socket.socket(address.family, socket.SOCK_STREAM)
        sock.setblocking(False)
        sock.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)
        caller = address.caller(self.hall)
        if caller is not None:
            sock.bind(caller)
        self.sock, self.state, self.held, self.ids = sock, CALLING, b"", 0
        sock.connect_ex(address.place)
        self.crowd.poller.call(sock.fileno(), self)

    # ---- what the poller says ----------------------------------------------------------------------------------------

    def can_write(self) -> None:
        """Connected, or not."""
        assert self.sock is not None
        error = self.sock.getsockopt(socket.SOL_SOCKET, socket.SO_ERROR)
        if error:
            self.failed(os.strerror(error))
            return
        self.crowd.poller.listen(self.sock.fileno())
        if self.crowd.tokens.get(self.person):
            self._upgrade()
        else:
            self.state = ASKING
            self.write(self.crowd.guest_request)

    def can_read(self) -> None:
        """Bytes came."""
        assert self.sock is not None
        try:
            data = self.sock.recv(READ_BYTES)
        except BlockingIOError:
            return
        except OSError as error:
            self.failed(error.strerror or "reset")
            return
        if not data:
            self.failed("closed without a word")
            return
        if self.state == IN and not self.held:
            reading = self.crowd.readings.known(data)
            if reading is not None:
                self.told(reading)
                return
        held, self.held = self.held, b""
        try:
            self._read(held + data)
        except (frames.WireError, Refusal, ValueError, KeyError) as error:
            self.crowd.ledger.problem(f"hall {self.hall}: not of this protocol: {error}")
            self.gone(LOST)

    def _upgrade(self) -> None:
        self.state = UPGRADING
        self.write(self.crowd.upgrade_request)

    def _read(self, data: bytes) -> None:
        if self.state == ASKING:
            end = data.find(frames.END_OF_HEAD)
            size = _content_length(data[:end]) if end >= 0 else 0
            if end < 0 or len(data) < end + 4 + size:
                self.held = data
                return
            self._got_token(data[:15], data[end + 4 :])
            return
        if self.state == UPGRADING:
            rest = frames.after_head(data)
            if rest is None:
                self.held = data
                return
            self.state = GREETING
            self.send(Hello(version=PROTOCOL_VERSION, token=self.crowd.tokens[self.person]))
            data = rest
        messages, controls, used = self.crowd.readings.learn(data)
        self.held = data[used:]
        for message in messages:
            self.on(message)
        for opcode, payload in controls:
            if opcode == frames.CLOSE:
                self.gone(frames.close_code(payload))
                return
            if opcode == frames.PING:
                self.write(frames.client_frame(payload, frames.PONG))

    def _got_token(self, status: bytes, body: bytes) -> None:
        answer = json.loads(body)
        if b" 200" in status:
            # Two visits of one person may ask at once: a second guest would make a resent line another one's.
            self.crowd.tokens.setdefault(self.person, str(answer["token"]))
            self._upgrade()
            return
        self.crowd.ledger.counts["guests told to wait"] += 1
        self.close()
        self.called_off(float(answer.get("params", {}).get("retry_ms", 1000)) / 1000)

    # ---- sending and ending ------------------------------------------------------------------------------------------

    def send(self, command: Command) -> None:
        """A command, under the next id of this link."""
        self.ids += 1
        self.write(frames.client_frame(encode(replace(command, id=self.ids))))

    def write(self, data: bytes) -> None:
        """Something small. A kernel that does not take all of it means a hub that does not read."""
        if self.sock is None:
            return
        try:
            sent = self.sock.send(data)
        except OSError:
            sent = 0
        if sent < len(data):
            self.failed("the hub does not read")

    def failed(self, why: str) -> None:
        """The link broke."""
        self.crowd.ledger.counts[f"links lost: {why}"] += 1
        self.gone(LOST)

    def close(self, *, reset: bool = True) -> None:
        """Hang up, by a reset or by an ordinary end; nothing is said."""
        sock, self.sock = self.sock, None
        if sock is None:
            return
        self.crowd.left(self)
        self.state = GONE
        self.crowd.poller.forget(sock.fileno())
        if reset:
            sock.setsockopt(socket.SOL_SOCKET, socket.SO_LINGER, HANG_UP)
        sock.close()


def _content_length(head: bytes) -> int:
    for line in head.split(b"\r\n")[1:]:
        name, _, value = line.partition(b":")
        if name.strip().lower() == b"content-length":
            return int(value)
    raise frames.WireError("an answer without a length")
