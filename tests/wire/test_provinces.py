"""Several provinces (DESIGN 7): reads fan out, writes go home, counts count once, and a cut link heals (promises 14-16,
as far as order and wholeness go; times are measured in bench)."""

import asyncio
import base64
import contextlib
import logging
from collections.abc import AsyncIterator

import pytest
from msgspec import Raw
from redis.asyncio import Redis
from redis.asyncio.client import PubSub
from redis.exceptions import NoPermissionError
from websockets.asyncio.client import connect

from clients.python import Doors, FarToken
from server.bus.bus import Announcement
from server.bus.far_entries import NOT_READABLE
from server.core.bodies import Launched, NoticePinned, decode_body, encode_body
from server.core.limits import PROTOCOL_VERSION
from server.core.model import Channel, Entry, Epoch, PersonId, Since
from server.core.protocol import (
    Hello,
    Join,
    Joined,
    MyApplications,
    MyApplicationsAre,
    Overview,
    OverviewIs,
    Pulse,
    Push,
    Refused,
    Renew,
    SessionPulse,
    StageSnapshot,
    Welcome,
    encode,
)
from server.core.refusal import Code
from server.web.issuing import FAR_TOKEN_MS
from tests.faults.link import Fault
from tests.services import RedisServer
from tests.wire.houses import HouseUnderTest, do, guest
from tests.wire.hubs import CONSENT, Line, eventually
from tests.wire.provinces import HERE, THERE, Pair, far_token
from tests.wire.test_marked_numbers import monitored

log = logging.getLogger(__name__)
STAGE = f"stage/S01@{THERE}"
PHONE = "13800571234"


@contextlib.asynccontextmanager
async def viewer(house: HouseUnderTest, token: str = "") -> AsyncIterator[Line]:
    async with connect(house.ws_url, compression=None, proxy=None, origin=house.url) as link:  # type: ignore[arg-type]
        line = Line(link)
        hello = Hello(version=PROTOCOL_VERSION, token=token or await guest(house))
        assert isinstance(await line.call(hello), Welcome)
        yield line


async def show(house: HouseUnderTest, *numbers: int) -> None:
    for number in numbers:
        said = await do(house, house.tokens["host"], "show_card", session="S01", position=f"P01{number % 8}")
        assert said["t"] == "done", said


async def joined_there(line: Line) -> Joined:
    """In the far room, once its home has shown it."""
    async with asyncio.timeout(10):
        while True:
            reply = await line.call(Join(channel=STAGE))
            if isinstance(reply, Joined):
                return reply
            assert isinstance(reply, Refused)
            assert reply.temporary
            await asyncio.sleep(0.1)


async def test_a_session_is_watched_far_away_and_applied_for_at_home(
    pair: Pair, redis_server: RedisServer, redis_there: RedisServer
) -> None:
    here, there = pair.here, pair.there
    await do(there, there.tokens["host"], "go_live", session="S01")
    await show(there, 1)
    async with monitored(redis_server) as bus_here, monitored(redis_there) as bus_there:
        token = await guest(here)
        async with viewer(here, token) as line, viewer(there) as local:
            start = await joined_there(line)
            assert isinstance(start.snapshot, StageSnapshot)
            assert start.snapshot.home == there.url
            await local.join("stage/S01")
            await line.join(f"chat/S01@{THERE}")
            await show(there, *range(2, 12))
            seen = await line.offsets(STAGE, 12)
            assert start.offset in (1, 2)
            assert seen == list(range(start.offset + 1, 13))

            # A line that is said at home is read in the other.
            said = await do(there, there.tokens["host"], "say", session="S01", text="今天都在")
            assert said["t"] == "done", said
            chat = f"chat/S01@{THERE}"
            await line.until(lambda m: isinstance(m, Push) and m.channel == chat and "今天".encode() in bytes(m.body))

            await counted_once(there, here, line)

            # Written at home, by who is vouched for in the other.
            fields = {"session": "S01", "position": "P011", "name": "慕容标记", "phone": PHONE, "consent": CONSENT}
            shown = await far_token(here, token, THERE)
            answer = await there.call(
                "POST",
                "/api/commands",
                token=shown,
                body={"t": "apply", "age_confirmed": True, "key": "far-key-1", **fields},
                headers={"Origin": here.url},
            )
            assert answer.json["t"] == "receipt", answer.json
            assert answer.headers["Access-Control-Allow-Origin"] == here.url
            mine = await do(there, shown, "my_applications")
            assert len(mine["applications"]) == 1
            assert (await do(here, token, "my_applications"))["applications"] == []
    for place, heard in (("here", bus_here), ("there", bus_there)):
        assert len(heard) > 500
        for mark in (PHONE, PHONE[3:], "标记"):
            assert mark.encode() not in heard, place
            assert repr(mark.encode())[2:-1].encode() not in heard, place


