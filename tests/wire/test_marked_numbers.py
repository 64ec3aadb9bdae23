"""PROMISES 19: names and numbers that can be recognised go through a day of a house on Redis, and are looked for
everywhere they must not be: the bus, the log, the metrics, the pushes, the addresses."""

import asyncio
import contextlib
import logging
from collections.abc import AsyncIterator
from pathlib import Path
from urllib.parse import urlencode

import pytest

from server.config import BusSection
from server.core.model import Grant, PersonId, Role
from tests.services import RedisServer
from tests.wire.houses import HouseUnderTest, do, make_config, serving
from tests.wire.listeners import listening
from tests.wire.senders import KeptMessages

AT_ONCE = 24


def phone(n: int) -> str:
    """Numbers that nothing else of a day contains."""
    return f"1997531{n:04d}"


def name(n: int) -> str:
    return f"慕容{chr(0x4E00 + 7 * n)}标记"


@contextlib.asynccontextmanager
async def monitored(server: RedisServer) -> AsyncIterator[bytearray]:
    """Every command Redis is given meanwhile."""
    heard = bytearray()
    reader, writer = await asyncio.open_connection("127.0.0.1", server.port)
    writer.write(b"MONITOR\r\n")

    async def hear() -> None:
        while data := await reader.read(65_536):
            heard.extend(data)

    hearing = asyncio.create_task(hear())
    try:
        yield heard
    finally:
        hearing.cancel()
        await asyncio.gather(hearing, return_exceptions=True)
        writer.close()


async def a_day(house: HouseUnderTest, sent: KeptMessages, people: int) -> int:
    """Everybody's day, AT_ONCE of them together, then the enterprise's file. How many answers the enterprise's people
    and the seekers themselves got with a number in it."""
    gate, desk = asyncio.Semaphore(AT_ONCE), asyncio.Lock()

    async def one(n: int) -> int:
        async with gate:
            return await one_day(house, sent, n, desk)

    seen = sum(await asyncio.gather(*(one(n) for n in range(people))))
    assert (await house.call("POST", "/api/enterprises/E1/export?as=csv", token=house.tokens["hr"])).status == 200
    return seen


async def patiently(house: HouseUnderTest, token: str, kind: str, **command: object) -> dict[str, object]:
    """As `do`, as long as the hub says: later."""
    for _ in range(400):
        answer = await do(house, token, kind, **command)
        if answer.get("code") != "too_many":
            return answer
        await asyncio.sleep(answer["params"]["retry_ms"] / 1000)
    raise AssertionError(f"{kind} was never taken")


async def one_day(house: HouseUnderTest, sent: KeptMessages, n: int, desk: asyncio.Lock) -> int:
    """Applying, also twice and from two devices; looks, answers, a code, what is held, erasing. `desk`: the one HR of
    the enterprise does one thing at a time."""
    firm, seen = house.tokens["hr"], 0
    guest = (await house.call("POST", "/api/guest", body={})).json["token"]
    command = {
        "session": "S01",
        "position": f"P01{n % 8}",
        "name": name(n),
        "phone": phone(n),
        "for_whom": name(n + 100) if n % 3 == 0 else "",
        "consent": "2026-11",
        "age_confirmed": True,
    }
    receipt = await patiently(house, guest, "apply", **command)
    assert receipt["t"] == "receipt", receipt
    other = (await house.call("POST", "/api/guest", body={})).json["token"]
    assert (await patiently(house, other, "apply", **command))["receipt"] != receipt["receipt"], "one for each device"
    application = receipt["application"]
    async with desk:
        opened = await patiently(house, firm, "open_application", application=application)
        seen += phone(n) in str(opened)
        answer = {"application": application, "status": "contacted", "outcome": "reached"}
        await patiently(house, firm, "answer_application", **answer)
    if n % 4 == 0:
        assert (await patiently(house, other, "ask_code", phone=phone(n)))["t"] == "code_sent"
        code = sent.code(phone(n))
        assert (await patiently(house, other, "confirm_code", phone=phone(n), code=code))["t"] == "done"
        seen += phone(n) in str(await patiently(house, other, "my_data"))
    else:
        seen += phone(n) in str(await patiently(house, guest, "my_data"))
    if n % 5 == 0:
        await patiently(house, guest, "withdraw", application=application)
    if n % 6 == 0:
        await patiently(house, guest, "erase_me")
    refused = await patiently(house, guest, "apply", **{**command, "phone": phone(n) + "9"})
    assert phone(n) not in str(refused)
    await where_it_does_not_belong(house, guest, n)
    return seen


