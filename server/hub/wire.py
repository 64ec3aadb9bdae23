"""The websocket door: hello within its time, then one command after another until either side has had enough.

A stranger gets no state: only a proved principal becomes a `Connection`. What a client sends can cost only itself:
broken bytes close it (4500), too many commands are refused and then close it (4504), and its commands run one by one.
"""

import asyncio
import logging
import random
from typing import TYPE_CHECKING

from aiohttp import WSMsgType, web

from server.core.limits import MAX_IN_BYTES, PROTOCOL_VERSION, Close
from server.core.model import Channel, Principal
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
    Welcome,
    decode_command,
    encode,
    refused,
)
from server.core.refusal import Code, Refusal
from server.hub.connection import SHUT_WITHIN_S, Connection
from server.hub.refusing import refusal_to

if TYPE_CHECKING:
    from server.hub.hub import Hub

log = logging.getLogger(__name__)

HARD_LIMIT_BYTES = 4 * MAX_IN_BYTES
"""Above it the library closes with 1009 while reading; between MAX_IN_BYTES and this the client is told the sizes."""


class Farewell(Exception):
    """The conversation ends with this close code."""

    def __init__(self, code: Close) -> None:
        super().__init__(code.name)
        self.code = code


async def serve(hub: "Hub", request: web.Request) -> web.StreamResponse:
    """Handler of the websocket address; its Origin has been checked."""
    if hub.counts.strangers >= hub.settings.strangers or not hub.ready:
        raise web.HTTPServiceUnavailable(headers={"retry-after": "5"})
    ws = web.WebSocketResponse(
        compress=False, heartbeat=None, autoping=True, max_msg_size=HARD_LIMIT_BYTES, timeout=SHUT_WITHIN_S
    )
    hub.counts.strangers += 1
    connection: Connection | None = None
    try:
        await ws.prepare(request)
        transport = request.transport
        if transport is None:
            return ws
        has_origin = "Origin" in request.headers
        connection = await greet(hub, ws, transport, has_origin)
    except Farewell as farewell:
        await _close(ws, farewell.code)
    finally:
        hub.counts.strangers -= 1
    if connection is None:
        return ws
    connection.gate = hub.gates(request)
    try:
        await listen(hub, connection)
    except Farewell as farewell:
        hub.drop(connection)
        await connection.shut(farewell.code)
    finally:
        hub.drop(connection)
    return ws


async def greet(
    hub: "Hub", ws: web.WebSocketResponse, transport: asyncio.Transport, has_origin: bool
) -> Connection | None:
    """The first message is `hello` with a token, or the conversation ends. None when the peer went away."""
    try:
        async with asyncio.timeout(hub.settings.hello_within_s):
            message = await ws.receive()
    except TimeoutError:
        raise Farewell(Close.WHO_ARE_YOU) from None
    if message.type in (WSMsgType.CLOSE, WSMsgType.CLOSING, WSMsgType.CLOSED, WSMsgType.ERROR):
        return None
    try:
        command = command_in(message.type, message.data)
        if not isinstance(command, Hello):
            raise Refusal(Code.OUT_OF_TURN, detail="hello comes first")
        principal = _admit(hub, command, has_origin)
    except Refusal as refusal:
        await ws.send_bytes(encode(refused(refusal)))
        raise Farewell(_code_of(refusal)) from None
    if not hub.ready:
        raise Farewell(Close.RESTART)
    connection = Connection(ws, transport, principal, asyncio.get_running_loop().time())
    hub.make_room_for(principal)
    connection.next_ping_s += random.random() * hub.settings.ping_every_s
    hub.add(connection)
    connection.send(welcome(hub, principal, command.id))
    return connection


def _admit(hub: "Hub", hello: Hello, has_origin: bool) -> Principal:
    if hello.version != PROTOCOL_VERSION:
        raise _to(hello, Refusal(Code.UPGRADE, version=PROTOCOL_VERSION))
    try:
        principal = hub.verify(hello.token)
        if not has_origin and principal.kind != "client":
            # A browser always says where it comes from; a browser's token without an Origin was taken from one.
            raise Refusal(Code.FORBIDDEN, needs="origin")
    except Refusal as refusal:
        raise _to(hello, refusal) from None
    return principal


def _to(command: Command, refusal: Refusal) -> Refusal:
    refusal.in_reply_to = command.id
    return refusal


