"""An engine that serves viewers itself: the hub sends them there, and stops doing so when it must."""

import asyncio
from collections.abc import AsyncIterator
from pathlib import Path

import pytest
import pytest_asyncio

from tests.media.recordings import need_av
from tests.rtmp_server import NOTHING, RtmpServer, encoding
from tests.wire.broadcasting import casting, command
from tests.wire.encoders import S01, address, ask, until, with_encoders
from tests.wire.houses import Answer, HouseUnderTest


@pytest.fixture(scope="module")
def rtmp():
    need_av()
    server = RtmpServer(NOTHING, hls=True)
    yield server
    server.close()


@pytest_asyncio.fixture
async def house(tmp_path: Path, rtmp: RtmpServer) -> AsyncIterator[HouseUnderTest]:
    async with with_encoders(tmp_path, rtmp, play_url=rtmp.play_url) as server:
        yield server


async def asked(house: HouseUnderTest) -> Answer:
    return await house.call("GET", "/hls/S01/index.m3u8")


async def away(house: HouseUnderTest) -> bool:
    return (await asked(house)).status == 302


async def test_viewers_are_sent_to_the_engine(house: HouseUnderTest, rtmp: RtmpServer) -> None:
    assert (await asked(house)).status == 404
    with encoding(await address(house)) as encoder:
        await until(lambda: away(house))
        answer = await asked(house)
        assert answer.headers["Location"].startswith(rtmp.play_url.partition("{")[0])
        assert (answer.headers["Cache-Control"], answer.headers["Access-Control-Allow-Origin"]) == ("no-store", "*")
        assert house.hub.pulse.pictures.state(S01) == "on"
        page = await house.call("GET", "/")
        assert rtmp.play_url.partition("/hls")[0] in page.headers["Content-Security-Policy"]

        async def plays() -> bool:
            async with house.http.get(answer.headers["Location"]) as playlist:
                return playlist.status == 200 and b".ts" in await playlist.read()

        await until(plays)
        state = await ask(house)
        assert (state["encoder"]["connected"], state["browser"], state["recorded"]) == (True, False, False)
        await command(house, {"t": "cut_off", "session": "S01", "reason": "收费", "key": "cut-it-off"}, who="operator")
        await until(lambda: gone(house))
        assert await asyncio.to_thread(encoder.wait, 5) != 0


async def gone(house: HouseUnderTest) -> bool:
    return (await asked(house)).status == 404


async def test_one_picture_source_there_too(house: HouseUnderTest) -> None:
    url = await address(house)
    async with casting(house) as page:
        await page.hear("ready")
        with encoding(url) as refused:
            assert await asyncio.to_thread(refused.wait, 10) != 0
        assert (await ask(house))["encoder"]["trouble"] == "picture_taken"
        await ask(house, "/take_over")
        with encoding(url):
            await page.hear("stopped")
            await until(lambda: away(house))