async def where_it_does_not_belong(house: HouseUnderTest, guest: str, n: int) -> None:
    """People type their number wherever there is a field: in the chat, in a question, into the search, into a report;
    and some apply by the plain form, with a slip in it first."""
    words = f"我是{name(n)}，电话{phone(n)}"
    said = await patiently(house, guest, "say", session="S01", text=words)
    asked = await patiently(house, guest, "ask", session="S01", position="P010", topic="free", text=words)
    assert {said["t"], asked["t"]} == {"refused"}
    assert phone(n) not in f"{said}{asked}"
    await patiently(house, guest, "report", session="S01", subject="room", reason="fee", text=words)
    for path in (f"/?q={phone(n)}", f"/api/positions?q={phone(n)}", f"/position/{phone(n)}", f"/room/{phone(n)}"):
        await house.call("GET", path)
    for number in (phone(n)[:-1], phone(n)):
        form = urlencode({"session": "S01", "consent": "2026-11", "name": name(n), "phone": number, "for_whom": "妈妈"})
        answer = await house.call(
            "POST",
            f"/position/P01{n % 8}/apply?lang=en",
            data=form.encode(),
            headers={"Content-Type": "application/x-www-form-urlencoded", "Origin": house.url},
        )
        assert answer.status in (200, 409, 422, 429), answer.status


@pytest.mark.redis
@pytest.mark.parametrize("people", [24, pytest.param(200, marks=[pytest.mark.real_numbers, pytest.mark.timeout(900)])])
async def test_names_and_numbers_are_nowhere_but_in_the_store(
    tmp_path: Path, redis_server: RedisServer, caplog: pytest.LogCaptureFixture, people: int
):
    caplog.set_level(logging.DEBUG)
    sent = KeptMessages()
    config = make_config(tmp_path, bus=BusSection(kind="redis", url=redis_server.url))
    specialist = (Grant(role=Role.SPECIALIST, scope="E1"), Grant(role=Role.SPECIALIST, scope="E2"))
    async with monitored(redis_server) as bus, serving(config, sender=sent) as house:
        await do(house, house.tokens["host"], "go_live", session="S01")
        helper = house.house.issuer.of(PersonId("p_specialist"), "专员", specialist, "client").token
        async with (
            listening(house, house.tokens["hr"], "firm/E1", "stage/S01", "chat/S01") as firm,
            listening(house, helper, "firm/E1", "firm/E2") as specialists,
            listening(house, house.tokens["host"], "desk/S01", "stage/S01", "pulse/S01") as host,
            listening(house, house.tokens["operator"], "area/220000", "pulse/220000", "watch/220100") as operator,
            listening(house, house.tokens["guest"], "me/g_guest", "stage/S01") as guest,
        ):
            seen = await a_day(house, sent, people)
            metrics = (await house.call("GET", "/metrics")).body
            await asyncio.sleep(1.5)
        ears = (firm, specialists, host, operator, guest)
        assert len(firm.pushes()) > people // 2
        assert sum(body["t"] == "application_came" for _, body in host.pushes()) >= people
    assert seen > people, "the numbers did go through the house"
    assert len(bus) > 1_000
    log = "\n".join(record.getMessage() + str(record.args) for record in caplog.records).encode()
    places = {"bus": bytes(bus), "log": log, "metrics": metrics}
    places |= {f"pushes {n}": bytes(one.raw) for n, one in enumerate(ears)}
    marks = [phone(n) for n in range(people)] + [phone(n)[3:] for n in range(people)] + ["慕容", "标记"]
    # MONITOR prints bytes above 127 as \\xNN.
    found = [
        (where, mark)
        for where, content in places.items()
        for mark in marks
        if mark.encode() in content or repr(mark.encode())[2:-1].encode() in content
    ]
    assert found == []