def _code_of(refusal: Refusal) -> Close:
    codes = {
        Code.NOT_SIGNED_IN: Close.WHO_ARE_YOU,
        Code.TOKEN_EXPIRED: Close.RENEW,
        Code.OUT_OF_TURN: Close.WHO_ARE_YOU,
        Code.FORBIDDEN: Close.FORBIDDEN,
    }
    return codes.get(refusal.code, Close.BAD_PROTOCOL)


def welcome(hub: "Hub", principal: Principal, reply_id: int) -> Welcome:
    """What a proved principal is told."""
    return Welcome(
        id=reply_id,
        person=principal.person,
        name=principal.name,
        grants=principal.grants,
        until_ms=principal.until_ms,
        now_ms=hub.clock_ms(),
        consent=hub.consent,
        version=PROTOCOL_VERSION,
    )


def command_in(kind: WSMsgType, data: object) -> Command:
    """The command in a websocket message. Raises `Refusal`."""
    if kind is not WSMsgType.BINARY or not isinstance(data, bytes):
        raise Refusal(Code.BAD_MESSAGE, detail="binary messages only")
    return decode_command(data)


async def listen(hub: "Hub", connection: Connection) -> None:
    """Commands one by one until the peer is gone. Raises `Farewell`.

    Every message costs one of the connection's bucket, read or not: a flood of pongs or of nonsense is a flood.
    """
    loop = asyncio.get_running_loop()
    while not connection.gone:
        message = await connection.ws.receive()
        if message.type in (WSMsgType.CLOSE, WSMsgType.CLOSING, WSMsgType.CLOSED, WSMsgType.ERROR):
            return
        wait_s = connection.commands.take(loop.time())
        command: Command | None = None
        try:
            command = command_in(message.type, message.data)
            if isinstance(command, Pong):
                connection.pinged_s = None
            else:
                _ration(connection, command, wait_s, loop.time())
        except Refusal as refusal:
            hub.counts.refused += 1
            connection.send(refused(refusal))
            if refusal.code in (Code.BAD_MESSAGE, Code.TOO_LARGE) and not refusal.in_reply_to:
                raise Farewell(Close.BAD_PROTOCOL) from None
            command = None
        if connection.commands.overdrawn:
            raise Farewell(Close.TOO_MANY)
        if command is not None and not isinstance(command, Pong):
            await _do(hub, connection, command)


async def _do(hub: "Hub", connection: Connection, command: Command) -> None:
    connection.busy = True
    try:
        await _answer(hub, connection, command)
    finally:
        connection.busy = False
        if connection.pinged_s is not None:
            # Nothing that came meanwhile was read: a pong has its time from now on.
            connection.pinged_s = asyncio.get_running_loop().time()


def _ration(connection: Connection, command: Command, wait_s: float, now_s: float) -> None:
    if isinstance(command, Apply):
        wait_s = max(wait_s, connection.applies_bucket(now_s).take(now_s))
    if wait_s > 0:
        raise _to(command, Refusal(Code.TOO_MANY, temporary=True, retry_ms=int(wait_s * 1000) + 1))
    try:
        connection.gate(command)
    except Refusal as refusal:
        raise _to(command, refusal) from None


async def _answer(hub: "Hub", connection: Connection, command: Command) -> None:
    reply: Message | None
    try:
        match command:
            case Join():
                await hub.joining.join(connection, command.channel, command.since, command.id)
                latest = hub.pulse_of(command.channel)
                if latest is not None:
                    connection.send(latest)
                return
            case Leave():
                hub.joining.leave(connection, Channel(command.channel))
                reply = Done(id=command.id)
            case Renew():
                reply = _renew(hub, connection, command)
            case Hello():
                raise Refusal(Code.OUT_OF_TURN, detail="hello came before")
            case _:
                reply = await hub.dispatch(connection.principal, command)
    except Exception as error:
        hub.counts.refused += 1
        reply = refusal_to(command, error)
    connection.send(reply)


def _renew(hub: "Hub", connection: Connection, command: Renew) -> Done:
    principal = hub.verify(command.token)
    if principal.person != connection.principal.person:
        raise Refusal(Code.FORBIDDEN, needs="person")
    connection.principal = principal
    return Done(id=command.id)


async def _close(ws: web.WebSocketResponse, code: Close) -> None:
    try:
        async with asyncio.timeout(SHUT_WITHIN_S):
            await ws.close(code=code)
    except (TimeoutError, ConnectionError, RuntimeError):
        log.debug("a stranger did not wait for its close")
