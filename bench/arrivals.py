"""Cold arrivals: everybody opens the page for the first time within a minute, as when the radio tells of the fair.

Measured with the hub alone, and with nginx before it for pages (websockets go to the hub itself either way: a process
here may have 20,000 files, and a viewer behind nginx takes two of nginx). One network address is everybody, so the hub
is told to give guests' tokens faster than it would to a stranger.
"""

import asyncio
import sys
from contextlib import AsyncExitStack

import msgspec

from bench import children
from bench.fair import halls_of, hosts_of_halls, sends_of
from bench.figures import Round
from bench.front import Front
from bench.hub import Hub
from bench.machine import cores, cpu_s
from bench.plan import Plan
from bench.publishing import at_rate, in_turn
from bench.sides import Options
from bench.visitors import Came, Coming

OVER_S = 60.0
GIVEN_UP_AFTER_S = 120.0
LINE_LIMIT = 1 << 24
MANY_GUESTS = "limits: {guests_per_s: 10000, guests_burst: 100000}\n"


async def arrivals(options: Options, viewers: int) -> list[Round]:
    """With nginx where it is installed, and without, in turns."""
    ways = (True, False) if Front.is_here() else (False,)
    return [await _one(options, viewers, fronted) for _ in range(options.repeats) for fronted in ways]


async def _one(options: Options, viewers: int, fronted: bool) -> Round:
    async with AsyncExitStack() as stack:
        hub = await stack.enter_async_context(Hub(cores()[0], MANY_GUESTS))
        halls = await halls_of(hub, options.rooms)
        talkers = await hosts_of_halls(stack, hub, halls, 1.0)
        await at_rate(in_turn(sends_of(talkers)), options.rooms / 2, 2.0)  # a card in every room
        front = await stack.enter_async_context(Front(hub.port, cores()[1])) if fronted else None
        rooms = tuple(hall.page for hall in halls)
        plan = Plan(host=hub.host, port=hub.port, viewers=viewers, rooms=rooms, seed=hub.seed, returning=True)
        coming = Coming(
            plan=plan,
            front=(front.host, front.port) if front else (hub.host, hub.port),
            path=f"/room/{halls[0].session.id}",
            over_s=min(OVER_S, max(2.0, viewers / 327)),
        )
        before_s = cpu_s(hub.pid)
        front_before_s = sum(map(cpu_s, front.pids)) if front else 0.0
        came = await _come(stack, coming)
        used_s = cpu_s(hub.pid) - before_s
        front_s = sum(map(cpu_s, front.pids)) - front_before_s if front else 0.0
    name = "nginx before the hub" if fronted else "the hub alone"
    figures = {
        "handshake_us": used_s * 1e6 / viewers,
        "front_us": front_s * 1e6 / viewers,
        "shell_kb": came.shell_bytes / 1000,
        "requests": float(came.files),
        "joined_in_s": came.took_s,
        "put_off": float(came.put_off),
    }
    options.say(
        f"daigang: arrivals, {name}: {came.inside} of {viewers} in after {came.took_s:.1f} s, p99 "
        f"{(came.latency.quantile_us(0.99) or 0) / 1000:.0f} ms, failed {came.failed or 'none'}, "
        + ", ".join(f"{figure} {value:.4g}" for figure, value in figures.items())
    )
    return Round(
        shape=f"arrivals, {name}",
        server=Hub.name,
        viewers=viewers,
        sent=came.inside,
        refused=came.failed,
        deliveries=came.inside,
        frames=0,
        wall_s=came.took_s,
        cpu_s=used_s,
        load_cpu_s=came.cpu_s,
        latency=came.latency,
        beside=figures,
    )


async def _come(stack: AsyncExitStack, coming: Coming) -> Came:
    process = await children.start(
        [sys.executable, "-m", "bench.visitors"], cores()[1], stdin=asyncio.subprocess.PIPE, limit=LINE_LIMIT
    )
    stack.push_async_callback(children.stop, process, 15, 10.0)
    assert process.stdin is not None
    assert process.stdout is not None
    process.stdin.write(msgspec.json.encode(coming) + b"\n")
    answer = await asyncio.wait_for(process.stdout.readline(), coming.over_s + GIVEN_UP_AFTER_S)
    return msgspec.json.decode(answer, type=Came)
