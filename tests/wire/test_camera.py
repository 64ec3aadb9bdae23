"""A phone as camera: a code that is good once, a pass that sends one session's picture and opens nothing else."""

import asyncio

import pytest

from server.actions.cameras import PASS_MS, TICKET_MS
from server.core.limits import Close
from server.store import camera_rows
from server.web import media_door
from tests.media.recordings import recording
from tests.wire.broadcasting import casting, go_live, playlist_with
from tests.wire.houses import HOST_PASSWORD, Clock, HouseUnderTest
from tests.wire.test_live_door import watching

pytestmark = pytest.mark.usefixtures("blockbuster")


async def ticket(server: HouseUnderTest, session: str = "S01") -> str:
    answer = await server.call("POST", f"/api/sessions/{session}/camera", token=server.tokens["host"])
    assert answer.status == 200, answer.body
    link = answer.json["link"]
    assert link.startswith(f"{server.url}/camera#")
    assert "<svg" in answer.json["qr"]
    return str(link.partition("#")[2])


async def paired(server: HouseUnderTest) -> str:
    answer = await server.call("POST", "/api/camera", body={"ticket": await ticket(server)})
    assert (answer.status, answer.json["session"]) == (200, "S01")
    return str(answer.json["token"])


async def refused(server: HouseUnderTest, secret: str, session: str = "S01", *, origin: bool = True) -> tuple[str, int]:
    async with casting(server, session, who=secret, phone=True, origin=origin) as phone:
        code = (await phone.hear("refused"))["code"]
        return code, (await phone.hear("closed"))["code"]


async def test_a_phone_sends_and_consoles_know_it(house: HouseUnderTest) -> None:
    await go_live(house)
    secret = await paired(house)
    async with (
        casting(house, who=secret, phone=True, origin=True) as phone,
        watching(house, picture=False) as console,
    ):
        await phone.hear("ready")
        await phone.begin()
        await phone.send(recording(3.0, size=(96, 170)))
        await playlist_with(house, "#EXTINF")
        while (await console.hear("standing"))["source"] != "phone":
            pass
        await phone.say(t="trouble", what="hidden")
        while (await console.hear("standing"))["trouble"] != "hidden":
            pass
    async with casting(house, who=secret, phone=True, origin=True) as again:
        await again.hear("ready")


async def test_a_code_is_good_once_and_for_minutes(house: HouseUnderTest, clock: Clock) -> None:
    once = await ticket(house)
    late = await ticket(house)
    assert (await house.call("POST", "/api/camera", body={"ticket": once})).status == 200
    assert (await house.call("POST", "/api/camera", body={"ticket": once})).json["code"] == "not_found"
    clock.ahead_ms += TICKET_MS + 1
    assert (await house.call("POST", "/api/camera", body={"ticket": late})).status == 404
    assert (await house.call("POST", "/api/camera", body={"ticket": "x"})).status == 404


async def test_a_pass_opens_nothing_else(house: HouseUnderTest) -> None:
    await go_live(house)
    secret = await paired(house)
    assert await refused(house, secret, "S02") == ("not_signed_in", Close.WHO_ARE_YOU)
    assert await refused(house, secret, origin=False) == ("forbidden", Close.FORBIDDEN)
    assert await refused(house, await ticket(house)) == ("not_signed_in", Close.WHO_ARE_YOU), "a code is no pass"
    assert await refused(house, house.tokens["host"]) == ("not_signed_in", Close.WHO_ARE_YOU)
    async with casting(house, who=secret, origin=True) as console:
        assert (await console.hear("refused"))["code"] == "not_signed_in"
    async with watching(house, who=secret) as watcher:
        assert (await watcher.hear("refused"))["code"] == "not_signed_in"
    end = {"t": "end_session", "session": "S01", "key": "by-a-phone"}
    for answer in (
        await house.call("POST", "/api/commands", token=secret, body=end),
        await house.call("POST", "/api/sessions/S01/camera", token=secret),
        await house.call("POST", "/api/renew", token=secret, body={}),
    ):
        assert answer.json["code"] == "not_signed_in"


async def test_who_was_scanned_in_a_rehearsal_sends_the_session_too(house: HouseUnderTest) -> None:
    body = {"t": "start_rehearsal", "session": "S01", "key": "rehearse-first"}
    there = (await house.call("POST", "/api/commands", token=house.tokens["host"], body=body)).json["session"]
    answer = await house.call("POST", "/api/camera", body={"ticket": await ticket(house, there)})
    assert (answer.json["session"], answer.json["after"]) == (there, "S01")
    secret = answer.json["token"]
    async with casting(house, there, who=secret, phone=True, origin=True) as phone:
        await phone.hear("ready")
    await go_live(house)
    async with casting(house, who=secret, phone=True, origin=True) as phone:
        await phone.hear("ready")
    await house.call("POST", "/api/sessions/S01/camera/revoke", token=house.tokens["host"])
    assert await refused(house, secret) == ("not_signed_in", Close.WHO_ARE_YOU)


