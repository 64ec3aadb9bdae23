"""A launch (开幕) in all 49 halls over three hubs and lines of 5 to 80 ms (promise 16), each part a process of its own.

    python -m bench.launch --repeats 3

Three `daigang run` on one PostgreSQL (`fsync` off: a launch is one commit, before anybody hears of it), each with a
line of its own to one Redis (HUB_LINES_MS one way); viewers call them over lines of LINES_MS. Lines are two processes
(`bench.delays`), the viewers one (`bench.crowd`), and all of that shares this machine's cores.

Arrival: from the first viewer who reads `launched` to the last, on one clock. Showing: each viewer knows the hub's
clock from its hello, pings and pongs as every client of ours does, and shows the launch when that clock says so; the
clock of the hub is that of this machine, so by how much each is wrong is known. What a page's own timer adds is not in
it. First who came this moment, then who has been there for `--there` seconds.
"""

import argparse
import asyncio
import os
import statistics
import sys
import time
from collections.abc import Sequence
from contextlib import AsyncExitStack

import msgspec

from bench.audience import Audience
from bench.control import Reported
from bench.delays import Lines
from bench.fair import Hall, halls_of
from bench.hub import BareHub, Hub
from bench.machine import cores, cpu_s
from bench.plan import Plan
from bench.speaker import Speaker, why_not
from server.core.model import Grant, Role
from server.core.protocol import GoLive, LaunchHalls
from tests.services import PostgresServer, RedisServer, find_postgres, find_redis

LINES_MS = (5, 30, 80)
HUB_LINES_MS = (5, 15, 30)
IN_MS = 2_000
HALLS = 49
PROVINCE = "220000"


class Told(msgspec.Struct, frozen=True):
    """One launch, in ms: from the word to the first arrival, the two spreads, and who shows it first and last as seen
    from its moment."""

    until_first: float
    arrival: float
    showing: float
    earliest: float
    latest: float


async def main(argv: Sequence[str] | None = None) -> None:
    """Measure and print a table."""
    parser = argparse.ArgumentParser(prog="python -m bench.launch", description="A launch over three hubs.")
    parser.add_argument("--viewers", type=int, default=6 * HALLS, help="how many (default %(default)s)")
    parser.add_argument("--repeats", type=int, default=3, help="launches of each kind (default %(default)s)")
    parser.add_argument("--there", type=float, default=60.0, help="seconds of the second kind (default %(default)s)")
    parser.add_argument("--at-once", type=int, default=100, help="viewers on their way in (default %(default)s)")
    parser.add_argument(
        "--lines", default=",".join(map(str, LINES_MS)), help="of viewers, ms; 0: none (default %(default)s)"
    )
    parser.add_argument(
        "--hub-lines", default=",".join(map(str, HUB_LINES_MS)), help="of hubs, ms (default %(default)s)"
    )
    asked = parser.parse_args(argv)
    lines, hub_lines = ([int(part) for part in text.split(",")] for text in (asked.lines, asked.hub_lines))
    postgres = find_postgres()
    if postgres is None or find_redis() is None:
        sys.exit("PostgreSQL and Redis are wanted: make services")
    database, redis = PostgresServer(postgres), RedisServer()
    try:
        database.start()
        redis.start()
        async with AsyncExitStack() as stack:
            near = await stack.enter_async_context(Lines([(redis.port, ms) for ms in hub_lines]))
            hubs = await hubs_of(stack, database.fresh_database(), near.ports)
            halls = await on_air(hubs[0])
            ports = tuple(hub.port for hub in hubs)
            if any(lines):
                far = Lines([(port, ms) for port in ports for ms in lines])
                ports = (await stack.enter_async_context(far)).ports
            new, settled = await launches(hubs, halls, ports, asked)
    finally:
        redis.close()
        database.close()
    say("who came this moment", new)
    say(f"who has been there for {asked.there:g} s", settled)


