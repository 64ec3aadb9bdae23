"""Codes at the door: what a person with a phone meets, and what a stranger with somebody else's number meets."""

import asyncio
import io
import json
from collections.abc import AsyncIterator
from pathlib import Path

import msgspec
import pytest
import pytest_asyncio
from aiohttp import web

from server.outside.console import ConsoleSender
from server.outside.gateway import Gateway, HttpSender
from server.outside.message import Message, Purpose, SendFailed
from tests.wire.houses import Clock, HouseUnderTest, do, guest, make_config, serving
from tests.wire.senders import KeptMessages

PHONE = "13800138000"
MESSAGE = Message(purpose=Purpose.CODE, phone=PHONE, text="验证码 123456", params={"code": "123456"}, key="k-1")


async def test_a_code_is_sent_and_opens_ones_applications_on_another_device(house: HouseUnderTest, sent: KeptMessages):
    host, phone, tablet = house.tokens["host"], await guest(house), await guest(house)
    await do(house, host, "go_live", session="S01")
    apply = {"session": "S01", "position": "P010", "name": "张师傅", "phone": PHONE, "consent": "2026-11"}
    receipt = (await do(house, phone, "apply", age_confirmed=True, **apply))["receipt"]

    answer = await do(house, tablet, "ask_code", phone="+86 138-0013-8000")
    assert answer == {"t": "code_sent", "valid_ms": 300_000, "again_after_ms": 60_000, "aloud": True}, (
        "no code outside a demonstration"
    )
    (message,) = sent.messages
    assert (message.phone, message.purpose) == (PHONE, Purpose.CODE)
    assert message.text.startswith("【直播带岗】验证码")
    assert (await do(house, tablet, "my_applications"))["applications"] == []
    assert (await do(house, tablet, "confirm_code", phone=PHONE, code=f" {sent.code()} "))["t"] == "done"
    (mine,) = (await do(house, tablet, "my_applications"))["applications"]
    assert (mine["receipt"], mine["confirmed"]) == (receipt, True)


async def test_each_mistake_has_its_own_answer(house: HouseUnderTest, sent: KeptMessages, clock: Clock):
    me, stranger = await guest(house), await guest(house)

    async def name(token: str, code: str, phone: str = PHONE) -> tuple[str, dict]:
        answer = await do(house, token, "confirm_code", phone=phone, code=code)
        return answer.get("code", answer["t"]), answer.get("params", {})

    assert (await do(house, me, "ask_code", phone="12345"))["code"] == "phone_invalid"
    assert await name(me, "123456") == ("code_unknown", {})
    await do(house, me, "ask_code", phone=PHONE)
    code = sent.code()
    wrong = f"{(int(code) + 1) % 10**6:06}"
    assert await name(me, "12345") == ("code_invalid", {"digits": 6})
    assert await name(me, wrong) == ("code_wrong", {"left": 4})
    assert await name(stranger, code) == ("code_unknown", {}), "a code is for who asked for it"
    assert await name(me, code, "13900139000") == ("code_unknown", {})
    again = await do(house, stranger, "ask_code", phone=PHONE)
    assert again["code"] == "code_too_often"
    assert 0 < again["params"]["retry_ms"] <= 60_000
    assert await name(me, code) == ("done", {})
    assert await name(me, code) == ("code_used", {})
    clock.ahead_ms = 61_000
    await do(house, me, "ask_code", phone=PHONE)
    clock.ahead_ms += 300_000
    assert await name(me, sent.code()) == ("code_expired", {"minutes": 5})
    assert PHONE not in json.dumps(again)


async def test_a_gateway_that_fails_is_told(house: HouseUnderTest, sent: KeptMessages):
    sent.failing = SendFailed("down", again=True)
    assert (await do(house, await guest(house), "ask_code", phone=PHONE))["code"] == "code_not_sent"
    counted = (await house.call("GET", "/metrics")).body.decode()
    assert "daigang_messages_failed_total 1.0" in counted
    assert "daigang_messages_sent_total 0.0" in counted


