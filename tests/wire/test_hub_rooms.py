"""Rooms between two awaits: what comes while the store is read, while a large room is written to, while hubs talk at
once. Everybody gets each entry once and in order, and nobody is told to start afresh without need."""

import asyncio
import contextlib
import threading
from pathlib import Path
from typing import Any

import pytest

from server.bus.memory import Exchange, MemoryBus
from server.core.model import Channel, Entry, Grant, Head, PersonId, PositionId, Publication, Role, SessionId, Since
from server.core.protocol import (
    Done,
    GoLive,
    Join,
    Joined,
    Ping,
    Push,
    Refused,
    Restart,
    Say,
    ServerMessage,
    ShowCard,
    decode_server,
    encode,
)
from server.core.refusal import Code, Refusal
from server.hub.connection import Connection
from server.hub.hub import Hub
from server.hub.lanes import Lanes
from server.hub.settings import HubSettings
from server.store import writes
from server.store.epoch import renew_epoch
from tests.wire.gates import Gate, Readings
from tests.wire.hubs import (
    HOST,
    Line,
    Running,
    another_hub,
    eventually,
    go_live,
    key,
    now_ms,
    running,
    show,
    small_fair,
    token,
)

pytestmark = pytest.mark.usefixtures("blockbuster")

STAGE, CHAT = Channel("stage/S01"), Channel("chat/S01")


def members(hub: Running, channel: Channel = STAGE) -> list[Connection]:
    room = hub.hub.rooms.get(channel)
    assert room is not None
    return list(room.lanes.members)


async def commit_card(hub: Running, number: int) -> tuple[Publication, ...]:
    """A card that is true and that nobody has been told of yet."""
    card = writes.ShowCard(
        by=PersonId("host"),
        key=key(),
        at_ms=now_ms(),
        session=SessionId("S01"),
        position=PositionId(f"P01{number % 8}"),
    )
    return (await hub.store.write(card)).publications


def nobody_looks_at_the_heads(hub: Running, monkeypatch: pytest.MonkeyPatch) -> None:
    """Else the watch finds what was committed before it is published: 50 ms after a room opened, and every second."""
    Gate(hub.store, monkeypatch, only="heads")


async def rest(line: Line, marker: str = "pulse/S01") -> list[ServerMessage]:
    """Everything the hub has written to this line by now."""
    wanted = await line.send(Join(channel=marker))
    seen = await line.until(lambda m: isinstance(m, Joined) and m.id == wanted)
    return seen[:-1]


# ---- while the store is read -----------------------------------------------------------------------------------------


async def test_what_comes_while_the_store_is_read_restarts_nobody(
    hub: Running, monkeypatch: pytest.MonkeyPatch
) -> None:
    async with hub.line("host", HOST) as host, hub.line("g1") as viewer:
        await go_live(host)
        await viewer.join(STAGE)
        gate = Gate(hub.store, monkeypatch)
        hub.hub.rooms.ticked({STAGE: Head(hub.store.epoch, 2)})  # another hub is one ahead, or so it says
        await eventually(lambda: gate.held > 0)
        await show(host, 1)
        await show(host, 2)
        gate.open.set()
        await show(host, 3)
        seen = await viewer.until(lambda m: isinstance(m, Restart) or (isinstance(m, Push) and m.offset == 4))
        assert [m.offset for m in seen if isinstance(m, Push)] == [2, 3, 4]
        await asyncio.sleep(0.2)
        assert not [m for m in await rest(viewer) if isinstance(m, Restart)]


async def test_who_gives_up_while_a_room_opens_leaves_nothing(hub: Running, monkeypatch: pytest.MonkeyPatch) -> None:
    gate = Gate(hub.store, monkeypatch)
    async with hub.line("g1") as line:
        await line.send(Join(channel="me/g1"))
        await eventually(lambda: gate.held > 0)
        line.ws.transport.abort()
    gate.open.set()
    await eventually(lambda: "me/g1" not in hub.hub.rooms.names() and not hub.hub.counts.connections)
    async with hub.line("g1") as line:
        await line.join("me/g1")