async def hubs_of(stack: AsyncExitStack, store: str, redis_ports: Sequence[int]) -> list[Hub]:
    """One for each line to Redis; they find their own places on the cores."""
    hubs: list[Hub] = []
    for port in redis_ports:
        environ = {"DAIGANG_STORE_URL": store, "DAIGANG_REDIS_URL": f"redis://127.0.0.1:{port}/0"}
        if hubs:
            environ["DAIGANG_VAR"] = str(hubs[0].var)
        kind = BareHub if hubs else Hub
        hubs.append(await stack.enter_async_context(kind((), environ=environ)))
    return hubs


async def on_air(hub: Hub) -> list[Hall]:
    """Every hall, live."""
    halls = await halls_of(hub, HALLS)
    for hall in halls:
        host = Speaker(hub.host, hub.port)
        await host.open(hub.signer.token(f"host-{hall.session.id}", (Grant(role=Role.HOST, scope=hall.session.id),)))
        refused = why_not(await host.command(GoLive(session=hall.session.id, key=f"live-{hall.session.id}")))
        host.close()
        assert refused in ("", "already_live"), refused
    return halls


async def launches(
    hubs: Sequence[Hub], halls: Sequence[Hall], ports: tuple[int, ...], asked: argparse.Namespace
) -> tuple[list[Told], list[Told]]:
    """To crowds that came this moment, then to the last of them again when it has been there for a while."""
    operator = Speaker(hubs[0].host, hubs[0].port)
    await operator.open(hubs[0].signer.token("operator", (Grant(role=Role.OPERATOR, scope=PROVINCE),)))
    rooms = tuple((hall.stage,) for hall in halls)
    new: list[Told] = []
    for number in range(asked.repeats):
        plan = Plan(
            host=hubs[0].host,
            port=0,
            ports=ports,
            viewers=asked.viewers,
            rooms=rooms,
            seed=hubs[0].seed,
            manner="clocked",
            at_once=asked.at_once,
            name=f"crowd{number}",
        )
        async with Audience(plan, ()) as audience:
            new.append(await launched(hubs, operator, audience))
            if number == asked.repeats - 1 and asked.there:
                await asyncio.sleep(asked.there)
                settled = [await launched(hubs, operator, audience) for _ in range(asked.repeats)]
    operator.close()
    return new, settled if asked.there else []


async def launched(hubs: Sequence[Hub], operator: Speaker, audience: Audience) -> Told:
    """Say it, and hear from the viewers what became of it just after its moment."""
    await audience.begin()
    used_s = [cpu_s(hub.pid) for hub in hubs]
    began_ns = time.monotonic_ns()
    said = LaunchHalls(region=PROVINCE, text="现在开幕", key=f"launch-{began_ns}", in_ms=IN_MS)
    refused = why_not(await operator.command(said))
    assert not refused, refused
    await asyncio.sleep(IN_MS / 1000)
    report = await audience.report({})
    used_ms = [round(1000 * (cpu_s(hub.pid) - before_s)) for hub, before_s in zip(hubs, used_s, strict=True)]
    told = told_of(report, began_ns)
    whole = report.deliveries == audience.viewers and not (report.missing or report.repeats or report.lost)
    print(f"{told} hubs {used_ms} ms, viewers {1000 * report.cpu_s:.0f} ms{'' if whole else ' NOT WHOLE'}", flush=True)
    return told


def told_of(report: Reported, began_ns: int) -> Told:
    """The figures of one launch."""
    return Told(
        until_first=(report.first_ns - began_ns) / 1e6,
        arrival=(report.last_ns - report.first_ns) / 1e6,
        showing=max(report.early_ms) - min(report.early_ms),
        earliest=-max(report.early_ms),
        latest=-min(report.early_ms),
    )


def say(who: str, launches: Sequence[Told]) -> None:
    """Medians and ranges."""
    print(f"{who}, {len(launches)} launches, ms: median (least to greatest)")
    for name in Told.__struct_fields__ if launches else ():
        values = [getattr(one, name) for one in launches]
        print(f"  {name:12} {statistics.median(values):6.1f} ({min(values):.1f} to {max(values):.1f})")


if __name__ == "__main__":
    if sys.platform == "linux":
        os.sched_setaffinity(0, set().union(*cores()) or os.sched_getaffinity(0))
    asyncio.run(main())
