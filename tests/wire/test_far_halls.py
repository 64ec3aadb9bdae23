"""The halls of other provinces, as the portal lists them: from the home's Redis, within bounds, and honest when
the link is cut."""

import asyncio
import re
from collections.abc import Callable
from pathlib import Path

import msgspec

from server.bus.bus import FAR, Snapshot
from server.core.channels import Kind, channel, far_channel
from server.core.model import Epoch, Numbers, SessionId
from server.core.protocol import AreaSnapshot, SessionPulse
from server.hub.far import MOST_HALLS, FarNumbers, pack_numbers
from server.hub.far_halls import LONGEST_NAME, Known
from server.hub.presence import MOST_FAR_HUBS, MOST_ONLINE, Presence
from tests.faults.link import Fault
from tests.wire.houses import HouseUnderTest, do
from tests.wire.hubs import running
from tests.wire.provinces import HERE, THERE, Pair, fair_of
from tests.wire.test_provinces import joined_there, viewer


async def known(house: HouseUnderTest, province: str, wanted: Callable[[Known], bool]) -> Known:
    """What the house knows of the other province, once it is as wanted."""
    async with asyncio.timeout(15):
        while not wanted(found := await house.hub.far_halls.look(province)):  # noqa: ASYNC110 (another house is asked)
            await asyncio.sleep(0.1)
    return found


async def test_far_halls_are_listed_and_a_cut_link_is_said(pair: Pair) -> None:
    here, there = pair.here, pair.there
    await do(there, there.tokens["host"], "go_live", session="S01")
    async with viewer(here) as line:
        await joined_there(line)
        found = await known(here, THERE, lambda one: (one.reachable, one.live, one.online) == (True, 1, 1))
    assert [hall.session.id for hall in found.halls] == [f"S01@{THERE}", f"S02@{THERE}"]
    listed = (await here.call("GET", "/api/provinces")).json["provinces"]
    assert [(one["code"], one["title"], one["halls"], one["live"]) for one in listed] == [(THERE, THERE, 2, 1)]
    answer = (await here.call("GET", f"/api/provinces/{THERE}")).json
    assert [hall["session"].get("state") for hall in answer["halls"]] == ["live", None]
    # The other way round nothing is on the air, and nobody lists themselves.
    assert (await known(there, HERE, lambda one: one.reachable)).live == 0
    assert (await here.call("GET", f"/api/provinces/{HERE}")).status == 404

    pair.link.fault = Fault.BLACKHOLE
    gone = await known(here, THERE, lambda one: not one.reachable)
    assert len(gone.halls) == 2
    assert gone.at_ms >= found.at_ms
    here.hub.far_halls._clock_ms = lambda: gone.at_ms + 3_700_000
    assert await here.hub.far_halls.look(THERE) == Known(reachable=False)


async def test_without_scripts_the_way_leads_to_their_home(pair: Pair) -> None:
    """The portal names the provinces, each has a page with its halls, and a hall leads to where it can be read."""
    here, there = pair.here, pair.there
    await do(there, there.tokens["host"], "go_live", session="S01")
    await known(here, THERE, lambda one: (one.reachable, one.live) == (True, 1))

    async def page(path: str) -> str:
        answer = await here.call("GET", path)
        assert answer.status == 200, path
        return answer.body.decode()

    portal = await page("/")
    assert "其他省份的会场" in portal
    assert "2 个会场 · 1 个正在直播" in portal
    link = re.search(r'href="(/\?province=[0-9]+)"', portal)
    assert link is not None
    halls = await page(link[1])
    rooms = re.findall(r'href="(/room/[^"]+)"', halls)
    assert rooms == [f"/room/S01%40{THERE}", f"/room/S02%40{THERE}"]
    assert "直播中" in halls
    room = await page(rooms[0])
    home = re.search(rf'href="({there.url}/room/[^"]+)"', room)
    assert home is not None
    assert (await there.call("GET", home[1].removeprefix(there.url))).status == 200
    english = await page(f"{rooms[0]}?lang=en")
    assert f'href="{there.url}/room/S01?lang=en"' in english
    assert "Positions on the site of" in english
    for unknown in (f"/?province={HERE}", "/?province=%22%3E", "/room/S01@110000"):
        assert (await here.call("GET", unknown)).status == 404, unknown
    # A hall nobody has heard of, and a province that is away: what is known, and the same way.
    pair.link.fault = Fault.BLACKHOLE
    await known(here, THERE, lambda one: not one.reachable)
    here.hub.far_halls._clock_ms = lambda: 2**42
    assert f'href="{there.url}/room/S09"' in await page(f"/room/S09@{THERE}")


