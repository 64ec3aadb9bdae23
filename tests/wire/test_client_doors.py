"""The Python client's HTTP calls against the whole app, and a session with the token they give."""

import asyncio
from collections.abc import AsyncIterator
from pathlib import Path

import pytest
import pytest_asyncio

from clients.python import Doors, Fresh, connect
from server.app import House
from server.assembling import Start
from server.config import Config, Server
from server.core.model import PersonId, Role, SessionState
from server.core.protocol import (
    Apply,
    CatchUp,
    CaughtUp,
    GoLive,
    Join,
    Joined,
    MyApplications,
    MyApplicationsAre,
    Overview,
    OverviewIs,
    Receipt,
    Refused,
    Say,
    Want,
)
from server.core.refusal import Code, Refusal
from server.opening import opened
from server.store.catalogue_writes import load_catalogue
from tests.wire.hubs import WITHIN_S, key, now_ms, small_fair


@pytest_asyncio.fixture
async def doors(tmp_path: Path) -> AsyncIterator[Doors]:
    """A demonstration with the small fair in it."""
    config = Config(server=Server(port=0, var_dir=str(tmp_path)))
    async with opened(config) as store:
        await store.transact(load_catalogue, small_fair(), now_ms())
    house = House(config, Start(demo=True, dev=True, spread_s=0.0))
    await house.start()
    try:
        yield Doors(f"http://127.0.0.1:{house.port}/")
    finally:
        await house.stop()


async def test_what_anybody_may_ask(doors: Doors) -> None:
    setup = await doors.setup()
    assert (setup.demo, setup.protocol) == (True, 1)
    fair = await doors.fair()
    assert [page.session.id for page in fair.sessions] == ["S01", "S02"]
    assert {venue.id for venue in fair.venues} == {"V01", "V02"}
    assert {region.code for region in (await doors.regions()).regions} == {"220000", "220100"}
    page = await doors.session("S01")
    assert (page.session.state, page.card, page.numbers.live) == (SessionState.SCHEDULED, None, 0)
    shelf = await doors.shelf("S01", page.session.shelf_revision)
    assert [slot.number for slot in shelf.slots] == list(range(1, 9))
    enterprise = await doors.enterprise(shelf.slots[0].position.enterprise)
    assert shelf.slots[0].position.id in {position.id for position in enterprise.positions}


async def test_a_guest_watches_and_applies(doors: Doors) -> None:
    ticket = await doors.guest()
    host = await doors.demo(Role.HOST)
    scope = next(grant.scope for grant in host.grants if grant.role is Role.HOST)
    await doors.call(GoLive(session=scope, key=key()), host.token)
    apply = Apply(
        session=scope,
        position=(await doors.shelf(scope, 1)).slots[0].position.id,
        name="求职者",
        phone="13800138000",
        consent=(await doors.setup()).consent,
        age_confirmed=True,
        key=key(),
    )
    url = doors.base.replace("http", "ws", 1) + "/ws"
    async with connect(url, token=ticket.token) as session, session.join(f"stage/{scope}") as stage:
        first = await asyncio.wait_for(anext(stage), WITHIN_S)
        assert isinstance(first, Fresh)
        over_the_socket = await session.call(apply)
        over_http = await doors.call(apply, ticket.token)
        assert isinstance(over_the_socket, Receipt)
        assert isinstance(over_http, Receipt)
        assert over_http.application == over_the_socket.application
    mine = await doors.call(MyApplications(), ticket.token)
    assert isinstance(mine, MyApplicationsAre)
    assert len(mine.applications) == 1


async def test_polling_says_what_joining_would(doors: Doors) -> None:
    ticket = await doors.guest()
    wants = (Want(channel="stage/S01"), Want(channel="desk/S01"))
    answer = await doors.call(CatchUp(wants=wants), ticket.token)
    assert isinstance(answer, CaughtUp)
    stage, desk = answer.channels
    assert isinstance(stage, Joined)
    assert isinstance(desk, Refused)
    assert (stage.channel, stage.recovered, desk.code) == ("stage/S01", False, Code.FORBIDDEN)


async def test_a_renewed_token_is_of_the_same_person(doors: Doors) -> None:
    ticket = await doors.guest()
    renewed = await doors.renew(ticket.token)
    assert renewed.person == ticket.person
    assert renewed.until_ms >= ticket.until_ms
    assert ticket.person != PersonId("")


async def test_a_hub_that_is_not_there_is_unavailable_for_now() -> None:
    with pytest.raises(Refusal) as caught:
        await Doors("http://127.0.0.1:1").setup()
    assert (caught.value.code, caught.value.temporary) == (Code.UNAVAILABLE, True)


async def test_what_is_no_answer_is_unavailable_for_now() -> None:
    async def nonsense(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        await reader.readuntil(b"\r\n\r\n")
        writer.write(b"HTTP/1.1 200 OK\r\nContent-Length: 2\r\nConnection: close\r\n\r\n[]")
        await writer.drain()
        writer.close()

    server = await asyncio.start_server(nonsense, "127.0.0.1", 0)
    async with server:
        doors = Doors(f"http://127.0.0.1:{server.sockets[0].getsockname()[1]}")
        for call in (doors.setup(), doors.call(MyApplications(), "T")):
            with pytest.raises(Refusal) as caught:
                await call
            assert (caught.value.code, caught.value.temporary) == (Code.UNAVAILABLE, True)


async def test_errors_are_the_refusals_they_tell_of(doors: Doors) -> None:
    ticket = await doors.guest()
    for call, code in (
        (doors.sign_in("nobody", "wrong password"), Code.SIGN_IN_FAILED),
        (doors.renew("nonsense"), Code.NOT_SIGNED_IN),
        (doors.session("S99"), Code.NOT_FOUND),
        (doors.call(Say(session="S01", text="好", key=key()), "nonsense"), Code.NOT_SIGNED_IN),
        (doors.call(Say(session="S99", text="好", key=key()), ticket.token), Code.NOT_FOUND),
        (doors.call(Join(channel="stage/S01"), ticket.token), Code.OUT_OF_TURN),
    ):
        with pytest.raises(Refusal) as caught:
            await call
        assert caught.value.code is code


async def test_the_operator_of_the_demonstration_sees_the_numbers(doors: Doors) -> None:
    operator = await doors.demo(Role.OPERATOR)
    answer = await doors.call(Overview(region="220000"), operator.token)
    assert isinstance(answer, OverviewIs)
    assert {line.region for line in answer.regions} == {"220000", "220100"}
