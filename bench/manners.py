"""How one gets into each kind of server, what has to be answered there, and where an entry stands in its messages.

A manner is asked for bytes and gives bytes; sockets are the crowd's.
"""

import re
from collections.abc import Callable
from typing import Protocol

from bench.people import Signer
from bench.plan import Plan
from bench.tally import NOT_A_MEMBER, Place, Read
from bench.viewer import GREETING, IN, JOINING, Viewer
from clients.python import frames as wire
from server.core.limits import PROTOCOL_VERSION
from server.core.model import Epoch, Since
from server.core.protocol import (
    Done,
    Hello,
    Join,
    Joined,
    Ping,
    Pong,
    Pulse,
    Push,
    Receipt,
    Refused,
    Restart,
    Waits,
    Welcome,
    decode_server,
    encode,
)

PONG = wire.client_frame(encode(Pong()))
JOINS_FROM = 2
SAID_FROM = 1_000
"""Ids from here on are of lines a viewer said; its greeting uses lower ones."""
Outcome = Done | Receipt | Refused | Waits
Replied = Callable[[int, Outcome], None]


class Manner(Protocol):
    """Of one crowd towards one server."""

    def request(self, viewer: Viewer) -> bytes:
        """The opening handshake."""

    def upgraded(self, viewer: Viewer) -> bytes:
        """What is said after it; may set the viewer's state."""

    def read(self, payload: bytes) -> Read:
        """Where entries stand in a message, and what else is in it."""

    def hear(self, viewer: Viewer, message: object) -> bytes:
        """What has to be answered; may set the viewer's state. Raises `WireError` when the viewer is shown out."""


class Daigang:
    """A hub: hello with a token, then a join for each channel, from where the viewer left off when it was there."""

    def __init__(self, plan: Plan, replied: Replied) -> None:
        """`replied` hears what became of lines that were said."""
        self._plan = plan
        self._index = {name: index for index, name in enumerate(plan.counted)}
        self._signer = Signer(plan.seed)
        self._request = wire.upgrade_request(plan.host, plan.port)
        self._epochs: dict[str, Epoch] = {}
        self._replied = replied
        self._persons: dict[int, str] = {}
        self.put_off: list[tuple[Viewer, int]] = []
        """Joins that were refused for now, by their ids; taken by whoever has the clock."""
        self.recovered = 0
        self.fresh = 0

    def request(self, viewer: Viewer) -> bytes:
        """All the same."""
        return self._request

    def upgraded(self, viewer: Viewer) -> bytes:
        """Say hello."""
        viewer.state = GREETING
        token = self._signer.token(self._plan.person(viewer.number))
        return wire.client_frame(encode(Hello(id=1, version=PROTOCOL_VERSION, token=token)))

    def read(self, payload: bytes) -> Read:
        """Pushes of counted channels are entries; numbers are nothing to anybody here."""
        read = Read()
        for message in decode_server(payload):
            index = self._index.get(message.channel) if isinstance(message, Push) else None
            if isinstance(message, Push) and index is not None:
                read.places.append(Place(index, message.offset, message.at_ms))
            elif not isinstance(message, Pulse):
                read.others.append(message)
        return read

    def hear(self, viewer: Viewer, message: object) -> bytes:
        """Join when welcome; in when all joins are answered."""
        match message:
            case Welcome():
                self._persons[viewer.number] = message.person
                return self._join(viewer)
            case Joined():
                self._joined(viewer, message)
                viewer.waits -= 1
                if viewer.waits == 0:
                    viewer.state = IN
            case Ping():
                return PONG
            case Restart(channel=channel):
                raise wire.WireError(f"told to start {channel.partition('/')[0]} afresh")
            case Done() | Receipt() | Refused() | Waits() if message.id >= SAID_FROM:
                self._replied(message.id, message)
            case Refused(temporary=True) if viewer.state == JOINING and self._plan.returning:
                self.put_off.append((viewer, message.id))
            case Refused(code=code):
                raise wire.WireError(f"refused: {code.value}")
            case _:
                pass
        return b""

    def _joined(self, viewer: Viewer, joined: Joined) -> None:
        index = self._index.get(joined.channel)
        if index is not None:
            self._epochs[joined.channel] = Epoch(joined.epoch)
            self._rejoined(viewer, index, joined)
        elif joined.channel.startswith("me/"):
            viewer.own = Since(epoch=Epoch(joined.epoch), offset=joined.offset)

    def _rejoined(self, viewer: Viewer, index: int, joined: Joined) -> None:
        if viewer.tops[index] != NOT_A_MEMBER:
            self.recovered += joined.recovered
            self.fresh += not joined.recovered
        viewer.tops[index] = joined.offset

    def join_again(self, viewer: Viewer, id: int) -> bytes:
        """The join of that id once more."""
        name = self._plan.room_of(viewer.number)[id - JOINS_FROM]
        person = self._persons[viewer.number]
        join = Join(id=id, channel=name.format(person=person), since=self._since(viewer, name))
        return wire.client_frame(encode(join))

    def _join(self, viewer: Viewer) -> bytes:
        room = self._plan.room_of(viewer.number)
        viewer.waits = len(room)
        viewer.state = JOINING if room else IN
        return b"".join(self.join_again(viewer, JOINS_FROM + at) for at in range(len(room)))

    def _since(self, viewer: Viewer, name: str) -> Since | None:
        if name.startswith("me/"):
            return viewer.own
        index = self._index.get(name)
        if index is None or viewer.tops[index] == NOT_A_MEMBER or name not in self._epochs:
            return None
        return Since(epoch=self._epochs[name], offset=viewer.tops[index])


