"""A real hub on a real store behind a real socket, small enough to start for one test; and a raw line to it.

The doors of `server.web` are tested on the whole app (`conftest.py`); here stands what happens behind them.
"""

import asyncio
import contextlib
import socket
import time
from collections.abc import AsyncIterator, Callable
from pathlib import Path

import msgspec
from aiohttp import web
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey
from websockets.asyncio.client import ClientConnection
from websockets.asyncio.client import connect as open_websocket
from websockets.exceptions import ConnectionClosed
from websockets.typing import Origin

from server.actions.codes import CodePolicy, Codes
from server.bus.bus import Bus
from server.bus.memory import MemoryBus
from server.core import tokens
from server.core.catalogue import Catalogue
from server.core.limits import PROTOCOL_VERSION
from server.core.model import (
    Enterprise,
    EnterpriseId,
    Fair,
    FairId,
    Grant,
    Level,
    PersonId,
    Position,
    PositionId,
    Principal,
    Region,
    RegionCode,
    Role,
    Session,
    SessionId,
    ShelfSlot,
    Since,
    Venue,
    VenueId,
)
from server.core.protocol import (
    Command,
    CommandBase,
    GoLive,
    Hello,
    Join,
    Joined,
    Message,
    Push,
    Refused,
    Reply,
    ReplyBase,
    Say,
    ServerMessage,
    ShowCard,
    Welcome,
    decode_server,
    encode,
)
from server.core.regions import RegionTree
from server.hub.hub import Hub
from server.hub.settings import HubSettings
from server.outside.console import ConsoleSender
from server.store import catalogue_writes
from server.store.keyring import Keyring
from server.store.store import Store

PROVINCE = RegionCode("220000")
CONSENT = "2026-11"
SIGNING = Ed25519PrivateKey.from_private_bytes(b"signs for the tests of this hub!")
KEYRING = Keyring({"k1": bytes(range(32))}, "k1", bytes(range(32, 64)))
WITHIN_S = 10.0
POSITIONS = 8


def now_ms() -> int:
    return time.time_ns() // 1_000_000


def small_fair(sessions: int = 2) -> Catalogue:
    """One province, one city, as many sessions as asked, two enterprises, a shelf of eight positions each."""
    city = RegionCode("220100")
    enterprises = tuple(
        Enterprise(id=EnterpriseId(f"E{n}"), name=f"测试{n}有限公司", region=city, synthetic=True) for n in (1, 2)
    )
    positions: list[Position] = []
    shelves: dict[SessionId, tuple[ShelfSlot, ...]] = {}
    venues: list[Venue] = []
    made: list[Session] = []
    for n in range(1, sessions + 1):
        venue = Venue(id=VenueId(f"V{n:02}"), fair=FairId("F1"), name=f"会场{n}", region=city)
        venues.append(venue)
        session = Session(
            id=SessionId(f"S{n:02}"),
            venue=venue.id,
            fair=FairId("F1"),
            region=city,
            title="专场",
            venue_name=venue.name,
        )
        made.append(session)
        shelf = [
            Position(
                id=PositionId(f"P{n:02}{k}"),
                enterprise=enterprises[k % 2].id,
                enterprise_name=enterprises[k % 2].name,
                title=f"焊工{k}",
                region=city,
                openings=5,
                synthetic=True,
            )
            for k in range(POSITIONS)
        ]
        positions += shelf
        shelves[session.id] = tuple(ShelfSlot(number=k + 1, position=p) for k, p in enumerate(shelf))
    return Catalogue(
        fair=Fair(id=FairId("F1"), title="招聘会", on_day="2021-11-27", region=PROVINCE, synthetic=True),
        regions=(
            Region(code=PROVINCE, name="吉林省", level=Level.PROVINCE),
            Region(code=city, name="长春市", level=Level.CITY, parent=PROVINCE),
        ),
        venues=tuple(venues),
        enterprises=enterprises,
        positions=tuple(positions),
        sessions=tuple(made),
        shelves=shelves,
    )


