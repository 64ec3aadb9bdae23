"""The websocket door: hello within its time, then one command after another until either side has had enough.

A stranger gets no state: only a proved principal becomes a `Connection`. What a client sends can cost only itself:
broken bytes close it (4500), too many commands are refused and then close it (4504), and its commands run one by one.
"""

import asyncio
import random
from functools import partial
from typing import TYPE_CHECKING

from aiohttp import hdrs, web

from server.core.limits import HELLO_BYTES, Close
from server.core.model import Channel
from server.core.protocol import (
    Apply,
    Command,
    Done,
    Hello,
    Join,
    Leave,
    Message,
    Pong,
    Renew,
    decode_command,
    encode,
    refused,
)
from server.core.refusal import Code, Refusal
from server.hub.connection import Connection, Gate
from server.hub.frames import frame
from server.hub.greeting import admit, code_of, refused_to, welcome
from server.hub.incoming import HARD_LIMIT_BYTES
from server.hub.openroom import OpenRoom
from server.hub.refusing import refusal_to
from server.hub.socket import Socket
from server.hub.upgrading import accept_of, take_over

if TYPE_CHECKING:
    from server.hub.hub import Hub


class Farewell(Exception):
    """The conversation ends with this close code."""

    def __init__(self, code: Close) -> None:
        super().__init__(code.name)
        self.code = code


async def serve(hub: "Hub", request: web.Request) -> web.StreamResponse:
    """Handler of the websocket address; its Origin has been checked. Raises `HTTPServiceUnavailable`,
    `HTTPBadRequest`, `HTTPUpgradeRequired`."""
    if not takes_strangers(hub):
        raise web.HTTPServiceUnavailable(headers={"retry-after": "5"})
    accept = accept_of(request)
    return take_over(request, accept, Conversation(hub, hub.gates(request), has_origin=hdrs.ORIGIN in request.headers))


def takes_strangers(hub: "Hub") -> bool:
    """Whether one more may say hello."""
    return hub.ready and hub.counts.strangers < hub.settings.strangers


class Conversation(Socket):
    """What one client and the hub say to each other. Invariant: `connection` is None until the hello was good; until
    then the conversation counts among the strangers and `_hello` runs."""

    __slots__ = ("_gate", "_has_origin", "_hello", "_hub", "_task", "connection")

    def __init__(self, hub: "Hub", gate: Gate, *, has_origin: bool) -> None:
        super().__init__(HELLO_BYTES)
        self._hub = hub
        self._gate = gate
        self._has_origin = has_origin
        self._hello: asyncio.TimerHandle | None = None
        self._task: asyncio.Task[None] | None = None
        self.connection: Connection | None = None

    def connection_made(self, transport: asyncio.BaseTransport) -> None:
        """A stranger is here, for as long as a hello may take."""
        super().connection_made(transport)
        self._hub.stranger(self, here=True)
        loop = asyncio.get_running_loop()
        self._hello = loop.call_later(self._hub.settings.hello_within_s, self.part, Close.WHO_ARE_YOU)

    def on_message(self, message: bytes | str) -> None:
        """One more of the client's messages."""
        try:
            if self.connection is None:
                self._greet(message)
            else:
                self._hear(self.connection, message)
        except Farewell as farewell:
            if self.connection is not None:
                self._hub.drop(self.connection)
            self.part(farewell.code)

    def pause_writing(self) -> None:
        """The kernel did not take all that was written (asyncio.BaseProtocol)."""
        if self.connection is not None:
            self.connection.behind = True
            self._hub.fan_out.moved()

    def resume_writing(self) -> None:
        """It has."""
        if self.connection is not None:
            self.connection.behind = False
            self._hub.fan_out.moved()
            self.connection.outbox.waiting_since_s = None

    def on_lost(self) -> None:
        """Nobody is there any more; a command that is under way comes to its end."""
        self._no_stranger()
        if self.connection is not None:
            self._hub.drop(self.connection)
            self.connection = None

    def _no_stranger(self) -> None:
        if self._hello is not None:
            self._hello.cancel()
            self._hello = None
            self._hub.stranger(self, here=False)

    def _greet(self, message: bytes | str) -> None:
        """The first message is `hello` with a token, or the conversation ends."""
        hub = self._hub
        try:
            command = command_in(message)
            if not isinstance(command, Hello):
                raise Refusal(Code.OUT_OF_TURN, detail="hello comes first")
            principal = admit(hub, command, self._has_origin)
        except Refusal as refusal:
            self.write(frame(encode(refused(refusal))))
            raise Farewell(code_of(refusal)) from None
        if not hub.ready:
            raise Farewell(Close.RESTART)
        self._no_stranger()
        self._incoming.allow(HARD_LIMIT_BYTES)
        connection = Connection(self, principal, asyncio.get_running_loop().time())
        hub.make_room_for(principal)
        connection.next_ping_s += random.random() * hub.settings.ping_every_s
        connection.gate = self._gate
        connection.behind = self.transport.get_write_buffer_size() > 0
        hub.add(connection)
        self.connection = connection
        connection.send(welcome(hub, principal, command.id))

    def _hear(self, connection: Connection, message: bytes | str) -> None:
        """Every message costs one of the connection's bucket, read or not: a flood of pongs or of nonsense is a
        flood. Raises `Farewell`."""
        if connection.gone:
            return
        now_s = asyncio.get_running_loop().time()
        wait_s = connection.commands.take(now_s)
        command: Command | None = None
        try:
            command = command_in(message)
            if isinstance(command, Pong):
                connection.pinged_s = None
                connection.pong_at_ms = self._hub.clock_ms()
                command = None
            else:
                _ration(connection, command, wait_s, now_s)
        except Refusal as refusal:
            self._hub.counts.refuse(refusal.code)
            connection.send(refused(refusal))
            if refusal.code in (Code.BAD_MESSAGE, Code.TOO_LARGE) and not refusal.in_reply_to:
                raise Farewell(Close.BAD_PROTOCOL) from None
            command = None
        if connection.commands.overdrawn:
            raise Farewell(Close.TOO_MANY)
        if command is not None and not _answered_now(self._hub, connection, command):
            self.busy = True
            self._begin(connection, command)

    def _begin(self, connection: Connection, command: Command) -> None:
        if isinstance(command, Join) and (room := self._hub.joining.opening(command.channel)) is not None:
            room.ready.add_done_callback(partial(self._opened, connection, command, room))
        else:
            self._task = asyncio.create_task(self._do(connection, command), name="command")

    def _opened(self, connection: Connection, command: Join, room: OpenRoom, ready: "asyncio.Future[None]") -> None:
        """The room of a join is open, or could not be opened."""
        error = ready.exception()
        try:
            if isinstance(error, Exception):
                refusal = refusal_to(command, error)
                self._hub.counts.refuse(refusal.code)
                connection.send(refusal)
            elif not _answered_now(self._hub, connection, command):
                # Another page of the same person was first, or something came meanwhile: the store has to be read.
                self._task = asyncio.create_task(self._do(connection, command), name="command")
                return
        finally:
            self._hub.joining.release(room)
        self._done(connection)

    async def _do(self, connection: Connection, command: Command) -> None:
        try:
            await _answer(self._hub, connection, command)
        finally:
            self._task = None
            self._done(connection)

    def _done(self, connection: Connection) -> None:
        if connection.pinged_s is not None:
            # Nothing that came meanwhile was read: a pong has its time from now on.
            connection.pinged_s = asyncio.get_running_loop().time()
        self.go_on()


