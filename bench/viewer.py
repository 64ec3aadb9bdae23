"""One websocket of the crowd: a bare socket, the bytes of a frame that is not whole yet, and how far it has read."""

import errno
import os
import socket
import sys

from bench.tally import NOT_A_MEMBER
from clients.python import frames as wire
from server.core.model import Since

CALLING, UPGRADING, GREETING, JOINING, IN, AWAY = range(6)
VIEWERS_PER_ADDRESS = 10_000
"""Local ports are 28,000 per address; beyond this the next address of 127.0.0.0/8 is used."""
HANG_UP = b"\x01\x00\x00\x00\x00\x00\x00\x00"  # SO_LINGER on, 0 s: no TIME_WAIT, the next round needs the port
_NO_SOCKET = socket.socket()
_NO_SOCKET.close()


class Viewer:
    """`held` are bytes of a frame that is not whole yet; `tops` the last offset of each channel; `waits` how many joins
    are not answered; `own` how far its own channel was read; `failures` how often in a row it did not get in."""

    __slots__ = ("deadline_s", "failures", "held", "number", "own", "sock", "state", "tops", "waits")

    def __init__(self, number: int, channels: int) -> None:
        self.number = number
        self.sock = _NO_SOCKET
        self.deadline_s = 0.0
        self.held = b""
        self.state = AWAY
        self.tops = [NOT_A_MEMBER] * channels
        self.waits = 0
        self.failures = 0
        self.own: Since | None = None

    def call(self, address: tuple[str, int], deadline_s: float) -> int:
        """Begin to connect; returns the socket's number. It has to be in by `deadline_s`."""
        self.sock = sock = socket.socket(socket.AF_INET, socket.SOCK_STREAM)
        sock.setblocking(False)
        sock.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)
        if self.number >= VIEWERS_PER_ADDRESS and sys.platform == "linux":
            sock.bind((f"127.0.0.{1 + self.number // VIEWERS_PER_ADDRESS}", 0))
        self.state, self.held, self.deadline_s, self.waits = CALLING, b"", deadline_s, 0
        sock.connect_ex(address)
        return sock.fileno()

    def connected(self) -> None:
        """Raises `OSError` when the call was not answered."""
        error = self.sock.getsockopt(socket.SOL_SOCKET, socket.SO_ERROR)
        if error:
            raise OSError(error, os.strerror(error))
        self.state = UPGRADING

    def send(self, data: bytes) -> None:
        """Write something small. Raises `WireError` when the kernel does not take all of it."""
        try:
            sent = self.sock.send(data) if data else 0
        except BlockingIOError:
            sent = 0
        if sent < len(data):
            raise wire.WireError("the server does not read")

    def hang_up(self) -> None:
        """End the connection at once."""
        self.state = AWAY
        try:
            self.sock.setsockopt(socket.SOL_SOCKET, socket.SO_LINGER, HANG_UP)
        except OSError as error:
            if error.errno not in (errno.EINVAL, errno.EBADF):
                raise
        self.sock.close()
