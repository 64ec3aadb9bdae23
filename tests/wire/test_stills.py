"""The sound alone, stills, and the operators' wall, through the real house."""

import asyncio
import re
from pathlib import Path
from typing import Any

import pytest

from server.config import Limits
from server.core.model import Grant, PersonId, Role
from tests.media.recordings import decoded, recording
from tests.wire.broadcasting import Caster, addresses, casting, command, fetch, go_live, playlist_with
from tests.wire.houses import Clock, HouseUnderTest, do, make_config, serving

pytestmark = pytest.mark.usefixtures("blockbuster")


async def send(server: HouseUnderTest, host: Caster, film: bytes) -> str:
    await host.begin()
    await host.send(film)
    return await playlist_with(server, "#EXTINF")


async def tiles(server: HouseUnderTest) -> list[dict[str, Any]]:
    answer = await server.call("GET", "/api/wall?region=220000", token=server.tokens["operator"])
    return list(answer.json["tiles"])


async def test_the_sound_alone_is_a_stream_of_its_own(hub_server: HouseUnderTest) -> None:
    await go_live(hub_server)
    async with casting(hub_server) as host:
        await send(hub_server, host, recording(8.0, tone=True))
        async with asyncio.timeout(10):
            while len(addresses(text := await sound(hub_server), "a")) < 3:  # noqa: ASYNC110
                await asyncio.sleep(0.05)
        header = await fetch(hub_server, re.findall(r"[0-9a-f]+/h1\.mp4", text)[0])
        segments = [await fetch(hub_server, one) for one in addresses(text, "a")]
        pictures, sounds = decoded(header + b"".join(segments))
        assert pictures == 0
        assert sounds > 250
        assert sum(map(len, segments)) < 80_000
        number = int(re.findall(r"/a(\d+)\.m4s", text)[-1])
        asked = asyncio.create_task(sound(hub_server, f"?_HLS_msn={number + 1}"))
        await asyncio.sleep(0.2)
        assert not asked.done(), "it waits for the next segment"
        await command(hub_server, {"t": "end_session", "session": "S01", "key": "end-the-session"})
        await asked


async def sound(server: HouseUnderTest, query: str = "") -> str:
    answer = await server.call("GET", f"/hls/S01/sound.m3u8{query}")
    assert answer.status == 200, answer.body
    return answer.body.decode()


async def test_a_picture_without_sound_has_none_alone(hub_server: HouseUnderTest) -> None:
    await go_live(hub_server)
    async with casting(hub_server) as host:
        await send(hub_server, host, recording(3.0, sound=False))
        assert (await hub_server.call("GET", "/hls/S01/sound.m3u8")).status == 404


async def test_stills_for_everybody_and_none_of_a_rehearsal(hub_server: HouseUnderTest) -> None:
    nothing = await hub_server.call("GET", "/hls/S01/still.jpg")
    assert (nothing.status, nothing.body) == (204, b"")
    rehearsal = (await do(hub_server, hub_server.tokens["host"], "start_rehearsal", session="S01"))["session"]
    async with casting(hub_server, rehearsal["id"] if isinstance(rehearsal, dict) else rehearsal) as host:
        await host.begin()
        await host.send(recording(3.0))
        name = rehearsal["id"] if isinstance(rehearsal, dict) else rehearsal
        await playlist_with(hub_server, "#EXTINF", name)
        assert (await hub_server.call("GET", f"/hls/{name}/still.jpg")).status == 204
    await go_live(hub_server)
    async with casting(hub_server) as host:
        await send(hub_server, host, recording(3.0))
        still = await hub_server.call("GET", "/hls/S01/still.jpg")
        assert still.status == 200
        assert still.body.startswith(b"\xff\xd8")
        assert len(still.body) < 64 * 1024
        assert still.headers["Content-Type"] == "image/jpeg"
        assert still.headers["Cache-Control"] == "public, max-age=4"


async def test_the_wall_says_what_is_wrong(hub_server: HouseUnderTest) -> None:
    await go_live(hub_server)
    (tile,) = await tiles(hub_server)
    assert (tile["session"], "picture" in tile, "still" in tile) == ("S01", False, False)
    async with casting(hub_server) as host:
        await send(hub_server, host, recording(16.0, scene="black"))
        async with asyncio.timeout(10):
            while not (tile := (await tiles(hub_server))[0]).get("alarms"):  # noqa: ASYNC110
                await asyncio.sleep(0.1)
        assert {alarm["what"] for alarm in tile["alarms"]} == {"black", "silent"}
        assert tile["picture"] == "on"
        assert tile["still"] >= 3
        await host.say(t="pause", paused=True)
        async with asyncio.timeout(5):
            while (await tiles(hub_server))[0]["picture"] != "paused":  # noqa: ASYNC110
                await asyncio.sleep(0.1)
        assert "alarms" not in (await tiles(hub_server))[0], "who covered the picture knows it"
    elsewhere = hub_server.house.issuer.of(
        PersonId("p_elsewhere"), "别处", (Grant(role=Role.OPERATOR, scope="220200"),), "client"
    )
    for who in ("", hub_server.tokens["guest"], hub_server.tokens["host"], elsewhere.token):
        assert (await hub_server.call("GET", "/api/wall?region=220000", token=who)).status in (401, 403)
    assert (await hub_server.call("GET", "/api/wall?region=9", token=hub_server.tokens["operator"])).status == 404


async def test_a_room_that_never_had_its_picture(house: HouseUnderTest, clock: Clock) -> None:
    await go_live(house)
    clock.ahead_ms = 10_000
    assert "alarms" not in (await tiles(house))[0], "the camera comes after the button"
    clock.ahead_ms = 60_000
    ((alarm,),) = ((await tiles(house))[0]["alarms"],)
    assert alarm["what"] == "none"
    assert alarm["since_ms"] < clock() - 50_000
    said = await do(house, house.tokens["host"], "set_picture", session="S01", kind="none")
    assert said["t"] != "refused", said
    assert "alarms" not in (await tiles(house))[0], "it has none by intent"


async def test_newcomers_hear_when_the_uplink_is_full(tmp_path: Path) -> None:
    async with serving(make_config(tmp_path, limits=Limits(video_egress_mbps=1))) as server:
        await go_live(server)
        async with casting(server) as host:
            await host.begin()
            await host.send(recording(6.0, size=(640, 360), noise=True))
            await asyncio.sleep(1)
            assert (await server.call("GET", "/hls/S01/index.m3u8?v=one")).status == 429
            assert (await server.call("GET", "/hls/S01/sound.m3u8?v=one")).status == 200
            assert (await server.call("GET", "/hls/S01/still.jpg")).status == 200
