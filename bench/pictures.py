"""What live pictures cost: `python -m bench.pictures --streams 8 --players 50 --seconds 60`.

Hosts send the same recording in real time, each to a session of its own; players fetch playlist and parts of the first
one as hls.js does. Processor time is that of the packagers and of the hub, once all are under way. Memory, open files
and threads are read every ten seconds, and what memory grows by in an hour is the slope through all readings
but the first minute's; whether it stays flat: `--streams 4 --players 2 --seconds 1800 --size 854x480 --kbit 800`.
Fan-out beside pictures is a shape of `python -m bench` (pictures).
"""

import argparse
import asyncio
import math
import os
import re
import statistics
import time
from collections.abc import Callable
from datetime import datetime

import msgspec
from aiohttp import ClientSession, ClientTimeout, TCPConnector

from bench.filming import FILM_S, Reel, broadcast, film, packagers
from bench.hub import Hub
from bench.machine import cpu_s, open_files, rss_bytes, threads

WARM_S = 6.0
READ_S = 10.0
SETTLED_S = 60.0


async def play(http: ClientSession, hub: Hub, session: str, name: str, ages_ms: list[float], until_s: float) -> None:
    """One player: the playlist in advance, then the part it was waited for. Notes how old a part's first frame is."""
    root = f"http://{hub.host}:{hub.port}/hls/{session}/"
    query = ""
    while time.monotonic() < until_s:
        async with http.get(f"{root}index.m3u8?v={name}{query}") as answer:
            text = await answer.text()
            if answer.status != 200:
                await asyncio.sleep(0.5)
                continue
        hint = re.findall(r'PRELOAD-HINT.*?URI="([^"]*/p(\d+)\.(\d+)\.m4s)"', text)
        if not hint:
            await asyncio.sleep(0.2)
            continue
        address, number, part = hint[0]
        asked_s = time.monotonic()
        async with http.get(root + address) as answer:
            await answer.read()
        if query:
            ages_ms.append((time.monotonic() - asked_s) * 1000)
        query = f"&_HLS_msn={number}&_HLS_part={part}"


async def behind_ms(http: ClientSession, hub: Hub, session: str) -> float:
    """How old the newest frame is that players of that session can have; inf for none."""
    async with http.get(f"http://{hub.host}:{hub.port}/hls/{session}/index.m3u8") as answer:
        dated = (await answer.text()).rpartition("#EXT-X-PROGRAM-DATE-TIME:")[2]
    at, _, rest = dated.partition("\n")
    if not rest:
        return math.inf
    parts_s = sum(float(one) for one in re.findall(r"EXT-X-PART:DURATION=([0-9.]+)", rest))
    return (time.time() - datetime.fromisoformat(at).timestamp() - parts_s) * 1000


class Reading(msgspec.Struct, frozen=True, kw_only=True):
    """`at_s` since the beginning; memory in MiB, of a packager on average; open files and threads of hub and packagers
    together."""

    at_s: float
    hub_mib: float
    packager_mib: float
    files: int
    threads: int

    def line(self) -> str:
        """For whoever waits."""
        return (
            f"{self.at_s:5.0f} s: hub {self.hub_mib:.1f} MiB, packagers {self.packager_mib:.1f} MiB each, "
            f"{self.files} files, {self.threads} threads"
        )


async def readings(hub: Hub, children: list[int], seconds: float) -> list[Reading]:
    """What they hold, every READ_S; once a minute it is said."""
    began_s, found = time.monotonic(), list[Reading]()
    everybody = [hub.pid, *children]
    while (passed_s := time.monotonic() - began_s) < seconds:
        one = Reading(
            at_s=passed_s,
            hub_mib=rss_bytes(hub.pid) / 2**20,
            packager_mib=statistics.mean(rss_bytes(pid) / 2**20 for pid in children),
            files=sum(open_files(pid) for pid in everybody),
            threads=sum(threads(pid) for pid in everybody),
        )
        if not found or one.at_s // SETTLED_S > found[-1].at_s // SETTLED_S:
            print(one.line(), flush=True)
        found.append(one)
        await asyncio.sleep(min(READ_S, max(0.1, seconds - passed_s)))
    return found


