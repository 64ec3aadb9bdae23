"""Promise 20: no token, no entry; wrong Origin, no entry; expired or revoked, out. Over the whole house."""

import asyncio
import itertools
import secrets
from collections.abc import AsyncIterator
from pathlib import Path

import pytest
import pytest_asyncio
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey
from websockets.asyncio.client import connect
from websockets.exceptions import InvalidStatus
from websockets.typing import Origin

from server.core.limits import PROTOCOL_VERSION, Close
from server.core.model import PersonId
from server.core.protocol import Hello, Refused, Welcome
from server.core.refusal import Code
from server.opening import now_ms
from server.store.writes import AddAccount, RevokePerson
from server.web.issuing import Issuer
from tests.wire.houses import HOST_PASSWORD, HouseUnderTest, make_config, serving
from tests.wire.hubs import WITHIN_S, Line, eventually

pytestmark = pytest.mark.usefixtures("blockbuster")

DAY_MS = 24 * 3600 * 1000
ORIGINS = ("own", "none", "foreign")
KINDS = ("browser", "client")
STATES = ("good", "expired", "revoked", "foreign key", "cut short", "empty")


class Clock:
    """Time that stands still until a test moves it."""

    def __init__(self) -> None:
        self.ms = 1_800_000_000_000

    def __call__(self) -> int:
        return self.ms


@pytest_asyncio.fixture
async def clock() -> Clock:
    return Clock()


@pytest_asyncio.fixture
async def house(tmp_path: Path, clock: Clock) -> AsyncIterator[HouseUnderTest]:
    async with serving(make_config(tmp_path), clock_ms=clock) as server:
        yield server


async def revoke(server: HouseUnderTest, person: PersonId, at_ms: int) -> None:
    """As another process would: the hub hears of it only by its channel."""
    await server.store.write(RevokePerson(by=PersonId("test"), key=secrets.token_hex(8), at_ms=at_ms, person=person))


async def token_of(server: HouseUnderTest, clock: Clock, kind: str, state: str) -> str:
    person = PersonId(f"g_{kind}_{state.replace(' ', '_')}")
    issuer = server.house.issuer
    if state == "foreign key":
        issuer = Issuer(key=Ed25519PrivateKey.generate(), clock_ms=clock, guest_days=1, staff_hours=1)
    token = issuer.of(person, "某人", (), kind).token
    if state == "revoked":
        await revoke(server, person, clock.ms + 1)
    return {"cut short": token[:40], "empty": ""}.get(state, token)


def expected(origin: str, kind: str, state: str) -> Close | int | None:
    """None: welcome; an int: that HTTP status, before there is any websocket."""
    if origin == "foreign":
        return 403
    if state == "expired":
        return Close.RENEW
    if state != "good":
        return Close.WHO_ARE_YOU
    return Close.FORBIDDEN if origin == "none" and kind == "browser" else None


async def test_every_origin_with_every_token(house: HouseUnderTest, clock: Clock) -> None:
    expired = {kind: house.house.issuer.of(PersonId("g_old"), "某人", (), kind).token for kind in KINDS}
    clock.ms += 7 * DAY_MS
    tokens = {(kind, state): await token_of(house, clock, kind, state) for kind in KINDS for state in STATES}
    tokens |= {(kind, "expired"): token for kind, token in expired.items()}
    # Revocations are heard of in order: who knows the last knows all.
    await refused(house, tokens[KINDS[-1], "revoked"])
    cases = itertools.product(ORIGINS, KINDS, STATES)
    for origin, kind, state in cases:
        assert await entry(house, origin, tokens[kind, state]) == expected(origin, kind, state), (origin, kind, state)
    assert house.hub.counts.connections == 0
    assert house.hub.counts.strangers == 0


async def refused(server: HouseUnderTest, token: str) -> None:
    """Wait until that token is good for nothing."""
    async with asyncio.timeout(WITHIN_S):
        while True:
            if (await server.call("POST", "/api/renew", token=token)).status == 401:
                return
            await asyncio.sleep(0.05)


async def entry(server: HouseUnderTest, origin: str, token: str) -> Close | int | None:
    """How that attempt ended."""
    sent = {"own": server.url, "foreign": "https://evil.example", "none": None}[origin]
    try:
        async with connect(server.ws_url, origin=Origin(sent) if sent else None, compression=None, proxy=None) as link:
            line = Line(link)
            reply = await line.call(Hello(version=PROTOCOL_VERSION, token=token))
            if isinstance(reply, Welcome):
                await link.close()
                await eventually(lambda: server.hub.counts.connections == 0)
                return None
            assert isinstance(reply, Refused)
            return Close(await line.closed())
    except InvalidStatus as error:
        return error.response.status_code


async def test_who_is_revoked_is_put_out_of_the_room(house: HouseUnderTest, clock: Clock) -> None:
    token = house.tokens["host"]
    async with connect(house.ws_url, compression=None, proxy=None) as link:
        line = Line(link)
        assert isinstance(await line.call(Hello(version=PROTOCOL_VERSION, token=token)), Welcome)
        await line.join("stage/S01")
        clock.ms += 1
        await revoke(house, house.proofs["host"].person, clock.ms)
        assert 4500 <= await line.closed() <= 4999
    answer = await house.call("POST", "/api/commands", token=token, body={"t": "my_applications"})
    assert answer.json["code"] == Code.NOT_SIGNED_IN.value
    # A token of later is good again.
    clock.ms += 1
    later = house.house.issuer.of(house.proofs["host"].person, "host", (), "client").token
    answer = await house.call("POST", "/api/commands", token=later, body={"t": "my_applications"})
    assert answer.status == 200


async def test_who_signs_in_while_the_account_is_renewed_gets_nothing_of_the_old(tmp_path: Path) -> None:
    """A password takes 50 ms to check: what the account was before them is not what the token says."""
    async with serving(make_config(tmp_path)) as server:
        body = {"name": "anna", "password": HOST_PASSWORD}
        under_way = [asyncio.create_task(server.call("POST", "/api/sign-in", body=body)) for _ in range(5)]
        await asyncio.sleep(0.06)
        names = {"name": "anna", "shown_name": "x", "password_hash": "!"}
        await server.store.write(AddAccount(by=PersonId("test"), key="closed", at_ms=now_ms(), grants=(), **names))
        answers = await asyncio.gather(*under_way)
        assert answers[-1].status == 401
        for answer in answers:
            if answer.status == 200:  # it was ready before
                await refused(server, answer.json["token"])


async def test_silence_after_the_upgrade_is_ended(house: HouseUnderTest) -> None:
    house.hub.settings = type(house.hub.settings)(hello_within_s=0.2)
    async with connect(house.ws_url, compression=None, proxy=None) as link:
        assert await Line(link).closed() == Close.WHO_ARE_YOU
    await eventually(lambda: house.hub.counts.strangers == 0)