async def test_a_pass_ends_by_itself_and_when_it_is_taken_back(house: HouseUnderTest, clock: Clock) -> None:
    await go_live(house)
    secret = await paired(house)
    assert (await house.call("POST", "/api/sessions/S01/camera/revoke", token=house.tokens["guest"])).status == 403
    async with casting(house, who=secret, phone=True, origin=True) as phone:
        await phone.hear("ready")
        assert (await house.call("POST", "/api/sessions/S01/camera/revoke", token=house.tokens["host"])).status == 200
    assert await refused(house, secret) == ("not_signed_in", Close.WHO_ARE_YOU)
    secret = await paired(house)
    clock.ahead_ms += PASS_MS + 1
    assert await refused(house, secret) == ("not_signed_in", Close.WHO_ARE_YOU)


async def test_a_phone_that_sends_is_cut_when_its_right_is_taken_back(
    house: HouseUnderTest, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(media_door, "CHECK_TOKEN_S", 0.3)
    await go_live(house)
    secret = await paired(house)
    async with casting(house, who=secret, phone=True, origin=True) as phone:
        await phone.begin()
        sending = asyncio.create_task(phone.send(recording(2.0) * 20, every_s=0.02))
        await asyncio.sleep(0.5)
        await house.call("POST", "/api/sessions/S01/camera/revoke", token=house.tokens["host"])
        assert (await phone.hear("refused"))["code"] == "not_signed_in"
        sending.cancel()


async def test_who_is_host_no_more_has_no_phones_either(house: HouseUnderTest) -> None:
    await go_live(house)
    anna = (await house.call("POST", "/api/sign-in", body={"name": "anna", "password": HOST_PASSWORD})).json
    offers = [await house.call("POST", "/api/sessions/S01/camera", token=anna["token"]) for _ in range(2)]
    tickets = [answer.json["link"].partition("#")[2] for answer in offers]
    first = (await house.call("POST", "/api/camera", body={"ticket": tickets[0]})).json["token"]
    async with casting(house, who=first, phone=True, origin=True) as phone:
        await phone.hear("ready")
    gone = {"t": "revoke_role", "person": anna["person"], "role": "host", "scope": "S01", "key": "no-host-any-more"}
    answer = await house.call("POST", "/api/commands", token=house.tokens["operator"], body=gone)
    assert answer.status == 200, answer.body
    assert await refused(house, first) == ("not_signed_in", Close.WHO_ARE_YOU)
    second = (await house.call("POST", "/api/camera", body={"ticket": tickets[1]})).json["token"]
    assert await refused(house, second) == ("not_signed_in", Close.WHO_ARE_YOU), "offered before"


async def test_only_the_host_offers_and_few_passes_are_kept(house: HouseUnderTest) -> None:
    for who, session, status in (("guest", "S01", 403), ("hr", "S01", 403), ("host", "S02", 403), ("", "S01", 401)):
        answer = await house.call("POST", f"/api/sessions/{session}/camera", token=house.tokens.get(who, ""))
        assert answer.status == status
    codes = [await ticket(house) for _ in range(camera_rows.PASSES_MOST + 1)]
    assert (await house.call("POST", "/api/camera", body={"ticket": codes[0]})).status == 404
    assert (await house.call("POST", "/api/camera", body={"ticket": codes[1]})).status == 200


async def test_the_way_to_the_hub_is_measured(house: HouseUnderTest) -> None:
    async with casting(house, probe=True) as host:  # before the session goes on air
        for _ in range(40):
            await host.ws.send_bytes(bytes(32 * 1024))
        assert (await host.hear("probed"))["kbit_s"] > 1_000
        await host.hear("closed")
    async with casting(house, probe=True) as host:
        await host.say(t="begin", mime="video/webm", started_at_ms=0)
        assert (await host.hear("refused"))["code"] == "out_of_turn"
    async with casting(house, who="guest", probe=True) as guest:
        assert (await guest.hear("refused"))["code"] == "forbidden"
    for _ in range(3):
        async with casting(house, probe=True) as host:
            await host.ws.send_bytes(b"x")
    async with casting(house, probe=True) as host:
        assert (await host.hear("refused"))["code"] == "too_many"
