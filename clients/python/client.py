"""The async client: a session that holds one link to a hub, comes back by itself, and loses nothing meanwhile.

    async with connect("ws://127.0.0.1:8080/ws", token=token) as session:
        receipt = await session.call(Apply(...))
        async for item in session.join("stage/S01"):
            match item:
                case Fresh(snapshot=snapshot): ...      start from here
                case Arrived(body=body): ...            the next entry, in order, once

May import of the server only the words of the protocol.
"""

import asyncio
import itertools
import random
from collections.abc import AsyncIterator, Awaitable, Callable
from contextlib import asynccontextmanager

from msgspec.structs import replace
from websockets.exceptions import WebSocketException

from clients.python.calls import Calls
from clients.python.comeback import Lost, as_told_s, backoff_s, final
from clients.python.hub_clock import HubClock
from clients.python.link import Link, open_link, origin_of
from clients.python.membership import Membership
from server.core.limits import PING_EVERY_S, PONG_WITHIN_S
from server.core.protocol import (
    Command,
    Hello,
    Join,
    Joined,
    Leave,
    Ping,
    Pong,
    Pulse,
    Push,
    Refused,
    Renew,
    Reply,
    Restart,
    ServerMessage,
    Welcome,
    refusal_of,
)
from server.core.refusal import Code, Refusal

Token = str | Callable[[], Awaitable[str]]
"""A bearer token, or what fetches a fresh one: only with the latter does a session outlive its first token."""

CALL_WITHIN_S = 10.0
FIRST_WITHIN_S = 30.0
"""How long `connect` goes on trying before its first welcome."""
BEHIND_PATIENCE_S = 1.0
"""A ping may overtake pushes that a busy hub is still writing; after this they are taken for lost."""
REJOIN_AFTER_S = 1.0
"""Before a temporarily refused `join` is sent again, when the refusal names no time."""
RENEW_BEFORE_S = 60.0


