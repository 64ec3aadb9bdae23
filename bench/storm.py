"""A hub is killed with all of its viewers and starts anew: they come back with the backoff of our own clients, each
from where it was, and each must have everything afterwards."""

import asyncio
import math
import time
from contextlib import AsyncExitStack

import msgspec

from bench.audience import Audience
from bench.control import Back
from bench.fair import halls_of, hosts_of_halls, sends_of
from bench.figures import Round
from bench.hub import Hub, HubError
from bench.machine import cores, cpu_s
from bench.plan import Plan
from bench.publishing import at_rate, in_turn
from bench.sides import Options, Side, made_round

WHOLE_WITHIN_S = 90.0
BEFORE_S = 3.0
SETTLE_S = 3.0
CALM_S = 2.0
LOOK_EVERY_S = 0.25


async def storm(options: Options, viewers: int) -> list[Round]:
    """As often as asked, each time with a fresh hub."""
    return [await _one(options, viewers) for _ in range(options.repeats)]


async def _one(options: Options, viewers: int) -> Round:
    async with AsyncExitStack() as stack:
        hub = await stack.enter_async_context(Hub(cores()[0]))
        halls = await halls_of(hub, options.rooms)
        rooms = tuple(hall.page for hall in halls)
        plan = Plan(host=hub.host, port=hub.port, viewers=viewers, rooms=rooms, seed=hub.seed, returning=True)
        async with AsyncExitStack() as hosts:
            talkers = await hosts_of_halls(hosts, hub, halls, 1.0)
            audience = await stack.enter_async_context(Audience(plan, cores()[1]))
            await at_rate(in_turn(sends_of(talkers)), options.rooms / BEFORE_S, BEFORE_S)
            await audience.settled(None, 1.0)
        killed_ns = await hub.killed()
        up_ns = await hub.restart()
        up_cpu_s = cpu_s(hub.pid)
        await _all_in(audience, viewers)
        used_s = cpu_s(hub.pid) - up_cpu_s
        await asyncio.sleep(CALM_S)  # the last of them are still being told
        reads = await hub.metric("daigang_store_reads_total")
        rooms_open = await hub.metric("daigang_rooms")  # halls have three, and each person one
        talkers = await hosts_of_halls(stack, hub, halls, 1.0)
        side = Side(name=hub.name, pid=hub.pid, send=in_turn(sends_of(talkers)), audience=audience, rooms=options.rooms)
        await audience.begin()
        sent = await at_rate(side.send, options.rooms / BEFORE_S, BEFORE_S)
        await audience.settled(side.expected(sent.count), SETTLE_S)
        report = await audience.report(sent.times)
        assert report.back is not None
        figures = _figures(report.back, viewers, (killed_ns, up_ns), used_s)
        if not math.isnan(reads):
            figures["store_reads"], figures["store_reads_per_room"] = reads, reads / rooms_open
        one = made_round(f"storm, {options.rooms} rooms", side, sent, report, (used_s, BEFORE_S))
        one = msgspec.structs.replace(one, beside=figures)
        options.say(f"{hub.name}: storm: {report.back.ends}")
        options.say(f"{hub.name}: storm: " + ", ".join(f"{name} {value:.4g}" for name, value in figures.items()))
        return one


def _figures(back: Back, viewers: int, moments_ns: tuple[int, int], used_s: float) -> dict[str, float]:
    killed_ns, up_ns = moments_ns
    return {
        "whole_s": (back.last_ns - killed_ns) / 1e9,
        "whole_after_up_s": (back.last_ns - up_ns) / 1e9,
        "handshake_us": used_s * 1e6 / viewers,
        "tries_per_viewer": back.tries / viewers,
        "fresh": back.fresh,
        "put_off": back.put_off,
    }


async def _all_in(audience: Audience, viewers: int) -> None:
    """Raises `HubError` when somebody is still outside after WHOLE_WITHIN_S."""
    end_s = time.monotonic() + WHOLE_WITHIN_S
    while (inside := (await audience.count()).viewers) < viewers:
        if time.monotonic() > end_s:
            back = (await audience.report({})).back
            raise HubError(f"{inside} of {viewers} are back after {WHOLE_WITHIN_S:.0f} s: {back}")
        await asyncio.sleep(LOOK_EVERY_S)