def token(
    person: str,
    *grants: Grant,
    kind: str = "client",
    issued_at_ms: int | None = None,
    lasts_s: float = 600,
    signing: Ed25519PrivateKey = SIGNING,
) -> str:
    """A token of that person, signed as the province's own."""
    issued = now_ms() if issued_at_ms is None else issued_at_ms
    return tokens.issue(
        Principal(
            person=PersonId(person),
            token_id="t",
            issued_at_ms=issued,
            until_ms=issued + int(lasts_s * 1000),
            kind=kind,
            name=person,
            grants=grants,
        ),
        signing,
    )


HOST = Grant(role=Role.HOST, scope="S01")
HR = Grant(role=Role.HR, scope="E1")
OPERATOR = Grant(role=Role.OPERATOR, scope=PROVINCE)


class Line:
    """One websocket to a hub, without any help: what comes is what was sent."""

    def __init__(self, ws: ClientConnection) -> None:
        self.ws = ws
        self.waiting: list[ServerMessage] = []
        self._last_id = 0

    async def next(self, within_s: float = WITHIN_S) -> ServerMessage:
        """The next message."""
        while not self.waiting:
            data = await asyncio.wait_for(self.ws.recv(), within_s)
            assert isinstance(data, bytes)
            self.waiting = decode_server(data)
        return self.waiting.pop(0)

    async def until(self, wanted: Callable[[ServerMessage], bool], within_s: float = WITHIN_S) -> list[ServerMessage]:
        """Everything up to the first message that is wanted, that one last."""
        seen: list[ServerMessage] = []
        async with asyncio.timeout(within_s):
            while True:
                seen.append(await self.next(within_s))
                if wanted(seen[-1]):
                    return seen

    async def send(self, command: CommandBase) -> int:
        """Send a command under a new id."""
        self._last_id += 1
        await self.ws.send(encode(msgspec.structs.replace(command, id=self._last_id)))
        return self._last_id

    async def call(self, command: CommandBase) -> Message:
        """Send a command and wait for its reply; pushes that come meanwhile stay waiting."""
        wanted = await self.send(command)
        seen = await self.until(lambda message: isinstance(message, ReplyBase) and message.id == wanted)
        self.waiting = seen[:-1] + self.waiting
        return seen[-1]

    async def join(self, channel: str, since: Since | None = None) -> Joined:
        """Join; raises AssertionError when refused."""
        reply = await self.call(Join(channel=channel, since=since))
        assert isinstance(reply, Joined), reply
        return reply

    async def offsets(self, channel: str, up_to: int, within_s: float = WITHIN_S) -> list[int]:
        """The offsets pushed on that channel until one reaches `up_to`."""
        seen = await self.until(lambda m: isinstance(m, Push) and m.channel == channel and m.offset >= up_to, within_s)
        return [m.offset for m in seen if isinstance(m, Push) and m.channel == channel]

    async def closed(self, within_s: float = WITHIN_S) -> int:
        """The code the connection is closed with, within the time; what comes before is read and thrown away."""
        with contextlib.suppress(ConnectionClosed):
            async with asyncio.timeout(within_s):
                while True:
                    await self.ws.recv()
        assert self.ws.close_code is not None
        return self.ws.close_code


class Running:
    """A hub that serves."""

    def __init__(self, hub: Hub, store: Store, port: int) -> None:
        self.hub = hub
        self.store = store
        self.port = port
        self.url = f"ws://127.0.0.1:{port}/ws"

    async def do(self, command: Command, person: str = "host", *grants: Grant) -> Reply:
        """Through the other door, which no connection's bucket slows."""
        issued = now_ms()
        principal = Principal(
            person=PersonId(person),
            token_id="t",
            issued_at_ms=issued,
            until_ms=issued + 60_000,
            grants=grants or (HOST,),
        )
        return await self.hub.dispatch(principal, command)

    async def show(self, number: int, session: str = "S01") -> None:
        """Show a card as the host."""
        reply = await self.do(ShowCard(session=session, position=f"P{session[1:]}{number % POSITIONS}", key=key()))
        assert not isinstance(reply, Refused), reply

    @contextlib.asynccontextmanager
    async def raw(self, origin: str | None = None, receive_bytes: int | None = None) -> AsyncIterator[Line]:
        """A websocket that has not said hello; with a small receive buffer, kernels hide less of a stall."""
        sock = socket.socket()
        if receive_bytes is not None:
            sock.setsockopt(socket.SOL_SOCKET, socket.SO_RCVBUF, receive_bytes)
        sock.setblocking(False)
        await asyncio.get_running_loop().sock_connect(sock, ("127.0.0.1", self.port))
        async with open_websocket(
            self.url, sock=sock, compression=None, origin=None if origin is None else Origin(origin), max_size=2**22
        ) as ws:
            yield Line(ws)

    @contextlib.asynccontextmanager
    async def line(self, person: str, *grants: Grant, receive_bytes: int | None = None) -> AsyncIterator[Line]:
        """A websocket that was welcomed as that person."""
        async with self.raw(receive_bytes=receive_bytes) as line:
            reply = await line.call(Hello(version=PROTOCOL_VERSION, token=token(person, *grants)))
            assert isinstance(reply, Welcome), reply
            yield line