def command_in(message: bytes | str) -> Command:
    """The command in a websocket message. Raises `Refusal`."""
    if isinstance(message, str):
        raise Refusal(Code.BAD_MESSAGE, detail="binary messages only")
    return decode_command(message)


def _ration(connection: Connection, command: Command, wait_s: float, now_s: float) -> None:
    if isinstance(command, Apply):
        wait_s = max(wait_s, connection.applies_bucket(now_s).take(now_s))
    if wait_s > 0:
        raise refused_to(command, Refusal(Code.TOO_MANY, temporary=True, retry_ms=int(wait_s * 1000) + 1))
    try:
        connection.gate(command)
    except Refusal as refusal:
        raise refused_to(command, refusal) from None


def _answered_now(hub: "Hub", connection: Connection, command: Command) -> bool:
    """Answer what needs nobody else: three of the four channels a page joins, when their rooms are open. A task for
    each would cost more than the answer."""
    try:
        match command:
            case Join():
                if not hub.joining.join_now(connection, command.channel, command.since, command.id):
                    return False
                _tell_numbers(hub, connection, command)
            case Leave():
                hub.joining.leave(connection, Channel(command.channel))
                connection.send(Done(id=command.id))
            case Renew():
                connection.send(_renew(hub, connection, command))
            case Hello():
                raise Refusal(Code.OUT_OF_TURN, detail="hello came before")
            case _:
                return False
    except Exception as error:
        hub.counts.refused += 1
        connection.send(refusal_to(command, error))
    return True


async def _answer(hub: "Hub", connection: Connection, command: Command) -> None:
    try:
        if isinstance(command, Join):
            await hub.joining.join(connection, command.channel, command.since, command.id)
            _tell_numbers(hub, connection, command)
            return
        reply: Message = await hub.dispatch(connection.principal, command)
    except Exception as error:
        refusal = refusal_to(command, error)
        hub.counts.refuse(refusal.code)
        reply = refusal
    connection.send(reply)


def _tell_numbers(hub: "Hub", connection: Connection, command: Join) -> None:
    latest = hub.pulse_of(command.channel)
    if latest is not None:
        connection.send(latest)


def _renew(hub: "Hub", connection: Connection, command: Renew) -> Done:
    principal = hub.verify(command.token)
    if principal.person != connection.principal.person:
        raise Refusal(Code.FORBIDDEN, needs="person")
    connection.principal = principal
    connection.look_at_s = 0.0  # its end may be another one
    hub.joining.renewed(connection)
    return Done(id=command.id)