class Bare:
    """A server where the address of the upgrade names the room, and that then only sends: the C loop with our own
    pushes (`frames`), others with the text that `bench.peers` publishes."""

    def __init__(self, plan: Plan, path: str = "/{room}") -> None:
        """`path`: with the room's number in it."""
        self._plan = plan
        self._path = path
        self._index = {name: index for index, name in enumerate(plan.counted)}

    def request(self, viewer: Viewer) -> bytes:
        """The room stands in the path."""
        path = self._path.format(room=viewer.number % len(self._plan.rooms))
        return wire.upgrade_request(self._plan.host, self._plan.port, path)

    def upgraded(self, viewer: Viewer) -> bytes:
        """In at once."""
        self._enter(viewer)
        return b""

    def read(self, payload: bytes) -> Read:
        """Entries as the publisher wrote them."""
        return read_text(payload)

    def hear(self, viewer: Viewer, message: object) -> bytes:
        """Nothing to say."""
        return b""

    def _enter(self, viewer: Viewer) -> None:
        for name in self._plan.room_of(viewer.number):
            viewer.tops[self._index[name]] = self._plan.top
        viewer.state = IN


class Frames(Bare):
    """The C loop: pushes of ours."""

    def read(self, payload: bytes) -> Read:
        """As a hub writes them."""
        read = Read()
        for message in decode_server(payload):
            if isinstance(message, Push) and message.channel in self._index:
                read.places.append(Place(self._index[message.channel], message.offset, message.at_ms))
        return read


class SocketIo(Bare):
    """Engine.IO 4 over a websocket alone, then the default namespace, then an event `join` with an acknowledgement."""

    def request(self, viewer: Viewer) -> bytes:
        """No polling first: that would only cost the server more."""
        return wire.upgrade_request(self._plan.host, self._plan.port, "/socket.io/?EIO=4&transport=websocket")

    def upgraded(self, viewer: Viewer) -> bytes:
        """The server opens."""
        viewer.state = GREETING
        return b""

    def hear(self, viewer: Viewer, message: object) -> bytes:
        """`0` open, `40` connected, `430` joined, `2` ping."""
        if not isinstance(message, bytes):
            return b""
        if message == b"2":
            return wire.client_frame(b"3", wire.TEXT)
        if message.startswith(b"0"):
            return wire.client_frame(b"40", wire.TEXT)
        if message.startswith(b"430"):
            self._enter(viewer)
        elif message.startswith(b"40"):
            return wire.client_frame(b'420["join",%d]' % (viewer.number % len(self._plan.rooms)), wire.TEXT)
        return b""


class Centrifuge(Bare):
    """Centrifugal's JSON protocol as of 0.15 (Debian's): connect and subscribe; its pings are the websocket's own."""

    def request(self, viewer: Viewer) -> bytes:
        """One address for all."""
        return wire.upgrade_request(self._plan.host, self._plan.port, "/connection/websocket")

    def upgraded(self, viewer: Viewer) -> bytes:
        """Both commands at once."""
        viewer.state = JOINING
        room = viewer.number % len(self._plan.rooms)
        lines = b'{"id":1,"params":{}}\n{"id":2,"method":1,"params":{"channel":"%d"}}' % room
        return wire.client_frame(lines, wire.TEXT)

    def hear(self, viewer: Viewer, message: object) -> bytes:
        """In when the second is answered."""
        if not isinstance(message, bytes):
            return b""
        if b'"error"' in message:
            raise wire.WireError(message.decode(errors="replace")[:60])
        if b'"id":2' in message:
            self._enter(viewer)
        return b""


_ENTRY = re.compile(rb'(?:\\?")entry(?:\\?"):(\d+),(?:\\?")room(?:\\?"):(\d+)')


def read_text(payload: bytes) -> Read:
    """Entries written by `bench.published.text_of`, escaped or not, one or several in a message."""
    places = [Place(int(room), int(entry), 0) for entry, room in _ENTRY.findall(payload)]
    return Read(places, [] if places else [payload])