class Session:
    """Use `connect`. Invariant: while a link is up, each membership has its `join` answered or under way, and each
    waiting call has been sent on this link."""

    def __init__(self, url: str, token: Token, *, origin: str, silent_after_s: float) -> None:
        self.welcome: Welcome | None = None
        """The last welcome: who we are, and the hub's clock at that time."""
        self.links = 0
        """How many links have been welcomed so far: 1 is the first."""
        self._url = url
        self._token = token
        self._origin = origin
        self._silent_after_s = silent_after_s
        self.clock = HubClock()
        """What a `show_at_ms` is measured by."""
        self._link: Link | None = None
        self._ids = itertools.count(1)
        self._calls = Calls(self._next_id, self._send)
        self._joins: dict[int, Membership] = {}
        self._members: dict[str, Membership] = {}
        self._linked = asyncio.Event()
        self._error: Exception | None = None

    # ---- for its user ------------------------------------------------------------------------------------------------

    async def call(self, command: Command, *, timeout_s: float = CALL_WITHIN_S) -> Reply:
        """The reply to a command. It is sent again on the next link when one ends before the reply: give a command
        that changes something its `key`, and it is done once.

        Raises `Refusal` for a `refused`, and `TimeoutError` when no reply came: it may or may not be done then, and
        the same command with the same key finds out.
        """
        if isinstance(command, Hello | Renew | Pong | Join | Leave):
            raise Refusal(Code.OUT_OF_TURN, detail="the session sends these by itself")
        self._still_here()
        return await self._calls.reply_to(command, timeout_s)

    def join(self, channel: str) -> Membership:
        """Read a channel from now on. Raises `Refusal` for what is no channel, and `ValueError` for one that this
        session reads already."""
        self._still_here()
        if channel in self._members:
            raise ValueError(f"{channel} is joined already")
        member = Membership(channel, self._ask, self._leave)
        self._members[channel] = member
        self._ask(member)
        return member

    async def linked(self) -> None:
        """Wait until a link is up. Raises what ended the session."""
        await self._linked.wait()
        self._still_here()

    def cut(self) -> None:
        """End the present link without a word, as a dying network does; the session comes back by itself."""
        if self._link is not None:
            self._link.abort()

    # ---- the way back ------------------------------------------------------------------------------------------------

    async def run(self) -> None:
        """Hold a link until cancelled or until the hub says not to come back."""
        failures = 0
        while self._error is None:
            before = self.links
            try:
                await self._one_link()
            except (Refusal, Lost, OSError, TimeoutError, WebSocketException) as end:
                self._error = final(end, renewable=callable(self._token))
            except Exception as error:  # of the token's provider, or a fault of ours: whoever waits must hear of it
                self._error = error
            failures = 0 if self.links > before else failures
            if self._error is None:
                await asyncio.sleep(backoff_s(failures, random.random()))
            failures += 1
        self._end(self._error)

    async def _one_link(self) -> None:
        token = self._token if isinstance(self._token, str) else await self._token()
        origin, silent_after_s = self._origin, self._silent_after_s
        async with open_link(self._url, token, origin=origin, silent_after_s=silent_after_s, clock=self.clock) as link:
            self._up(link)
            tasks = [asyncio.create_task(link.write()), asyncio.create_task(self._renew(link))]
            try:
                async for message in link.messages():
                    self._handle(message)
            finally:
                self._down()
                for task in tasks:
                    task.cancel()
                await asyncio.gather(*tasks, return_exceptions=True)

    def _up(self, link: Link) -> None:
        self._link, self.welcome = link, link.welcome
        self.links += 1
        for member in self._members.values():
            self._ask(member)
        self._calls.again()
        self._linked.set()

    def _down(self) -> None:
        self._link = None
        self._joins.clear()
        self._linked.clear()
        for member in self._members.values():
            member.follow.cut()

    def _end(self, error: Exception) -> None:
        """Nothing more will come: tell everybody who waits."""
        self._calls.end(error)
        for member in self._members.values():
            member.end(error)
        self._linked.set()

    def close(self) -> None:
        """End every membership and refuse every waiting call; `connect` does it."""
        self._error = self._error or Refusal(Code.UNAVAILABLE, temporary=True, what="session")
        self._calls.end(self._error)
        for member in self._members.values():
            member.end(None)

    def _still_here(self) -> None:
        if self._error is not None:
            raise self._error

    async def _renew(self, link: Link) -> None:
        """Send a fresh token a minute before the old one ends. Later ones are taken to last as long as the first."""
        if isinstance(self._token, str):
            return
        lasts_s = max(0.0, (link.welcome.until_ms - link.welcome.now_ms) / 1000)
        while True:
            await asyncio.sleep(max(lasts_s / 2, lasts_s - RENEW_BEFORE_S))
            try:
                link.send(Renew(id=self._next_id(), token=await self._token()))
            except (OSError, TimeoutError, Refusal):
                return  # the hub will close with 4005, and the way back asks again

    # ---- what arrives ------------------------------------------------------------------------------------------------

    def _handle(self, message: ServerMessage) -> None:
        match message:
            case Push():
                if member := self._members.get(message.channel):
                    member.pushed(message)
                    self._ask(member)
            case Pulse():
                if member := self._members.get(message.channel):
                    member.pulsed(message)
            case Restart():
                if member := self._members.get(message.channel):
                    member.follow.restart()
                    self._ask(member)
            case Ping():
                self._check(message.tops)
            case Joined():
                if member := self._joins.pop(message.id, None):
                    member.joined(message)
                    self._ask(member)
            case Refused() if message.id in self._joins:
                self._not_joined(self._joins.pop(message.id), message)
            case _:
                self._calls.replied(message)

    def _not_joined(self, member: Membership, refused: Refused) -> None:
        member.follow.asking = False
        if not refused.temporary:
            self._members.pop(member.channel, None)
            member.end(refusal_of(refused))
            return
        wait_s = max(as_told_s(refused, REJOIN_AFTER_S, random.random()), 0.1)
        asyncio.get_running_loop().call_later(wait_s, self._rejoin, member)

    def _rejoin(self, member: Membership) -> None:
        if not member.follow.asking:
            member.follow.wanting = True
            self._ask(member)

    def _check(self, tops: dict[str, int]) -> None:
        """A ping told how far the logs are: who is behind a while later has lost a push that nothing else shows."""
        for channel, top in tops.items():
            member = self._members.get(channel)
            if member is not None and top > member.follow.offset:
                asyncio.get_running_loop().call_later(BEHIND_PATIENCE_S, self._ask_if_behind, member, top)

    def _ask_if_behind(self, member: Membership, top: int) -> None:
        member.follow.behind(top)
        self._ask(member)

    # ---- what leaves -------------------------------------------------------------------------------------------------

    def _next_id(self) -> int:
        return next(self._ids)

    def _ask(self, member: Membership) -> None:
        """Send the `join` a membership wants, if it wants one and is still one of ours."""
        if self._link is None or not member.wanting or self._members.get(member.channel) is not member:
            return
        join_id = self._next_id()
        self._joins[join_id] = member
        self._send(replace(member.follow.ask(), id=join_id))

    def _leave(self, member: Membership) -> None:
        if self._members.get(member.channel) is member:
            del self._members[member.channel]
            self._joins = {join_id: other for join_id, other in self._joins.items() if other is not member}
            self._send(Leave(id=self._next_id(), channel=member.channel))

    def _send(self, command: Command) -> None:
        if self._link is not None:
            self._link.send(command)


@asynccontextmanager
async def connect(
    url: str,
    *,
    token: Token,
    origin: str | None = None,
    first_within_s: float = FIRST_WITHIN_S,
    silent_after_s: float = PING_EVERY_S + PONG_WITHIN_S,
) -> AsyncIterator[Session]:
    """A session with the hub at `url` (`ws://…/ws`), linked once before it is given, and ended afterwards.

    `origin`: the page's origin to name, by default the url's own; empty for none, which needs a token of kind
    `client`. A link that is silent for `silent_after_s` is taken for dead. Raises `Refusal` when the hub does not
    want us, `TimeoutError` when none answered within `first_within_s`.
    """
    origin = origin_of(url) if origin is None else origin
    session = Session(url, token, origin=origin, silent_after_s=silent_after_s)
    task = asyncio.create_task(session.run())
    try:
        async with asyncio.timeout(first_within_s):
            await session.linked()
        yield session
    finally:
        session.close()
        task.cancel()
        await asyncio.wait([task])
