"""What an encoder costs and how fast it is cut off: `python -m bench.encoders --times 10 --seconds 20`.

A hub, nginx with its RTMP module as deploy/ sets it up, ffmpeg as the encoder (480p). Measured: from the stream key to
the first part; the age of the newest part at the hub; processor time of the child that fetches; and from the word (key
revoked by another hub, session cut off) to the end of the encoder's connection. At most 18 times.
"""

import argparse
import asyncio
import statistics
import tempfile
import time
from collections.abc import Awaitable, Callable
from pathlib import Path
from typing import Any

from bench.machine import cpu_s
from server.config import Config, Limits, Server, VideoSection
from server.core.model import PersonId, SessionId
from server.secrets_file import load_secrets
from server.store import streaming_rows
from server.web.engine_door import PATH
from tests.rtmp_server import NOTHING, RtmpServer, encoding
from tests.wire.broadcasting import command
from tests.wire.encoders import address, ask, has, until
from tests.wire.houses import HouseUnderTest, serving

S01 = SessionId("S01")


async def main() -> None:
    """Print one table."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--times", type=int, default=10)
    parser.add_argument("--seconds", type=float, default=20.0, help="of the one long run")
    arguments = parser.parse_args()
    rtmp = RtmpServer(NOTHING)
    try:
        with tempfile.TemporaryDirectory() as var:
            await _measure(rtmp, Path(var), arguments.times, arguments.seconds)
    finally:
        rtmp.close()


async def _measure(rtmp: RtmpServer, var: Path, times: int, seconds: float) -> None:
    video = VideoSection(engine="nginx_rtmp", publish_url=rtmp.url, source_url=rtmp.url, control_url=rtmp.control)
    config = Config(server=Server(port=0, var_dir=str(var)), video=video, limits=Limits())
    async with serving(config) as house:
        rtmp.point_to(f"{house.url}{PATH}?s={load_secrets(var, {}, store_exists=True).hook_secret()}")
        await asyncio.to_thread(rtmp.start)
        await command(house, {"t": "go_live", "session": S01, "key": "live-bench"})
        await _long_run(house, seconds)
        revoked = [await _ended(house, number, _revoke) for number in range(times)]
        shown = ", ".join(f"{1000 * one:.0f}" for one in sorted(revoked))
        print(f"key revoked > encoder's connection closed: median {1000 * statistics.median(revoked):.0f} ms ({shown})")
        print(f"cut off > encoder's connection closed: {1000 * await _ended(house, times, _cut):.0f} ms")


async def _long_run(house: HouseUnderTest, seconds: float) -> None:
    began_s = time.monotonic()
    with encoding(await address(house), size="854x480"):
        await until(lambda: has(house, ".m4s"))
        print(f"key > first part: {time.monotonic() - began_s:.2f} s (start of ffmpeg included)")
        await asyncio.sleep(3)
        broadcast = house.house.broadcasts.find(S01)
        assert broadcast is not None
        packager: Any = broadcast._packager
        before_s, at_s, ages = cpu_s(packager.pid), time.monotonic(), []
        while time.monotonic() - at_s < seconds:
            await asyncio.sleep(0.1)
            ages.append(broadcast.behind_ms(round(time.time() * 1000)) or 0)
        share = (cpu_s(packager.pid) - before_s) / (time.monotonic() - at_s)
        print(f"child that fetches: {100 * share:.1f} % of a core, newest part {statistics.median(ages):.0f} ms old")


async def _ended(house: HouseUnderTest, number: int, end: Callable[[HouseUnderTest], Awaitable[None]]) -> float:
    """From that word to the moment ffmpeg's connection is gone."""
    # Two people, because each may make ten keys at once.
    with encoding(await address(house, "operator" if number % 2 else "host")) as encoder:
        await until(lambda: _connected(house))
        await asyncio.sleep(0.1 * number)  # not always at the same moment between two looks
        began_s = time.monotonic()
        await end(house)
        while encoder.poll() is None:  # noqa: ASYNC110
            await asyncio.sleep(0.005)
        return time.monotonic() - began_s


async def _revoke(house: HouseUnderTest) -> None:
    """As another hub does it: the row goes, this one is not told."""
    who = streaming_rows.Who(by=PersonId("bench"), at_ms=0)
    await house.store.transact(streaming_rows.revoke_stream_key, S01, who)


async def _cut(house: HouseUnderTest) -> None:
    body = {"t": "cut_off", "session": S01, "reason": "测量", "key": "cut-it-off"}
    await command(house, body, who="operator")


async def _connected(house: HouseUnderTest) -> bool:
    return bool((await ask(house))["encoder"]["connected"])


if __name__ == "__main__":
    asyncio.run(main())
