"""A house with an nginx-rtmp before it, and what tests ask of both."""

import asyncio
import contextlib
from collections.abc import AsyncIterator, Awaitable, Callable
from pathlib import Path
from typing import Any

from server.config import VideoSection
from server.core.model import SessionId
from server.secrets_file import load_secrets
from server.web import engine_door
from tests.rtmp_server import RtmpServer
from tests.wire.broadcasting import go_live
from tests.wire.houses import HouseUnderTest, make_config, serving

S01 = SessionId("S01")


@contextlib.asynccontextmanager
async def with_encoders(
    var: Path, rtmp: RtmpServer, *, live: bool = True, **video: Any
) -> AsyncIterator[HouseUnderTest]:
    """S01 is live, and the hub has the server's ear."""
    section = VideoSection(
        engine="nginx_rtmp", publish_url=rtmp.url, source_url=rtmp.url, control_url=rtmp.control, **video
    )
    async with serving(make_config(var, video=section)) as house:
        rtmp.point_to(f"{house.url}{engine_door.PATH}?s={load_secrets(var, {}, store_exists=True).hook_secret()}")
        await asyncio.to_thread(rtmp.start)
        if live:
            await go_live(house)
        try:
            yield house
        finally:
            await asyncio.to_thread(rtmp.kill)


async def ask(house: HouseUnderTest, what: str = "", who: str = "host") -> Any:
    method = "POST" if what else "GET"
    answer = await house.call(method, f"/api/sessions/S01/streaming{what}", token=house.tokens[who], body={})
    return answer.json


async def address(house: HouseUnderTest, who: str = "host") -> str:
    """Server and key as an encoder joins them."""
    key = await ask(house, "/key", who)
    return f"{key['server']}/{key['key']}"


async def until(true: Callable[[], Awaitable[bool]], limit_s: float = 15.0) -> None:
    async with asyncio.timeout(limit_s):
        while not await true():  # noqa: ASYNC110
            await asyncio.sleep(0.05)


async def playlist(house: HouseUnderTest, session: str = S01) -> str:
    answer = await house.call("GET", f"/hls/{session}/index.m3u8")
    return answer.body.decode() if answer.status == 200 else ""


async def film(house: HouseUnderTest, generation: int = 1) -> bytes:
    """Header and whole segments of a generation, as a player fetches them."""
    lines = (await playlist(house)).splitlines()
    data, at = b"", 0
    for line in lines:
        if line.startswith("#EXT-X-MAP"):
            name = line.split('"')[1]
            at = int(name.rpartition("/i")[2].partition(".")[0])
            if at == generation:
                data += (await house.call("GET", f"/hls/S01/{name}")).body
        elif line and not line.startswith("#") and at == generation:
            data += (await house.call("GET", f"/hls/S01/{line}")).body
    return data


async def has(house: HouseUnderTest, text: str, times: int = 1, session: str = S01) -> bool:
    """Whether the playlist has that text so often."""
    return (await playlist(house, session)).count(text) >= times
