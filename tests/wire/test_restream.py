"""The picture goes on to platforms: real nginx-rtmp servers, killed, hanging, and with a wrong key."""

import asyncio
import contextlib
import logging
import socket
import subprocess
from collections.abc import AsyncIterator
from glob import glob
from pathlib import Path
from typing import Any

import pytest
import pytest_asyncio

from tests.rtmp_server import NOTHING, RtmpServer, encoding, need_ffmpeg
from tests.wire.encoders import address, has, playlist, until, with_encoders
from tests.wire.houses import HouseUnderTest

KEY = "platform-key-4711"


@pytest.fixture(scope="module")
def platform():
    server = RtmpServer()
    server.start()
    yield server
    server.close()


@pytest_asyncio.fixture
async def house(tmp_path: Path, rtmp: RtmpServer) -> AsyncIterator[HouseUnderTest]:
    """A picture of S01 is on."""
    async with with_encoders(tmp_path, rtmp, private_targets=("127.0.0.0/8",)) as server:
        with encoding(await address(server)):
            await until(lambda: has(server, ".m4s"))
            yield server


async def restream(house: HouseUnderTest, what: str = "", body: object = None) -> Any:
    method = "POST" if what else "GET"
    answer = await house.call(method, f"/api/sessions/S01/restream{what}", token=house.tokens["host"], body=body)
    return answer.json


async def send_to(house: HouseUnderTest, url: str, slot: int = 1, key: str = KEY) -> None:
    answer = await restream(house, f"/{slot}", {"name": "抖音", "url": url, "key": key})
    assert KEY not in str(answer)
    await restream(house, f"/{slot}/run", {"running": True})


async def stands(house: HouseUnderTest, state: str, slot: int = 1, reason: str | None = None) -> bool:
    found = next(one for one in (await restream(house))["targets"] if one["slot"] == slot)
    return bool(found["state"] == state and reason in (None, found["reason"]))


def watched(url: str) -> subprocess.CompletedProcess[bytes]:
    """Two seconds of that stream, every frame decoded."""
    command = [
        need_ffmpeg(),
        "-v",
        "error",
        "-xerror",
        "-rw_timeout",
        "8000000",
        "-i",
        url,
        "-t",
        "2",
        "-f",
        "null",
        "-",
    ]
    return subprocess.run(command, capture_output=True, timeout=20, check=False)


async def goes_on(house: HouseUnderTest) -> None:
    """The room's own picture moves."""
    before = await playlist(house)
    await until(lambda: _moved(house, before), 5)


async def _moved(house: HouseUnderTest, before: str) -> bool:
    return await playlist(house) != before


async def test_a_platform_gets_the_picture_and_nobody_sees_the_key(
    house: HouseUnderTest, platform: RtmpServer, caplog: pytest.LogCaptureFixture
) -> None:
    caplog.set_level(logging.DEBUG)
    await send_to(house, platform.url)
    await until(lambda: stands(house, "sending"))
    seen = await asyncio.to_thread(watched, f"{platform.url}/{KEY}")
    assert (seen.returncode, seen.stderr) == (0, b"")
    for name in (*glob("/proc/[0-9]*/cmdline"), *glob("/proc/[0-9]*/environ")):
        with contextlib.suppress(OSError):
            assert KEY.encode() not in Path(name).read_bytes()
    assert KEY not in caplog.text
    (target,) = (await restream(house))["targets"]
    assert target == {
        "slot": 1,
        "name": "抖音",
        "host": "127.0.0.1",
        "running": True,
        "state": "sending",
        "reason": "",
    }
    metrics = (await house.call("GET", "/metrics")).body.decode()
    assert 'daigang_platforms{state="sending"} 1.0' in metrics
    assert "daigang_encoders 1.0" in metrics
    assert KEY not in metrics
    platform.kill()
    await until(lambda: stands(house, "retrying"))
    await goes_on(house)
    platform.start()
    await until(lambda: stands(house, "sending"), 20)
    await restream(house, "/1/run", {"running": False})
    assert await stands(house, "stopped")


async def test_platforms_that_hang_or_refuse_stop_by_themselves(house: HouseUnderTest, platform: RtmpServer) -> None:
    strict = RtmpServer(NOTHING)  # asks a hub that is not there, so every key is wrong
    strict.start()
    with socket.create_server(("127.0.0.1", 0)) as deaf:
        try:
            await send_to(house, f"rtmp://127.0.0.1:{deaf.getsockname()[1]}/live", 1)
            await send_to(house, strict.url, 2)
            await send_to(house, platform.url, 3)
            await until(lambda: stands(house, "sending", 3))
            await goes_on(house)
            await until(lambda: stands(house, "stopped", 2, "refused"), 20)
            await until(lambda: stands(house, "retrying", 1, "slow"), 20)
            await goes_on(house)
            assert await stands(house, "sending", 3)
        finally:
            strict.close()
    for slot in (1, 2, 3):
        assert len((await restream(house, f"/{slot}/drop", {}))["targets"]) == 3 - slot


async def test_what_cannot_be_a_platform(house: HouseUnderTest) -> None:
    for url in ("http://a.cn/live", "rtmp://a.cn", "rtmp://10.0.0.1/live", "rtmp://[::1]/live", "rtmp://u:p@a.cn/live"):
        answer = await restream(house, "/1", {"name": "a", "url": url, "key": "k"})
        assert answer["code"] == "target_address", url
    for body in ({}, {"name": "a", "url": "rtmp://a.cn/live", "key": "a b"}, {"name": "a", "url": 1, "key": "k"}):
        answer = await restream(house, "/1", body)
        assert answer["code"] == "bad_message"
    assert (await restream(house, "/4", {}))["code"] == "not_found"
    assert (await restream(house, "/1/run", {"running": True}))["code"] == "not_found"
    for who in ("guest", "hr"):
        answer = await house.call("GET", "/api/sessions/S01/restream", token=house.tokens[who])
        assert answer.json["code"] == "forbidden"