async def counted_once(there: HouseUnderTest, here: HouseUnderTest, line: Line) -> None:
    """One viewer there, one here: two at home, and the same number is told here; here's own numbers know of none."""
    await line.join(f"pulse/S01@{THERE}")
    is_two = lambda m: isinstance(m, Pulse) and isinstance(m.body, SessionPulse) and m.body.numbers.online == 2  # noqa: E731
    await line.until(is_two)
    async with viewer(there, there.tokens["operator"]) as operator:
        reply = await operator.call(Overview(region=HERE))
        assert isinstance(reply, Refused)
    for house, code, online in ((there, THERE, 2), (here, HERE, 0)):
        token = house.house.issuer.of(PersonId("p_boss"), "x", (_operator(code),), "client").token
        async with viewer(house, token) as operator:
            reply = await operator.call(Overview(region=code))
            assert isinstance(reply, OverviewIs)
            assert reply.regions[0].numbers.online == online


def _operator(code: str):
    from server.core.model import Grant, Role

    return Grant(role=Role.OPERATOR, scope=code)


async def test_nobody_far_is_more_than_a_guest(pair: Pair, redis_there: RedisServer) -> None:
    here, there = pair.here, pair.there
    await do(there, there.tokens["host"], "go_live", session="S01")
    for who in ("host", "operator", "hr"):
        for t, fields in (
            ("show_card", {"session": "S01", "position": "P011"}),
            ("cut_off", {"session": "S01", "reason": "x"}),
            ("list_firms", {}),
        ):
            said = await do(there, await far_token(here, here.tokens[who], THERE), t, **fields)
            assert said.get("code") == Code.FORBIDDEN or said.get("firms") == [], (who, t, said)
    async with viewer(here) as line:
        for channel, code in (
            (f"desk/S01@{THERE}", Code.FORBIDDEN),
            (f"me/p_host@{THERE}", Code.FORBIDDEN),
            (f"house/{THERE}@{THERE}", Code.FORBIDDEN),
            (f"watch/{THERE}@{THERE}", Code.FORBIDDEN),
            (f"area/{THERE}@{THERE}", Code.FORBIDDEN),
            (f"firm/E1@{THERE}", Code.FORBIDDEN),
            ("stage/S01@330000", Code.NOT_FOUND),
            (f"stage/S01@{HERE}", Code.NOT_FOUND),
        ):
            reply = await line.call(Join(channel=channel))
            assert isinstance(reply, Refused)
            assert reply.code is code, channel
    # A far page may read and send commands; it signs nobody in, uploads nothing, and others may do neither.
    origin = {"Origin": here.url}
    wants = {**origin, "Access-Control-Request-Method": "POST"}
    assert (await there.call("OPTIONS", "/api/commands", headers=wants)).status == 204
    assert (await there.call("GET", "/api/fair", headers=origin)).headers["Access-Control-Allow-Origin"] == here.url
    assert (await there.call("POST", "/api/guest", body={}, headers=origin)).status == 403
    assert (await there.call("POST", "/api/sign-in", body={}, headers=origin)).status == 403
    assert (await there.call("POST", "/api/tokens/for", body={"province": HERE}, headers=origin)).status == 403
    stranger = await there.call("GET", "/api/fair", headers={"Origin": "https://evil.example"})
    assert "Access-Control-Allow-Origin" not in stranger.headers
    # The user of the link may listen, and tell its numbers; it can write nothing and pretend nothing.
    async with Redis.from_url(f"redis://far-{HERE}:pass@127.0.0.1:{redis_there.port}/0") as redis:
        assert await redis.publish(f"daigang:{THERE}:far:{HERE}", b"") >= 1
        for words in (
            ("PUBLISH", f"daigang:{THERE}:live:stage/S01", "x"),
            ("PUBLISH", f"daigang:{THERE}:far:110000", "x"),
            ("PUBLISH", f"daigang:{THERE}:ticks", "x"),
            ("PUBLISH", f"daigang:{THERE}:pulse", "x"),
            ("ZADD", f"daigang:{THERE}:set:stage/S01:e", "1", "x"),
            ("ZRANGEBYSCORE", f"daigang:{THERE}:set:firm/E1:e", "0", "+inf"),
            ("KEYS", "*"),
        ):
            with pytest.raises(NoPermissionError):
                await redis.execute_command(*words)