def another_hub(
    store: Store,
    settings: HubSettings | None = None,
    *,
    bus: Bus | None = None,
    tree: RegionTree | None = None,
    clock_ms: Callable[[], int] = now_ms,
) -> Hub:
    """A hub over that store, not started."""
    return Hub(
        store=store,
        bus=bus or MemoryBus(),
        tree=tree or RegionTree(small_fair().regions),
        province=PROVINCE,
        consent=CONSENT,
        settings=settings or HubSettings(),
        clock_ms=clock_ms,
        verify=lambda text: tokens.verify(text, (SIGNING.public_key(),), clock_ms()),
        codes=Codes(store, ConsoleSender(mute_is_fine=True), CodePolicy(sign="测试", confirmation="off")),
    )


@contextlib.asynccontextmanager
async def running(
    var_dir: Path,
    *,
    url: str | None = None,
    bus: Bus | None = None,
    settings: HubSettings | None = None,
    catalogue: Catalogue | None = None,
    clock_ms: Callable[[], int] = now_ms,
) -> AsyncIterator[Running]:
    """A hub over the store at `url` (SQLite in `var_dir` by default), its fair loaded."""
    fair = catalogue or small_fair()
    store = await Store.open(
        url or f"sqlite:///{var_dir}/daigang.sqlite",
        keyring=KEYRING,
        province=PROVINCE,
        var_dir=var_dir,
        clock_ms=clock_ms,
    )
    await store.transact(catalogue_writes.load_catalogue, fair, clock_ms())
    hub = another_hub(store, settings, bus=bus, tree=RegionTree(fair.regions), clock_ms=clock_ms)
    await hub.start()
    app = web.Application()
    app.router.add_get("/ws", hub.websocket)
    runner = web.AppRunner(app, access_log=None)
    await runner.setup()
    listener = socket.create_server(("127.0.0.1", 0), backlog=4096)
    listener.setsockopt(socket.SOL_SOCKET, socket.SO_SNDBUF, 32 * 1024)
    site = web.SockSite(runner, listener)
    await site.start()
    try:
        yield Running(hub, store, listener.getsockname()[1])
    finally:
        await hub.close(spread_s=0.0)
        await runner.cleanup()
        await store.close()


async def eventually(true: Callable[[], bool], within_s: float = WITHIN_S) -> None:
    """Wait until it holds."""
    deadline_s = time.monotonic() + within_s
    while not true():
        assert time.monotonic() < deadline_s, "it never came true"
        await asyncio.sleep(0.01)


_keys = iter(range(10_000_000, 99_999_999))


def key() -> str:
    """An idempotency key no other command of this run has."""
    return f"key-{next(_keys)}"


async def go_live(host: Line, session: str = "S01") -> None:
    """The session is on air."""
    assert not isinstance(await host.call(GoLive(session=session, key=key())), Refused)


async def show(host: Line, number: int = 0, session: str = "S01") -> Message:
    """Show one of the eight cards."""
    return await host.call(ShowCard(session=session, position=f"P{session[1:]}{number % POSITIONS}", key=key()))


async def say(line: Line, text: str, session: str = "S01") -> Message:
    """One chat line."""
    return await line.call(Say(session=session, text=text, key=key()))