async def test_who_vanishes_in_the_middle_of_a_command_is_heard_all_the_same(hub: Running) -> None:
    """Its commit is true, so everybody is told of it."""
    async with hub.line("host", HOST) as host, hub.line("g1") as viewer:
        await go_live(host)
        await viewer.join(CHAT)
        done = threading.Event()
        holding = asyncio.create_task(hub.store.transact(lambda _conn: done.wait(5)))
        async with hub.line("g2") as gone:
            await gone.send(Say(session="S01", text="最后一句", key=key()))
            await eventually(lambda: hub.store.writes_waiting > 0)
            gone.ws.transport.abort()
        await asyncio.sleep(0.1)
        done.set()
        await holding
        assert await viewer.offsets(CHAT, 1) == [1]
        await eventually(lambda: hub.hub.counts.connections == 2)


async def test_a_link_made_anew_asks_for_many_heads_at_once(hub: Running, monkeypatch: pytest.MonkeyPatch) -> None:
    """One channel per viewer: a read for each of them would take all places of the store's readers."""
    async with contextlib.AsyncExitStack() as stack:
        for n in range(40):
            await (await stack.enter_async_context(hub.line(f"g{n}"))).join(f"me/g{n}")
        await eventually(lambda: not hub.hub.rooms.doubtful)
        readings = Readings(hub.store, monkeypatch)
        hub.hub.rejoined(frozenset(hub.hub.rooms.names()))
        await eventually(lambda: not hub.hub.rooms.doubtful)
        assert readings.of.total() <= 5, readings.of


