"""The Python client against a real hub, over a link with faults (promises 3, 5, 7, 10, 11, 13, 17)."""

import asyncio
import contextlib
import itertools
import random
from collections.abc import AsyncIterator, Callable
from pathlib import Path

import pytest
import pytest_asyncio

from clients.python import Arrived, Fresh, Item, Latest, Membership, Session, connect
from clients.python import membership as membership_module
from server.core.bodies import CardShown
from server.core.limits import RECOVERY_LIMIT
from server.core.model import Grant, PersonId
from server.core.protocol import (
    Apply,
    Command,
    Done,
    GoLive,
    Hello,
    ListApplications,
    MyApplications,
    MyApplicationsAre,
    Overview,
    Receipt,
    Say,
    SessionPulse,
    ShowCard,
    StageSnapshot,
)
from server.core.refusal import Code, Refusal
from server.hub.settings import HubSettings
from tests.faults.link import Fault, FaultLink
from tests.wire.hubs import CONSENT, HOST, WITHIN_S, Running, eventually, key, running, token

pytestmark = pytest.mark.usefixtures("blockbuster")

STAGE = "stage/S01"
QUICK = HubSettings(ping_every_s=0.4, pong_within_s=0.4)
SILENT_AFTER_S = 1.2
LONG_S = 30.0


@pytest_asyncio.fixture
async def hub(tmp_path: Path) -> AsyncIterator[Running]:
    async with running(tmp_path, settings=QUICK) as hub:
        await hub.do(GoLive(session="S01", key=key()))
        yield hub


@pytest_asyncio.fixture
async def link(hub: Running) -> AsyncIterator[FaultLink]:
    async with FaultLink("127.0.0.1", hub.port) as link:
        yield link


def through(link: FaultLink, person: str = "g1", *grants: Grant) -> contextlib.AbstractAsyncContextManager[Session]:
    """A session over the faulty link."""
    return connect(
        f"ws://127.0.0.1:{link.port}/ws", token=token(person, *grants), origin="", silent_after_s=SILENT_AFTER_S
    )


class Reader:
    """Reads a membership in the background and keeps everything it is given."""

    def __init__(self, member: Membership) -> None:
        self.member = member
        self.items: list[Item] = []
        self._task = asyncio.create_task(self._read())

    async def _read(self) -> None:
        async for item in self.member:
            self.items.append(item)

    async def up_to(self, offset: int, within_s: float = WITHIN_S) -> None:
        await eventually(lambda: self.member.offset >= offset, within_s)

    async def ended(self) -> Exception | None:
        """How the reading ended, within the time."""
        await asyncio.wait([self._task], timeout=WITHIN_S)
        error = self._task.exception()
        assert error is None or isinstance(error, Exception)
        return error

    @property
    def fresh(self) -> list[Fresh]:
        return [item for item in self.items if isinstance(item, Fresh)]

    def check_whole(self) -> None:
        """One fresh start, then every offset once and in order."""
        first, *rest = self.items
        assert isinstance(first, Fresh)
        offsets = [item.offset for item in rest if isinstance(item, Arrived)]
        assert len(offsets) == len(rest), "another fresh start"
        assert offsets == list(range(first.offset + 1, first.offset + 1 + len(offsets)))


@contextlib.asynccontextmanager
async def reading(session: Session, channel: str = STAGE) -> AsyncIterator[Reader]:
    reader = Reader(session.join(channel))
    try:
        yield reader
    finally:
        reader.member.leave()
        await reader.ended()


async def top_of(hub: Running) -> int:
    """Where the stage's log is: the offset of one more card."""
    reply = await hub.do(ShowCard(session="S01", position="P010", key=key()))
    assert isinstance(reply, Done)
    return reply.offset


