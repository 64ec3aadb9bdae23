"""One viewer's websocket, behind one small class: bytes out, and whether they get through.

Writing is a plain `transport.write` of finished frames; nothing here waits for a viewer.
"""

from collections.abc import Callable

from server.core.bucket import Bucket
from server.core.limits import APPLIES_BURST, APPLIES_PER_S, COMMANDS_BURST, COMMANDS_PER_S, Close
from server.core.model import Channel, Principal
from server.core.outbox import Outbox, Verdict
from server.core.protocol import Command, Message, encode
from server.hub.frames import frame
from server.hub.socket import Socket

Gate = Callable[[Command], None]
"""Lets a command through, or raises `Refusal`: what where it comes from may ask."""


def open_gate(_command: Command) -> None:
    """Lets everything through."""


class Connection:
    """A member of rooms. Invariant: after `gone` is set nothing is written and it stands in no room."""

    __slots__ = (
        "applies",
        "behind",
        "channels",
        "clocked",
        "commands",
        "gate",
        "gone",
        "look_at_s",
        "next_ping_s",
        "outbox",
        "pinged_s",
        "pong_at_ms",
        "principal",
        "socket",
        "transport",
    )

    def __init__(self, socket: Socket, principal: Principal, now_s: float) -> None:
        self.socket = socket
        self.transport = socket.transport
        self.principal = principal
        self.channels: set[Channel] = set()
        self.outbox = Outbox()
        self.behind = False  # bytes of its may wait here: the kernel did not take them all
        self.commands = Bucket(COMMANDS_PER_S, COMMANDS_BURST, now_s)
        self.applies: Bucket | None = None  # few viewers ever apply: made when needed
        self.gate: Gate = open_gate
        self.next_ping_s = now_s
        self.look_at_s = now_s  # the heartbeat's next look
        self.pinged_s: float | None = None  # a ping is out and not answered
        self.pong_at_ms = 0  # when the last one was answered, by the hub's clock
        self.clocked = False  # was told when a pong of its came here: knows this clock from both sides
        self.gone = False

    def applies_bucket(self, now_s: float) -> Bucket:
        """The bucket for applications."""
        if self.applies is None:
            self.applies = Bucket(APPLIES_PER_S, APPLIES_BURST, now_s)
        return self.applies

    def send(self, message: Message) -> None:
        """Write one message to this connection alone."""
        self.write(frame(encode(message)))

    def write(self, data: bytes) -> None:
        """Write finished frames."""
        if not self.gone and not self.transport.is_closing():
            self.socket.write(data)

    def judge(self, urgent: bool, now_s: float, limit_bytes: int, patience_s: float) -> Verdict:
        """What this viewer's outbox says to a message of that lane; asked while it is `behind`."""
        if self.gone or self.transport.is_closing():
            return Verdict.SKIP
        return self.outbox.verdict(urgent, self.transport.get_write_buffer_size(), now_s, limit_bytes, patience_s)

    async def shut(self, code: Close) -> None:
        """Close with a code the peer gets to see, or cut after SHUT_WITHIN_S: a peer that does not read would
        otherwise hold the close for ever."""
        await self.socket.parted(code)

    def cut(self) -> None:
        """Drop the connection without a word."""
        self.gone = True
        self.socket.cut()


Leave = Callable[[Connection, Close], None]
"""How fan-out tells the hub to let a connection go."""
