"""The shapes in which somebody in the room behaves badly, and the same room where nobody does, round by round.

Each round has a fresh hub, so that memory grown in one is not there to be used again in the next. Those beside the
viewers join first: the hub writes to them first, and whoever waits for them waits in every card.
"""

import asyncio
import math
import time
from collections.abc import Callable
from contextlib import AsyncExitStack

import msgspec

from bench.company import Company, Readers, Rude
from bench.figures import Round
from bench.filming import Filming
from bench.hub import Hub
from bench.importing import Importing
from bench.machine import cores
from bench.publishing import at_rate
from bench.sides import WARM_UP_S, Options, Side, audience_of, hosts_of, measured_round
from bench.watching import Watch, let_go, of_hub
from server.core.channels import Kind, channel

CALM_S = 2.0
"""After the last of them has gone, until memory is read again."""

Invite = Callable[[Hub, str], Company]
"""Makes the company for a hub and the name of its stage."""


async def slow(options: Options, viewers: int) -> list[Round]:
    """`options.slow` of the viewers are slow, half of them read nothing and half a trickle; against a room in which
    as many read everything. Raises `ValueError` when that leaves nobody to measure."""
    if not 2 <= options.slow < viewers:
        raise ValueError(f"slow: wants 2 to {viewers - 1}, got {options.slow}")
    asleep = options.slow // 2
    rates = (0.0,) * asleep + (options.trickle_bytes_per_s,) * (options.slow - asleep)
    everything = (math.inf,) * options.slow
    paced = msgspec.structs.replace(options, seconds=options.slow_seconds, cards_per_s=options.slow_cards_per_s)
    return await _compared(
        paced,
        viewers - options.slow,
        "slow",
        lambda hub, stage: Readers(hub, stage, rates, asleep),
        lambda hub, stage: Readers(hub, stage, everything, asleep),
    )


async def rude(options: Options, viewers: int) -> list[Round]:
    """`options.rude` clients are rude while the viewers watch; against a room without them."""
    return await _compared(
        options,
        viewers,
        "rude",
        lambda hub, stage: Rude(hub, stage, options.rude, options.rude_acts_per_s),
        lambda hub, stage: Rude(hub, stage, 0, 0.0),
    )


async def importing(options: Options, viewers: int) -> list[Round]:
    """An operator uploads and confirms workbooks while the viewers watch; against a room without one."""
    return await _compared(
        options, viewers, "imports", lambda hub, stage: Importing(hub), lambda hub, stage: Importing(hub, 0)
    )


async def pictures(options: Options, viewers: int) -> list[Round]:
    """`options.streams` hosts send a picture while the viewers watch; against a hub without pictures."""
    seconds = options.seconds
    return await _compared(
        options,
        viewers,
        "pictures",
        lambda hub, stage: Filming(hub, options.streams, seconds),
        lambda hub, stage: Filming(hub, 0, seconds),
    )


async def _compared(options: Options, viewers: int, what: str, bad: Invite, good: Invite) -> list[Round]:
    done: list[Round] = []
    for number in range(options.repeats):
        pair = ((f"without {what}", good), (f"with {what}", bad))
        for name, invite in pair[:: -1 if number % 2 else 1]:
            one = await _accompanied(options, viewers, name, invite)
            against = one.shape.replace("with ", "without ", 1) if invite is bad else ""
            done.append(msgspec.structs.replace(one, against=against))
    return done


async def _accompanied(options: Options, viewers: int, name: str, invite: Invite) -> Round:
    async with AsyncExitStack() as stack:
        hub = await stack.enter_async_context(Hub(cores()[0]))
        stage = str(channel(Kind.STAGE, hub.session.id))
        company = invite(hub, stage)
        figures: dict[str, float] = {}
        hosts = await hosts_of(stack, hub, options)
        try:
            await company.open()
            audience = await audience_of(stack, hub, viewers, (stage,))
            side = Side(name=hub.name, pid=hub.pid, send=hosts.send, audience=audience)
            await at_rate(side.send, options.cards_per_s, WARM_UP_S)
            watch = Watch(hub, company.ports)
            async with watch:
                began_s, busy_s = time.monotonic(), time.process_time()
                company.begin()
                one = await measured_round(options, name, options.cards_per_s, side)
                figures["company_busy"] = (time.process_time() - busy_s) / (time.monotonic() - began_s)
            figures |= let_go(watch.samples) if company.ports else {}
        finally:
            figures |= await company.end()
        await asyncio.sleep(CALM_S)
        await watch.look()
        figures |= of_hub(watch.samples)
        shown = ", ".join(f"{figure} {value:.4g}" for figure, value in figures.items())
        options.say(f"{hub.name}: {one.shape}: {shown}")
        if isinstance(company, Rude) and company.ends:
            ends = ", ".join(f"{act}: {end or 'left'} {times}" for (act, end), times in company.ends.most_common())
            options.say(f"{hub.name}: {one.shape}: {ends}")
        return msgspec.structs.replace(one, beside=figures)