async def test_a_reader_gets_the_snapshot_and_then_every_card(hub: Running, link: FaultLink) -> None:
    async with through(link) as session, reading(session) as reader:
        await eventually(lambda: bool(reader.fresh))
        snapshot = reader.member.snapshot
        assert isinstance(snapshot, StageSnapshot)
        assert (snapshot.session.id, snapshot.card, reader.member.offset) == ("S01", None, 1)
        for number in (3, 4):
            await hub.show(number)
        await reader.up_to(3)
        bodies = [item.body for item in reader.items if isinstance(item, Arrived)]
        assert [body.card.position.id for body in bodies if isinstance(body, CardShown)] == ["P013", "P014"]
        assert session.welcome is not None
        assert session.welcome.person == PersonId("g1")


async def test_cards_missed_while_cut_off_come_in_order_once(hub: Running, link: FaultLink) -> None:
    async with through(link) as session, reading(session) as reader:
        await reader.up_to(1)
        await hub.show(1)
        link.fault = Fault.REFUSE
        link.reset()
        for number in range(30):
            await hub.show(number)
        link.fault = Fault.PASS
        await hub.show(2)
        await reader.up_to(33)
        reader.check_whole()
        assert session.links == 2


async def test_whatever_the_link_does_every_card_comes_once_and_in_order(hub: Running, link: FaultLink) -> None:
    chance = random.Random(20211127)
    faults: list[Callable[[], None]] = [
        link.reset,
        link.half_close,
        lambda: setattr(link, "fault", Fault.BLACKHOLE),
        lambda: setattr(link, "downward", Fault.BLACKHOLE),
        lambda: setattr(link, "fault", Fault.HOLD),
        lambda: setattr(link, "fault", Fault.DELAY),
    ]
    async with through(link) as session, reading(session) as reader:
        await reader.up_to(1)
        for fault in [*faults, *chance.sample(faults, 3)]:
            fault()
            for number in range(5):
                await hub.show(number)
                await asyncio.sleep(chance.random() * 0.05)
            link.fault = Fault.PASS
            await hub.show(6)
        await reader.up_to(await top_of(hub), LONG_S)
        reader.check_whole()
        assert session.links > 1


async def test_a_dead_link_is_noticed_and_left(hub: Running, link: FaultLink) -> None:
    async with through(link) as session, reading(session) as reader:
        await reader.up_to(1)
        link.fault = Fault.BLACKHOLE
        await hub.show(1)
        await eventually(lambda: link.accepted > 1)
        link.fault = Fault.PASS
        link.reset()  # the attempt that went into the hole
        await reader.up_to(2, LONG_S)
        reader.check_whole()
        assert session.links == 2


async def test_a_quiet_link_that_lives_is_kept(hub: Running, link: FaultLink) -> None:
    async with through(link) as session, reading(session) as reader:
        await reader.up_to(1)
        await asyncio.sleep(2 * SILENT_AFTER_S)
        assert (session.links, link.accepted) == (1, 1)


async def test_a_restarted_hub_is_found_again_and_nothing_is_lost(tmp_path: Path) -> None:
    async with contextlib.AsyncExitStack() as stack:
        async with running(tmp_path, settings=QUICK) as hub:
            await hub.do(GoLive(session="S01", key=key()))
            link = await stack.enter_async_context(FaultLink("127.0.0.1", hub.port))
            session = await stack.enter_async_context(through(link))
            reader = await stack.enter_async_context(reading(session))
            await hub.show(1)
            await reader.up_to(2)
        async with running(tmp_path, settings=QUICK) as hub:
            await hub.show(2)
            link.target = ("127.0.0.1", hub.port)
            await hub.show(3)
            await reader.up_to(4, LONG_S)
            reader.check_whole()


async def test_who_missed_too_much_starts_afresh_from_the_snapshot(hub: Running, link: FaultLink) -> None:
    async with through(link) as session, reading(session) as reader:
        await reader.up_to(1)
        link.fault = Fault.REFUSE
        link.reset()
        shows = [hub.show(number) for number in range(RECOVERY_LIMIT + 1)]
        await asyncio.gather(*shows)
        link.fault = Fault.PASS
        await reader.up_to(RECOVERY_LIMIT + 2, LONG_S)
        assert [fresh.offset for fresh in reader.fresh] == [1, RECOVERY_LIMIT + 2]
        snapshot = reader.member.snapshot
        assert isinstance(snapshot, StageSnapshot)
        assert snapshot.card is not None
        await hub.show(5)
        await reader.up_to(RECOVERY_LIMIT + 3)
        assert isinstance(reader.items[-1], Arrived)