async def test_what_is_shown_to_a_far_province_is_good_there_alone(pair: Pair) -> None:
    """Who reads the memory or the logs of the other province can do nothing at the person's home, and gets nothing
    further out of what was shown."""
    here, there = pair.here, pair.there
    token = await guest(here)
    answer = await here.call("POST", "/api/tokens/for", token=token, body={"province": THERE})
    proof = answer.json
    assert (proof["province"], proof["until_ms"] - proof["now_ms"]) == (THERE, FAR_TOKEN_MS)
    shown = proof["token"]
    at_home, far = here.hub.verify(token), there.hub.verify(shown)
    assert (far.person, far.name, far.kind) == (f"{HERE}.{at_home.person}", at_home.name, at_home.kind)
    assert (await do(there, shown, "my_applications"))["t"] == "my_applications_are"
    # What is good at home is nothing there, and what is shown there is nothing at home: at any door, on any line.
    for house, wrong in ((there, token), (here, shown)):
        for path, body in (
            ("/api/commands", {"t": "my_applications"}),
            ("/api/renew", {}),
            ("/api/tokens/for", {"province": HERE if house is there else THERE}),
        ):
            answer = await house.call("POST", path, token=wrong, body=body)
            assert (answer.status, answer.json["code"]) == (401, Code.NOT_SIGNED_IN), path
        async with viewer(house) as line:
            reply = await line.call(Renew(token=wrong))
            assert isinstance(reply, Refused)
            assert reply.code is Code.NOT_SIGNED_IN
        async with connect(house.ws_url, compression=None, proxy=None, origin=house.url) as link:  # type: ignore[arg-type]
            reply = await Line(link).call(Hello(version=PROTOCOL_VERSION, token=wrong))
            assert isinstance(reply, Refused)
            assert reply.code is Code.NOT_SIGNED_IN
    # Nobody there makes more of it: no longer one, and none for a third.
    for path, body in (("/api/renew", {}), ("/api/tokens/for", {"province": HERE})):
        assert (await there.call("POST", path, token=shown, body=body)).status == 401
    # A role at home is not told there; there is none for a province that is not known, or for oneself.
    told = base64.urlsafe_b64decode((await far_token(here, here.tokens["host"], THERE)).partition(".")[0] + "==")
    assert b"grants" not in told
    for code in (HERE, "330000"):
        refused = await here.call("POST", "/api/tokens/for", token=token, body={"province": code})
        assert (refused.status, refused.json["code"]) == (404, Code.NOT_FOUND)