async def test_what_another_house_says_is_bounded(pair: Pair) -> None:
    """A captured hub there puts what it likes into its own Redis."""
    here, there = pair.here, pair.there
    one = fair_of(THERE).sessions[0]
    replace = msgspec.structs.replace
    many = [replace(one, id=SessionId(f"H{n:04}"), title="长" * 100, venue_name="会" * 100) for n in range(600)]
    bad = [replace(one, id=SessionId(text)) for text in ("", "a/b", "S01@110000", "x" * 200, "a b", "\u202eS")]
    name, bus = channel(Kind.AREA, THERE), there.hub._bus

    def put(data: bytes) -> None:
        bus.put_snapshot(name, Snapshot(Epoch("evil"), 10**9, data))

    await known(here, THERE, lambda one: one.reachable)
    put(msgspec.msgpack.encode(AreaSnapshot(sessions=(*bad, *many))))
    found = await known(here, THERE, lambda one: len(one.halls) == MOST_HALLS)
    assert {len(hall.session.venue_name) for hall in found.halls} == {LONGEST_NAME}
    assert all(hall.session.id.startswith("H") for hall in found.halls)
    for nonsense in (b"\xc1", b"x" * 600_000, msgspec.msgpack.encode({"t": "area", "sessions": 3})):
        put(nonsense)
        assert len((await known(here, THERE, lambda one: not one.reachable)).halls) == MOST_HALLS


def test_far_numbers_are_bounded() -> None:
    numbers, presence = FarNumbers(), Presence()
    for part in range(4):
        told_now = {
            f"S{part}-{n}": SessionPulse(numbers=Numbers(live=1, online=-5 if n else 10**15), visits=1)
            for n in range(MOST_HALLS)
        }
        numbers.hear(THERE, pack_numbers(told_now), float(part))
    assert sum(len(told) for told in numbers._told.values()) == MOST_HALLS
    first = numbers.of(f"S3-0@{THERE}")
    assert first is not None
    assert first.numbers.online < 10**8
    other = numbers.of(f"S3-1@{THERE}")
    assert other is not None
    assert other.numbers.online == 0
    for hub in range(1_000):
        presence.hear_far(
            THERE, f"h{hub}", msgspec.msgpack.encode({"S01": 2**40, **{f"X{n}": 1 for n in range(9)}}), 1.0
        )
    assert presence.online(SessionId("S01")) == MOST_FAR_HUBS * MOST_ONLINE


async def test_far_hubs_speak_for_none_of_ours(tmp_path: Path) -> None:
    """Under the name of one of ours, and under more names than have places; nor for those of a third province."""
    name, third = (far_channel(f"{FAR}presence", province) for province in (THERE, "230000"))
    ours, nothing, one = (msgspec.msgpack.encode(told) for told in ({"S01": 7}, {}, {"S01": 1}))
    async with running(tmp_path) as hub:

        def online() -> int:
            return hub.hub.pulse.presence.online(SessionId("S01"))

        hub.hub.pulsed("ours", "presence", ours)
        for of in ("ours", *(f"h{n}" for n in range(1_000))):
            hub.hub.pulsed(of, name, nothing)
        assert online() == 7
        hub.hub.pulsed("another of ours", "presence", ours)
        assert online() == 14
        hub.hub.pulsed("ours", name, one)
        assert online() == 15
        hub.hub.pulsed("x" * 1_000_000, name, one)
        assert online() == 15, "a province has so many places"
        hub.hub.pulsed("ours", third, one)
        assert online() == 16, "and another has its own"