async def test_a_reader_slower_than_its_channel_loses_nothing(
    hub: Running, link: FaultLink, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(membership_module, "QUEUE_LIMIT", 10)
    async with through(link) as session, session.join(STAGE) as member:
        first = await anext(member)
        assert isinstance(first, Fresh)
        for number in range(50):
            await hub.show(number)
        await hub.do(Say(session="S01", text="好", key=key()))
        offsets = [item.offset async for item in first_of(member, 50) if isinstance(item, Arrived)]
        assert offsets == list(range(2, 52))


async def first_of(member: Membership, count: int) -> AsyncIterator[Item]:
    for _ in range(count):
        yield await asyncio.wait_for(anext(member), WITHIN_S)


@pytest.mark.parametrize("lost", ["command", "reply"])
async def test_a_command_cut_off_is_sent_again_and_done_once(hub: Running, link: FaultLink, lost: str) -> None:
    async with through(link, "host", HOST) as session, reading(session) as reader, hub.line("g2") as other:
        await other.join(STAGE)
        await reader.up_to(1)
        show = ShowCard(session="S01", position="P011", key=key())
        if lost == "command":
            link.upward = Fault.BLACKHOLE
            call = asyncio.create_task(session.call(show, timeout_s=LONG_S))
            await asyncio.sleep(0.1)
        else:
            link.downward = Fault.BLACKHOLE
            call = asyncio.create_task(session.call(show, timeout_s=LONG_S))
            assert await other.offsets(STAGE, 2) == [2]
        assert not call.done()
        link.fault = Fault.PASS
        link.reset()
        reply = await call
        assert isinstance(reply, Done)
        assert reply.offset == 2
        assert await top_of(hub) == 3
        await reader.up_to(3)
        reader.check_whole()


async def test_an_application_resent_is_one_application(hub: Running, link: FaultLink) -> None:
    apply = Apply(
        session="S01",
        position="P011",
        name="求职者",
        phone="13800138000",
        consent=CONSENT,
        age_confirmed=True,
        key=key(),
    )
    async with through(link) as session:
        link.downward = Fault.BLACKHOLE
        with pytest.raises(TimeoutError):
            await session.call(apply, timeout_s=0.5)
        link.fault = Fault.PASS
        link.reset()
        receipts = [await session.call(apply, timeout_s=LONG_S) for _ in range(2)]
        mine = await session.call(MyApplications())
        assert isinstance(mine, MyApplicationsAre)
        assert len(mine.applications) == 1
        assert {r.application for r in receipts if isinstance(r, Receipt)} == {mine.applications[0].id}


async def test_a_refusal_is_raised_where_the_command_was_given(hub: Running, link: FaultLink) -> None:
    async with through(link) as session:
        with pytest.raises(Refusal) as caught:
            await session.call(ShowCard(session="S01", position="P011", key=key()))
        assert (caught.value.code, caught.value.temporary) == (Code.FORBIDDEN, False)
        assert caught.value.params == {"needs": "host"}
        with pytest.raises(Refusal) as caught:
            await session.call(Hello(version=1, token="T"))
        assert caught.value.code is Code.OUT_OF_TURN


@pytest.mark.parametrize(
    ("channel", "code"), [("desk/S01", Code.FORBIDDEN), ("me/somebody", Code.FORBIDDEN), ("stage/S99", Code.NOT_FOUND)]
)
async def test_a_channel_that_may_not_be_joined_says_so_to_its_reader(
    hub: Running, link: FaultLink, channel: str, code: Code
) -> None:
    async with through(link) as session:
        with pytest.raises(Refusal) as caught:
            await asyncio.wait_for(anext(session.join(channel)), WITHIN_S)
        assert caught.value.code is code
        assert session.links == 1


async def test_a_left_channel_can_be_joined_again(hub: Running, link: FaultLink) -> None:
    async with through(link) as session:
        async with reading(session) as reader:
            await reader.up_to(1)
            with pytest.raises(ValueError, match="joined already"):
                session.join(STAGE)
        assert await reader.ended() is None
        await hub.show(1)
        async with reading(session) as reader:
            await reader.up_to(2)
            assert [fresh.offset for fresh in reader.fresh] == [2]


async def test_numbers_come_as_the_latest_known(hub: Running, link: FaultLink) -> None:
    async with through(link) as session, reading(session), reading(session, "pulse/S01") as pulse:
        await hub.show(1)

        def cards() -> int:
            latest = pulse.items[-1] if pulse.items else None
            assert latest is None or isinstance(latest, Latest)
            return latest.body.numbers.cards if latest and isinstance(latest.body, SessionPulse) else 0

        await eventually(lambda: cards() == 1)


async def test_many_channels_and_calls_keep_to_the_hubs_pace(hub: Running, link: FaultLink) -> None:
    """A hub closes who sends 40 commands beyond what is allowed; the client waits its turn instead."""
    channels = [f"{kind}/{subject}" for kind in ("stage", "chat", "pulse") for subject in ("S01", "S02")]
    async with through(link) as session, contextlib.AsyncExitStack() as stack:
        for channel in channels:
            await stack.enter_async_context(reading(session, channel))
        calls = [session.call(MyApplications(), timeout_s=LONG_S) for _ in range(18)]
        assert len(await asyncio.gather(*calls)) == 18
        assert session.links == 1


async def test_a_token_that_proves_nobody_is_told(hub: Running, link: FaultLink) -> None:
    with pytest.raises(Refusal) as caught:
        async with connect(f"ws://127.0.0.1:{link.port}/ws", token="nonsense", origin=""):
            raise AssertionError("it was let in")
    assert caught.value.code is Code.NOT_SIGNED_IN
    assert link.accepted == 1


async def test_a_token_that_ends_ends_the_session_that_cannot_renew_it(hub: Running) -> None:
    async with connect(hub.url, token=token("g1", lasts_s=1), origin="") as session, reading(session) as reader:
        error = await reader.ended()
        assert isinstance(error, Refusal)
        assert error.code is Code.TOKEN_EXPIRED
        with pytest.raises(Refusal):
            await session.call(Overview(region="220000"))


async def test_a_renewed_token_keeps_the_link(hub: Running) -> None:
    fetched = itertools.count(1)
    last = 0

    async def fresh() -> str:
        nonlocal last
        last = next(fetched)
        return token("g1", lasts_s=1.5)

    async with connect(hub.url, token=fresh, origin="") as session, reading(session) as reader:
        await eventually(lambda: last >= 5)
        await hub.show(1)
        await reader.up_to(2)
        assert session.links == 1


async def test_nobody_at_home_is_told_in_time() -> None:
    async with FaultLink("127.0.0.1", 1) as link:
        with pytest.raises(TimeoutError):
            async with connect(f"ws://127.0.0.1:{link.port}/ws", token="T", first_within_s=4):
                raise AssertionError("there is nobody")
        assert link.accepted > 1


async def test_who_waits_when_the_session_is_closed_hears_of_it(hub: Running, link: FaultLink) -> None:
    async with through(link) as session:
        link.fault = Fault.BLACKHOLE
        command: Command = ListApplications(enterprise="E1")
        call = asyncio.create_task(session.call(command))
        reader = Reader(session.join(STAGE))
        await asyncio.sleep(0)
    with pytest.raises(Refusal) as caught:
        await call
    assert (caught.value.code, caught.value.temporary) == (Code.UNAVAILABLE, True)
    assert await reader.ended() is None