async def test_far_tokens_are_rationed_and_end_with_the_one_at_home(pair: Pair) -> None:
    here, there = pair.here, pair.there
    boss = here.proofs["host"]
    now_ms = boss.until_ms - 60_000
    here.house.issuer._clock_ms = lambda: now_ms
    proof = here.house.issuer.far_token(here.hub.verify(boss.token), THERE)
    assert (proof.now_ms, proof.until_ms) == (now_ms, boss.until_ms)
    here.house.issuer._clock_ms = here.hub.clock_ms
    token = await guest(here)
    statuses = [
        (await here.call("POST", "/api/tokens/for", token=token, body={"province": THERE})).status for _ in range(60)
    ]
    assert statuses[:30] == [200] * 30
    assert statuses[-1] == 429
    assert (await here.call("POST", "/api/tokens/for", token=await guest(here), body={"province": THERE})).status == 200
    # The Python client: one for many, until it has nearly run out.
    shown = FarToken(Doors(here.url), THERE, await guest(here))
    first = set(await asyncio.gather(*(shown() for _ in range(9))))
    assert len(first) == 1
    mine = await Doors(there.url).call(MyApplications(), first.pop())
    assert isinstance(mine, MyApplicationsAre)
    kept = await shown()
    shown._until_s -= FAR_TOKEN_MS / 1000 - 80.0
    assert await shown() != kept


async def test_a_rehearsal_is_nobodys_in_another_province(pair: Pair, redis_there: RedisServer) -> None:
    """Hubs of one province tell each other of it, under names that the user of far hubs may not read."""
    there, at = pair.there, f"daigang:{THERE}:"
    token = there.tokens["host"]
    rehearsal = (await do(there, token, "start_rehearsal", session="S01"))["session"]
    async with (
        Redis.from_url(f"redis://far-{HERE}:pass@127.0.0.1:{redis_there.port}/0") as far,
        Redis.from_url(f"redis://127.0.0.1:{redis_there.port}/0") as own,
        far.pubsub() as there_far,
        own.pubsub() as there_own,
        viewer(there, token) as line,
    ):
        assert isinstance(await line.call(Join(channel=f"stage/{rehearsal}")), Joined)
        open_names = (f"{at}open:ticks", f"{at}open:pulse", f"{at}live:stage/{rehearsal}", f"{at}live:chat/{rehearsal}")
        await there_far.subscribe(*open_names)
        await there_own.psubscribe(f"{at}*")
        said = await do(there, token, "show_card", session=rehearsal, position="P011")
        assert said["t"] == "done"
        await do(there, await guest(there), "send_chat", session=rehearsal, text="试播")
        await do(there, token, "go_live", session="S01")
        heard_far, heard_own = await heard(there_far, 1.5), await heard(there_own, 0.2)
        assert f"{at}open:ticks".encode() in heard_far
        assert b"stage/S01" in heard_far
        assert rehearsal.encode() not in heard_far
        assert b"desk/" not in heard_far
        assert f"live:apart:stage/{rehearsal}".encode() in heard_own, "the province's own hubs hear it"
        for words in (
            ("SUBSCRIBE", f"{at}ticks"),
            ("SUBSCRIBE", f"{at}pulse"),
            ("SUBSCRIBE", f"{at}live:apart:stage/{rehearsal}"),
            ("HMGET", f"{at}snapshot:apart:stage/{rehearsal}", "data"),
            ("ZRANGEBYSCORE", f"{at}set:apart:stage/{rehearsal}:e", "0", "+inf"),
        ):
            with pytest.raises(NoPermissionError):
                await far.execute_command(*words)
        kept = [key async for key in own.scan_iter(f"*{rehearsal}*")]
        assert kept
        assert all(key.startswith(f"{at}set:apart:".encode()) for key in kept), kept


