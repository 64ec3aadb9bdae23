"""Many cards at once in one room, again and again: several hosts, or a program that shows a whole shelf."""

import asyncio
import time
from contextlib import AsyncExitStack

import msgspec

from bench.control import Reported
from bench.figures import Round
from bench.hub import Hub
from bench.machine import cores, cpu_s
from bench.publishing import Sent, at_rate
from bench.sides import SETTLE_S, WARM_UP_S, Options, Side, audience_of, hosts_of, made_round, said_of
from server.core.channels import Kind, channel

AT_ONCE = 20
EVERY_S = 2.5


async def bursts(options: Options, viewers: int) -> list[Round]:
    """AT_ONCE cards by as many hosts, every EVERY_S; and between the rounds a card a second."""
    done: list[Round] = []
    async with AsyncExitStack() as stack:
        hub = await stack.enter_async_context(Hub(cores()[0]))
        stage = str(channel(Kind.STAGE, hub.session.id))
        audience = await audience_of(stack, hub, viewers, (stage,))
        hosts = await hosts_of(stack, hub, options)
        side = Side(name=hub.name, pid=hub.pid, send=hosts.send, audience=audience)
        await at_rate(side.send, options.cards_per_s, WARM_UP_S)
        for _ in range(options.repeats):
            done.append(await _round(options, side, 1, 1.0))
            done.append(await _round(options, side, AT_ONCE, EVERY_S))
    return done


async def _round(options: Options, side: Side, at_once: int, every_s: float) -> Round:
    await side.audience.settled(None, 0.2)
    await side.audience.begin()
    used_s = cpu_s(side.pid)
    sent = Sent(began_ns=time.monotonic_ns())
    for _ in range(max(1, round(options.seconds / every_s))):
        await asyncio.gather(*(side.send(sent) for _ in range(at_once)), asyncio.sleep(every_s))
    await side.audience.settled(side.expected(sent.count), SETTLE_S)
    used_s = cpu_s(side.pid) - used_s
    report: Reported = await side.audience.report(sent.times)
    shape = f"{at_once} cards at once" if at_once > 1 else "one card at a time"
    one = made_round(shape, side, sent, report, (used_s, options.seconds))
    options.say(said_of(one))
    return msgspec.structs.replace(one, shape=shape)