async def test_a_demonstration_shows_the_code(demo_server: HouseUnderTest):
    me = await guest(demo_server)
    answer = await do(demo_server, me, "ask_code", phone=PHONE)
    assert (await do(demo_server, me, "confirm_code", phone=PHONE, code=answer["code"]))["t"] == "done"


async def test_a_house_may_send_no_codes(tmp_path: Path):
    config = msgspec.structs.replace(make_config(tmp_path), phone_confirmation="off")
    async with serving(config, sender=KeptMessages()) as house:
        assert (await do(house, await guest(house), "ask_code", phone=PHONE))["code"] == "codes_off"
        assert (await house.call("GET", "/api/setup")).json["confirmation"] == "off"


# ---- senders ---------------------------------------------------------------------------------------------------------


async def test_the_console_prints_to_a_terminal_only_and_the_number_masked():
    class Terminal(io.StringIO):
        def isatty(self) -> bool:
            return True

    terminal = Terminal()
    await ConsoleSender(to=terminal).send(MESSAGE)
    assert terminal.getvalue() == "[to 138****8000] 验证码 123456\n"
    with pytest.raises(SendFailed):
        await ConsoleSender(to=io.StringIO()).send(MESSAGE)
    await ConsoleSender(to=io.StringIO(), mute_is_fine=True).send(MESSAGE)


class PostTaker:
    """A real gateway on a free port: answers as it is told, keeps what it got."""

    def __init__(self) -> None:
        self.answers: list[int] = []
        self.got: list[tuple[dict, dict]] = []
        self.url = ""

    async def take(self, request: web.Request) -> web.Response:
        self.got.append((await request.json(), dict(request.headers)))
        status = self.answers.pop(0) if self.answers else 200
        if status == 0:
            await asyncio.sleep(5)
        return web.Response(status=status or 200)


@pytest_asyncio.fixture
async def gateway() -> AsyncIterator[PostTaker]:
    taker = PostTaker()
    app = web.Application()
    app.router.add_post("/send", taker.take)
    runner = web.AppRunner(app, shutdown_timeout=0.1)
    await runner.setup()
    site = web.TCPSite(runner, "127.0.0.1", 0)
    await site.start()
    taker.url = f"http://127.0.0.1:{runner.addresses[0][1]}/send"
    try:
        yield taker
    finally:
        await runner.cleanup()


async def test_the_gateway_gets_one_post_with_key_secret_and_template(gateway: PostTaker):
    sender = HttpSender(
        Gateway(url=gateway.url, timeout_s=5, secret="s3cret", headers={"X-App": "1"}, templates={"code": "T1"})
    )
    await sender.send(MESSAGE)
    await sender.close()
    ((body, headers),) = gateway.got
    assert body == {
        "phone": PHONE,
        "text": "验证码 123456",
        "template": "T1",
        "params": {"code": "123456"},
        "key": "k-1",
    }
    assert (headers["Authorization"], headers["Idempotency-Key"], headers["X-App"]) == ("Bearer s3cret", "k-1", "1")


async def test_a_lost_answer_is_asked_for_again_with_the_same_key(gateway: PostTaker):
    sender = HttpSender(Gateway(url=gateway.url, timeout_s=5))
    gateway.answers = [503, 200]
    await sender.send(MESSAGE)
    assert [body["key"] for body, _ in gateway.got] == ["k-1", "k-1"]
    for answers, posts, again in (([503, 500], 2, True), ([400], 1, False)):
        gateway.answers, gateway.got = list(answers), []
        with pytest.raises(SendFailed) as caught:
            await sender.send(MESSAGE)
        assert (len(gateway.got), caught.value.again) == (posts, again)
    await sender.close()


async def test_a_gateway_that_hangs_or_is_not_there_has_a_limit(gateway: PostTaker):
    gateway.answers = [0, 0]
    for url in (gateway.url, "http://127.0.0.1:1/send"):
        sender = HttpSender(Gateway(url=url, timeout_s=0.2))
        with pytest.raises(SendFailed) as caught:
            await sender.send(MESSAGE)
        await sender.close()
        assert caught.value.again
        assert PHONE not in str(caught.value)