async def test_a_revocation_while_a_hub_starts_is_not_missed(
    hub: Running, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Committed by another process between any two reads of the start."""
    read, revoked = hub.store.read, False

    async def and_then_revoke(*args: Any, **kwargs: Any) -> Any:
        nonlocal revoked
        found = await read(*args, **kwargs)
        if not revoked:
            revoked = True
            await hub.store.write(
                writes.RevokePerson(by=PersonId("cli"), key=key(), at_ms=now_ms() + 60_000, person=PersonId("g1"))
            )
        return found

    monkeypatch.setattr(hub.store, "read", and_then_revoke)
    settings = HubSettings(poll_heads_s=0.2)
    starting = another_hub(hub.store, settings)
    await starting.start()
    try:
        await eventually(lambda: is_revoked(starting, token("g1")))
    finally:
        await starting.close(spread_s=0.0)


def is_revoked(hub: Hub, text: str) -> bool:
    try:
        hub.verify(text)
    except Refusal as refusal:
        return refusal.code is Code.NOT_SIGNED_IN
    return False


async def test_a_kind_of_entry_this_hub_does_not_know_is_passed_on(hub: Running) -> None:
    """A newer hub of the province wrote it (protocol 13: a body still moves the offset)."""
    async with hub.line("host", HOST) as host, hub.line("g1") as viewer:
        await go_live(host)
        await viewer.join(STAGE)
        unknown = Publication(STAGE, hub.store.epoch, Entry(2, now_ms(), b"\x81\xa1t\xa6poll_1"))
        hub.hub.rooms.publish([unknown])
        assert await viewer.offsets(STAGE, 2) == [2]


# ---- who comes back --------------------------------------------------------------------------------------------------


async def test_many_who_come_back_at_once_cost_one_read_of_each_room(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Each from another place, to a hub that has just started (promise 17)."""
    async with running(tmp_path) as hub, hub.line("host", HOST) as host:
        await go_live(host)
        for number in range(40):
            await hub.show(number)
            await hub.do(Say(session="S01", text=f"{number}", key=key()), f"g{number}")
        epoch = hub.store.epoch
    async with running(tmp_path) as hub, contextlib.AsyncExitStack() as stack:
        lines = [await stack.enter_async_context(hub.line(f"g{n}")) for n in range(40)]
        readings = Readings(hub.store, monkeypatch)

        async def back(n: int) -> None:
            for channel, top in ((STAGE, 41), (CHAT, 40)):
                joined = await lines[n].join(channel, Since(epoch, n))
                assert joined.recovered
                assert [entry.offset for entry in joined.entries] == list(range(n + 1, top + 1))

            assert not (await lines[n].join(f"me/g{n}")).recovered

        await asyncio.gather(*(back(n) for n in range(40)))
        assert {query: n for query, n in readings.of.items() if query[1] in (STAGE, CHAT)} == {
            ("read_start", STAGE): 1,
            ("read_start", CHAT): 1,
        }
        # Rooms of persons are opened together, as many as wait, and what they begin with is read with them.
        assert readings.of["read_me", ""] == 0
        assert readings.of.total() <= 20, readings.of


async def test_newcomers_to_a_branch_share_a_read(hub: Running, monkeypatch: pytest.MonkeyPatch) -> None:
    async with contextlib.AsyncExitStack() as stack:
        lines = [await stack.enter_async_context(hub.line(f"g{n}")) for n in range(30)]
        readings = Readings(hub.store, monkeypatch)
        joined = await asyncio.gather(*(line.join("area/220000") for line in lines))
        assert all(one.snapshot is not None for one in joined)
        assert readings.of["read_area", "220000"] <= 3


# ---- what comes together ---------------------------------------------------------------------------------------------


async def test_cards_of_one_turn_come_in_one_message(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """Who joins between two of them gets each once all the same, who leaves none of those that were not written yet."""
    async with running(tmp_path) as hub, contextlib.AsyncExitStack() as stack:
        nobody_looks_at_the_heads(hub, monkeypatch)
        host = await stack.enter_async_context(hub.line("host", HOST))
        await go_live(host)
        lines = [await stack.enter_async_context(hub.line(f"g{n}")) for n in range(4)]
        for line in lines:
            await line.join(STAGE)
        by_person = {member.principal.person: member for member in members(hub)}
        leaver, again = by_person[PersonId("g2")], by_person[PersonId("g3")]
        cards = [card for number in range(20) for card in await commit_card(hub, number)]
        hub.hub.rooms.publish(cards[:12])
        hub.hub.joining.leave(leaver, STAGE)
        assert hub.hub.joining.join_now(again, STAGE, Since(hub.store.epoch, 1), 99)
        hub.hub.rooms.publish(cards[12:])
        for line in lines[:2]:
            pushed = decode_server(bytes(await line.ws.recv(decode=False)))
            assert [m.offset for m in pushed if isinstance(m, Push)] == list(range(2, 22))
        (joined, *pushed) = await lines[3].until(lambda m: isinstance(m, Push) and m.offset == 21)
        assert isinstance(joined, Joined)
        got = [entry.offset for entry in joined.entries] + [m.offset for m in pushed if isinstance(m, Push)]
        assert got == list(range(2, 22))
        assert not [m for m in await rest(lines[2]) if isinstance(m, Push)]


async def test_cards_without_a_gap_do_not_shut_chat_out(tmp_path: Path) -> None:
    """In every hall there is always one more to be written."""
    halls = [Channel(f"stage/S{number:02}") for number in range(1, 7)]
    async with (
        running(tmp_path, catalogue=small_fair(len(halls))) as hub,
        hub.line("g1") as everywhere,
        hub.line("g2") as talking,
    ):
        for hall in halls:
            await everywhere.join(hall)
        await talking.join(CHAT)
        await hub.do(GoLive(session="S01", key=key()), "host", Grant(role=Role.HOST, scope="S01"))
        rooms = [room for hall in halls if (room := hub.hub.rooms.get(hall)) is not None]

        async def pour() -> None:
            while True:
                for room in rooms:
                    hub.hub.fan_out.urgent(room.lanes, encode(Ping(at_ms=1, tops={})))
                await asyncio.sleep(0)

        async def listen() -> None:
            async for _ in everywhere.ws:
                pass

        tasks = [asyncio.create_task(pour()), asyncio.create_task(listen())]
        try:
            assert isinstance(await hub.do(Say(session="S01", text="还能说话吗", key=key()), "g3"), Done)
            await talking.offsets(CHAT, 1, 5.0)
            assert all(room.lanes.members for room in rooms)
        finally:
            for task in tasks:
                task.cancel()


# ---- a large room ----------------------------------------------------------------------------------------------------


async def test_who_joins_again_while_a_large_room_is_written_to_gets_each_card_once(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    async with running(tmp_path, settings=HubSettings(yield_every=2)) as hub, contextlib.AsyncExitStack() as stack:
        nobody_looks_at_the_heads(hub, monkeypatch)
        host = await stack.enter_async_context(hub.line("host", HOST))
        await go_live(host)
        lines = [await stack.enter_async_context(hub.line(f"g{n}")) for n in range(9)]
        for line in lines:
            await line.join(STAGE)
        by_person = {member.principal.person: member for member in members(hub)}
        leaver, again = by_person[PersonId("g7")], by_person[PersonId("g8")]
        cards = [card for number in range(3) for card in await commit_card(hub, number)]
        # All in one turn of the loop: when these two go, nothing of the cards has been written to them.
        hub.hub.rooms.publish(cards)
        hub.hub.joining.leave(leaver, STAGE)
        await hub.hub.joining.join(again, STAGE, Since(hub.store.epoch, 1), 99)
        hub.hub.rooms.publish(await commit_card(hub, 4))
        for line in lines[:7]:
            assert await line.offsets(STAGE, 5) == [2, 3, 4, 5]
        (joined, *pushed) = await lines[8].until(lambda m: isinstance(m, Push) and m.offset == 5)
        assert isinstance(joined, Joined)
        got = [entry.offset for entry in joined.entries] + [m.offset for m in pushed if isinstance(m, Push)]
        assert got == [2, 3, 4, 5]
        assert not [m for m in await rest(lines[7]) if isinstance(m, Push)]


async def test_members_that_come_and_go_while_a_large_room_is_written_to(tmp_path: Path) -> None:
    """The urgent lane with pauses: whoever stays sees one unbroken sequence, whenever it came."""
    cards = 30
    async with running(tmp_path, settings=HubSettings(yield_every=3)) as hub, contextlib.AsyncExitStack() as stack:
        host = await stack.enter_async_context(hub.line("host", HOST))
        await go_live(host)

        async def stays(n: int) -> list[int]:
            async with hub.line(f"s{n}") as line:
                seen: list[int] = []
                joined = await line.join(STAGE, Since(hub.store.epoch, 1))
                seen += [entry.offset for entry in joined.entries]
                while not seen or seen[-1] < cards + 1:
                    message = await line.next()
                    if isinstance(message, Push):
                        seen.append(message.offset)
                return seen

        async def wavers(n: int) -> None:
            async with hub.line(f"w{n}") as line:
                for _ in range(5):
                    await line.join(STAGE)
                    await asyncio.sleep(0.01)

        people = [asyncio.create_task(stays(n)) for n in range(15)]
        fickle = [asyncio.create_task(wavers(n)) for n in range(10)]
        for number in range(cards // 3):
            shown = await asyncio.gather(*(hub.do(_show(3 * number + k)) for k in range(3)))
            assert all(isinstance(reply, Done) for reply in shown)
        for seen in await asyncio.gather(*people):
            assert seen == list(range(2, cards + 2))
        await asyncio.gather(*fickle)


def _show(number: int) -> ShowCard:
    return ShowCard(session="S01", position=f"P01{number % 8}", key=key())


async def test_nothing_of_the_old_life_follows_a_restart(tmp_path: Path) -> None:
    async with running(tmp_path, settings=HubSettings(yield_every=2)) as hub, contextlib.AsyncExitStack() as stack:
        host = await stack.enter_async_context(hub.line("host", HOST))
        await go_live(host)
        lines = [await stack.enter_async_context(hub.line(f"g{n}")) for n in range(9)]
        for line in lines:
            await line.join(STAGE)
            await line.join(CHAT)
        old = hub.store.epoch
        await hub.store.transact(renew_epoch)
        room = hub.hub.rooms.get(STAGE)
        assert room is not None
        await show(host, 1)
        for line in lines:
            seen = await line.until(lambda m: isinstance(m, Restart) and m.channel == STAGE)
            assert not [m for m in seen if isinstance(m, Push) and m.epoch != old]
            fresh = await line.join(STAGE)
            assert fresh.epoch != old
        await show(host, 2)
        for line in lines:
            pushed = [m for m in await line.until(lambda m: isinstance(m, Push)) if isinstance(m, Push)]
            assert {m.epoch for m in pushed} == {fresh.epoch}
        assert room.online == len(lines), "who was told to join again counts once"


async def test_every_kind_of_channel_hears_of_a_new_epoch(hub: Running) -> None:
    async with hub.line("p1", HOST) as line:
        channels = {"stage/S01", "chat/S01", "desk/S01", "me/p1", "area/220000"}
        for channel in channels:
            await line.join(channel)
        await hub.store.transact(renew_epoch)
        told: set[str] = set()
        while told != channels:
            message = await line.next()
            if isinstance(message, Restart):
                told.add(message.channel)
        for channel in channels:
            joined = await line.join(channel, Since(hub.store.epoch, 0))
            assert not joined.recovered
            assert joined.epoch != hub.store.epoch


# ---- chat ------------------------------------------------------------------------------------------------------------


@pytest.mark.parametrize("shared", [True, False], ids=["bus", "store alone"])
async def test_chat_of_two_hubs_is_one_chat(tmp_path: Path, shared: bool) -> None:
    """Lines said here and there at once: nobody's overtake and so exclude the others'."""
    exchange = Exchange()
    settings = HubSettings(poll_heads_s=0.25)
    buses = [MemoryBus(exchange if shared else Exchange()) for _ in range(2)]
    async with (
        running(tmp_path, bus=buses[0], settings=settings) as one,
        running(tmp_path, bus=buses[1], settings=settings) as other,
        one.line("v1") as here,
        other.line("v2") as there,
    ):
        assert isinstance(await one.do(GoLive(session="S01", key=key())), Done)
        await here.join(CHAT)
        await there.join(CHAT)
        lines = 120

        async def talk(hub: Running, who: str) -> None:
            for n in range(lines // 2):
                reply = await hub.do(Say(session="S01", text=f"{who} {n}", key=key()), who)
                assert not isinstance(reply, Refused)
                await asyncio.sleep(0.01)

        await asyncio.gather(talk(one, "a"), talk(other, "b"))
        for line in (here, there):
            assert await line.offsets(CHAT, lines) == list(range(1, lines + 1))


async def test_a_line_that_never_comes_holds_up_nobody(hub: Running) -> None:
    async with hub.line("host", HOST) as host, hub.line("g1") as viewer:
        await go_live(host)
        await viewer.join(CHAT)
        body = b"\x84\xa1t\xa4line\xa6author\xa1a\xa4name\xa1a\xa4text\xa1a"
        hub.hub.rooms.publish([Publication(CHAT, hub.store.epoch, Entry(n, now_ms(), body)) for n in (1, 5, 3)])
        assert await viewer.offsets(CHAT, 5) == [1, 3, 5]


async def test_a_flood_of_chat_fills_no_more_than_a_frame_a_tick(tmp_path: Path) -> None:
    slow = HubSettings(tick_min_ms=300, tick_max_ms=300)
    async with running(tmp_path, settings=slow) as hub, hub.line("host", HOST) as host, hub.line("g1") as viewer:
        await go_live(host)
        await viewer.join(CHAT)
        flood = [hub.do(Say(session="S01", text="字句" * 95, key=key()), f"g{n}") for n in range(400)]
        replies = await asyncio.gather(*flood)
        assert all(isinstance(reply, Done) for reply in replies)
        sizes, last = [], 0
        while last < 400:
            data = await asyncio.wait_for(viewer.ws.recv(), 10)
            assert isinstance(data, bytes)
            sizes.append(len(data))
            offsets = [m.offset for m in decode_server(data) if isinstance(m, Push) and m.channel == CHAT]
            assert offsets == sorted(set(offsets))
            assert not offsets or offsets[0] > last
            last = offsets[-1] if offsets else last
        assert max(sizes) <= 64 * 1024
        assert hub.hub.counts.skipped > 0
        assert hub.hub.counts.left_slow == 0


async def test_ticks_stretch_with_the_load(tmp_path: Path) -> None:
    """What one core can carry is set so low that a few viewers reach it."""
    weak = HubSettings(sends_per_s=20)
    async with running(tmp_path, settings=weak) as hub, contextlib.AsyncExitStack() as stack:
        host = await stack.enter_async_context(hub.line("host", HOST))
        await go_live(host)
        for n in range(10):
            await (await stack.enter_async_context(hub.line(f"g{n}"))).join(STAGE)
        assert hub.hub.fan_out.tick_s == weak.tick_min_ms / 1000
        for number in range(12):
            await hub.show(number)
            await asyncio.sleep(0.1)
        assert hub.hub.fan_out.tick_s == weak.tick_max_ms / 1000


async def test_a_room_that_cannot_be_written_to_holds_up_no_other(hub: Running) -> None:
    """A mistake of ours in one room must not end the turns of all."""
    async with hub.line("g1") as line:
        await line.join(STAGE)
        room = hub.hub.rooms.get(STAGE)
        assert room is not None
        (member,) = room.lanes.members
        broken, whole = Lanes(STAGE), Lanes(STAGE)
        for lanes in (broken, whole):
            lanes.add(member)
        hub.hub.fan_out.urgent(broken, None)  # type: ignore[arg-type]
        hub.hub.fan_out.urgent(whole, encode(Restart(channel=STAGE)))
        await line.until(lambda m: isinstance(m, Restart))