def per_hour(found: list[Reading], of: Callable[[Reading], float]) -> float:
    """What it grows by, MiB an hour; nan when it was not read for long enough."""
    settled = [one for one in found if one.at_s >= SETTLED_S]
    if len(settled) < 3:
        return float("nan")
    slope, _ = statistics.linear_regression([one.at_s for one in settled], [of(one) for one in settled])
    return slope * 3600


async def measure(arguments: argparse.Namespace) -> None:
    """Run it and print one line of a table."""
    seconds = WARM_S + arguments.seconds + 2
    width, height = (int(n) for n in arguments.size.split("x"))
    reel = Reel(await asyncio.to_thread(film, FILM_S, (width, height), arguments.kbit), FILM_S)
    waits_ms: list[float] = []
    unbounded = ClientTimeout(total=None)
    async with Hub(()) as hub, ClientSession(timeout=unbounded, connector=TCPConnector(limit=0)) as http:
        fair = await hub.get("/api/fair")
        sessions = [one["session"]["id"] for one in fair["sessions"]][: arguments.streams]
        hosts = [asyncio.create_task(broadcast(http, hub, session, reel, seconds)) for session in sessions]
        until_s = time.monotonic() + WARM_S + arguments.seconds
        await asyncio.sleep(2)
        players = [
            asyncio.create_task(play(http, hub, sessions[0], f"player{n}", waits_ms, until_s))
            for n in range(arguments.players)
        ]
        await asyncio.sleep(WARM_S - 2)
        children = packagers(hub)
        before = {pid: cpu_s(pid) for pid in [hub.pid, *children]}
        began_s = time.monotonic()
        found = await readings(hub, children, arguments.seconds - 1)
        passed_s = time.monotonic() - began_s
        ages = [await behind_ms(http, hub, session) for session in sessions]
        used = {pid: (cpu_s(pid) - was) / passed_s * 100 for pid, was in before.items()}
        await asyncio.gather(*players, *hosts)
    each = [used[pid] for pid in children]
    print(f"size {arguments.size}, {reel.bytes * 8 / 1000 / FILM_S:.0f} kbit/s, {passed_s:.0f} s measured")
    print(f"packagers {len(children)}, processor {statistics.mean(each):.1f} % of a core each, most {max(each):.1f} %")
    print(f"hub {used[hub.pid]:.1f} % with {arguments.players} players, {len(waits_ms)} parts fetched")
    print(f"newest part of a picture {statistics.median(ages):.0f} ms old, the oldest {max(ages):.0f} ms")
    last, first = found[-1], found[0]
    grown = per_hour(found, lambda one: one.packager_mib), per_hour(found, lambda one: one.hub_mib)
    print(f"packager memory {last.packager_mib:.0f} MiB, grows by {grown[0]:.1f} MiB an hour")
    print(f"hub memory {last.hub_mib:.0f} MiB, grows by {grown[1]:.1f} MiB an hour")
    print(f"files {first.files} at first, {last.files} at last; threads {first.threads}, {last.threads}")
    print(f"load of the machine {os.getloadavg()[0]:.1f}")


def main() -> None:
    """Read the arguments and measure."""
    parser = argparse.ArgumentParser(prog="python -m bench.pictures", description=__doc__)
    parser.add_argument("--streams", type=int, default=8)
    parser.add_argument("--players", type=int, default=0)
    parser.add_argument("--seconds", type=float, default=30.0)
    parser.add_argument("--size", default="1280x720")
    parser.add_argument("--kbit", type=int, default=2000)
    asyncio.run(measure(parser.parse_args()))


if __name__ == "__main__":
    main()