async def heard(listening: PubSub, during_s: float) -> bytes:
    """All that comes, names and bodies."""
    said = []
    end_s = asyncio.get_running_loop().time() + during_s
    while (left_s := end_s - asyncio.get_running_loop().time()) > 0:
        message = await listening.get_message(ignore_subscribe_messages=True, timeout=left_s)
        if message is not None:
            said += [message["channel"], message["data"]]
    return b" ".join(said)


async def test_a_cut_link_leaves_both_sides_working_and_heals(pair: Pair) -> None:
    here, there = pair.here, pair.there
    for house in (here, there):
        await do(house, house.tokens["host"], "go_live", session="S01")
    async with viewer(here) as far, viewer(here) as near, viewer(there) as local:
        start = await joined_there(far)
        for line in (near, local):
            await line.join("stage/S01")
        pair.link.fault = Fault.BLACKHOLE
        bus = here.house.hub._bus
        await eventually(lambda: THERE in bus.silent, 10.0)  # type: ignore[attr-defined]
        await show(there, *range(1, 6))
        await show(here, *range(1, 6))
        assert (await near.offsets("stage/S01", 6))[-1] == 6
        assert (await local.offsets("stage/S01", 6))[-1] == 6
        async with viewer(here) as late:
            known = await late.call(Join(channel=STAGE))  # the room is open here: what is known is told
            assert isinstance(known, Joined)
            refused = await late.call(Join(channel=f"stage/S02@{THERE}"))
            assert isinstance(refused, Refused)
            assert (refused.code, refused.temporary) == (Code.UNAVAILABLE, True)
        pair.link.fault = Fault.PASS
        assert await far.offsets(STAGE, 6) == list(range(start.offset + 1, 7))
        await show(there, 6)
        assert await far.offsets(STAGE, 7) == [7]
        async with viewer(here) as late:
            back = await late.join(STAGE, Since(start.epoch, start.offset))  # type: ignore[arg-type]
            assert back.recovered
            assert [entry.offset for entry in back.entries] == list(range(start.offset + 1, 8))
            assert isinstance(await late.call(Join(channel=f"stage/S02@{THERE}")), Joined)


async def test_a_launch_is_told_in_other_provinces(pair: Pair) -> None:
    """By the stage alone: who is there hears it, who comes before its moment too, and no other province can say it."""
    here, there = pair.here, pair.there
    launch = {"region": THERE, "text": "现在开幕", "in_ms": 60_000}
    boss = there.house.issuer.of(PersonId("p_boss"), "x", (_operator(THERE),), "client").token
    shown = await far_token(here, here.tokens["operator"], THERE)
    assert (await do(there, shown, "launch", **launch))["code"] == Code.FORBIDDEN
    async with viewer(here) as early:
        start = await joined_there(early)
        assert (await do(there, boss, "launch", **launch))["t"] == "done"
        seen = await early.until(lambda m: isinstance(m, Push) and m.channel == STAGE)
        push = seen[-1]
        assert isinstance(push, Push)
        told = decode_body(bytes(push.body))
        assert isinstance(told, Launched)
        async with viewer(here) as late:
            joined = await late.join(STAGE)
            assert joined.offset == start.offset + 1
            assert isinstance(joined.snapshot, StageSnapshot)
            assert joined.snapshot.launch == told.launch
    # A hub that opens the room only now has it from the set beside the snapshot.
    here.hub.rooms._forget(here.hub.rooms._rooms[Channel(STAGE)])
    async with viewer(here) as latest:
        joined = await latest.join(STAGE)
        assert isinstance(joined.snapshot, StageSnapshot)
        assert joined.snapshot.launch == told.launch


