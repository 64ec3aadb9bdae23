"""Two hub processes on one PostgreSQL write to one channel at once; one is frozen in the middle and woken again
(promise 26). The database numbers, no hub does: no hole, no repeat, one identical order everywhere."""

import asyncio
import itertools
from collections.abc import Iterator
from contextlib import ExitStack
from pathlib import Path

import pytest

from clients.python import Arrived, Fresh, connect
from clients.python.comeback import as_told_s
from clients.python.doors import Ticket
from server.core.model import Role
from server.core.protocol import Apply, GoLive, Receipt, Say
from server.core.refusal import Refusal
from tests.faults.processes import HubProcess, hub_process
from tests.services import RedisServer

pytestmark = pytest.mark.faults

_count = itertools.count(1)


@pytest.fixture(params=["redis", "no redis"])
def pair(request: pytest.FixtureRequest, tmp_path: Path, postgres_url: str) -> Iterator[tuple[HubProcess, HubProcess]]:
    environ = {"DAIGANG_STORE_URL": postgres_url}
    if request.param == "redis":
        server: RedisServer = request.getfixturevalue("redis_server")
        environ["DAIGANG_REDIS_URL"] = server.url
    with ExitStack() as stack:
        yield (
            stack.enter_context(hub_process(tmp_path / "var", environ, "one")),
            stack.enter_context(hub_process(tmp_path / "var", environ, "other")),
        )


async def follow(hub: HubProcess, channel: str, ticket: Ticket, seen: list[int], joined: asyncio.Event) -> None:
    """Note the offsets a member of the channel sees, from the beginning."""
    async with connect(hub.ws_url, token=ticket.token) as session:
        async for item in session.join(channel):
            match item:
                case Fresh(offset=offset):
                    assert not seen, "started afresh in the middle"
                    assert offset <= 1
                    joined.set()
                case Arrived(offset=offset):
                    seen.append(offset)


async def persistently(hub: HubProcess, guest: Ticket, command: Say | Apply) -> object:
    """The same key again as long as the hub says: later."""
    for _ in range(200):
        try:
            return await hub.doors.call(command, guest.token)
        except Refusal as refusal:
            if not refusal.temporary:
                raise
            await asyncio.sleep(as_told_s(refusal, 0.2, 0.0))
    raise AssertionError("never accepted")


async def frozen_in_the_middle(one: HubProcess, other: HubProcess, writers: int, each: int, frozen_s: float) -> None:
    await one.start()
    await other.start()
    host = await one.doors.demo(Role.HOST)
    await one.doors.call(GoLive(session="S01", key="go-live-1"), host.token)
    page = await one.doors.session("S01")
    slots = (await one.doors.shelf("S01", page.session.shelf_revision)).slots
    consent = (await one.doors.setup()).consent
    guests = [await one.doors.guest() for _ in range(writers)]
    seen: dict[str, list[int]] = {"one": [], "other": []}
    ready = {name: asyncio.Event() for name in seen}
    followers = [
        asyncio.create_task(follow(hub, "desk/S01", host, seen[name], ready[name]))
        for name, hub in (("one", one), ("other", other))
    ]
    for event in ready.values():
        await asyncio.wait_for(event.wait(), 20)

    async def write(place: int) -> list[object]:
        replies = []
        for n in range(each):
            number = next(_count)
            command = Apply(
                session="S01",
                position=slots[(place * each + n) % len(slots)].position.id,
                name="李师傅",
                phone=f"199{number:08d}",
                consent=consent,
                age_confirmed=True,
                key=f"apply-{number:08d}",
            )
            replies.append(await persistently(one if place % 2 else other, guests[place], command))
        return replies

    writing = asyncio.gather(*(write(place) for place in range(writers)))
    await asyncio.sleep(0.3)
    other.pause()
    try:
        await asyncio.sleep(frozen_s)
    finally:
        other.resume()
    replies = list(itertools.chain(*await asyncio.wait_for(writing, 120)))
    assert all(isinstance(reply, Receipt) for reply in replies)
    expected = list(range(1, writers * each + 1))
    for _ in range(600):
        if all(len(offsets) >= len(expected) for offsets in seen.values()):
            break
        await asyncio.sleep(0.05)
    for follower in followers:
        assert not follower.done(), follower
        follower.cancel()
    await asyncio.gather(*followers, return_exceptions=True)
    assert seen == {"one": expected, "other": expected}


async def test_a_hub_frozen_while_it_writes_leaves_no_hole(pair: tuple[HubProcess, HubProcess]) -> None:
    await frozen_in_the_middle(*pair, writers=30, each=4, frozen_s=2.5)


@pytest.mark.real_numbers
@pytest.mark.timeout(900)
async def test_a_hub_frozen_for_half_a_minute_leaves_no_hole(pair: tuple[HubProcess, HubProcess]) -> None:
    await frozen_in_the_middle(*pair, writers=200, each=20, frozen_s=30.0)