async def test_a_far_hub_cannot_speak_as_the_viewers_own(pair: Pair) -> None:
    """A captured hub there writes what it likes into its stage: bytes that are nothing, and a message behind a body."""
    here, there = pair.here, pair.there
    await do(there, there.tokens["host"], "go_live", session="S01")
    async with viewer(here) as line:
        start = await joined_there(line)
        await line.join("stage/S01")
        notice = encode_body(NoticePinned(text="看这里"))
        behind = notice + encode(Push(channel="stage/S01", epoch="e", offset=1, at_ms=1, body=Raw(notice)))
        bodies = (b"\xc1", behind, notice)
        entries = tuple(Entry(start.offset + n, 1, body) for n, body in enumerate(bodies, 1))
        there.hub._bus.announce(Announcement(Channel("stage/S01"), Epoch(start.epoch), entries))
        seen = await line.until(lambda m: isinstance(m, Push) and m.offset == start.offset + 3)
        told = [(m.channel, bytes(m.body)) for m in seen if isinstance(m, Push)]
        assert told == [(STAGE, NOT_READABLE), (STAGE, NOT_READABLE), (STAGE, notice)]
    async with viewer(here) as late:
        assert (await late.join(STAGE)).offset == start.offset + 3


async def test_an_emptied_redis_is_filled_again(pair: Pair, redis_there: RedisServer) -> None:
    here, there = pair.here, pair.there
    await do(there, there.tokens["host"], "go_live", session="S01")
    async with viewer(here) as far:
        start = await joined_there(far)
        redis_there.flush()
        await show(there, *range(1, 4))
        assert await far.offsets(STAGE, 4) == list(range(start.offset + 1, 5))
    assert Channel(STAGE) in here.house.hub.rooms.names()


@pytest.mark.real_numbers
@pytest.mark.timeout(180)
async def test_presence_is_honest_when_a_province_is_cut_off(pair: Pair) -> None:
    """Promise 28: what was counted of a province that is not heard any more is void within 35 s, and back with it."""
    here, there = pair.here, pair.there
    await do(there, there.tokens["host"], "go_live", session="S01")
    async with viewer(here) as far, viewer(there) as local:
        await joined_there(far)
        await local.join("stage/S01")
        session = (await there.call("GET", "/api/sessions/S01")).json["session"]["id"]
        presence = there.hub.pulse.presence
        await eventually(lambda: presence.online(session) == 2, 10.0)
        pair.link.fault = Fault.BLACKHOLE
        await eventually(lambda: presence.online(session) == 1, 35.0)
        pair.link.fault = Fault.PASS
        await eventually(lambda: presence.online(session) == 2, 10.0)


@pytest.mark.real_numbers
@pytest.mark.timeout(180)
async def test_how_long_a_card_takes_to_another_province(pair: Pair) -> None:
    """Promises 14 and 15: cards one by one, then ten at once, over a link of 30 ms. Order is asserted, times are
    logged."""
    here, there = pair.here, pair.there
    pair.link.delay_s = 0.03
    pair.link.fault = Fault.DELAY
    await do(there, there.tokens["host"], "go_live", session="S01")
    async with viewer(here) as far, viewer(there) as local:
        start = await joined_there(far)
        await local.join("stage/S01")
        top, clock = start.offset, asyncio.get_running_loop().time
        late: dict[str, list[float]] = {"there": [], "here": []}
        for _ in range(8):  # a bare line answers no ping, so all of it takes less than 8 s
            began_s = clock()
            await show(there, top)
            top += 1
            await local.offsets("stage/S01", top)
            late["there"].append(clock() - began_s)
            assert await far.offsets(STAGE, top) == [top]
            late["here"].append(clock() - began_s)
            await asyncio.sleep(0.1)
        began_s = clock()
        await asyncio.gather(*(show(there, number) for number in range(10)))
        assert await far.offsets(STAGE, top + 10) == list(range(top + 1, top + 11))
        burst_s = clock() - began_s
    for place, times in late.items():
        times.sort()
        log.warning("a card %s: half within %.3f, all within %.3f s", place, times[len(times) // 2], times[-1])
    log.warning("ten at once, until the last is here: %.3f s", burst_s)
